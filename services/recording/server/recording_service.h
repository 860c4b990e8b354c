#pragma once
// The gRPC edge: takes segments, gives sound. Blocking handlers on gRPC's
// threads: nothing here is on a call's path.

#include <functional>
#include <string>

#include "services/common/time/clock.h"
#include "services/recording/adapters/recording_table.h"
#include "services/recording/adapters/segment_spool.h"
#include "services/recording/server/wav_cache.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"

namespace zvon::recording {

class RecordingServiceImpl final : public zvon::recordingservice::v1::RecordingService::Service {
 public:
  struct Parts {
    SegmentSpool& spool;
    RecordingIndex& index;
    RecordingTable& table;
    WavCache& wav_cache;
    const Clock& clock;
    std::string store_dir;
    std::function<bool()> database_ready;
    std::function<void()> on_segment;
  };
  explicit RecordingServiceImpl(Parts parts) : parts_(std::move(parts)) {}

  grpc::Status PutSegment(grpc::ServerContext* context,
                          grpc::ServerReader<zvon::recordingservice::v1::PutSegmentRequest>* reader,
                          zvon::recordingservice::v1::PutSegmentResponse* response) override;
  grpc::Status GetRecording(grpc::ServerContext* context,
                            const zvon::recordingservice::v1::GetRecordingRequest* request,
                            zvon::recordingservice::v1::GetRecordingResponse* response) override;
  grpc::Status ListRecordings(
      grpc::ServerContext* context,
      const zvon::recordingservice::v1::ListRecordingsRequest* request,
      zvon::recordingservice::v1::ListRecordingsResponse* response) override;
  grpc::Status ReadRecording(
      grpc::ServerContext* context, const zvon::recordingservice::v1::ReadRecordingRequest* request,
      grpc::ServerWriter<zvon::recordingservice::v1::ReadRecordingResponse>* writer) override;

 private:
  absl::Status Put(grpc::ServerReader<zvon::recordingservice::v1::PutSegmentRequest>& reader);
  // OK where the stored recording holds this segment already.
  absl::StatusOr<bool> IsStored(const zvon::media::v1::RecordingSegment& segment,
                                const std::string& sha256) const;
  struct Source {
    std::string path;
    std::string media_type;
  };
  absl::StatusOr<Source> Find(const zvon::recordingservice::v1::ReadRecordingRequest& request);
  absl::Status Read(const zvon::recordingservice::v1::ReadRecordingRequest& request,
                    grpc::ServerWriter<zvon::recordingservice::v1::ReadRecordingResponse>& writer);

  Parts parts_;
};

}  // namespace zvon::recording
