#include "services/scenario/core/prompt_catalog.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

std::vector<PlayItem> WithPrefix(const std::set<std::string>& names, const std::string& prefix) {
  std::vector<PlayItem> out;
  for (auto it = names.lower_bound(prefix); it != names.end() && absl::StartsWith(*it, prefix);
       ++it) {
    out.push_back(Prompt(*it));
  }
  return out;
}

}  // namespace

PromptCatalog::PromptCatalog(std::set<std::string> names, bool complete)
    : names_(std::move(names)), complete_(complete) {}

PromptCatalog PromptCatalog::Packaged() {
  std::set<std::string> names;
  for (const char* language : {"ru", "en"}) {
    for (int n = 0; n <= 20; ++n) names.insert(absl::StrCat(language, "/digits/", n));
    for (int n = 30; n <= 90; n += 10) names.insert(absl::StrCat(language, "/digits/", n));
    for (const char* word : {"hundred", "thousand", "million", "billion", "minus"}) {
      names.insert(absl::StrCat(language, "/digits/", word));
    }
  }
  names.insert("ru/digits/1n");  // "одно"; Debian's 2n is "два" once more.
  for (const char* piece :
       {"macroform-cold_day", "macroform-robot_dity", "macroform-the_simplicity",
        "manolo_camp-morning_coffee", "reno_project-system"}) {
    names.insert(absl::StrCat("moh/", piece));
  }
  return PromptCatalog(std::move(names), false);
}

std::vector<PlayItem> PromptCatalog::Music(const std::string& music_class) const {
  if (!music_class.empty() && music_class != "default") {
    std::vector<PlayItem> own = WithPrefix(names_, absl::StrCat("moh/", music_class, "/"));
    if (own.empty() && Has(absl::StrCat("moh/", music_class)))
      own.push_back(Prompt(absl::StrCat("moh/", music_class)));
    if (!own.empty()) return own;
  }
  return WithPrefix(names_, "moh/");
}

}  // namespace zvon::scenario
