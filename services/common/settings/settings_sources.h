#pragma once
// Where settings come from: flat lists of key, value and place. Internal.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace zvon::internal {

struct SourcedValue {
  std::string key;    // Dotted for files and flags, ZVON_… for variables.
  std::string value;  // Lists joined by commas.
  std::string place;  // "file.yaml:3", "--lease.length", "ZVON_LEASE_LENGTH".
};

struct Flags {
  bool help = false;
  std::string config_file;
  std::vector<SourcedValue> values;
};

// "--key=value", "--key value", "--config FILE", "--help". A flag without a
// value is "true".
absl::StatusOr<Flags> ReadFlags(const std::vector<std::string>& args);

// Nested maps become dotted keys.
absl::StatusOr<std::vector<SourcedValue>> ReadYaml(const std::string& file);

// The variables that begin with ZVON_.
std::vector<SourcedValue> ReadEnvironment(const std::vector<std::string>& env);

absl::StatusOr<std::string> ReadTextFile(const std::string& file);

}  // namespace zvon::internal
