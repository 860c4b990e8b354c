#include "services/scenario/server/scenario_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/rpc/rpc_status.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/definition_validation.h"
#include "services/scenario/adapters/run_codec.h"

namespace zvon::scenario {
namespace {

namespace service = ::zvon::scenarioservice::v1;

// Ids stand in keys, file names and notifications.
absl::Status CheckId(const char* field, const std::string& id) {
  const bool plain =
      !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.';
      });
  if (plain) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": \"", id.substr(0, 80), "\" is not 1 to 63 of a-z, 0-9, \"-\", \"_\", \".\""));
}
absl::Status CheckKey(const ScenarioKey& key) {
  absl::Status status = CheckId("tenant_id", key.tenant_id);
  return status.ok() ? CheckId("scenario_id", key.scenario_id) : status;
}

std::string FieldOf(const DefinitionFault& fault) {
  if (fault.step_id.empty()) return absl::StrCat("definition.", fault.field);
  return absl::StrCat("definition.steps[", fault.step_id, "].", fault.field);
}

// The faults as google.rpc.BadRequest.
grpc::Status BadRequest(const std::vector<DefinitionFault>& faults) {
  const absl::Status status = FaultsToStatus(faults);
  google::rpc::BadRequest details;
  for (const DefinitionFault& fault : faults) {
    google::rpc::BadRequest::FieldViolation* violation = details.add_field_violations();
    violation->set_field(FieldOf(fault));
    violation->set_description(fault.message);
  }
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(status.message().data(), status.message().size());
  proto.add_details()->PackFrom(details);
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, proto.message(),
                      proto.SerializeAsString());
}

Resumption ResumptionOf(const service::ResumeRun& resume) {
  return {resume.answered(), resume.queued(), resume.connected()};
}

}  // namespace

RunStreams::RunStreams(TaskRunner& runner, ScenarioProbe& probe)
    : probe_(probe),
      sessions_(runner, {.on_open =
                             [this](StreamSessionId, const std::string& peer) {
                               probe_.sessions.Set(++open_);
                               LogInfo("signaling attached", {{"peer", peer}});
                             },
                         .on_close =
                             [this](StreamSessionId id) {
                               probe_.sessions.Set(--open_);
                               table_->OnSessionClosed(id);
                             },
                         .on_item = [this](StreamSessionId id,
                                           const service::RunEvent& item) { OnItem(id, item); }}) {}

void RunStreams::OnItem(SessionId session, const service::RunEvent& item) {
  if (item.run_id().empty()) return LogWarning("event without a run id");
  if (item.has_start()) {
    return table_->Start(session, item.run_id(), CallFromProto(item.start().call()),
                         item.start().scenario_id());
  }
  if (item.has_resume()) {
    return table_->Resume(session, item.run_id(), CallFromProto(item.resume().call()),
                          item.resume().scenario_id(), ResumptionOf(item.resume()));
  }
  std::optional<RunEvent> event = EventFromProto(item);
  if (event) table_->OnEvent(session, item.run_id(), *event);
}

void RunStreams::Send(SessionId session, const std::string& run_id, const RunCommand& command) {
  if (session != 0) sessions_.Send(session, CommandToProto(run_id, command));
}

void RunStreams::Refuse(SessionId session, const std::string& run_id, const std::string& message) {
  service::RunCommand out;
  out.set_run_id(run_id);
  out.set_command_id("0/1");
  out.mutable_refused()->set_message(message);
  sessions_.Send(session, std::move(out));
}

grpc::ServerUnaryReactor* ScenarioRpc::Run(grpc::CallbackServerContext* context, Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const bool posted = keeper_.Post([reactor, work = std::move(work)] { reactor->Finish(work()); });
  if (!posted)
    reactor->Finish({grpc::StatusCode::UNAVAILABLE, "the service is stopping or overloaded"});
  return reactor;
}

grpc::ServerUnaryReactor* ScenarioRpc::ListScenarios(grpc::CallbackServerContext* context,
                                                     const service::ListScenariosRequest* request,
                                                     service::ListScenariosResponse* response) {
  return Run(context, [this, request, response] {
    if (absl::Status status = CheckId("tenant_id", request->tenant_id()); !status.ok())
      return ToGrpc(status);
    absl::StatusOr<std::vector<v1::Scenario>> scenarios = store_.List(request->tenant_id());
    if (!scenarios.ok()) return ToGrpc(scenarios.status());
    for (v1::Scenario& scenario : *scenarios) *response->add_scenarios() = std::move(scenario);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* ScenarioRpc::GetScenarioVersion(
    grpc::CallbackServerContext* context, const service::GetScenarioVersionRequest* request,
    service::GetScenarioVersionResponse* response) {
  return Run(context, [this, request, response] {
    const ScenarioKey key{request->tenant_id(), request->scenario_id()};
    if (absl::Status status = CheckKey(key); !status.ok()) return ToGrpc(status);
    absl::StatusOr<v1::ScenarioVersion> version = store_.GetVersion(key, request->version());
    if (!version.ok()) return ToGrpc(version.status());
    *response->mutable_version() = *std::move(version);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* ScenarioRpc::SaveDraft(grpc::CallbackServerContext* context,
                                                 const service::SaveDraftRequest* request,
                                                 service::SaveDraftResponse* response) {
  return Run(context, [this, request, response] {
    const ScenarioKey key{request->tenant_id(), request->scenario_id()};
    if (absl::Status status = CheckKey(key); !status.ok()) return ToGrpc(status);
    const std::vector<DefinitionFault> faults = FindFaults(request->definition(), *catalog_);
    if (!faults.empty()) return BadRequest(faults);
    absl::StatusOr<v1::Scenario> saved =
        store_.SaveDraft(key, request->display_name(), request->definition(), request->author());
    if (!saved.ok()) return ToGrpc(saved.status());
    *response->mutable_scenario() = *std::move(saved);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* ScenarioRpc::PublishScenario(
    grpc::CallbackServerContext* context, const service::PublishScenarioRequest* request,
    service::PublishScenarioResponse* response) {
  return Run(context, [this, request, response] {
    const ScenarioKey key{request->tenant_id(), request->scenario_id()};
    if (absl::Status status = CheckKey(key); !status.ok()) return ToGrpc(status);
    // Prompts may have gone since the draft was saved: checked again.
    const auto check = [this](const v1::ScenarioDefinition& definition) {
      absl::Status sound = FaultsToStatus(FindFaults(definition, *catalog_));
      return sound.ok() ? sound : absl::FailedPreconditionError(sound.message());
    };
    absl::StatusOr<v1::ScenarioVersion> version = store_.Publish(key, request->author(), check);
    if (!version.ok()) return ToGrpc(version.status());
    v1::Scenario* scenario = response->mutable_scenario();
    scenario->set_tenant_id(key.tenant_id);
    scenario->set_scenario_id(key.scenario_id);
    scenario->set_published_version(version->version());
    *response->mutable_publish_time() = version->publish_time();
    return grpc::Status::OK;
  });
}

}  // namespace zvon::scenario
