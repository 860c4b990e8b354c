#include "services/gateway/testing/fake_platform.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/match.h"

namespace zvon::gateway {
namespace {

using directory::v1::Resource;

grpc::Status Unauthenticated() {
  return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "wrong tenant, login or password");
}

bool FillUser(const std::string& user_id, directoryservice::v1::SessionUser* user) {
  user->set_tenant_id(user_id == "spy" ? "other" : "demo");
  user->set_user_id(user_id);
  user->set_display_name("User " + user_id);
  if (user_id == "agent1" || user_id == "agent2") {
    user->add_role_ids("agent");
    user->add_permissions("calls.handle");
    user->add_permissions("recordings.listen.own");
    return true;
  }
  if (user_id == "boss" || user_id == "spy") user->add_permissions("*");
  return user_id == "boss" || user_id == "spy";
}

void InOneHour(google::protobuf::Timestamp* time) {
  time->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
}

std::vector<Resource> Resources() {
  std::vector<Resource> all(4);
  all[0].set_name("tenants/demo");
  all[0].mutable_tenant()->set_time_zone("Europe/Moscow");
  all[1].set_name("tenants/demo/reasons/break");
  (*all[1].mutable_not_ready_reason()->mutable_display_names())["ru"] = "Перерыв";
  all[2].set_name("tenants/demo/users/agent1");
  all[2].mutable_user()->set_login("agent1-secret-login");
  all[2].mutable_user()->set_display_name("Анна");
  all[2].mutable_user()->set_internal_number("101");
  all[3].set_name("tenants/other/queues/hidden");
  all[3].mutable_queue()->set_display_name("of another tenant");
  for (Resource& one : all) one.set_revision(1);
  return all;
}

std::string RecordingId(const std::string& id) { return "rec-" + id; }

}  // namespace

