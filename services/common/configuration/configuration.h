#pragma once
// The published copy of directory's records that every service reads.
// In memory, kept by a watch, saved to a local file so that a process starts
// and works with `directory` down.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/executor/task_runner.h"
#include "zvon/directory/v1/resource.pb.h"

namespace zvon {

// An immutable view of the whole configuration at one revision. Thread-safe;
// hold the shared_ptr as long as the view must not change.
class Configuration {
 public:
  using Resource = zvon::directory::v1::Resource;
  virtual ~Configuration() = default;
  virtual int64_t revision() const = 0;
  virtual std::vector<std::string> TenantIds() const = 0;
  // By collection ("queues") and id; nullptr where there is none.
  virtual const Resource* Find(const std::string& tenant_id, const std::string& collection,
                               const std::string& id) const = 0;
  // All of a collection in order of id.
  virtual std::vector<const Resource*> List(const std::string& tenant_id,
                                            const std::string& collection) const = 0;
  virtual const Resource* FindTenant(const std::string& tenant_id) const = 0;
};

// "tenants/demo/queues/sales" → {"demo", "queues", "sales"}; for a tenant
// itself {"demo", "", ""}. False where the name has another form.
struct ResourceName {
  std::string tenant_id;
  std::string collection;
  std::string id;
  std::string ToString() const;
};
bool ParseResourceName(const std::string& name, ResourceName* out);

// Builds a view by hand, for tests and for directory's own use.
std::shared_ptr<const Configuration> MakeConfiguration(
    int64_t revision, const std::vector<zvon::directory::v1::Resource>& resources);
// Every record, tenants before what is theirs. The pointers live as long as
// the view.
std::vector<const zvon::directory::v1::Resource*> AllResources(const Configuration& configuration);
// `base` with the changes applied.
std::shared_ptr<const Configuration> ApplyChanges(
    const std::shared_ptr<const Configuration>& base, int64_t revision,
    const std::vector<zvon::directory::v1::ResourceChange>& changes);

// Keeps the view true. Runner-thread only, but for Current (any thread).
class ConfigurationWatch {
 public:
  virtual ~ConfigurationWatch() = default;
  // Loads the file, then watches directory. `on_change` runs on the runner at
  // each new view, the first (from file or directory) too.
  virtual void Start(std::function<void(std::shared_ptr<const Configuration>)> on_change) = 0;
  // Never null; revision 0 and empty before anything was read.
  virtual std::shared_ptr<const Configuration> Current() const = 0;
  // Directory cannot be reached: the view may be old.
  virtual bool stale() const = 0;
};

// For a service's readiness: UNAVAILABLE until something was read, from
// directory or from the file. An old view is good enough. Any thread.
absl::Status ConfigurationHealth(const ConfigurationWatch& watch);

struct ConfigurationWatchOptions {
  std::string directory_address = "127.0.0.1:9108";
  // Copy that the process starts with while directory is away; "" = none.
  std::string cache_file;
  // As TlsSettings in rpc_server.h; all three or none.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_ca_file;
};
std::unique_ptr<ConfigurationWatch> WatchDirectory(TaskRunner& runner,
                                                   ConfigurationWatchOptions options);

}  // namespace zvon
