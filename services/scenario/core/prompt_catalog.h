#pragma once
// Which prompts there are. The engine speaks only what is in the catalogue.

#include <set>
#include <string>
#include <vector>

#include "services/scenario/core/definition_types.h"

namespace zvon::scenario {

// Immutable, safe to share.
class PromptCatalog {
 public:
  // Names such as "ru/digits/20", "moh/reno_project-system".
  // `complete`: a name that is not listed does not exist. Otherwise (the
  // folders are on another machine) only numbers and music are looked up.
  PromptCatalog(std::set<std::string> names, bool complete);
  // What every installation has: the numbers of Debian's sound packages.
  static PromptCatalog Packaged();

  bool Has(const std::string& name) const { return names_.count(name) != 0; }
  bool complete() const { return complete_; }
  size_t size() const { return names_.size(); }
  // All pieces of a music class in order of name, to be looped. "default" (or
  // empty) is everything in moh/; another class is moh/<class>/…, and where
  // there is none of it, the default.
  std::vector<PlayItem> Music(const std::string& music_class) const;

 private:
  std::set<std::string> names_;
  bool complete_;
};

}  // namespace zvon::scenario