bool Eventually(const std::function<bool()>& condition, absl::Duration limit) {
  auto end = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// --- Directory -----------------------------------------------------------------

grpc::Status FakeDirectory::CreateSession(Context*,
                                          const directoryservice::v1::CreateSessionRequest* request,
                                          directoryservice::v1::CreateSessionResponse* response) {
  if (request->password() != "right" || !FillUser(request->login(), response->mutable_user()) ||
      response->user().tenant_id() != request->tenant_id()) {
    return Unauthenticated();
  }
  response->set_token("token-" + request->login());
  InOneHour(response->mutable_expire_time());
  return grpc::Status::OK;
}

grpc::Status FakeDirectory::VerifySession(Context*,
                                          const directoryservice::v1::VerifySessionRequest* request,
                                          directoryservice::v1::VerifySessionResponse* response) {
  ++verified;
  const std::string& token = request->token();
  if (revoked || token.substr(0, 6) != "token-" ||
      !FillUser(token.substr(6), response->mutable_user())) {
    return Unauthenticated();
  }
  InOneHour(response->mutable_expire_time());
  return grpc::Status::OK;
}

grpc::Status FakeDirectory::DeleteSession(Context*,
                                          const directoryservice::v1::DeleteSessionRequest*,
                                          directoryservice::v1::DeleteSessionResponse*) {
  return grpc::Status::OK;
}

grpc::Status FakeDirectory::UpdateResource(
    Context*, const directoryservice::v1::UpdateResourceRequest* request,
    directoryservice::v1::UpdateResourceResponse* response) {
  if (request->caller().user_id() != "boss") {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no");
  }
  *response->mutable_resource() = request->resource();
  return grpc::Status::OK;
}

grpc::Status FakeDirectory::WatchResources(
    Context* context, const directoryservice::v1::WatchResourcesRequest*,
    grpc::ServerWriter<directoryservice::v1::WatchResourcesResponse>* writer) {
  directoryservice::v1::WatchResourcesResponse all;
  for (const Resource& one : Resources()) *all.add_changes()->mutable_resource() = one;
  all.set_revision(1);
  all.set_synced(true);
  writer->Write(all);
  size_t told = 0;
  while (!stopping_ && !context->IsCancelled()) {
    directoryservice::v1::WatchResourcesResponse change;
    {
      std::lock_guard lock(mutex_);
      for (; told < published_.size(); ++told) {
        *change.add_changes()->mutable_resource() = published_[told];
        change.set_revision(published_[told].revision());
      }
    }
    change.set_synced(true);
    if (change.changes_size() > 0) writer->Write(change);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return grpc::Status::OK;
}

void FakeDirectory::Publish(const Resource& resource) {
  std::lock_guard lock(mutex_);
  published_.push_back(resource);
}

// --- Recording -----------------------------------------------------------------

std::string FakeRecording::Bytes() {
  std::string bytes(100'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

grpc::Status FakeRecording::GetRecording(Context*,
                                         const recordingservice::v1::GetRecordingRequest* request,
                                         recordingservice::v1::GetRecordingResponse* response) {
  if (request->tenant_id() != "demo" || request->recording_id() != RecordingId("1")) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such recording");
  }
  response->mutable_recording()->set_recording_id(request->recording_id());
  response->mutable_recording()->add_agent_ids("agent1");
  return grpc::Status::OK;
}

grpc::Status FakeRecording::ListRecordings(Context*,
                                           const recordingservice::v1::ListRecordingsRequest*,
                                           recordingservice::v1::ListRecordingsResponse* response) {
  auto* one = response->add_recordings();
  one->set_recording_id(RecordingId("1"));
  one->add_agent_ids("agent1");
  return grpc::Status::OK;
}

grpc::Status FakeRecording::ReadRecording(
    Context*, const recordingservice::v1::ReadRecordingRequest* request,
    grpc::ServerWriter<recordingservice::v1::ReadRecordingResponse>* writer) {
  const std::string bytes = Bytes();
  auto total = static_cast<int64_t>(bytes.size());
  if (request->offset() >= total) {
    return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "beyond the end");
  }
  int64_t end =
      request->length() == 0 ? total : std::min(total, request->offset() + request->length());
  for (int64_t at = request->offset(); at < end;) {
    int64_t length = std::min<int64_t>(30'000, end - at);
    recordingservice::v1::ReadRecordingResponse piece;
    if (at == request->offset()) {
      piece.set_total_bytes(total);
      piece.set_media_type(request->media_type().empty() ? "audio/ogg" : request->media_type());
    }
    piece.set_data(bytes.substr(static_cast<size_t>(at), static_cast<size_t>(length)));
    if (!writer->Write(piece)) break;
    at += length;
  }
  return grpc::Status::OK;
}

// --- Reporting -----------------------------------------------------------------

grpc::Status FakeReporting::ListInteractions(
    Context*, const reportingservice::v1::ListInteractionsRequest* request,
    reportingservice::v1::ListInteractionsResponse* response) {
  std::lock_guard lock(mutex_);
  last_list_ = *request;
  response->add_interactions()->set_interaction_id("i-1");
  response->set_next_page_token("next");
  return grpc::Status::OK;
}

reportingservice::v1::ListInteractionsRequest FakeReporting::last_list() {
  std::lock_guard lock(mutex_);
  return last_list_;
}

grpc::Status FakeReporting::GetInteraction(
    Context*, const reportingservice::v1::GetInteractionRequest* request,
    reportingservice::v1::GetInteractionResponse* response) {
  response->mutable_interaction()->set_interaction_id(request->interaction_id());
  response->mutable_interaction()->set_agent_id("agent1");
  return grpc::Status::OK;
}

grpc::Status FakeReporting::ExportInteractions(
    Context*, const reportingservice::v1::ExportInteractionsRequest* request,
    grpc::ServerWriter<reportingservice::v1::ExportInteractionsResponse>* writer) {
  reportingservice::v1::ExportInteractionsResponse piece;
  piece.set_data("zone;" + request->time_zone() + "\r\n");
  writer->Write(piece);
  for (int i = 0; i < 1000; ++i) {
    piece.set_data("row " + std::to_string(i) + "\r\n");
    writer->Write(piece);
  }
  return grpc::Status::OK;
}

// --- Routing -------------------------------------------------------------------

FakeRouting::FakeRouting()
    : gateways_(
          loop_,
          {.on_open = [this](StreamSessionId id, const std::string&) { sessions_.insert(id); },
           .on_close = [this](StreamSessionId id) { sessions_.erase(id); },
           .on_item = [this](StreamSessionId id,
                             const routingservice::v1::AgentItem& item) { OnItem(id, item); }}) {
  loop_.Start();
}

FakeRouting::~FakeRouting() { loop_.Stop(); }

void FakeRouting::StandBy(const std::string& leader) {
  std::lock_guard lock(mutex_);
  standby_ = true;
  leader_ = leader;
}

void FakeRouting::OnItem(StreamSessionId id, const routingservice::v1::AgentItem& item) {
  using routingservice::v1::AgentItem;
  std::lock_guard lock(mutex_);
  routingservice::v1::GatewayItem answer;
  if (item.has_hello()) {
    auto* hello = answer.mutable_hello();
    hello->set_epoch(1);
    hello->set_standby(standby_);
    hello->set_leader_address(leader_);
    gateways_.Send(id, answer);
    return;
  }
  const auto* field = item.GetDescriptor()->FindFieldByNumber(item.item_case());
  std::string key = item.tenant_id() + "/" + item.agent_id();
  asked_.push_back(key + " " + field->name());
  auto& status = agents_[key];
  status.set_tenant_id(item.tenant_id());
  status.set_agent_id(item.agent_id());
  bool told = true;
  switch (item.item_case()) {
    case AgentItem::kSignIn:
      if (status.state() <= routing::v1::AGENT_STATE_OFFLINE) {
        status.set_state(routing::v1::AGENT_STATE_NOT_READY);
        auto now = absl::ToUnixNanos(absl::Now());
        status.mutable_login_time()->set_seconds(now / 1'000'000'000);
        status.mutable_login_time()->set_nanos(static_cast<int32_t>(now % 1'000'000'000));
      }
      break;
    case AgentItem::kSetState:
      status.set_state(item.set_state().state());
      status.set_reason_id(item.set_state().reason_id());
      break;
    case AgentItem::kSignOut:
      status.set_state(routing::v1::AGENT_STATE_OFFLINE);
      break;
    default:
      told = false;
  }
  if (silent_) return;
  if (told) {
    *answer.mutable_agent() = status;
    gateways_.Send(id, answer);
  }
  if (!item.request_id().empty()) {
    answer.mutable_result()->set_request_id(item.request_id());
    gateways_.Send(id, answer);
  }
}

void FakeRouting::Tell(const routing::v1::AgentStatus& status) {
  loop_.PostAndWait([&] {
    routingservice::v1::GatewayItem item;
    *item.mutable_agent() = status;
    gateways_.SendToAll(item);
  });
}

void FakeRouting::Tell(const routing::v1::QueueStatus& status) {
  loop_.PostAndWait([&] {
    routingservice::v1::GatewayItem item;
    *item.mutable_queue() = status;
    gateways_.SendToAll(item);
  });
}

void FakeRouting::Forget(const std::string& tenant_id, const std::string& agent_id) {
  loop_.PostAndWait([&] {
    {
      std::lock_guard lock(mutex_);
      agents_.erase(tenant_id + "/" + agent_id);
    }
    routingservice::v1::GatewayItem item;
    item.set_tenant_id(tenant_id);
    item.set_agent_id(agent_id);
    item.mutable_result()->set_code(5);
    gateways_.SendToAll(item);
  });
}

std::vector<std::string> FakeRouting::asked() {
  std::lock_guard lock(mutex_);
  return asked_;
}

bool FakeRouting::WasAsked(const std::string& what, int times) {
  auto all = asked();
  return std::count(all.begin(), all.end(), what) >= times;
}

// --- Signaling -----------------------------------------------------------------

FakeSignaling::FakeSignaling()
    : gateways_(loop_,
                {.on_open = [](StreamSessionId, const std::string&) {},
                 .on_close = [](StreamSessionId) {},
                 .on_item =
                     [this](StreamSessionId id, const signalingservice::v1::AgentCommand& command) {
                       OnItem(id, command);
                     }}) {
  loop_.Start();
}

FakeSignaling::~FakeSignaling() { loop_.Stop(); }

void FakeSignaling::OnItem(StreamSessionId id, const signalingservice::v1::AgentCommand& command) {
  if (command.has_watch()) return;
  std::lock_guard lock(mutex_);
  commands_.push_back(command);
  signalingservice::v1::AgentCallEvent event;
  event.mutable_result()->set_request_id(command.request_id());
  event.mutable_result()->set_call_id(command.has_start_call() ? "call-new" : command.call_id());
  gateways_.Send(id, event);
}

void FakeSignaling::Tell(const signalingservice::v1::AgentCall& call) {
  loop_.PostAndWait([&] {
    signalingservice::v1::AgentCallEvent event;
    *event.mutable_call() = call;
    gateways_.SendToAll(event);
  });
}

std::vector<signalingservice::v1::AgentCommand> FakeSignaling::commands() {
  std::lock_guard lock(mutex_);
  return commands_;
}

// --- All of them ---------------------------------------------------------------

FakePlatform::FakePlatform() {
  auto start = [](grpc::Service* service) {
    return std::move(*RpcServer::Start("127.0.0.1:0", {}, {service}));
  };
  directory_server = start(&directory);
  recording_server = start(&recording);
  reporting_server = start(&reporting);
  routing_server = start(routing.get());
  standby_server = start(&standby);
  signaling_server = start(&signaling);
  standby.StandBy(Address(routing_server));
}

FakePlatform::~FakePlatform() {
  directory.Stop();
  for (auto* server : {&directory_server, &recording_server, &reporting_server, &routing_server,
                       &standby_server, &signaling_server}) {
    (*server)->Stop(absl::ZeroDuration());
  }
}

void FakePlatform::RestartRouting() {
  std::string address = Address(routing_server);
  routing_server->Stop(absl::ZeroDuration());
  routing = std::make_unique<FakeRouting>();
  Eventually([&] {
    auto server = RpcServer::Start(address, {}, {routing.get()});
    if (server.ok()) routing_server = std::move(*server);
    return server.ok();
  });
}

}  // namespace zvon::gateway
