#pragma once
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace zvon::directory {

// What is wrong with a record, field by field; becomes google.rpc.BadRequest.
class Violations {
 public:
  void Add(std::string field, std::string description) {
    all_.emplace_back(std::move(field), std::move(description));
  }
  bool empty() const { return all_.empty(); }
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }
  // OK, or INVALID_ARGUMENT that names every field, with the BadRequest as
  // the payload kBadRequestUrl.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

inline constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

}  // namespace zvon::directory
