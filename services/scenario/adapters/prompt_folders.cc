#include "services/scenario/adapters/prompt_folders.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"

namespace zvon::scenario {
namespace {

namespace fs = std::filesystem;

bool ListInto(const std::string& prefix, const fs::path& folder, std::set<std::string>* names) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->path().extension() != ".wav") continue;
    const fs::path name = it->path().lexically_relative(folder).replace_extension();
    names->insert(absl::StrCat(prefix, "/", name.generic_string()));
  }
  return !error;
}

}  // namespace

PromptCatalog ReadPromptFolders(const std::vector<std::string>& folders) {
  std::set<std::string> names;
  bool complete = !folders.empty();
  for (const std::string& entry : folders) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals + 1 == entry.size() ||
        !ListInto(entry.substr(0, equals), entry.substr(equals + 1), &names)) {
      LogWarning("prompt folder cannot be listed; prompts are not checked", {{"entry", entry}});
      complete = false;
    }
  }
  if (complete) return PromptCatalog(std::move(names), true);
  return PromptCatalog::Packaged();
}

}  // namespace zvon::scenario
