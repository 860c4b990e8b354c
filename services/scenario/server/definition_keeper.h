#pragma once
// Keeps the definition table true: local file first, then the store, then
// every publication as it happens. Its own thread may block; the table belongs
// to the runs' runner and is changed only there.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "services/common/executor/loop.h"
#include "services/scenario/core/prompt_catalog.h"
#include "services/scenario/ports/definition_store.h"
#include "services/scenario/server/definition_table.h"
#include "services/scenario/server/scenario_probe.h"

namespace zvon::scenario {

struct DefinitionKeeperOptions {
  std::string cache_file;  // Empty = none.
  // Folder of demo definitions, loaded when the store is there; empty = none.
  std::string demo_dir;
  absl::Duration retry = absl::Seconds(1);
};

class DefinitionKeeper {
 public:
  // Everything outlives the keeper. `prepare` is run before the store is first
  // used, until it succeeds (migrations).
  DefinitionKeeper(Loop& runner, DefinitionTable& table, DefinitionStore& store, const Clock& clock,
                   std::shared_ptr<const PromptCatalog> catalog, ScenarioProbe& probe,
                   std::function<absl::Status()> prepare, DefinitionKeeperOptions options);
  ~DefinitionKeeper();

  // Reads the file (at once, on the caller's thread, before the runner lives),
  // then goes on in the background.
  void Start();
  // Ends after the operation under way; a few seconds at most.
  void Stop();
  // Runs on the keeper's thread. False when it has stopped or is overloaded.
  [[nodiscard]] bool Post(Task task) { return worker_.Post(std::move(task)); }
  // For DefinitionTable: from the runner.
  void Fetch(const ScenarioKey& key, int version,
             std::function<void(absl::StatusOr<v1::ScenarioVersion>)> done);
  // The store has been read at least once, and the demo loaded where wanted.
  bool synchronised() const { return synchronised_; }
  // The local file gave something to start with.
  bool has_local() const { return has_local_; }

 private:
  void LoadFile();
  void SaveFile(std::string bytes);
  void Synchronise();
  absl::Status LoadAll();
  absl::Status LoadDemo();
  void Changed(const ScenarioKey& key);
  void Put(v1::ScenarioVersion version, bool published);

  Loop& runner_;
  DefinitionTable& table_;
  DefinitionStore& store_;
  std::shared_ptr<const PromptCatalog> catalog_;
  ScenarioProbe& probe_;
  std::function<absl::Status()> prepare_;
  DefinitionKeeperOptions options_;
  Loop worker_;
  bool prepared_ = false;
  bool demo_loaded_ = false;
  bool told_ = false;
  bool watching_ = false;
  std::atomic<bool> synchronised_{false};
  bool has_local_ = false;
};

}  // namespace zvon::scenario
