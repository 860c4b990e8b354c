#pragma once
// The gRPC edge. Blocking handlers on gRPC's threads: each waits for the disk
// or PostgreSQL; the call path never waits for them.

#include <string>

#include "services/recording/adapters/recording_table.h"
#include "services/recording/adapters/segment_folder.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"

namespace zvon::recording {

class RecordingService final : public recordingservice::v1::RecordingService::Service {
 public:
  // `store_dir` holds the files, `cache_dir` conversions. All outlive it.
  RecordingService(SegmentFolder& folder, RecordingTable& table, std::string store_dir, std::string cache_dir)
      : folder_(folder), table_(table), store_dir_(std::move(store_dir)), cache_dir_(std::move(cache_dir)) {}

  grpc::Status PutSegment(grpc::ServerContext* context,
                          grpc::ServerReader<recordingservice::v1::PutSegmentRequest>* reader,
                          recordingservice::v1::PutSegmentResponse* response) override;
  grpc::Status GetRecording(grpc::ServerContext* context, const recordingservice::v1::GetRecordingRequest* request,
                            recordingservice::v1::GetRecordingResponse* response) override;
  grpc::Status ListRecordings(grpc::ServerContext* context,
                              const recordingservice::v1::ListRecordingsRequest* request,
                              recordingservice::v1::ListRecordingsResponse* response) override;
  grpc::Status ReadRecording(grpc::ServerContext* context, const recordingservice::v1::ReadRecordingRequest* request,
                             grpc::ServerWriter<recordingservice::v1::ReadRecordingResponse>* writer) override;

 private:
  absl::StatusOr<std::string> FileToRead(const RecordingTable::Found& found, const std::string& media_type);

  SegmentFolder& folder_;
  RecordingTable& table_;
  const std::string store_dir_;
  const std::string cache_dir_;
};

}  // namespace zvon::recording
