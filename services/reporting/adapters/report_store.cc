#include "services/reporting/adapters/report_store.h"

#include <set>
#include <string>

#include "services/common/telemetry/log.h"
#include "services/reporting/adapters/event_reader.h"
#include "services/reporting/core/fold.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::reporting {
namespace {

namespace ev = zvon::events::v1;

DbValue TimeOrNull(absl::Time t) {
  if (t == absl::InfinitePast() || t == absl::InfiniteFuture()) return std::nullopt;
  return DbTime(t);
}
std::string Ms(absl::Duration d) { return std::to_string(absl::ToInt64Milliseconds(d)); }
std::string Flag(bool b) { return b ? "t" : "f"; }

DbParams RecordParams(const std::string& id, const std::string& tenant, const Record& r) {
  return {id,          tenant,        r.call_id,  r.direction,           r.caller_number,       r.caller_name,
          r.called_number, DbTime(r.start), TimeOrNull(r.answer), TimeOrNull(r.end), r.queue_id, r.agent_id,
          r.outcome,   r.disposition_id, r.comment, r.end_cause,         Ms(r.wait),            Ms(r.talk),
          Ms(r.hold),  Ms(r.wrap_up), DbArray(r.recording_ids), TimeOrNull(r.refold_at)};
}

constexpr char kUpsert[] = R"(
insert into reporting.interactions values
  ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22)
on conflict (interaction_id) do update set
  call_id=$3, direction=$4, caller_number=$5, caller_name=$6, called_number=$7, start_time=$8, answer_time=$9,
  end_time=$10, queue_id=$11, agent_id=$12, outcome=$13, disposition_id=$14, comment=$15, end_cause=$16,
  wait_ms=$17, talk_ms=$18, hold_ms=$19, wrap_up_ms=$20, recording_ids=$21, refold_at=$22)";

absl::Status WriteRecord(DbSession& session, const std::string& id, const std::string& tenant, const Record& record) {
  if (auto done = session.Run(kUpsert, RecordParams(id, tenant, record)); !done.ok()) return done.status();
  for (const char* table : {"segments", "queue_stays"}) {
    auto gone = session.Run(std::string("delete from reporting.") + table + " where interaction_id=$1", {id});
    if (!gone.ok()) return gone.status();
  }
  std::vector<DbParams> segments, stays;
  for (const Segment& s : record.segments) {
    segments.push_back({id, std::to_string(segments.size()), s.kind, DbTime(s.start), TimeOrNull(s.end), s.queue_id,
                        s.agent_id, s.outcome});
  }
  for (const QueueStay& s : record.stays) {
    stays.push_back({id, std::to_string(stays.size()), tenant, s.queue_id, DbTime(s.enter), TimeOrNull(s.leave),
                     s.outcome, Flag(s.within_threshold), Flag(s.short_abandon), s.agent_id, Ms(s.talk), Ms(s.hold),
                     Ms(s.wrap_up)});
  }
  auto status = session.RunMany("insert into reporting.segments values ($1,$2,$3,$4,$5,$6,$7,$8)", segments);
  if (!status.ok()) return status;
  return session.RunMany("insert into reporting.queue_stays values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
                         stays);
}

absl::Status StoreAgentChange(DbSession& session, const ev::Event& event, const std::string& time) {
  const auto& change = event.agent_state_changed();
  auto name = [](zvon::routing::v1::AgentState s) {
    return PlainName(zvon::routing::v1::AgentState_Name(s), "AGENT_STATE_");
  };
  return session
      .Run("insert into reporting.agent_changes values ($1,$2,$3,$4,$5,$6,$7) on conflict do nothing",
           {event.event_id(), event.tenant_id(), event.agent_id(), time, name(change.from()), name(change.to()),
            change.reason_id()})
      .status();
}

// Stores one event; its interaction is added to `touched` where it was new.
absl::Status StoreEvent(DbSession& session, const BusEvent& bus_event, const ev::Event& event,
                        std::set<std::string>* touched) {
  const std::string time = DbTime(EventTime(event));
  if (event.has_agent_state_changed()) return StoreAgentChange(session, event, time);
  if (event.interaction_id().empty()) return absl::OkStatus();
  auto done = session.Run("insert into reporting.events values ($1,$2,$3,$4,$5) on conflict do nothing",
                          {event.event_id(), event.tenant_id(), event.interaction_id(), time,
                           DbBytes(bus_event.payload)});
  if (!done.ok()) return done.status();
  if (done->affected > 0) touched->insert(event.interaction_id());
  return absl::OkStatus();
}

}  // namespace

absl::Status ReportStore::FoldInteraction(DbSession& session, const std::string& interaction_id, absl::Time now) {
  // Two replicas may hold events of one interaction while partitions move.
  auto locked = session.Run("select pg_advisory_xact_lock(hashtextextended($1, 7))", {interaction_id});
  if (!locked.ok()) return locked.status();
  auto rows = session.Run("select payload, tenant_id from reporting.events where interaction_id=$1", {interaction_id});
  if (!rows.ok()) return rows.status();
  std::vector<Fact> facts;
  for (const DbRow& row : rows->rows) {
    ev::Event event;
    if (event.ParseFromString(row.Bytes(0))) facts.push_back(ToFact(event));
  }
  auto record = Fold(std::move(facts), now);
  if (!record) return absl::OkStatus();
  return WriteRecord(session, interaction_id, rows->rows.front().Text(1), *record);
}

absl::Status ReportStore::TakeBatch(const std::vector<BusEvent>& batch, absl::Time now, int* unreadable) {
  *unreadable = 0;
  std::vector<std::pair<const BusEvent*, ev::Event>> events;
  for (const BusEvent& bus_event : batch) {
    ev::Event event;
    if (event.ParseFromString(bus_event.payload) && !event.event_id().empty()) {
      events.emplace_back(&bus_event, std::move(event));
    } else {
      ++*unreadable;
      LogError("event cannot be read", {{"event_id", bus_event.id}, {"type", bus_event.type}, {"topic", bus_event.topic}});
    }
  }
  return database_.Transaction([&](DbSession& session) -> absl::Status {
    std::set<std::string> touched;  // In order, so that two replicas cannot deadlock.
    for (const auto& [bus_event, event] : events) {
      if (auto status = StoreEvent(session, *bus_event, event, &touched); !status.ok()) return status;
    }
    for (const std::string& id : touched) {
      if (auto status = FoldInteraction(session, id, now); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::Status ReportStore::FoldDue(absl::Time now) {
  return database_.Transaction([&](DbSession& session) -> absl::Status {
    auto due = session.Run(
        "select interaction_id from reporting.interactions where refold_at <= $1 order by interaction_id limit 500",
        {DbTime(now)});
    if (!due.ok()) return due.status();
    for (const DbRow& row : due->rows) {
      if (auto status = FoldInteraction(session, row.Text(0), now); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::Status ReportStore::Rebuild(absl::Time now) {
  auto ids = database_.Run("select distinct interaction_id from reporting.events order by 1");
  if (!ids.ok()) return ids.status();
  for (const DbRow& row : ids->rows) {
    auto status = database_.Transaction(
        [&](DbSession& session) { return FoldInteraction(session, row.Text(0), now); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace zvon::reporting
