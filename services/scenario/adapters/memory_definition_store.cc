#include "services/scenario/adapters/memory_definition_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/scenario/adapters/definition_bytes.h"

namespace zvon::scenario {
namespace {

absl::Status Missing(const ScenarioKey& key, const std::string& what) {
  return absl::NotFoundError(absl::StrCat("tenant ", key.tenant_id, " has no ", what,
                                          " of scenario \"", key.scenario_id, "\""));
}

}  // namespace

absl::Status MemoryDefinitionStore::Up() const {
  return down_ ? absl::UnavailableError("the store is down") : absl::OkStatus();
}

void MemoryDefinitionStore::SetDown(bool down) {
  std::lock_guard lock(mutex_);
  down_ = down;
}

absl::StatusOr<v1::Scenario> MemoryDefinitionStore::SaveDraft(
    const ScenarioKey& key, const std::string& display_name,
    const v1::ScenarioDefinition& definition, const std::string& author) {
  std::lock_guard lock(mutex_);
  if (absl::Status up = Up(); !up.ok()) return up;
  Record& record = records_[key];
  record.scenario.set_tenant_id(key.tenant_id);
  record.scenario.set_scenario_id(key.scenario_id);
  record.scenario.set_display_name(display_name);
  record.draft.set_tenant_id(key.tenant_id);
  record.draft.set_scenario_id(key.scenario_id);
  *record.draft.mutable_definition() = definition;
  record.draft.set_author(author);
  return record.scenario;
}

absl::StatusOr<v1::ScenarioVersion> MemoryDefinitionStore::Publish(const ScenarioKey& key,
                                                                   const std::string& author,
                                                                   const Check& check) {
  v1::ScenarioVersion out;
  std::vector<std::function<void(const ScenarioKey&)>> handlers;
  {
    std::lock_guard lock(mutex_);
    if (absl::Status up = Up(); !up.ok()) return up;
    auto it = records_.find(key);
    if (it == records_.end()) return Missing(key, "draft");
    Record& record = it->second;
    if (absl::Status checked = check(record.draft.definition()); !checked.ok()) return checked;
    const int current = record.scenario.published_version();
    if (current != 0 &&
        SameDefinition(record.versions[current].definition(), record.draft.definition())) {
      return record.versions[current];
    }
    out = record.draft;
    out.set_version(current + 1);
    out.set_author(author);
    record.versions[current + 1] = out;
    record.scenario.set_published_version(current + 1);
    handlers = handlers_;
  }
  for (const auto& handler : handlers) handler(key);
  return out;
}

absl::StatusOr<v1::ScenarioVersion> MemoryDefinitionStore::GetVersion(const ScenarioKey& key,
                                                                      int version) {
  std::lock_guard lock(mutex_);
  if (absl::Status up = Up(); !up.ok()) return up;
  auto it = records_.find(key);
  if (it == records_.end()) return Missing(key, "version");
  if (version == kDraft) return it->second.draft;
  const int wanted = version == kPublished ? it->second.scenario.published_version() : version;
  auto found = it->second.versions.find(wanted);
  if (found == it->second.versions.end()) return Missing(key, absl::StrCat("version ", version));
  return found->second;
}

absl::StatusOr<std::vector<v1::Scenario>> MemoryDefinitionStore::List(
    const std::string& tenant_id) {
  std::lock_guard lock(mutex_);
  if (absl::Status up = Up(); !up.ok()) return up;
  std::vector<v1::Scenario> out;
  for (const auto& [key, record] : records_) {
    if (key.tenant_id == tenant_id) out.push_back(record.scenario);
  }
  return out;
}

absl::StatusOr<std::vector<v1::ScenarioVersion>> MemoryDefinitionStore::ListPublished() {
  std::lock_guard lock(mutex_);
  if (absl::Status up = Up(); !up.ok()) return up;
  std::vector<v1::ScenarioVersion> out;
  for (const auto& [key, record] : records_) {
    const int published = record.scenario.published_version();
    if (published != 0) out.push_back(record.versions.at(published));
  }
  return out;
}

void MemoryDefinitionStore::Watch(std::function<void(const ScenarioKey&)> handler) {
  std::lock_guard lock(mutex_);
  handlers_.push_back(std::move(handler));
}

}  // namespace zvon::scenario
