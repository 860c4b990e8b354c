#pragma once
// The gRPC edge: streams of runs, and definitions. Converts, hands over to the
// owner of the state, maps the status; decides nothing.

#include <memory>
#include <string>

#include "services/common/rpc/stream_server.h"
#include "services/scenario/server/definition_keeper.h"
#include "services/scenario/server/run_table.h"
#include "zvon/scenarioservice/v1/scenario_service.grpc.pb.h"

namespace zvon::scenario {

// The runs' streams as RunTable's output. Owned by the runner but for Accept.
class RunStreams final : public RunOutput {
 public:
  using Request = scenarioservice::v1::AttachRunsRequest;
  using Response = scenarioservice::v1::AttachRunsResponse;

  RunStreams(TaskRunner& runner, ScenarioProbe& probe);
  // Before the first stream; not null.
  void SetTable(RunTable* table) { table_ = table; }
  grpc::ServerBidiReactor<Request, Response>* Accept(grpc::CallbackServerContext* context) {
    return sessions_.Accept(context);
  }
  void Send(SessionId session, const std::string& run_id, const RunCommand& command) override;
  void Refuse(SessionId session, const std::string& run_id, const std::string& message) override;

 private:
  void OnItem(SessionId session, const scenarioservice::v1::RunEvent& item);

  ScenarioProbe& probe_;
  RunTable* table_ = nullptr;
  int open_ = 0;
  StreamServer<Request, Response> sessions_;
};

// Unary methods run on the keeper's thread, for they read the store.
class ScenarioRpc final : public scenarioservice::v1::ScenarioService::CallbackService {
 public:
  ScenarioRpc(RunStreams& streams, DefinitionKeeper& keeper, DefinitionStore& store,
              std::shared_ptr<const PromptCatalog> catalog)
      : streams_(streams), keeper_(keeper), store_(store), catalog_(std::move(catalog)) {}

  grpc::ServerBidiReactor<RunStreams::Request, RunStreams::Response>* AttachRuns(
      grpc::CallbackServerContext* context) override {
    return streams_.Accept(context);
  }
  grpc::ServerUnaryReactor* ListScenarios(
      grpc::CallbackServerContext* context,
      const scenarioservice::v1::ListScenariosRequest* request,
      scenarioservice::v1::ListScenariosResponse* response) override;
  grpc::ServerUnaryReactor* GetScenarioVersion(
      grpc::CallbackServerContext* context,
      const scenarioservice::v1::GetScenarioVersionRequest* request,
      scenarioservice::v1::GetScenarioVersionResponse* response) override;
  grpc::ServerUnaryReactor* SaveDraft(grpc::CallbackServerContext* context,
                                      const scenarioservice::v1::SaveDraftRequest* request,
                                      scenarioservice::v1::SaveDraftResponse* response) override;
  grpc::ServerUnaryReactor* PublishScenario(
      grpc::CallbackServerContext* context,
      const scenarioservice::v1::PublishScenarioRequest* request,
      scenarioservice::v1::PublishScenarioResponse* response) override;

 private:
  using Work = std::function<grpc::Status()>;
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, Work work);

  RunStreams& streams_;
  DefinitionKeeper& keeper_;
  DefinitionStore& store_;
  std::shared_ptr<const PromptCatalog> catalog_;
};

}  // namespace zvon::scenario
