#pragma once
// Published definitions in memory: what calls are answered from. Owned by one
// runner. PostgreSQL stands behind it, never on the call's path.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/scenario/core/definition_types.h"
#include "services/scenario/ports/definition_store.h"

namespace zvon::scenario {

class DefinitionTable {
 public:
  using DefinitionPtr = std::shared_ptr<const Definition>;
  using Done = std::function<void(absl::StatusOr<DefinitionPtr>)>;
  // Fetches a version that is not in memory, off the runner, and answers on it.
  using Fetch = std::function<void(const ScenarioKey&, int version,
                                   std::function<void(absl::StatusOr<v1::ScenarioVersion>)>)>;

  // Without `fetch` a version that is not in memory is NOT_FOUND.
  explicit DefinitionTable(Fetch fetch = nullptr) : fetch_(std::move(fetch)) {}

  // Adds a version; `published` makes it the one that new runs get. A version
  // that cannot be read is refused and changes nothing.
  absl::Status Put(const v1::ScenarioVersion& version, bool published);

  // Null where nothing is published under that id.
  DefinitionPtr Published(const ScenarioKey& key) const;
  // At once where it is in memory.
  void Get(const ScenarioKey& key, int version, Done done);

  // The table as bytes and back, for the local file. Load keeps what it has.
  std::string Serialize() const;
  absl::Status Load(const std::string& bytes);
  size_t published_count() const { return published_.size(); }

 private:
  struct Entry {
    v1::ScenarioVersion proto;
    DefinitionPtr definition;
  };
  Fetch fetch_;
  std::map<ScenarioKey, int> published_;
  // The newest kVersionsMax of each scenario are kept.
  std::map<ScenarioKey, std::map<int, Entry>> versions_;
};

inline constexpr size_t kVersionsMax = 20;

}  // namespace zvon::scenario
