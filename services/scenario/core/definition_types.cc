#include "services/scenario/core/definition_types.h"

#include <utility>

namespace zvon::scenario {

PlayItem Prompt(std::string name) { return PlayItem{std::move(name), 0, absl::ZeroDuration()}; }
PlayItem Silence(absl::Duration length) { return PlayItem{"", 0, length}; }

const char* KindName(const StepKind& kind) {
  static constexpr const char* kNames[] = {"answer",  "play",       "say_number",   "menu",
                                           "collect", "set_skills", "queue",        "transfer",
                                           "hang_up", "branch",     "set_variable", "echo"};
  static_assert(std::variant_size_v<StepKind> == std::size(kNames));
  return kNames[kind.index()];
}

const Step* Definition::Find(const std::string& step_id) const {
  auto it = steps.find(step_id);
  return it == steps.end() ? nullptr : &it->second;
}

}  // namespace zvon::scenario
