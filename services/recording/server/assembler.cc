#include "services/recording/server/assembler.h"

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"

namespace zvon::recording {
namespace {

namespace fs = std::filesystem;
namespace ev = zvon::events::v1;

void SetTime(absl::Time t, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(t);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}
void SetDuration(absl::Duration d, google::protobuf::Duration* out) {
  const int64_t nanos = absl::ToInt64Nanoseconds(d);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}
absl::Duration FramesToDuration(int64_t frames) { return absl::Microseconds(frames * 1'000'000 / kFramesPerSecond); }

zvon::recording::v1::Recording Describe(const std::vector<StoredSegment>& segments, const Plan& plan) {
  zvon::recording::v1::Recording r;
  const auto& any = segments.front().segment;
  r.set_recording_id(any.recording_id());
  r.set_tenant_id(any.tenant_id());
  r.set_interaction_id(any.interaction_id());
  r.set_call_id(any.call_id());
  std::set<std::string> agents;
  for (const auto& s : segments) {
    for (const auto& channel : s.segment.channels()) {
      if (!channel.agent_id().empty()) agents.insert(channel.agent_id());
    }
  }
  for (const std::string& agent : agents) r.add_agent_ids(agent);
  SetTime(plan.start, r.mutable_start_time());
  SetDuration(FramesToDuration(plan.frames), r.mutable_length());
  for (const auto& gap : plan.gaps) {
    auto* out = r.add_gaps();
    out->set_start_frame(gap.start_frame);
    out->set_frames(gap.frames);
    out->set_reason(gap.reason);
  }
  r.set_state(zvon::recording::v1::Recording::STATE_STORED);
  return r;
}

std::string RelativeFile(const zvon::recording::v1::Recording& r, absl::Time start, SoundFormat format) {
  return absl::StrCat(r.tenant_id(), "/", absl::FormatTime("%Y/%m/%d", start, absl::UTCTimeZone()), "/",
                      r.recording_id(), ".", Extension(format));
}

}  // namespace

Assembler::Assembler(AssemblerOptions options, SegmentFolder& folder, RecordingTable& table, Publisher& publisher,
                     const Clock& clock, Metrics& metrics)
    : options_(std::move(options)),
      folder_(folder),
      table_(table),
      publisher_(publisher),
      clock_(clock),
      stored_(metrics.Counter("zvon_recording_stored_total", "Recordings stored")),
      stored_bytes_(metrics.Counter("zvon_recording_bytes_total", "Bytes of stored recordings")),
      failures_(metrics.Counter("zvon_recording_failures_total", "Attempts to store that are to be repeated")),
      missing_(metrics.Gauge("zvon_recording_missing", "Recordings that should be there and are not")),
      waiting_(metrics.Gauge("zvon_recording_waiting", "Recordings with segments, not yet stored")) {
  thread_ = std::thread([this] { Run(); });
}

Assembler::~Assembler() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Assembler::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval), [this] { return stop_; })) {
    lock.unlock();
    RunOnce();
    lock.lock();
  }
}

void Assembler::RunOnce() {
  if (clock_.Now() < pause_until_) return;
  const auto ids = folder_.RecordingIds();
  waiting_.Set(static_cast<double>(ids.size()));
  for (const std::string& id : ids) {
    const absl::Status status = AssembleIfReady(id);
    if (status.ok()) continue;
    failures_.Increment();
    LogWarning("recording not stored yet", {{"recording_id", id}, {"error", status.ToString()}});
    // PostgreSQL or the disk: the next one would fail the same way.
    if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) {
      pause_until_ = clock_.Now() + absl::Seconds(2);
      return;
    }
  }
  if (clock_.Now() < next_missing_check_) return;
  next_missing_check_ = clock_.Now() + absl::Seconds(5);
  if (auto status = ReportMissing(); !status.ok()) {
    LogWarning("missing recordings could not be looked for", {{"error", status.ToString()}});
  }
}

