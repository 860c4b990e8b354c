#include <google/protobuf/util/json_util.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/directory/core/references.h"
#include "services/directory/core/revision_text.h"
#include "services/directory/core/secrets.h"
#include "services/directory/core/validation.h"

// Any record that parses is judged, and its history never shows a password.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zvon::directory;
  Resource resource;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!google::protobuf::util::JsonStringToMessage(bytes, &resource).ok() &&
      !resource.ParseFromString(bytes)) {
    return 0;
  }
  Violations violations = Validate(resource);
  SettleSecrets(&resource, nullptr, &violations);
  (void)violations.ToStatus();
  (void)ReferencesOf(resource);
  (void)UniqueValuesOf(resource);
  if (!resource.endpoint().password().empty() || !resource.trunk().digest_password().empty())
    std::abort();
  (void)DiffJson(ToJson(&resource), "{}", true);
  return 0;
}
