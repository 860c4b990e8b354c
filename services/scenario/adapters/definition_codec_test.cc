#include "services/scenario/adapters/definition_codec.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "services/scenario/adapters/definition_bytes.h"
#include "services/scenario/adapters/definition_validation.h"

namespace zvon::scenario {
namespace {

v1::ScenarioDefinition Json(const std::string& json) {
  absl::StatusOr<v1::ScenarioDefinition> out = DefinitionFromJson(json);
  INFO(out.status());
  REQUIRE(out.ok());
  return *out;
}

std::vector<std::string> Faults(const std::string& json) {
  std::vector<std::string> out;
  for (const DefinitionFault& f : FindFaults(Json(json), PromptCatalog::Packaged())) {
    out.push_back(absl::StrCat(f.step_id, ".", f.field, ": ", f.message));
  }
  return out;
}

TEST_CASE("defaults are filled in") {
  std::vector<DefinitionFault> faults;
  const Definition d = DefinitionFromProto(
      Json(
          R"({"start_step":"m","steps":[{"id":"m","menu":{"choices":{"1":"c"}}},{"id":"c","collect":{"variable":"x"}}]})"),
      &faults);
  CHECK(faults.empty());
  CHECK(d.language == "ru");
  const MenuStep& menu = std::get<MenuStep>(d.Find("m")->kind);
  CHECK(menu.timeout == absl::Seconds(5));
  CHECK(menu.attempts_max == 3);
  const CollectStep& collect = std::get<CollectStep>(d.Find("c")->kind);
  CHECK(collect.end_digits == "#");
  CHECK(collect.length_max == 32);
}

TEST_CASE("what has no meaning is told with its step") {
  CHECK(Faults(R"({"start_step":"a","time_zone":"Mars/Base","steps":[
      {"id":"a","next":"b","branch":{"cases":[{"condition":"1 +","next":"b"}]}},
      {"id":"b","next":"a2"},{"id":"b","hang_up":{}},{"id":"a2","say_number":{"value":"digits"}}]})") ==
        std::vector<std::string>{
            ".time_zone: there is no time zone \"Mars/Base\"",
            "a.cases[0].condition: in \"1 +\": position 4: expected a value, found the end",
            "b.kind: the step has no kind, or one that this version does not know",
            "b.id: two steps have this id"});
}

TEST_CASE("JSON goes there and back, unknown fields of newer versions are let through") {
  const v1::ScenarioDefinition d = Json(
      R"({"language":"ru","start_step":"a","steps":[{"id":"a","play":{"items":[{"prompt":"ru/hello"}]}}],"new_thing":1})");
  CHECK(SameDefinition(d, Json(DefinitionToJson(d))));
  CHECK_FALSE(DefinitionFromJson("{").ok());
}

TEST_CASE("the first fault is the message, the others are counted") {
  CHECK(FaultsToStatus({}).ok());
  CHECK(FaultsToStatus({{"menu", "next", "there is no step \"x\""}, {"", "language", "?"}})
            .message() == "step \"menu\", next: there is no step \"x\" (and 1 more)");
}

}  // namespace
}  // namespace zvon::scenario