absl::Status Assembler::AssembleIfReady(const std::string& recording_id) {
  const auto segments = folder_.Segments(recording_id);
  if (segments.empty()) return absl::OkStatus();
  std::vector<SegmentInfo> infos;
  for (const auto& s : segments) infos.push_back(s.info);
  const absl::Time now = absl::Now();  // Against file times, which are the wall clock's.
  if (!IsReady(infos, absl::InfinitePast(), now, options_.settle)) {
    auto ended = table_.EndTime(recording_id);
    if (!ended.ok() || !IsReady(infos, *ended, now, options_.settle)) return absl::OkStatus();
  }
  return Store(recording_id, segments);
}

absl::Status Assembler::Store(const std::string& recording_id, const std::vector<StoredSegment>& segments) {
  std::vector<SegmentInfo> infos;
  for (const auto& s : segments) infos.push_back(s.info);
  const Plan plan = MakePlan(infos);
  RecordingTable::Stored stored;
  stored.recording = Describe(segments, plan);
  stored.recording.set_media_type(MediaType(options_.format));
  stored.file = RelativeFile(stored.recording, plan.start, options_.format);
  const std::string file = options_.store_dir + "/" + stored.file;
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  if (auto status = WriteSound(plan, segments, options_.format, file); !status.ok()) return status;
  auto sha256 = FileSha256(file);
  if (!sha256.ok()) return sha256.status();
  stored.recording.set_sha256(*sha256);
  stored.recording.set_bytes(static_cast<int64_t>(fs::file_size(file, error)));
  stored.event_id = MakeId(clock_.Now(), random_);
  auto event_id = table_.PutStored(stored);
  if (!event_id.ok()) return event_id.status();

  ev::Event event;
  event.set_event_id(*event_id);
  event.set_tenant_id(stored.recording.tenant_id());
  event.set_interaction_id(stored.recording.interaction_id());
  event.set_call_id(stored.recording.call_id());
  auto* fact = event.mutable_recording_stored();
  fact->set_recording_id(recording_id);
  *fact->mutable_length() = stored.recording.length();
  int64_t gap_frames = 0;
  for (const auto& gap : plan.gaps) gap_frames += gap.frames;
  SetDuration(FramesToDuration(gap_frames), fact->mutable_gaps());
  fact->set_bytes(stored.recording.bytes());
  fact->set_sha256(*sha256);
  if (auto status = Publish(std::move(event), "zvon.recording.stored"); !status.ok()) return status;
  stored_.Increment();
  stored_bytes_.Increment(static_cast<double>(stored.recording.bytes()));
  folder_.Remove(recording_id);
  LogInfo("recording stored", {{"recording_id", recording_id}, {"interaction_id", stored.recording.interaction_id()},
                               {"bytes", stored.recording.bytes()}});
  return absl::OkStatus();
}

absl::Status Assembler::ReportMissing() {
  auto found = table_.TakeMissing(clock_.Now() - options_.missing_after);
  if (!found.ok()) return found.status();
  for (const auto& missing : *found) {
    LogError("recording is missing", {{"recording_id", missing.recording_id}, {"call_id", missing.call_id},
                                      {"interaction_id", missing.interaction_id}, {"reason", missing.reason}});
    ev::Event event;
    event.set_event_id(MakeId(clock_.Now(), random_));
    event.set_tenant_id(missing.tenant_id);
    event.set_interaction_id(missing.interaction_id);
    event.set_call_id(missing.call_id);
    auto* fact = event.mutable_recording_missing();
    fact->set_recording_id(missing.recording_id);
    SetDuration(missing.missing, fact->mutable_missing());
    fact->set_reason(missing.reason);
    if (auto status = Publish(std::move(event), "zvon.recording.missing"); !status.ok()) return status;
  }
  auto count = table_.CountMissing();
  if (!count.ok()) return count.status();
  missing_.Set(static_cast<double>(*count));
  return absl::OkStatus();
}

absl::Status Assembler::Publish(ev::Event event, const std::string& type) {
  SetTime(clock_.Now(), event.mutable_occur_time());
  event.set_producer(options_.instance);
  BusEvent out;
  out.topic = "zvon.interactions.v1";
  out.key = event.interaction_id();
  out.id = event.event_id();
  out.type = type;
  out.source = options_.instance;
  out.time = clock_.Now();
  out.tenant_id = event.tenant_id();
  out.payload = event.SerializeAsString();
  return publisher_.Publish(std::move(out));
}

}  // namespace zvon::recording
