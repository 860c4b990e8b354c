#include "services/recording/adapters/recording_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "zvon/events/v1/events.pb.h"

namespace zvon::recording {
namespace {

namespace pb = zvon::recording::v1;
using zvon::events::v1::Event;

constexpr char kColumns[] =
    "recording_id, interaction_id, call_id, array_to_json(agent_ids)::text, start_time, length_ms, "
    "state, gaps::text, bytes, sha256, media_type, path, tenant_id";

std::string Ms(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Milliseconds(duration));
}

std::string GapsToJson(const pb::Recording& recording) {
  nlohmann::json gaps = nlohmann::json::array();
  for (const auto& gap : recording.gaps()) {
    gaps.push_back(
        {{"start_frame", gap.start_frame()}, {"frames", gap.frames()}, {"reason", gap.reason()}});
  }
  return gaps.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

StoredRecording FromRow(const DbRow& row) {
  StoredRecording stored;
  pb::Recording& r = stored.recording;
  r.set_recording_id(row.Text(0));
  r.set_interaction_id(row.Text(1));
  r.set_call_id(row.Text(2));
  const auto agents = nlohmann::json::parse(row.Text(3), nullptr, false);
  if (agents.is_array()) {
    for (const auto& agent : agents) r.add_agent_ids(agent.get<std::string>());
  }
  if (!row.IsNull(4)) Set(row.Time(4), r.mutable_start_time());
  Set(absl::Milliseconds(row.Int(5)), r.mutable_length());
  r.set_state(row.Text(6) == "stored"    ? pb::Recording::STATE_STORED
              : row.Text(6) == "missing" ? pb::Recording::STATE_MISSING
                                         : pb::Recording::STATE_OPEN);
  const auto gaps = nlohmann::json::parse(row.Text(7), nullptr, false);
  if (gaps.is_array()) {
    for (const auto& gap : gaps) {
      auto* out = r.add_gaps();
      out->set_start_frame(gap.value("start_frame", int64_t{0}));
      out->set_frames(gap.value("frames", int64_t{0}));
      out->set_reason(gap.value("reason", ""));
    }
  }
  r.set_bytes(row.Int(8));
  r.set_sha256(row.Text(9));
  r.set_media_type(row.Text(10));
  stored.path = row.Text(11);
  r.set_tenant_id(row.Text(12));
  return stored;
}

absl::Status Ordered(DbSession& session, const Event& event) {
  return session
      .Run(
          "INSERT INTO recordings (tenant_id, recording_id, interaction_id, call_id, ordered_time)"
          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, recording_id) DO UPDATE SET"
          " ordered_time = excluded.ordered_time, interaction_id = excluded.interaction_id,"
          " call_id = excluded.call_id",
          {event.tenant_id(), event.recording_started().recording_id(), event.interaction_id(),
           event.call_id(), DbTime(FromProto(event.occur_time()))})
      .status();
}

absl::Status Ended(DbSession& session, const Event& event) {
  return session
      .Run(
          "INSERT INTO recordings (tenant_id, recording_id, interaction_id, call_id, ordered_time,"
          " ended_time, talked_ms) VALUES ($1, $2, $3, $4, $5, $5, $6)"
          " ON CONFLICT (tenant_id, recording_id) DO UPDATE SET ended_time = excluded.ended_time,"
          " talked_ms = excluded.talked_ms",
          {event.tenant_id(), event.recording_ended().recording_id(), event.interaction_id(),
           event.call_id(), DbTime(FromProto(event.occur_time())),
           Ms(FromProto(event.recording_ended().talked()))})
      .status();
}

absl::Status Talk(DbSession& session, const Event& event, const char* column,
                  const std::string& value) {
  const std::string time = DbTime(FromProto(event.occur_time()));
  return session
      .Run(absl::StrCat("INSERT INTO talks (tenant_id, interaction_id, call_id, ", column,
                        ", changed_time) VALUES ($1, $2, $3, $4, $5)"
                        " ON CONFLICT (tenant_id, interaction_id) DO UPDATE SET ",
                        column, " = excluded.", column,
                        ", changed_time = excluded.changed_time, call_id = CASE WHEN"
                        " excluded.call_id = '' THEN talks.call_id ELSE excluded.call_id END"),
           {event.tenant_id(), event.interaction_id(), event.call_id(), value, time})
      .status();
}

absl::Status TakeFact(DbSession& session, const Event& event) {
  switch (event.fact_case()) {
    case Event::kRecordingStarted:
      return Ordered(session, event);
    case Event::kRecordingEnded:
      return Ended(session, event);
    case Event::kLegsBridged:
      return Talk(session, event, "bridged", "true");
    case Event::kInteractionAssigned:
      return Talk(session, event, "assigned", "true");
    case Event::kCallEnded:
      return Talk(session, event, "ended_time", DbTime(FromProto(event.occur_time())));
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::Status RecordingTable::PutStored(const IndexEntry& entry) {
  const pb::Recording& r = entry.recording;
  return database_
      .Run(
          "INSERT INTO recordings (tenant_id, recording_id, interaction_id, call_id, agent_ids,"
          " state, start_time, length_ms, gaps, bytes, sha256, media_type, path)"
          " VALUES ($1, $2, $3, $4, $5, 'stored', $6, $7, $8, $9, $10, $11, $12)"
          " ON CONFLICT (tenant_id, recording_id) DO UPDATE SET state = 'stored',"
          " interaction_id = excluded.interaction_id, call_id = excluded.call_id,"
          " agent_ids = excluded.agent_ids, start_time = excluded.start_time,"
          " length_ms = excluded.length_ms, gaps = excluded.gaps, bytes = excluded.bytes,"
          " sha256 = excluded.sha256, media_type = excluded.media_type, path = excluded.path,"
          // What was told before no longer holds.
          " missing_told = recordings.missing_told AND recordings.sha256 = excluded.sha256",
          {r.tenant_id(), r.recording_id(), r.interaction_id(), r.call_id(),
           DbArray({r.agent_ids().begin(), r.agent_ids().end()}), DbTime(FromProto(r.start_time())),
           Ms(FromProto(r.length())), GapsToJson(r), absl::StrCat(r.bytes()), r.sha256(),
           r.media_type(), entry.path})
      .status();
}

absl::Status RecordingTable::TakeFacts(const std::vector<BusEvent>& batch, int* unreadable) {
  std::vector<Event> events;
  *unreadable = 0;
  for (const BusEvent& bus_event : batch) {
    Event event;
    if (!event.ParseFromString(bus_event.payload) || event.tenant_id().empty()) {
      ++*unreadable;
      continue;
    }
    events.push_back(std::move(event));
  }
  return database_.Transaction([&events](DbSession& session) {
    for (const Event& event : events) {
      if (const absl::Status status = TakeFact(session, event); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<StoredRecording> RecordingTable::Get(const std::string& tenant_id,
                                                    const std::string& recording_id) {
  auto result =
      database_.Run(absl::StrCat("SELECT ", kColumns,
                                 " FROM recordings WHERE tenant_id = $1 AND recording_id = $2"),
                    {tenant_id, recording_id});
  if (!result.ok()) return result.status();
  if (result->rows.empty()) {
    return absl::NotFoundError(
        absl::StrCat("tenant '", tenant_id, "' has no recording '", recording_id, "'"));
  }
  return FromRow(result->rows[0]);
}

absl::StatusOr<std::vector<StoredRecording>> RecordingTable::List(
    const std::string& tenant_id, const std::string& interaction_id) {
  auto result = database_.Run(
      absl::StrCat(
          "SELECT ", kColumns,
          " FROM recordings WHERE tenant_id = $1 AND"
          " interaction_id = $2 ORDER BY coalesce(start_time, ordered_time), recording_id"),
      {tenant_id, interaction_id});
  if (!result.ok()) return result.status();
  std::vector<StoredRecording> recordings;
  for (const DbRow& row : result->rows) recordings.push_back(FromRow(row));
  return recordings;
}

absl::Status RecordingTable::AddListen(const std::string& tenant_id,
                                       const std::string& recording_id, const std::string& user_id,
                                       absl::Time now) {
  return database_
      .Run(
          "INSERT INTO listens (tenant_id, recording_id, user_id, listen_time)"
          " VALUES ($1, $2, $3, $4)",
          {tenant_id, recording_id, user_id, DbTime(now)})
      .status();
}

absl::Status RecordingTable::JudgeRecordings(DbSession& session,
                                             const ReconciliationOptions& options, absl::Time now,
                                             std::vector<Missing>* missing) {
  // Those that may be due, several replicas each taking others.
  auto result = session.Run(
      "SELECT tenant_id, recording_id, interaction_id, call_id, state = 'stored', length_ms,"
      " ended_time, talked_ms, ordered_time FROM recordings WHERE NOT missing_told AND"
      " (ended_time <= $1 OR (state = 'open' AND ordered_time <= $2)) AND"
      " (state <> 'stored' OR length_ms + $3 < talked_ms)"
      " LIMIT 500 FOR UPDATE SKIP LOCKED",
      {DbTime(now - options.settle), DbTime(now - options.ordered_max), Ms(options.tolerance)});
  if (!result.ok()) return result.status();
  for (const DbRow& row : result->rows) {
    RecordingFacts facts;
    facts.stored = row.Bool(4);
    facts.length = absl::Milliseconds(row.Int(5));
    facts.ended = !row.IsNull(6);
    facts.ended_time = row.Time(6);
    facts.talked = absl::Milliseconds(row.Int(7));
    facts.ordered_time = row.Time(8);
    const Verdict verdict = Judge(facts, options, now);
    if (!verdict.missing) continue;
    missing->push_back({row.Text(0), row.Text(2), row.Text(3), row.Text(1), verdict});
    const absl::Status status =
        session
            .Run(
                "UPDATE recordings SET missing_told = true,"
                " state = CASE WHEN state = 'open' THEN 'missing' ELSE state END"
                " WHERE tenant_id = $1 AND recording_id = $2",
                {row.Text(0), row.Text(1)})
            .status();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RecordingTable::JudgeTalks(DbSession& session, const ReconciliationOptions& options,
                                        absl::Time now, std::vector<Missing>* missing) {
  auto result = session.Run(
      "SELECT tenant_id, interaction_id, call_id, bridged, assigned, ended_time,"
      " (SELECT count(*) FROM recordings r WHERE r.tenant_id = t.tenant_id AND"
      "  r.interaction_id = t.interaction_id)"
      " FROM talks t WHERE ended_time <= $1 LIMIT 500 FOR UPDATE SKIP LOCKED",
      {DbTime(now - options.settle)});
  if (!result.ok()) return result.status();
  for (const DbRow& row : result->rows) {
    const TalkFacts facts{row.Bool(3), row.Bool(4), true, row.Time(5),
                          static_cast<int>(row.Int(6))};
    const Verdict verdict = Judge(facts, options, now);
    if (verdict.missing) missing->push_back({row.Text(0), row.Text(1), row.Text(2), "", verdict});
    const absl::Status status =
        session
            .Run("DELETE FROM talks WHERE tenant_id = $1 AND interaction_id = $2",
                 {row.Text(0), row.Text(1)})
            .status();
    if (!status.ok()) return status;
  }
  // Calls whose end was never heard of.
  return session
      .Run("DELETE FROM talks WHERE ended_time IS NULL AND changed_time < $1",
           {DbTime(now - absl::Hours(48))})
      .status();
}

absl::StatusOr<std::vector<Missing>> RecordingTable::Reconcile(const ReconciliationOptions& options,
                                                               absl::Time now) {
  std::vector<Missing> missing;
  const absl::Status status = database_.Transaction([&](DbSession& session) {
    missing.clear();
    if (absl::Status s = JudgeRecordings(session, options, now, &missing); !s.ok()) return s;
    return JudgeTalks(session, options, now, &missing);
  });
  if (!status.ok()) return status;
  return missing;
}

absl::StatusOr<int64_t> RecordingTable::CountMissing() {
  auto result = database_.Run("SELECT count(*) FROM recordings WHERE state = 'missing'");
  if (!result.ok()) return result.status();
  return result->rows[0].Int(0);
}

}  // namespace zvon::recording
