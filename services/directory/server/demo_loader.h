#pragma once
#include <string>
#include <vector>

#include "services/directory/server/resource_writer.h"

namespace zvon::directory {

// Reads a YAML file {resources: [{name: …, queue: {…}}, …]} whose records have
// the JSON form of zvon.directory.v1.Resource. Errors name file and line.
absl::StatusOr<std::vector<Resource>> ReadResourceFile(const std::string& path);

// Writes what differs, in the file's order; gives how many records changed.
absl::StatusOr<int> LoadResourceFile(ResourceWriter& writer, const std::string& path,
                                     const ChangeContext& context);

}  // namespace zvon::directory
