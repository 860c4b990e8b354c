#include "services/scenario/server/scenario_server.h"

#include <utility>

namespace zvon::scenario {

ScenarioServer::ScenarioServer(Loop& loop, const Clock& clock, Metrics& metrics,
                               Publisher& publisher, DefinitionStore& store,
                               std::shared_ptr<const PromptCatalog> catalog,
                               RunTable::StoreFactory stores, std::function<absl::Status()> prepare,
                               ScenarioServerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      probe_(metrics),
      definitions_([this](const ScenarioKey& key, int version,
                          std::function<void(absl::StatusOr<v1::ScenarioVersion>)> done) {
        keeper_->Fetch(key, version, std::move(done));
      }) {
  keeper_ = std::make_unique<DefinitionKeeper>(loop, definitions_, store, clock, catalog, probe_,
                                               std::move(prepare), options_.definitions);
  streams_ = std::make_unique<RunStreams>(loop, probe_);
  runs_ = std::make_unique<RunTable>(loop, definitions_, catalog, std::move(stores), publisher,
                                     SystemRandom(), *streams_, probe_, options_.runs);
  streams_->SetTable(runs_.get());
  service_ = std::make_unique<ScenarioRpc>(*streams_, *keeper_, store, std::move(catalog));
}

ScenarioServer::~ScenarioServer() { Stop(); }

absl::Status ScenarioServer::Start() {
  keeper_->Start();
  loop_.Start();
  absl::StatusOr<std::unique_ptr<RpcServer>> rpc =
      RpcServer::Start(options_.listen, options_.tls, {service_.get()});
  if (!rpc.ok()) return rpc.status();
  rpc_ = *std::move(rpc);
  return absl::OkStatus();
}

void ScenarioServer::Stop() {
  if (std::exchange(stopped_, true)) return;
  if (rpc_ != nullptr) rpc_->Stop(absl::Seconds(1));
  keeper_->Stop();
  loop_.Stop();
}

}  // namespace zvon::scenario
