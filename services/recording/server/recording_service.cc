#include "services/recording/server/recording_service.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/recording/adapters/sound_file.h"

namespace zvon::recording {

namespace api = zvon::recordingservice::v1;
namespace fs = std::filesystem;

namespace {

constexpr int64_t kChunk = 64 * 1024;

absl::Status TakeSegment(SegmentFolder& folder, grpc::ServerReader<api::PutSegmentRequest>* reader) {
  api::PutSegmentRequest part;
  if (!reader->Read(&part) || !part.has_segment()) {
    return absl::InvalidArgumentError("the first message must be the segment");
  }
  const zvon::media::v1::RecordingSegment segment = part.segment();
  // Here already: the sender did not hear our answer. Let it finish.
  if (folder.Has(segment)) {
    while (reader->Read(&part)) continue;
    return absl::OkStatus();
  }
  auto arrival = folder.Begin(segment);
  if (!arrival.ok()) return arrival.status();
  while (reader->Read(&part)) {
    if (part.part_case() == api::PutSegmentRequest::kData) {
      if (auto status = (*arrival)->Append(part.data()); !status.ok()) return status;
    } else if (part.part_case() == api::PutSegmentRequest::kSha256) {
      return (*arrival)->Commit(part.sha256());
    } else {
      return absl::InvalidArgumentError("a second segment in one stream");
    }
  }
  return absl::InvalidArgumentError("the stream ended without sha256");
}

// Conversions are made again when wanted: only the newest are kept.
void TrimCache(const std::string& dir, size_t keep) {
  std::error_code error;
  std::vector<fs::directory_entry> files;
  for (const auto& entry : fs::directory_iterator(dir, error)) files.push_back(entry);
  if (files.size() <= keep) return;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    std::error_code e;
    return a.last_write_time(e) < b.last_write_time(e);
  });
  for (size_t i = 0; i + keep < files.size(); ++i) fs::remove(files[i], error);
}

grpc::Status SendRange(const std::string& file, const std::string& media_type, int64_t offset, int64_t length,
                       grpc::ServerWriter<api::ReadRecordingResponse>* writer) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {grpc::StatusCode::DATA_LOSS, "the recording's file is gone: " + fs::path(file).filename().string()};
  const int64_t total = in.tellg();
  if (offset < 0 || offset > total || length < 0) {
    return {grpc::StatusCode::OUT_OF_RANGE, "offset: the recording has " + std::to_string(total) + " bytes"};
  }
  int64_t left = length == 0 ? total - offset : std::min(length, total - offset);
  in.seekg(offset);
  api::ReadRecordingResponse frame;
  frame.set_total_bytes(total);
  frame.set_media_type(media_type);
  do {
    std::string* data = frame.mutable_data();
    data->resize(static_cast<size_t>(std::min(left, kChunk)));
    in.read(data->data(), static_cast<std::streamsize>(data->size()));
    if (in.gcount() != static_cast<std::streamsize>(data->size())) {
      return {grpc::StatusCode::DATA_LOSS, "the recording's file is shorter than it was"};
    }
    left -= static_cast<int64_t>(data->size());
    if (!writer->Write(frame)) return grpc::Status::OK;
    frame.Clear();
  } while (left > 0);
  return grpc::Status::OK;
}

}  // namespace

grpc::Status RecordingService::PutSegment(grpc::ServerContext*, grpc::ServerReader<api::PutSegmentRequest>* reader,
                                          api::PutSegmentResponse*) {
  const absl::Status status = TakeSegment(folder_, reader);
  if (!status.ok()) LogWarning("segment refused", {{"error", status.ToString()}});
  return ToGrpc(status);
}

grpc::Status RecordingService::GetRecording(grpc::ServerContext*, const api::GetRecordingRequest* request,
                                            api::GetRecordingResponse* response) {
  auto found = table_.Get(request->tenant_id(), request->recording_id());
  if (!found.ok()) return ToGrpc(found.status());
  *response->mutable_recording() = std::move(found->recording);
  return grpc::Status::OK;
}

grpc::Status RecordingService::ListRecordings(grpc::ServerContext*, const api::ListRecordingsRequest* request,
                                              api::ListRecordingsResponse* response) {
  auto list = table_.List(request->tenant_id(), request->interaction_id());
  if (!list.ok()) return ToGrpc(list.status());
  for (auto& recording : *list) *response->add_recordings() = std::move(recording);
  return grpc::Status::OK;
}

absl::StatusOr<std::string> RecordingService::FileToRead(const RecordingTable::Found& found,
                                                         const std::string& media_type) {
  const std::string stored = store_dir_ + "/" + found.file;
  if (media_type.empty() || media_type == found.recording.media_type()) return stored;
  if (media_type != "audio/wav") return absl::InvalidArgumentError("media_type: only audio/wav can be made");
  const std::string wav = cache_dir_ + "/" + found.recording.recording_id() + ".wav";
  if (!fs::exists(wav)) {
    if (auto status = ConvertToWav(stored, wav); !status.ok()) return status;
    TrimCache(cache_dir_, 200);
  }
  return wav;
}

grpc::Status RecordingService::ReadRecording(grpc::ServerContext*, const api::ReadRecordingRequest* request,
                                             grpc::ServerWriter<api::ReadRecordingResponse>* writer) {
  auto found = table_.Get(request->tenant_id(), request->recording_id());
  if (!found.ok()) return ToGrpc(found.status());
  if (found->file.empty()) return {grpc::StatusCode::FAILED_PRECONDITION, "the recording is not stored yet"};
  auto file = FileToRead(*found, request->media_type());
  if (!file.ok()) return ToGrpc(file.status());
  const std::string type = request->media_type().empty() ? found->recording.media_type() : request->media_type();
  if (request->offset() == 0) {
    // No listening without its trace.
    auto logged = table_.LogAccess(request->tenant_id(), request->recording_id(), request->user_id(), type);
    if (!logged.ok()) return ToGrpc(logged);
  }
  return SendRange(*file, type, request->offset(), request->length(), writer);
}

}  // namespace zvon::recording
