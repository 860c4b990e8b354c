#include "services/directory/core/collections.h"

namespace zvon::directory {
namespace {

bool IsIdLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

const std::vector<Collection>& Collections() {
  static const std::vector<Collection> collections = {
      {"", "tenant", Resource::kTenant},
      {"roles", "role", Resource::kRole},
      {"skills", "skill", Resource::kSkill},
      {"users", "user", Resource::kUser},
      {"reasons", "not_ready_reason", Resource::kNotReadyReason},
      {"queues", "queue", Resource::kQueue},
      {"dispositions", "disposition", Resource::kDisposition},
      {"numbers", "number", Resource::kNumber},
      {"trunks", "trunk", Resource::kTrunk},
      {"routes", "route", Resource::kRoute},
      {"endpoints", "endpoint", Resource::kEndpoint}};
  return collections;
}

const Collection* FindCollection(const std::string& name) {
  for (const Collection& collection : Collections()) {
    if (collection.name == name) return &collection;
  }
  return nullptr;
}

const Collection* FindCollection(Resource::KindCase kind) {
  for (const Collection& collection : Collections()) {
    if (collection.kind == kind) return &collection;
  }
  return nullptr;
}

google::protobuf::Message* MutableKind(Resource& resource) {
  const auto* field = Resource::descriptor()->FindFieldByNumber(resource.kind_case());
  if (field == nullptr) return nullptr;
  return resource.GetReflection()->MutableMessage(&resource, field);
}

const google::protobuf::Message* GetKind(const Resource& resource) {
  const auto* field = Resource::descriptor()->FindFieldByNumber(resource.kind_case());
  if (field == nullptr) return nullptr;
  return &resource.GetReflection()->GetMessage(resource, field);
}

bool IsId(const std::string& text) {
  if (text.empty() || text.size() > 63 || !IsIdLetter(text[0])) return false;
  for (char c : text) {
    if (!IsIdLetter(c) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

std::string NameOf(const std::string& tenant_id, const std::string& collection,
                   const std::string& id) {
  return "tenants/" + tenant_id + "/" + collection + "/" + id;
}

}  // namespace zvon::directory
