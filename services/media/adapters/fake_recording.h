#pragma once
// For tests: a recording service in memory.

#include <mutex>
#include <string>
#include <vector>

#include "services/media/adapters/segment_files.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"

namespace zvon::media {

// Keeps what it was sent; answers as told.
class FakeRecording final : public zvon::recordingservice::v1::RecordingService::Service {
 public:
  grpc::Status PutSegment(grpc::ServerContext*,
                          grpc::ServerReader<zvon::recordingservice::v1::PutSegmentRequest>* reader,
                          zvon::recordingservice::v1::PutSegmentResponse*) override {
    zvon::recordingservice::v1::PutSegmentRequest request;
    zvon::media::v1::RecordingSegment segment;
    std::string data;
    std::string sha256;
    while (reader->Read(&request)) {
      if (request.has_segment()) segment = request.segment();
      data += request.data();
      if (!request.sha256().empty()) sha256 = request.sha256();
    }
    const std::string name = SegmentName(segment);
    std::lock_guard lock(mutex);
    if (!answer.ok() && name.find(refused) == 0) return answer;
    names.push_back(name);
    segments.push_back(segment);
    bytes.push_back(data);
    checksums.push_back(sha256);
    return grpc::Status::OK;
  }
  size_t count() {
    std::lock_guard lock(mutex);
    return names.size();
  }
  std::mutex mutex;
  grpc::Status answer;
  std::string refused;
  std::vector<std::string> names;
  std::vector<zvon::media::v1::RecordingSegment> segments;
  std::vector<std::string> bytes;
  std::vector<std::string> checksums;
};

}  // namespace zvon::media
