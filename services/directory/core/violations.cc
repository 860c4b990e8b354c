#include "services/directory/core/violations.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"

namespace zvon::directory {

absl::Status Violations::ToStatus() const {
  if (all_.empty()) return absl::OkStatus();
  google::rpc::BadRequest details;
  std::string text;
  for (const auto& [field, description] : all_) {
    auto* violation = details.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
    if (!text.empty()) text += "; ";
    text += field + ": " + description;
  }
  absl::Status status = absl::InvalidArgumentError(text);
  status.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

}  // namespace zvon::directory
