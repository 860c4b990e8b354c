#include "services/scenario/server/definition_keeper.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/demo_loader.h"

namespace zvon::scenario {
namespace {

std::string Text(const absl::Status& status) { return status.ToString(); }

// A crash leaves the old file or the new one, never half of it.
bool WriteWhole(const std::string& path, const std::string& bytes) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, path, error);
  return out && !error;
}

}  // namespace

DefinitionKeeper::DefinitionKeeper(Loop& runner, DefinitionTable& table, DefinitionStore& store,
                                   const Clock& clock, std::shared_ptr<const PromptCatalog> catalog,
                                   ScenarioProbe& probe, std::function<absl::Status()> prepare,
                                   DefinitionKeeperOptions options)
    : runner_(runner),
      table_(table),
      store_(store),
      catalog_(std::move(catalog)),
      probe_(probe),
      prepare_(std::move(prepare)),
      options_(std::move(options)),
      worker_({.name = "definitions", .mailbox_max = 10'000}, clock) {}

DefinitionKeeper::~DefinitionKeeper() { Stop(); }

void DefinitionKeeper::Start() {
  LoadFile();
  worker_.Start();
  if (!worker_.Post([this] { Synchronise(); }))
    LogError("the keeper of definitions does not start");
}

void DefinitionKeeper::Stop() { worker_.Stop(); }

void DefinitionKeeper::LoadFile() {
  if (options_.cache_file.empty()) return;
  std::ifstream in(options_.cache_file, std::ios::binary);
  if (!in) return;
  std::stringstream bytes;
  bytes << in.rdbuf();
  absl::Status status = table_.Load(bytes.str());
  if (!status.ok())
    LogError("file of definitions refused", {{"file", options_.cache_file}, {"why", Text(status)}});
  has_local_ = table_.published_count() > 0;
  probe_.definitions.Set(static_cast<double>(table_.published_count()));
  LogInfo("definitions read from the local file",
          {{"published", static_cast<int64_t>(table_.published_count())}});
}

void DefinitionKeeper::Synchronise() {
  absl::Status status = prepared_ ? absl::OkStatus() : prepare_();
  prepared_ = prepared_ || status.ok();
  if (status.ok() && !watching_) {
    watching_ = true;
    store_.Watch(
        [this](const ScenarioKey& key) { (void)worker_.Post([this, key] { Changed(key); }); });
  }
  if (status.ok()) status = LoadDemo();
  if (status.ok()) status = LoadAll();
  synchronised_ = synchronised_ || status.ok();
  if (status.ok()) {
    told_ = false;
    return;
  }
  if (!std::exchange(told_, true))
    LogWarning("the store of definitions is not there yet", {{"why", Text(status)}});
  worker_.RunAfter(options_.retry, [this] { Synchronise(); });
}

absl::Status DefinitionKeeper::LoadDemo() {
  if (options_.demo_dir.empty() || demo_loaded_) return absl::OkStatus();
  absl::Status status = LoadDemoScenarios(options_.demo_dir, store_, *catalog_);
  demo_loaded_ = status.ok();
  return status;
}

absl::Status DefinitionKeeper::LoadAll() {
  absl::StatusOr<std::vector<v1::ScenarioVersion>> versions = store_.ListPublished();
  if (!versions.ok()) return versions.status();
  for (v1::ScenarioVersion& version : *versions) Put(std::move(version), true);
  return absl::OkStatus();
}

void DefinitionKeeper::Changed(const ScenarioKey& key) {
  if (key.scenario_id.empty()) return Synchronise();
  absl::StatusOr<v1::ScenarioVersion> version = store_.GetVersion(key, DefinitionStore::kPublished);
  if (version.ok()) return Put(*std::move(version), true);
  LogWarning("a published scenario cannot be read",
             {{"scenario_id", key.scenario_id}, {"why", Text(version.status())}});
  worker_.RunAfter(options_.retry, [this, key] { Changed(key); });
}

void DefinitionKeeper::Put(v1::ScenarioVersion version, bool published) {
  (void)runner_.Post([this, version = std::move(version), published] {
    absl::Status status = table_.Put(version, published);
    if (!status.ok()) {
      return LogError("published scenario refused",
                      {{"scenario_id", version.scenario_id()}, {"why", Text(status)}});
    }
    LogInfo("scenario applied", {{"tenant_id", version.tenant_id()},
                                 {"scenario_id", version.scenario_id()},
                                 {"version", version.version()}});
    probe_.definitions.Set(static_cast<double>(table_.published_count()));
    if (options_.cache_file.empty()) return;
    (void)worker_.Post([this, bytes = table_.Serialize()] { SaveFile(bytes); });
  });
}

void DefinitionKeeper::SaveFile(std::string bytes) {
  if (!WriteWhole(options_.cache_file, bytes)) {
    LogError("file of definitions cannot be written", {{"file", options_.cache_file}});
  }
}

void DefinitionKeeper::Fetch(const ScenarioKey& key, int version,
                             std::function<void(absl::StatusOr<v1::ScenarioVersion>)> done) {
  const bool posted = worker_.Post([this, key, version, done] {
    absl::StatusOr<v1::ScenarioVersion> fetched = store_.GetVersion(key, version);
    (void)runner_.Post([done, fetched = std::move(fetched)] { done(fetched); });
  });
  if (!posted) done(absl::UnavailableError("the keeper of definitions has stopped"));
}

}  // namespace zvon::scenario
