#pragma once
// The kinds of records and the collections they live in.

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "zvon/directory/v1/resource.pb.h"

namespace zvon::directory {

using v1::Resource;

struct Collection {
  const char* name;   // "queues"; "" for tenants themselves.
  const char* field;  // Field of Resource: "queue".
  Resource::KindCase kind;
};

const std::vector<Collection>& Collections();
// nullptr where there is none of that name.
const Collection* FindCollection(const std::string& name);
const Collection* FindCollection(Resource::KindCase kind);

// The message within the oneof; nullptr where none is set.
google::protobuf::Message* MutableKind(Resource& resource);
const google::protobuf::Message* GetKind(const Resource& resource);

// [a-z0-9][a-z0-9._-]{0,62}
bool IsId(const std::string& text);

std::string NameOf(const std::string& tenant_id, const std::string& collection,
                   const std::string& id);

}  // namespace zvon::directory
