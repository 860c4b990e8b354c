#pragma once
// The services behind the gateway, in one process and on real gRPC: enough
// of each to show what the gateway makes of them.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_server.h"
#include "services/common/time/clock.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"
#include "zvon/reportingservice/v1/reporting_service.grpc.pb.h"
#include "zvon/routingservice/v1/routing_service.grpc.pb.h"
#include "zvon/signalingservice/v1/signaling_service.grpc.pb.h"

namespace zvon::gateway {

// Users agent1, agent2 (role agent) and boss (everything) of tenant demo,
// and spy of tenant other; the password is "right"; a token is
// "token-USER".
class FakeDirectory final : public directoryservice::v1::DirectoryService::Service {
 public:
  std::atomic<int> verified{0};
  std::atomic<bool> revoked{false};
  // Tells watchers of a change.
  void Publish(const directory::v1::Resource& resource);
  void Stop() { stopping_ = true; }

 private:
  using Context = grpc::ServerContext;
  grpc::Status CreateSession(Context*, const directoryservice::v1::CreateSessionRequest*,
                             directoryservice::v1::CreateSessionResponse*) override;
  grpc::Status VerifySession(Context*, const directoryservice::v1::VerifySessionRequest*,
                             directoryservice::v1::VerifySessionResponse*) override;
  grpc::Status DeleteSession(Context*, const directoryservice::v1::DeleteSessionRequest*,
                             directoryservice::v1::DeleteSessionResponse*) override;
  grpc::Status WatchResources(
      Context*, const directoryservice::v1::WatchResourcesRequest*,
      grpc::ServerWriter<directoryservice::v1::WatchResourcesResponse>*) override;
  grpc::Status UpdateResource(Context*, const directoryservice::v1::UpdateResourceRequest*,
                              directoryservice::v1::UpdateResourceResponse*) override;

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<directory::v1::Resource> published_;
};

// 100 000 bytes, the n-th of them n modulo 251.
class FakeRecording final : public recordingservice::v1::RecordingService::Service {
 public:
  static std::string Bytes();

 private:
  using Context = grpc::ServerContext;
  grpc::Status GetRecording(Context*, const recordingservice::v1::GetRecordingRequest*,
                            recordingservice::v1::GetRecordingResponse*) override;
  grpc::Status ListRecordings(Context*, const recordingservice::v1::ListRecordingsRequest*,
                              recordingservice::v1::ListRecordingsResponse*) override;
  grpc::Status ReadRecording(
      Context*, const recordingservice::v1::ReadRecordingRequest*,
      grpc::ServerWriter<recordingservice::v1::ReadRecordingResponse>*) override;
};

class FakeReporting final : public reportingservice::v1::ReportingService::Service {
 public:
  reportingservice::v1::ListInteractionsRequest last_list();

 private:
  using Context = grpc::ServerContext;
  grpc::Status ListInteractions(Context*, const reportingservice::v1::ListInteractionsRequest*,
                                reportingservice::v1::ListInteractionsResponse*) override;
  grpc::Status GetInteraction(Context*, const reportingservice::v1::GetInteractionRequest*,
                              reportingservice::v1::GetInteractionResponse*) override;
  grpc::Status ExportInteractions(
      Context*, const reportingservice::v1::ExportInteractionsRequest*,
      grpc::ServerWriter<reportingservice::v1::ExportInteractionsResponse>*) override;
  std::mutex mutex_;
  reportingservice::v1::ListInteractionsRequest last_list_;
};

// A router that leads, or stands by.
class FakeRouting final : public routingservice::v1::RoutingService::CallbackService {
 public:
  FakeRouting();
  ~FakeRouting() override;
  void StandBy(const std::string& leader);
  // To all gateways.
  void Tell(const routing::v1::AgentStatus& status);
  void Tell(const routing::v1::QueueStatus& status);
  // Loses the agent and says so, as if at its next heartbeat.
  void Forget(const std::string& tenant_id, const std::string& agent_id);
  // Answers no requests from now on.
  void FallSilent() { silent_ = true; }

  // What was asked, in order: "demo/agent1 sign_in".
  std::vector<std::string> asked();
  bool WasAsked(const std::string& what, int times = 1);

 private:
  using Server = StreamServer<routingservice::v1::AttachGatewayRequest,
                              routingservice::v1::AttachGatewayResponse>;
  grpc::ServerBidiReactor<routingservice::v1::AttachGatewayRequest,
                          routingservice::v1::AttachGatewayResponse>*
  AttachGateway(grpc::CallbackServerContext* context) override {
    return gateways_.Accept(context);
  }
  void OnItem(StreamSessionId id, const routingservice::v1::AgentItem& item);

  SteadyClock clock_;
  Loop loop_{{.name = "routing"}, clock_};
  Server gateways_;
  std::atomic<bool> silent_{false};
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string leader_;
  bool standby_ = false;
  std::map<std::string, routing::v1::AgentStatus> agents_;
  std::set<StreamSessionId> sessions_;
};

class FakeSignaling final : public signalingservice::v1::SignalingService::CallbackService {
 public:
  FakeSignaling();
  ~FakeSignaling() override;
  void Tell(const signalingservice::v1::AgentCall& call);
  std::vector<signalingservice::v1::AgentCommand> commands();

 private:
  using Server = StreamServer<signalingservice::v1::ControlCallsRequest,
                              signalingservice::v1::ControlCallsResponse>;
  grpc::ServerBidiReactor<signalingservice::v1::ControlCallsRequest,
                          signalingservice::v1::ControlCallsResponse>*
  ControlCalls(grpc::CallbackServerContext* context) override {
    return gateways_.Accept(context);
  }
  void OnItem(StreamSessionId id, const signalingservice::v1::AgentCommand& command);

  SteadyClock clock_;
  Loop loop_{{.name = "signaling"}, clock_};
  Server gateways_;
  std::mutex mutex_;
  std::vector<signalingservice::v1::AgentCommand> commands_;
};

// Each on a port of its own.
struct FakePlatform {
  FakePlatform();
  ~FakePlatform();
  std::string Address(const std::unique_ptr<RpcServer>& server) const {
    return "127.0.0.1:" + std::to_string(server->port());
  }
  void RestartRouting();

  FakeDirectory directory;
  FakeRecording recording;
  FakeReporting reporting;
  std::unique_ptr<FakeRouting> routing = std::make_unique<FakeRouting>();
  FakeRouting standby;
  FakeSignaling signaling;
  std::unique_ptr<RpcServer> directory_server, recording_server, reporting_server, routing_server,
      standby_server, signaling_server;
};

// Waits for what another thread makes true.
bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(10));

}  // namespace zvon::gateway
