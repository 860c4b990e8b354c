#include "services/scenario/server/definition_table.h"

#include "absl/strings/str_cat.h"
#include "services/scenario/adapters/definition_codec.h"
#include "zvon/scenario/v1/run_snapshot.pb.h"

namespace zvon::scenario {

absl::Status DefinitionTable::Put(const v1::ScenarioVersion& version, bool published) {
  absl::StatusOr<DefinitionPtr> definition = VersionFromProto(version);
  if (!definition.ok()) return definition.status();
  const ScenarioKey key{version.tenant_id(), version.scenario_id()};
  std::map<int, Entry>& versions = versions_[key];
  versions[version.version()] = Entry{version, *std::move(definition)};
  if (published) published_[key] = version.version();
  auto it = published_.find(key);
  const int keep = it == published_.end() ? 0 : it->second;
  while (versions.size() > kVersionsMax) {
    auto oldest = versions.begin();
    if (oldest->first == keep) ++oldest;
    versions.erase(oldest);
  }
  return absl::OkStatus();
}

DefinitionTable::DefinitionPtr DefinitionTable::Published(const ScenarioKey& key) const {
  auto it = published_.find(key);
  return it == published_.end() ? nullptr : versions_.at(key).at(it->second).definition;
}

void DefinitionTable::Get(const ScenarioKey& key, int version, Done done) {
  auto scenario = versions_.find(key);
  if (scenario != versions_.end()) {
    auto it = scenario->second.find(version);
    if (it != scenario->second.end()) return done(it->second.definition);
  }
  if (fetch_ == nullptr)
    return done(absl::NotFoundError(absl::StrCat("no version ", version, " of ", key.scenario_id)));
  fetch_(key, version, [this, done = std::move(done)](absl::StatusOr<v1::ScenarioVersion> fetched) {
    if (!fetched.ok()) return done(fetched.status());
    (void)Put(*fetched, false);
    done(VersionFromProto(*fetched));
  });
}

std::string DefinitionTable::Serialize() const {
  v1::DefinitionCache cache;
  for (const auto& [key, versions] : versions_) {
    for (const auto& [number, entry] : versions) *cache.add_versions() = entry.proto;
  }
  for (const auto& [key, version] : published_) {
    v1::DefinitionCache::Published* published = cache.add_published();
    published->set_tenant_id(key.tenant_id);
    published->set_scenario_id(key.scenario_id);
    published->set_version(version);
  }
  return cache.SerializeAsString();
}

absl::Status DefinitionTable::Load(const std::string& bytes) {
  v1::DefinitionCache cache;
  if (!cache.ParseFromString(bytes))
    return absl::DataLossError("the file of definitions cannot be read");
  std::map<ScenarioKey, int> published;
  for (const auto& p : cache.published()) published[{p.tenant_id(), p.scenario_id()}] = p.version();
  for (const v1::ScenarioVersion& version : cache.versions()) {
    const ScenarioKey key{version.tenant_id(), version.scenario_id()};
    if (published_.count(key) != 0) continue;  // What came from the store is newer.
    absl::Status put = Put(version, false);
    if (!put.ok()) return put;
  }
  for (const auto& [key, version] : published) {
    auto scenario = versions_.find(key);
    if (scenario != versions_.end() && scenario->second.count(version) != 0)
      published_.emplace(key, version);
  }
  return absl::OkStatus();
}

}  // namespace zvon::scenario
