#include "services/recording/adapters/recording_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace zvon::recording {
namespace {

namespace ev = zvon::events::v1;
using zvon::recording::v1::Recording;

absl::Time ToTime(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}
int64_t ToMs(const google::protobuf::Duration& d) { return d.seconds() * 1000 + d.nanos() / 1'000'000; }
void SetMs(int64_t ms, google::protobuf::Duration* out) {
  out->set_seconds(ms / 1000);
  out->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
}

constexpr char kColumns[] =
    "recording_id, tenant_id, interaction_id, call_id, array_to_string(agent_ids, ','), state, start_time, length_ms, "
    "gaps, bytes, sha256, media_type, file";

Recording ToRecording(const DbRow& row) {
  Recording r;
  if (!row.IsNull(8)) r.ParseFromString(row.Bytes(8));
  r.set_recording_id(row.Text(0));
  r.set_tenant_id(row.Text(1));
  r.set_interaction_id(row.Text(2));
  r.set_call_id(row.Text(3));
  for (auto id : absl::StrSplit(row.Text(4), ',', absl::SkipEmpty())) r.add_agent_ids(std::string(id));
  const std::string& state = row.Text(5);
  r.set_state(state == "stored"    ? Recording::STATE_STORED
              : state == "missing" ? Recording::STATE_MISSING
                                   : Recording::STATE_OPEN);
  if (!row.IsNull(6)) {
    const int64_t micros = absl::ToUnixMicros(row.Time(6));
    r.mutable_start_time()->set_seconds(micros / 1'000'000);
    r.mutable_start_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  }
  SetMs(row.Int(7), r.mutable_length());
  r.set_bytes(row.Int(9));
  r.set_sha256(row.Text(10));
  r.set_media_type(row.Text(11));
  return r;
}

absl::Status TakeOne(DbSession& session, const ev::Event& e) {
  const std::string time = DbTime(ToTime(e.occur_time()));
  switch (e.fact_case()) {
    case ev::Event::kRecordingStarted:
      return session
          .Run("insert into recording.recordings (recording_id, tenant_id, interaction_id, call_id, agent_ids, state, "
               "order_time) values ($1,$2,$3,$4,$5,'open',$6) on conflict (recording_id) do update set order_time = $6",
               {e.recording_started().recording_id(), e.tenant_id(), e.interaction_id(), e.call_id(),
                DbArray(e.agent_id().empty() ? std::vector<std::string>{} : std::vector<std::string>{e.agent_id()}),
                time})
          .status();
    case ev::Event::kRecordingEnded:
      return session
          .Run("insert into recording.recordings (recording_id, tenant_id, interaction_id, call_id, state, end_time, "
               "talked_ms) values ($1,$2,$3,$4,'open',$5,$6) on conflict (recording_id) do update set end_time = $5, "
               "talked_ms = $6",
               {e.recording_ended().recording_id(), e.tenant_id(), e.interaction_id(), e.call_id(), time,
                absl::StrCat(ToMs(e.recording_ended().talked()))})
          .status();
    case ev::Event::kLegsBridged:
      return session
          .Run("insert into recording.connected_calls (call_id, tenant_id, interaction_id, bridge_time) values "
               "($1,$2,$3,$4) on conflict do nothing",
               {e.call_id(), e.tenant_id(), e.interaction_id(), time})
          .status();
    case ev::Event::kCallEnded:
      return session
          .Run("update recording.connected_calls set end_time = $2 where call_id = $1", {e.call_id(), time})
          .status();
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::Status RecordingTable::TakeEvents(const std::vector<ev::Event>& events) {
  return database_.Transaction([&](DbSession& session) -> absl::Status {
    for (const ev::Event& event : events) {
      if (auto status = TakeOne(session, event); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::string> RecordingTable::PutStored(const Stored& stored) {
  const Recording& r = stored.recording;
  Recording gaps_only;
  int64_t gap_frames = 0;
  for (const auto& gap : r.gaps()) {
    *gaps_only.add_gaps() = gap;
    gap_frames += gap.frames();
  }
  auto rows = database_.Run(
      "insert into recording.recordings (recording_id, tenant_id, interaction_id, call_id, agent_ids, state, start_time, "
      "length_ms, gap_ms, gaps, bytes, sha256, media_type, file, event_id) values "
      "($1,$2,$3,$4,$5,'stored',$6,$7,$8,$9,$10,$11,$12,$13,$14) on conflict (recording_id) do update set "
      "agent_ids = $5, state = 'stored', start_time = $6, length_ms = $7, gap_ms = $8, gaps = $9, bytes = $10, "
      "sha256 = $11, media_type = $12, file = $13, "
      "event_id = case when recordings.event_id = '' then $14 else recordings.event_id end returning event_id",
      {r.recording_id(), r.tenant_id(), r.interaction_id(), r.call_id(),
       DbArray({r.agent_ids().begin(), r.agent_ids().end()}), DbTime(ToTime(r.start_time())),
       absl::StrCat(ToMs(r.length())), absl::StrCat(gap_frames / 8), DbBytes(gaps_only.SerializeAsString()),
       absl::StrCat(r.bytes()), r.sha256(), r.media_type(), stored.file, stored.event_id});
  if (!rows.ok()) return rows.status();
  return rows->rows[0].Text(0);
}

absl::StatusOr<absl::Time> RecordingTable::EndTime(const std::string& recording_id) {
  auto rows = database_.Run("select end_time from recording.recordings where recording_id = $1", {recording_id});
  if (!rows.ok()) return rows.status();
  return rows->rows.empty() ? absl::InfinitePast() : rows->rows[0].Time(0);
}

absl::StatusOr<RecordingTable::Found> RecordingTable::Get(const std::string& tenant_id,
                                                          const std::string& recording_id) {
  auto rows = database_.Run(
      absl::StrCat("select ", kColumns, " from recording.recordings where tenant_id = $1 and recording_id = $2"),
      {tenant_id, recording_id});
  if (!rows.ok()) return rows.status();
  if (rows->rows.empty()) return absl::NotFoundError("no recording " + recording_id);
  return Found{ToRecording(rows->rows[0]), rows->rows[0].Text(12)};
}

absl::StatusOr<std::vector<Recording>> RecordingTable::List(const std::string& tenant_id,
                                                            const std::string& interaction_id) {
  auto rows = database_.Run(absl::StrCat("select ", kColumns,
                                         " from recording.recordings where tenant_id = $1 and interaction_id = $2 "
                                         "order by coalesce(start_time, order_time), recording_id"),
                            {tenant_id, interaction_id});
  if (!rows.ok()) return rows.status();
  std::vector<Recording> recordings;
  for (const DbRow& row : rows->rows) recordings.push_back(ToRecording(row));
  return recordings;
}

absl::Status RecordingTable::LogAccess(const std::string& tenant_id, const std::string& recording_id,
                                       const std::string& user_id, const std::string& media_type) {
  return database_
      .Run("insert into recording.access_log (tenant_id, recording_id, user_id, media_type) values ($1,$2,$3,$4)",
           {tenant_id, recording_id, user_id, media_type})
      .status();
}

absl::StatusOr<std::vector<RecordingTable::Missing>> RecordingTable::TakeMissing(absl::Time deadline) {
  std::vector<Missing> found;
  auto status = database_.Transaction([&](DbSession& session) -> absl::Status {
    found.clear();
    auto ordered = session.Run(
        "update recording.recordings set state = 'missing' where state = 'open' and end_time < $1 returning tenant_id, "
        "interaction_id, call_id, recording_id, coalesce(talked_ms, 0)",
        {DbTime(deadline)});
    if (!ordered.ok()) return ordered.status();
    for (const DbRow& row : ordered->rows) {
      found.push_back({row.Text(0), row.Text(1), row.Text(2), row.Text(3), absl::Milliseconds(row.Int(4)),
                       "no segments came"});
    }
    auto connected = session.Run(
        "update recording.connected_calls c set checked = true where not checked and end_time < $1 returning tenant_id, "
        "interaction_id, call_id, (extract(epoch from end_time - bridge_time) * 1000)::bigint, "
        "exists (select 1 from recording.recordings r where r.call_id = c.call_id)",
        {DbTime(deadline)});
    if (!connected.ok()) return connected.status();
    for (const DbRow& row : connected->rows) {
      if (row.Bool(4)) continue;
      found.push_back({row.Text(0), row.Text(1), row.Text(2), "", absl::Milliseconds(row.Int(3)),
                       "the call was connected and no recording was ordered"});
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

absl::StatusOr<int64_t> RecordingTable::CountMissing() {
  auto rows = database_.Run("select count(*) from recording.recordings where state = 'missing'");
  if (!rows.ok()) return rows.status();
  return rows->rows[0].Int(0);
}

}  // namespace zvon::recording
