#pragma once
// The services behind the REST pages: their stubs, and whether they answer.

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/rpc_server.h"
#include "services/gateway/links/call_tracker.h"
#include "services/gateway/links/unary_call.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"
#include "zvon/reportingservice/v1/reporting_service.grpc.pb.h"
#include "zvon/signalingservice/v1/signaling_service.grpc.pb.h"

namespace zvon::gateway {

struct BackendAddresses {
  std::string directory;
  std::string recording;
  std::string reporting;
  std::vector<std::string> signaling;
};

class Backends {
 public:
  Backends(TaskRunner& runner_in, const BackendAddresses& addresses, const TlsSettings& tls);
  // Cancels the calls under way and waits for their ends.
  void Stop() { tracker.Stop(); }

  // True unless connecting fails. Asks an idle channel to connect.
  bool DirectoryReachable() { return Reachable(*directory_channel_); }
  bool RecordingReachable() { return Reachable(*recording_channel_); }
  bool ReportingReachable() { return Reachable(*reporting_channel_); }

  // Pages wait no longer than this for an answer.
  static constexpr absl::Duration kTimeout = absl::Seconds(10);

  TaskRunner& runner;
  CallTracker tracker;
  std::unique_ptr<directoryservice::v1::DirectoryService::Stub> directory;
  std::unique_ptr<recordingservice::v1::RecordingService::Stub> recording;
  std::unique_ptr<reportingservice::v1::ReportingService::Stub> reporting;
  std::vector<std::unique_ptr<signalingservice::v1::SignalingService::Stub>> signaling;

 private:
  static bool Reachable(grpc::Channel& channel);
  std::shared_ptr<grpc::Channel> directory_channel_;
  std::shared_ptr<grpc::Channel> recording_channel_;
  std::shared_ptr<grpc::Channel> reporting_channel_;
};

// ZVON_GATEWAY_CALL(backends, stub, Method, MethodResponse, request, handler):
// a unary call with the usual time-out; the handler is an Answer<Response>.
#define ZVON_GATEWAY_CALL(backends, stub, method, Response, request, ...)                  \
  ::zvon::gateway::CallUnary<Response>(                                                    \
      (backends).tracker, (backends).runner, ::zvon::gateway::Backends::kTimeout, request, \
      [s_ = (stub)](auto* c_, const auto* req_, auto* rsp_, auto done_) {                  \
        s_->async()->method(c_, req_, rsp_, std::function<void(::grpc::Status)>(done_));   \
      },                                                                                   \
      __VA_ARGS__)

}  // namespace zvon::gateway
