#include "services/recording/server/assembler.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/recording/adapters/files.h"

namespace zvon::recording {
namespace {

namespace fs = std::filesystem;
namespace pb = zvon::recording::v1;

Piece PieceOf(const HeldSegment& held) {
  const auto& s = held.segment;
  Piece piece;
  piece.writer_id = s.writer_id();
  piece.index = s.index();
  piece.start = FromProto(s.start_time());
  piece.frames = s.frames();
  piece.recovered = s.recovered();
  piece.last = s.last();
  for (const auto& gap : s.gaps()) {
    piece.gaps.push_back({gap.start_frame(), gap.frames(), gap.reason()});
  }
  return piece;
}

Piece PieceOf(const IndexEntry& stored) {
  Piece piece;
  piece.stored = true;
  piece.start = FromProto(stored.recording.start_time());
  piece.frames = absl::ToInt64Microseconds(FromProto(stored.recording.length())) / 125;
  // What was only lost may be filled; what was paused stays silent.
  piece.gaps = GapsOf(stored.recording);
  return piece;
}

// The stored file, where there is one, is the first piece.
std::vector<Piece> PiecesOf(const std::vector<HeldSegment>& segments, const IndexEntry* stored) {
  std::vector<Piece> pieces;
  if (stored != nullptr) pieces.push_back(PieceOf(*stored));
  for (const HeldSegment& held : segments) pieces.push_back(PieceOf(held));
  return pieces;
}

// Copies `frames` of a raw segment.
absl::Status CopyPcm(const std::string& path, int64_t from, int64_t frames, AudioWriter& writer) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(from * 4);
  std::vector<int16_t> buffer(16384);
  while (frames > 0) {
    const auto wanted = static_cast<size_t>(std::min<int64_t>(frames * 2, buffer.size()));
    in.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(wanted * 2));
    if (in.gcount() != static_cast<std::streamsize>(wanted * 2)) {
      return absl::DataLossError(absl::StrCat(path, " ends too early"));
    }
    const absl::Status status = writer.Write(absl::MakeConstSpan(buffer).first(wanted));
    if (!status.ok()) return status;
    frames -= static_cast<int64_t>(wanted / 2);
  }
  return absl::OkStatus();
}

absl::Status CopyStored(AudioReader& reader, int64_t from, int64_t frames, AudioWriter& writer) {
  if (const absl::Status status = reader.Seek(from); !status.ok()) return status;
  std::vector<int16_t> buffer(16384);
  while (frames > 0) {
    const auto wanted = static_cast<size_t>(std::min<int64_t>(frames * 2, buffer.size()));
    const int64_t read = reader.Read(absl::MakeSpan(buffer).first(wanted));
    if (read <= 0) return absl::DataLossError("the stored file ends too early");
    const absl::Status status =
        writer.Write(absl::MakeConstSpan(buffer).first(static_cast<size_t>(read) * 2));
    if (!status.ok()) return status;
    frames -= read;
  }
  return absl::OkStatus();
}

absl::Status WriteSilence(int64_t frames, AudioWriter& writer) {
  const std::vector<int16_t> silence(16384);
  while (frames > 0) {
    const auto samples = static_cast<size_t>(std::min<int64_t>(frames * 2, silence.size()));
    const absl::Status status = writer.Write(absl::MakeConstSpan(silence).first(samples));
    if (!status.ok()) return status;
    frames -= static_cast<int64_t>(samples / 2);
  }
  return absl::OkStatus();
}

void AddAgents(const zvon::media::v1::RecordingSegment& segment, pb::Recording& recording) {
  for (const auto& channel : segment.channels()) {
    const auto& known = recording.agent_ids();
    if (channel.agent_id().empty() ||
        std::find(known.begin(), known.end(), channel.agent_id()) != known.end()) {
      continue;
    }
    recording.add_agent_ids(channel.agent_id());
  }
}

}  // namespace

Assembler::Assembler(AssemblerOptions options, SegmentSpool& spool, RecordingIndex& index,
                     RandomSource random)
    : options_(std::move(options)), spool_(spool), index_(index), random_(std::move(random)) {}

std::vector<HeldSegment> Assembler::DropKnown(std::vector<HeldSegment> segments,
                                              const IndexEntry* stored) {
  if (stored == nullptr) return segments;
  const auto known = std::stable_partition(
      segments.begin(), segments.end(),
      [stored](const HeldSegment& held) { return stored->Find(held.segment) == nullptr; });
  spool_.Remove({known, segments.end()});
  segments.erase(known, segments.end());
  return segments;
}

bool Assembler::IsReady(const std::vector<HeldSegment>& segments, const IndexEntry* stored,
                        absl::Duration quiet) const {
  if (quiet >= options_.settle) return true;
  if (!IsComplete(PiecesOf(segments, stored))) return false;
  return stored == nullptr || quiet >= options_.late_settle;
}

