// The demo tenant's definitions and every prompt the engine can name, against
// the files of Debian's packages.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "services/scenario/adapters/definition_validation.h"
#include "services/scenario/adapters/demo_loader.h"
#include "services/scenario/adapters/memory_definition_store.h"
#include "services/scenario/adapters/prompt_folders.h"
#include "services/scenario/core/built_in_steps.h"
#include "services/scenario/core/number_prompts.h"

namespace zvon::scenario {
namespace {

const char kSounds[] = "/usr/share/asterisk/sounds";

PromptCatalog Installed() {
  return ReadPromptFolders({absl::StrCat("ru=", kSounds, "/ru_RU_f_IvrvoiceRU"),
                            absl::StrCat("en=", kSounds, "/en_US_f_Allison"),
                            "moh=/usr/share/asterisk/moh"});
}

TEST_CASE("every demo scenario is sound and published once") {
  MemoryDefinitionStore store;
  const PromptCatalog catalog = Installed();
  for (int round = 0; round < 2; ++round) {
    REQUIRE(LoadDemoScenarios(ZVON_DEMO_SCENARIOS, store, catalog).ok());
    auto published = store.ListPublished();
    REQUIRE(published.ok());
    REQUIRE(published->size() == 5);
    for (const v1::ScenarioVersion& version : *published) {
      INFO(version.scenario_id());
      CHECK(version.tenant_id() == "demo");
      CHECK(version.version() == 1);
      CHECK(FaultsToStatus(FindFaults(version.definition(), catalog)).ToString() == "OK");
    }
  }
}

TEST_CASE("a demo file that cannot be used does not stop the others") {
  const std::string folder = "/nonexistent";
  MemoryDefinitionStore store;
  CHECK(LoadDemoScenarios(folder, store, PromptCatalog::Packaged()).ok());
  store.SetDown(true);
  CHECK(absl::IsUnavailable(
      LoadDemoScenarios(ZVON_DEMO_SCENARIOS, store, PromptCatalog::Packaged())));
}

TEST_CASE("every prompt that the engine names by itself is installed") {
  const PromptCatalog catalog = Installed();
  if (!catalog.complete()) {
    WARN("the sound packages are not installed here: nothing checked");
    return;
  }
  auto need = [&](const std::vector<std::string>& prompts) {
    for (const std::string& prompt : prompts) {
      INFO(prompt);
      REQUIRE(catalog.Has(prompt));
    }
  };
  for (const char* language : {"ru", "en"}) {
    for (int64_t n : {0, 1, 2, 7, 11, 19, 20, 21, 100, 101, 199, 200, 999, 1000, 1001, 2002, 5000,
                      21502, 1000000}) {
      for (Gender gender : {Gender::kMasculine, Gender::kFeminine, Gender::kNeuter}) {
        for (int64_t power :
             {int64_t{1}, int64_t{1000}, int64_t{1'000'000}, int64_t{999'999'999}}) {
          need(NumberPrompts(language, n * power, gender, catalog));
          need(NumberPrompts(language, -n, gender, PromptCatalog::Packaged()));
        }
      }
      need(PositionPrompts(language, static_cast<int>(n), catalog));
    }
    need(DigitPrompts(language, "0123456789*#-"));
    for (const PlayItem& item :
         std::get<PlayStep>(FindBuiltInStep(kApologyStep, language)->kind).items) {
      if (!item.prompt.empty()) need({item.prompt});
    }
  }
  CHECK(catalog.Music("default").size() == 5);
  CHECK(catalog.Music("nothing-like-it").size() == 5);
  CHECK(catalog.Music("reno_project-system").size() == 1);
  for (const PlayItem& piece : PromptCatalog::Packaged().Music("")) need({piece.prompt});
}

TEST_CASE("folders that cannot be read leave what the packages hold") {
  const PromptCatalog catalog = ReadPromptFolders({"ru=/nonexistent"});
  CHECK_FALSE(catalog.complete());
  CHECK(catalog.Has("ru/digits/20"));
}

}  // namespace
}  // namespace zvon::scenario
