#pragma once
// The runs of this process: feeds them, writes their snapshots, performs their
// effects. Owned by one runner; no other thread touches it.
//
// Order for each run: the snapshot is written, then commands and events go
// out. A store that is silent holds commands back for 200 ms at most: a caller
// is worth more than a snapshot.
//
// A run whose stream broke is kept for a minute, for its call to come back;
// its snapshot stays for a day, for any other replica.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/common/bus/bus.h"
#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/common/store/snapshot_store.h"
#include "services/scenario/core/scenario_run.h"
#include "services/scenario/server/definition_table.h"
#include "services/scenario/server/scenario_probe.h"

namespace zvon::scenario {

using SessionId = uint64_t;

// Where commands go. Calls for sessions that have gone are harmless.
class RunOutput {
 public:
  virtual ~RunOutput() = default;
  virtual void Send(SessionId session, const std::string& run_id, const RunCommand& command) = 0;
  virtual void Refuse(SessionId session, const std::string& run_id, const std::string& message) = 0;
};

struct RunTableOptions {
  std::string instance = "scenario-0";
  absl::Duration detached_max = absl::Seconds(60);
  absl::Duration snapshot_ttl = absl::Hours(24);
  absl::Duration snapshot_wait = absl::Milliseconds(200);
  absl::Duration takeover_retry = absl::Milliseconds(300);
  int takeover_attempts = 3;
  size_t runs_max = 20'000;
};

class RunTable {
 public:
  // One store per tenant: its keys are "{tenant}:run:<run id>".
  using StoreFactory = std::function<std::unique_ptr<SnapshotStore>(const std::string& tenant_id)>;
  // Everything outlives the table.
  RunTable(TaskRunner& runner, DefinitionTable& definitions,
           std::shared_ptr<const PromptCatalog> catalog, StoreFactory stores, Publisher& publisher,
           RandomSource random, RunOutput& output, ScenarioProbe& probe, RunTableOptions options);
  ~RunTable();

  void Start(SessionId session, const std::string& run_id, CallFacts call,
             const std::string& scenario_id);
  void Resume(SessionId session, const std::string& run_id, CallFacts call,
              const std::string& scenario_id, const Resumption& resumption);
  void OnEvent(SessionId session, const std::string& run_id, const RunEvent& event);
  void OnSessionClosed(SessionId session);

  // Redis came back empty: everything it forgot is written again.
  void WriteAllSnapshots();

  size_t size() const { return runs_.size(); }
  size_t detached() const;

 private:
  struct Entry;
  struct Arrival;
  using EntryPtr = std::shared_ptr<Entry>;

  SnapshotStore& StoreOf(const std::string& tenant_id);
  void TakeOver(std::shared_ptr<Arrival> arrival);
  bool IsAwaited(const std::shared_ptr<Arrival>& arrival) const;
  void TakenOver(std::shared_ptr<Arrival> arrival, const RunState& state);
  void Adopt(const Arrival& arrival, RunState state, DefinitionTable::DefinitionPtr definition);
  void StartAnew(const Arrival& arrival);
  EntryPtr Add(SessionId session, const std::string& run_id, std::unique_ptr<ScenarioRun> run);
  void Perform(const EntryPtr& entry, RunEffects effects);
  void WriteSnapshot(const EntryPtr& entry, std::function<void(const absl::Status&)> then);
  void LosesTo(const EntryPtr& entry);
  void Release(const EntryPtr& entry);
  void SendOut(const EntryPtr& entry, const RunEffects& effects);
  void Publish(const EntryPtr& entry, const std::vector<RunFact>& facts);
  void SetTimer(const EntryPtr& entry);
  void Remove(const EntryPtr& entry);

  TaskRunner& runner_;
  DefinitionTable& definitions_;
  std::shared_ptr<const PromptCatalog> catalog_;
  StoreFactory store_factory_;
  Publisher& publisher_;
  RandomSource random_;
  RunOutput& output_;
  ScenarioProbe& probe_;
  RunTableOptions options_;
  std::map<std::string, std::unique_ptr<SnapshotStore>> stores_;
  std::unordered_map<std::string, EntryPtr> runs_;
  // Resumptions under way: events that come meanwhile are kept for the run.
  std::unordered_map<std::string, std::shared_ptr<Arrival>> arrivals_;
  // Answers of the store that come after the end find it gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::scenario
