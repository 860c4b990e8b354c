#pragma once
// The service without its process: everything between the ports and the gRPC
// port. main.cc gives it real adapters, tests give it others.

#include <memory>
#include <string>

#include "services/common/bus/bus.h"
#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/metrics.h"
#include "services/scenario/server/definition_keeper.h"
#include "services/scenario/server/run_table.h"
#include "services/scenario/server/scenario_service.h"

namespace zvon::scenario {

struct ScenarioServerOptions {
  std::string listen = "127.0.0.1:0";
  TlsSettings tls;
  RunTableOptions runs;
  DefinitionKeeperOptions definitions;
};

class ScenarioServer {
 public:
  // Everything outlives the server. `loop` is not yet started; `stores` is
  // called and used on it. `prepare` as in DefinitionKeeper.
  ScenarioServer(Loop& loop, const Clock& clock, Metrics& metrics, Publisher& publisher,
                 DefinitionStore& store, std::shared_ptr<const PromptCatalog> catalog,
                 RunTable::StoreFactory stores, std::function<absl::Status()> prepare,
                 ScenarioServerOptions options);
  ~ScenarioServer();

  // Reads the local definitions, starts the loop and the gRPC port.
  absl::Status Start();
  // Streams are closed: signaling takes its calls' runs to another replica,
  // which goes on from the snapshots. Within three seconds.
  void Stop();

  int port() const { return rpc_->port(); }
  DefinitionKeeper& keeper() { return *keeper_; }
  // On the loop.
  RunTable& runs() { return *runs_; }

 private:
  Loop& loop_;
  ScenarioServerOptions options_;
  ScenarioProbe probe_;
  DefinitionTable definitions_;
  std::unique_ptr<DefinitionKeeper> keeper_;
  std::unique_ptr<RunStreams> streams_;
  std::unique_ptr<RunTable> runs_;
  std::unique_ptr<ScenarioRpc> service_;
  std::unique_ptr<RpcServer> rpc_;
  bool stopped_ = false;
};

}  // namespace zvon::scenario
