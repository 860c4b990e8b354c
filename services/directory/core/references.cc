#include "services/directory/core/references.h"

#include <algorithm>

#include "services/common/configuration/configuration.h"

namespace zvon::directory {
namespace {

class Collector {
 public:
  explicit Collector(std::string tenant_id) : tenant_id_(std::move(tenant_id)) {}
  void Add(const std::string& field, const std::string& collection, const std::string& id) {
    if (id.empty()) return;
    Reference reference{field, NameOf(tenant_id_, collection, id)};
    if (std::find(all.begin(), all.end(), reference) == all.end())
      all.push_back(std::move(reference));
  }
  template <class Ids>
  void AddAll(const std::string& field, const std::string& collection, const Ids& ids) {
    for (const std::string& id : ids) Add(field, collection, id);
  }
  std::vector<Reference> all;

 private:
  const std::string tenant_id_;
};

}  // namespace

std::vector<Reference> ReferencesOf(const Resource& resource) {
  ResourceName name;
  if (!ParseResourceName(resource.name(), &name)) return {};
  Collector out(name.tenant_id);
  if (!name.collection.empty()) out.all.push_back({"name", "tenants/" + name.tenant_id});
  switch (resource.kind_case()) {
    case Resource::kUser:
      out.AddAll("user.role_ids", "roles", resource.user().role_ids());
      for (const auto& skill : resource.user().skills())
        out.Add("user.skills", "skills", skill.skill_id());
      break;
    case Resource::kQueue:
      out.AddAll("queue.required_skill_ids", "skills", resource.queue().required_skill_ids());
      out.AddAll("queue.member_user_ids", "users", resource.queue().member_user_ids());
      out.Add("queue.missed_offer_reason_id", "reasons", resource.queue().missed_offer_reason_id());
      break;
    case Resource::kDisposition:
      out.AddAll("disposition.queue_ids", "queues", resource.disposition().queue_ids());
      break;
    case Resource::kNumber:
      out.Add("number.user_id", "users", resource.number().user_id());
      break;
    case Resource::kRoute:
      out.Add("route.trunk_id", "trunks", resource.route().trunk_id());
      out.AddAll("route.from_trunk_ids", "trunks", resource.route().from_trunk_ids());
      break;
    case Resource::kEndpoint:
      out.Add("endpoint.user_id", "users", resource.endpoint().user_id());
      break;
    default:
      break;
  }
  return std::move(out.all);
}

std::vector<UniqueValue> UniqueValuesOf(const Resource& resource) {
  switch (resource.kind_case()) {
    case Resource::kUser: {
      std::vector<UniqueValue> out = {{"user.login", resource.user().login()}};
      if (!resource.user().internal_number().empty()) {
        out.push_back({"user.internal_number", resource.user().internal_number()});
      }
      return out;
    }
    case Resource::kNumber:
      return {{"number.pattern", resource.number().pattern()}};
    case Resource::kEndpoint:
      return {{"endpoint.sip_username", resource.endpoint().sip_username()}};
    default:
      return {};
  }
}

}  // namespace zvon::directory