Assembler::Result Assembler::AssembleReady(absl::Time now) {
  Result result;
  for (const SegmentSpool::Waiting& waiting : spool_.ListWaiting()) {
    std::vector<HeldSegment> segments = spool_.SegmentsOf(waiting.recording_id);
    absl::StatusOr<IndexEntry> found = index_.Find(waiting.recording_id);
    const IndexEntry* stored = found.ok() ? &*found : nullptr;
    segments = DropKnown(std::move(segments), stored);
    if (segments.empty() || !IsReady(segments, stored, now - waiting.last_arrival)) continue;
    const absl::Status status = Assemble(segments, stored, now);
    result.assembled += status.ok();
    result.failed += !status.ok();
    if (!status.ok()) {
      LogError("recording cannot be assembled",
               {{"recording_id", waiting.recording_id}, {"error", std::string(status.message())}});
    }
  }
  return result;
}

std::string Assembler::PathFor(const IndexEntry& entry) const {
  const absl::Time start = FromProto(entry.recording.start_time());
  const std::string version = entry.version == 1 ? "" : absl::StrCat(".", entry.version);
  return absl::StrCat(entry.recording.tenant_id(), "/",
                      absl::FormatTime("%Y/%m/%d", start, absl::UTCTimeZone()), "/",
                      entry.recording.recording_id(), version, ".", ExtensionOf(options_.format));
}

absl::Status Assembler::WriteSound(const SegmentPlan& plan,
                                   const std::vector<HeldSegment>& segments,
                                   const IndexEntry* stored, const std::string& path) const {
  std::unique_ptr<AudioReader> reader;
  if (stored != nullptr) {
    auto opened = AudioReader::Open(options_.store_dir + "/" + stored->path);
    if (!opened.ok()) return opened.status();
    reader = *std::move(opened);
  }
  const std::string temporary = path + ".tmp";
  auto writer = AudioWriter::Create(temporary, options_.format);
  if (!writer.ok()) return writer.status();
  const int first_segment = stored != nullptr ? 1 : 0;
  for (const Run& run : plan.runs) {
    absl::Status status;
    if (run.piece < 0) {
      status = WriteSilence(run.frames, **writer);
    } else if (run.piece < first_segment) {
      status = CopyStored(*reader, run.piece_frame, run.frames, **writer);
    } else {
      status = CopyPcm(segments[static_cast<size_t>(run.piece - first_segment)].pcm_path,
                       run.piece_frame, run.frames, **writer);
    }
    if (!status.ok()) return status;
  }
  if (const absl::Status status = (*writer)->Close(); !status.ok()) return status;
  return CommitFile(temporary, path);
}

absl::Status Assembler::Assemble(const std::vector<HeldSegment>& segments, const IndexEntry* stored,
                                 absl::Time now) {
  const SegmentPlan plan = MakePlan(PiecesOf(segments, stored));
  IndexEntry entry;
  if (stored != nullptr) {
    entry = *stored;
    ++entry.version;
  }
  pb::Recording& r = entry.recording;
  const auto& first = segments.front().segment;
  r.set_recording_id(first.recording_id());
  r.set_tenant_id(first.tenant_id());
  r.set_interaction_id(first.interaction_id());
  r.set_call_id(first.call_id());
  r.set_state(pb::Recording::STATE_STORED);
  r.set_media_type(MediaTypeOf(options_.format));
  Set(plan.start, r.mutable_start_time());
  Set(FramesToDuration(plan.frames), r.mutable_length());
  r.clear_gaps();
  for (const Gap& gap : plan.gaps) {
    auto* out = r.add_gaps();
    out->set_start_frame(gap.start_frame);
    out->set_frames(gap.frames);
    out->set_reason(gap.reason);
  }
  for (const HeldSegment& held : segments) {
    AddAgents(held.segment, r);
    entry.segments.push_back({held.segment.writer_id(), held.segment.index(), held.sha256});
  }
  entry.event_id = MakeId(now, random_);
  entry.path = PathFor(entry);
  const std::string path = options_.store_dir + "/" + entry.path;
  if (absl::Status status = WriteSound(plan, segments, stored, path); !status.ok()) return status;
  const absl::StatusOr<std::string> sha256 = Sha256OfFile(path);
  if (!sha256.ok()) return sha256.status();
  r.set_sha256(*sha256);
  std::error_code error;
  r.set_bytes(static_cast<int64_t>(fs::file_size(path, error)));
  if (const absl::Status status = index_.Put(entry); !status.ok()) return status;
  spool_.Remove(segments);
  if (stored != nullptr && stored->path != entry.path) {
    fs::remove(options_.store_dir + "/" + stored->path, error);
  }
  return absl::OkStatus();
}

}  // namespace zvon::recording
