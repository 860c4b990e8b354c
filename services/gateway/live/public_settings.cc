#include "services/gateway/live/public_settings.h"

#include "services/gateway/live/json.h"

namespace zvon::gateway {
namespace {

using directory::v1::Resource;
using directory::v1::ResourceChange;

directory::v1::User PublicUser(const directory::v1::User& user) {
  directory::v1::User out;
  out.set_display_name(user.display_name());
  out.set_internal_number(user.internal_number());
  out.set_disabled(user.disabled());
  *out.mutable_role_ids() = user.role_ids();
  *out.mutable_skills() = user.skills();
  *out.mutable_team_ids() = user.team_ids();
  return out;
}

}  // namespace

const std::vector<std::string>& PublicCollections() {
  static const auto* names = new std::vector<std::string>{"reasons", "dispositions", "queues",
                                                          "users",   "skills",       "trunks"};
  return *names;
}

std::optional<Resource> PublicResource(const Resource& resource) {
  Resource out;
  out.set_name(resource.name());
  out.set_revision(resource.revision());
  switch (resource.kind_case()) {
    case Resource::kUser:
      *out.mutable_user() = PublicUser(resource.user());
      return out;
    case Resource::kTrunk:
      out.mutable_trunk()->set_display_name(resource.trunk().display_name());
      return out;
    case Resource::kSkill:
    case Resource::kQueue:
    case Resource::kNotReadyReason:
    case Resource::kDisposition:
      return resource;
    default:
      return std::nullopt;
  }
}

std::string PublicSettingsJson(const Configuration& configuration, const std::string& tenant_id) {
  std::string json = "{";
  for (const std::string& collection : PublicCollections()) {
    if (json.size() > 1) json += ",";
    json += JsonString(collection) + ":[";
    bool first = true;
    for (const Resource* resource : configuration.List(tenant_id, collection)) {
      std::optional<Resource> shown = PublicResource(*resource);
      if (!shown) continue;
      if (!first) json += ",";
      first = false;
      json += ToJson(*shown);
    }
    json += "]";
  }
  return json + "}";
}

std::vector<ResourceChange> PublicChanges(const Configuration& before, const Configuration& after,
                                          const std::string& tenant_id) {
  std::vector<ResourceChange> changes;
  auto id_of = [](const Resource& resource) {
    ResourceName name;
    ParseResourceName(resource.name(), &name);
    return name.id;
  };
  for (const std::string& collection : PublicCollections()) {
    for (const Resource* now : after.List(tenant_id, collection)) {
      const Resource* old = before.Find(tenant_id, collection, id_of(*now));
      if (old != nullptr && old->revision() == now->revision()) continue;
      ResourceChange change;
      if (auto shown = PublicResource(*now)) *change.mutable_resource() = *shown;
      if (change.has_resource()) changes.push_back(change);
    }
    for (const Resource* old : before.List(tenant_id, collection)) {
      if (after.Find(tenant_id, collection, id_of(*old)) != nullptr) continue;
      ResourceChange change;
      change.mutable_resource()->set_name(old->name());
      change.set_deleted(true);
      changes.push_back(change);
    }
  }
  return changes;
}

}  // namespace zvon::gateway
