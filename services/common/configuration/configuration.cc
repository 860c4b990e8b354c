#include "services/common/configuration/configuration.h"

#include <map>
#include <utility>

namespace zvon {
namespace {

using zvon::directory::v1::Resource;
using zvon::directory::v1::ResourceChange;
using ResourcePtr = std::shared_ptr<const Resource>;

struct TenantRecords {
  ResourcePtr tenant;
  std::map<std::string, std::map<std::string, ResourcePtr>> collections;
};

// Copying one copies pointers, not records.
class View final : public Configuration {
 public:
  int64_t revision() const override { return revision_; }

  std::vector<std::string> TenantIds() const override {
    std::vector<std::string> ids;
    for (const auto& [id, records] : tenants_) {
      if (records.tenant != nullptr) ids.push_back(id);
    }
    return ids;
  }

  const Resource* Find(const std::string& tenant_id, const std::string& collection,
                       const std::string& id) const override {
    const auto* records = FindCollection(tenant_id, collection);
    if (records == nullptr) return nullptr;
    auto it = records->find(id);
    return it == records->end() ? nullptr : it->second.get();
  }

  std::vector<const Resource*> List(const std::string& tenant_id,
                                    const std::string& collection) const override {
    std::vector<const Resource*> out;
    if (const auto* records = FindCollection(tenant_id, collection); records != nullptr) {
      for (const auto& [id, resource] : *records) out.push_back(resource.get());
    }
    return out;
  }

  const Resource* FindTenant(const std::string& tenant_id) const override {
    auto it = tenants_.find(tenant_id);
    return it == tenants_.end() ? nullptr : it->second.tenant.get();
  }

  void Apply(int64_t revision, const ResourceChange& change) {
    revision_ = revision;
    ResourceName name;
    if (!ParseResourceName(change.resource().name(), &name)) return;
    TenantRecords& records = tenants_[name.tenant_id];
    ResourcePtr resource =
        change.deleted() ? nullptr : std::make_shared<const Resource>(change.resource());
    if (name.collection.empty()) {
      records.tenant = std::move(resource);
    } else if (resource == nullptr) {
      records.collections[name.collection].erase(name.id);
    } else {
      records.collections[name.collection][name.id] = std::move(resource);
    }
  }
  std::vector<const Resource*> All() const {
    std::vector<const Resource*> out;
    for (const auto& [id, records] : tenants_) {
      if (records.tenant != nullptr) out.push_back(records.tenant.get());
      for (const auto& [name, collection] : records.collections) {
        for (const auto& [resource_id, resource] : collection) out.push_back(resource.get());
      }
    }
    return out;
  }
  void set_revision(int64_t revision) { revision_ = revision; }

 private:
  const std::map<std::string, ResourcePtr>* FindCollection(const std::string& tenant_id,
                                                           const std::string& collection) const {
    auto tenant = tenants_.find(tenant_id);
    if (tenant == tenants_.end()) return nullptr;
    auto it = tenant->second.collections.find(collection);
    return it == tenant->second.collections.end() ? nullptr : &it->second;
  }

  int64_t revision_ = 0;
  std::map<std::string, TenantRecords> tenants_;
};

}  // namespace

std::string ResourceName::ToString() const {
  std::string name = "tenants/" + tenant_id;
  return collection.empty() ? name : name + "/" + collection + "/" + id;
}

bool ParseResourceName(const std::string& name, ResourceName* out) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (true) {
    const size_t slash = name.find('/', begin);
    parts.push_back(name.substr(begin, slash == std::string::npos ? slash : slash - begin));
    if (parts.back().empty() || parts.size() > 4) return false;
    if (slash == std::string::npos) break;
    begin = slash + 1;
  }
  if (parts[0] != "tenants" || (parts.size() != 2 && parts.size() != 4)) return false;
  *out = {parts[1], parts.size() == 4 ? parts[2] : "", parts.size() == 4 ? parts[3] : ""};
  return true;
}

std::shared_ptr<const Configuration> MakeConfiguration(int64_t revision,
                                                       const std::vector<Resource>& resources) {
  auto view = std::make_shared<View>();
  for (const Resource& resource : resources) {
    ResourceChange change;
    *change.mutable_resource() = resource;
    view->Apply(revision, change);
  }
  view->set_revision(revision);
  return view;
}

std::vector<const Resource*> AllResources(const Configuration& configuration) {
  return static_cast<const View&>(configuration).All();
}

std::shared_ptr<const Configuration> ApplyChanges(const std::shared_ptr<const Configuration>& base,
                                                  int64_t revision,
                                                  const std::vector<ResourceChange>& changes) {
  // Every Configuration is made here.
  auto view = std::make_shared<View>(static_cast<const View&>(*base));
  for (const ResourceChange& change : changes) view->Apply(revision, change);
  view->set_revision(revision);
  return view;
}

absl::Status ConfigurationHealth(const ConfigurationWatch& watch) {
  if (watch.Current()->revision() > 0) return absl::OkStatus();
  return absl::UnavailableError("nothing was read yet, neither from directory nor from the file");
}

}  // namespace zvon
