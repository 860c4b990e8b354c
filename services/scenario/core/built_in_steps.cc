#include "services/scenario/core/built_in_steps.h"

#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

Step Apology(const std::string& language) {
  return Step{
      kApologyStep, "", "",
      PlayStep{{Prompt(absl::StrCat(language, "/im-sorry")), Silence(absl::Milliseconds(200)),
                Prompt(absl::StrCat(language, "/vm-goodbye"))},
               false}};
}

}  // namespace

const Step* FindBuiltInStep(const std::string& id, const std::string& language) {
  static const Step russian = Apology("ru");
  static const Step english = Apology("en");
  static const Step accompany{kAccompanyStep, "", "", QueueStep{}};
  if (id == kApologyStep) return language == "ru" ? &russian : &english;
  return id == kAccompanyStep ? &accompany : nullptr;
}

bool IsBuiltInStep(const std::string& id) { return !id.empty() && id[0] == '!'; }

}  // namespace zvon::scenario
