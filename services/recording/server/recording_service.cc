#include "services/recording/server/recording_service.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/rpc_status.h"
#include "services/common/telemetry/log.h"

namespace zvon::recording {
namespace {

namespace pb = zvon::recordingservice::v1;
constexpr size_t kChunk = 64 * 1024;

absl::Status DatabaseAway() {
  return absl::UnavailableError("recordings cannot be looked up: PostgreSQL is not ready");
}

}  // namespace

grpc::Status RecordingServiceImpl::PutSegment(grpc::ServerContext* context,
                                              grpc::ServerReader<pb::PutSegmentRequest>* reader,
                                              pb::PutSegmentResponse* response) {
  absl::Status status = Put(*reader);
  // A folder that went while a file was made in it: the sender tries again.
  if (absl::IsNotFound(status)) status = absl::UnavailableError(status.message());
  if (!status.ok()) LogWarning("segment not taken", {{"error", std::string(status.message())}});
  return ToGrpc(status);
}

absl::StatusOr<bool> RecordingServiceImpl::IsStored(
    const zvon::media::v1::RecordingSegment& segment, const std::string& sha256) const {
  const absl::StatusOr<IndexEntry> entry = parts_.index.Find(segment.recording_id());
  const IndexEntry::Segment* known = entry.ok() ? entry->Find(segment) : nullptr;
  if (known == nullptr) return false;
  if (known->sha256 == sha256) return true;
  return absl::FailedPreconditionError(absl::StrCat(
      "segment ", segment.recording_id(), "/", segment.index(), ": another one is stored already"));
}

absl::Status RecordingServiceImpl::Put(grpc::ServerReader<pb::PutSegmentRequest>& reader) {
  pb::PutSegmentRequest request;
  if (!reader.Read(&request) || !request.has_segment()) {
    return absl::InvalidArgumentError("PutSegment: the first frame is not a segment");
  }
  const zvon::media::v1::RecordingSegment segment = request.segment();
  auto incoming = parts_.spool.Begin(segment);
  if (!incoming.ok()) return incoming.status();
  std::string sha256;
  while (sha256.empty() && reader.Read(&request)) {
    if (request.part_case() == pb::PutSegmentRequest::kSha256) {
      sha256 = request.sha256();
    } else if (request.part_case() == pb::PutSegmentRequest::kData) {
      const absl::Status status = (*incoming)->Write(request.data());
      if (!status.ok()) return status;
    } else {
      return absl::InvalidArgumentError("PutSegment: a frame is neither data nor a checksum");
    }
  }
  // A sender that broke off sends it again.
  if (sha256.empty()) return absl::AbortedError("PutSegment: it ended before the checksum");
  const absl::StatusOr<bool> stored = IsStored(segment, sha256);
  if (!stored.ok()) return stored.status();
  if (*stored) return absl::OkStatus();
  const absl::Status status = parts_.spool.Finish(**incoming, sha256, parts_.clock.Now());
  if (status.ok()) parts_.on_segment();
  return status;
}

grpc::Status RecordingServiceImpl::GetRecording(grpc::ServerContext* context,
                                                const pb::GetRecordingRequest* request,
                                                pb::GetRecordingResponse* response) {
  if (!parts_.database_ready()) return ToGrpc(DatabaseAway());
  auto stored = parts_.table.Get(request->tenant_id(), request->recording_id());
  if (!stored.ok()) return ToGrpc(stored.status());
  *response->mutable_recording() = std::move(stored->recording);
  return grpc::Status::OK;
}

grpc::Status RecordingServiceImpl::ListRecordings(grpc::ServerContext* context,
                                                  const pb::ListRecordingsRequest* request,
                                                  pb::ListRecordingsResponse* response) {
  if (!parts_.database_ready()) return ToGrpc(DatabaseAway());
  auto list = parts_.table.List(request->tenant_id(), request->interaction_id());
  if (!list.ok()) return ToGrpc(list.status());
  for (StoredRecording& stored : *list) {
    *response->add_recordings() = std::move(stored.recording);
  }
  return grpc::Status::OK;
}

grpc::Status RecordingServiceImpl::ReadRecording(
    grpc::ServerContext* context, const pb::ReadRecordingRequest* request,
    grpc::ServerWriter<pb::ReadRecordingResponse>* writer) {
  return ToGrpc(Read(*request, *writer));
}

absl::StatusOr<RecordingServiceImpl::Source> RecordingServiceImpl::Find(
    const pb::ReadRecordingRequest& request) {
  if (!parts_.database_ready()) return DatabaseAway();
  auto stored = parts_.table.Get(request.tenant_id(), request.recording_id());
  if (!stored.ok()) return stored.status();
  const auto& r = stored->recording;
  if (stored->path.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("recording '", request.recording_id(), "' is not stored yet"));
  }
  const std::string file = absl::StrCat(parts_.store_dir, "/", stored->path);
  const std::string& wanted = request.media_type();
  if (wanted.empty() || wanted == r.media_type()) return Source{file, r.media_type()};
  if (wanted != "audio/wav") {
    return absl::InvalidArgumentError(
        absl::StrCat("media_type '", wanted, "': audio/wav or none can be given"));
  }
  auto wav = parts_.wav_cache.Get(file, r.sha256());
  if (!wav.ok()) return wav.status();
  return Source{*wav, wanted};
}

absl::Status RecordingServiceImpl::Read(const pb::ReadRecordingRequest& request,
                                        grpc::ServerWriter<pb::ReadRecordingResponse>& writer) {
  if (request.user_id().empty()) {
    return absl::InvalidArgumentError("ReadRecording: user_id is needed for the access log");
  }
  if (request.offset() < 0 || request.length() < 0) {
    return absl::InvalidArgumentError("ReadRecording: offset or length below 0");
  }
  const absl::StatusOr<Source> source = Find(request);
  if (!source.ok()) return source.status();
  std::ifstream in(source->path, std::ios::binary | std::ios::ate);
  if (!in) {
    return absl::DataLossError(
        absl::StrCat("the sound of recording '", request.recording_id(), "' is not there"));
  }
  const auto total = static_cast<int64_t>(in.tellg());
  if (request.offset() > total) {
    return absl::OutOfRangeError(
        absl::StrCat("offset ", request.offset(), " is beyond ", total, " bytes"));
  }
  // Nobody listens unlogged.
  if (request.offset() == 0) {
    const absl::Status logged = parts_.table.AddListen(request.tenant_id(), request.recording_id(),
                                                       request.user_id(), parts_.clock.Now());
    if (!logged.ok()) return logged;
  }
  int64_t left = total - request.offset();
  if (request.length() > 0) left = std::min(left, request.length());
  in.seekg(request.offset());
  pb::ReadRecordingResponse frame;
  frame.set_total_bytes(total);
  frame.set_media_type(source->media_type);
  std::string chunk(kChunk, '\0');
  bool first = true;
  while (first || left > 0) {
    in.read(chunk.data(), static_cast<std::streamsize>(std::min<int64_t>(left, kChunk)));
    frame.mutable_data()->assign(chunk, 0, static_cast<size_t>(in.gcount()));
    if (left > 0 && in.gcount() == 0) return absl::DataLossError("the file became shorter");
    left -= in.gcount();
    if (!writer.Write(frame)) return absl::CancelledError("the reader has gone");
    frame.clear_total_bytes();
    frame.clear_media_type();
    first = false;
  }
  return absl::OkStatus();
}

}  // namespace zvon::recording
