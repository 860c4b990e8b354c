#include "services/signaling/core/dial_plan.h"

#include <catch2/catch.hpp>

namespace zvon::signaling {
namespace {

NumberPattern P(std::string_view text) {
  auto pattern = NumberPattern::Parse(text);
  REQUIRE(pattern.ok());
  return *pattern;
}

TenantSettings Demo() {
  TenantSettings demo;
  demo.tenant_id = "demo";
  demo.numbers = {{"welcome", P("1000"), "welcome", ""},
                  {"any", P("10XX"), "other", ""},
                  {"boss", P("1099"), "", "admin"}};
  UserSettings user;
  user.id = "agent1";
  user.internal_number = "101";
  demo.users = {user};
  TrunkSettings in;
  in.id = "local";
  in.sources = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 0}, 104}};
  in.accepted = {P("10XX")};
  TrunkSettings out;
  out.id = "carrier";
  out.outbound_uri = "sip:carrier.example";
  TrunkSettings spare = out;
  spare.id = "spare";
  demo.trunks = {in, out, spare};
  demo.routes = {{"b", P("8."), 2, "spare", 0, "", {}, false},
                 {"a", P("8."), 1, "carrier", 1, "+7", {"local"}, false}};
  return demo;
}

std::array<uint8_t, 16> V4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

}  // namespace

TEST_CASE("patterns of numbers") {
  struct Row {
    const char* pattern;
    const char* number;
    bool matches;
  };
  const Row rows[] = {
      {"1000", "1000", true},  {"1000", "10000", false}, {"10XX", "1099", true},
      {"10XX", "109", false},  {"ZXX", "012", false},    {"ZXX", "112", true},
      {"[1-35]0", "30", true}, {"[1-35]0", "40", false}, {"[1-35]0", "50", true},
      {"8.", "8", false},      {"8.", "8495", true},     {"8!", "8", true},
      {"+7.", "+7495", true},  {"+7.", "7495", false},   {"NXX", "199", false},
      {"NXX", "299", true},    {"X!", "", false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " " << row.number);
    CHECK(P(row.pattern).Matches(row.number) == row.matches);
  }
  CHECK(NumberPattern::Parse("1[2").status().message() ==
        "pattern \"1[2\": a set without its end at 1");
  CHECK_FALSE(NumberPattern::Parse("1.2").ok());
  CHECK_FALSE(NumberPattern::Parse("").ok());
  CHECK_FALSE(NumberPattern::Parse("[]").ok());
  CHECK(NormalizeNumber("+7 (495) 123-45-67") == "+74951234567");
  CHECK(NormalizeNumber("anna.k") == "anna.k");
}

TEST_CASE("what a number leads to") {
  const TenantPlan plan(Demo());
  CHECK(plan.Resolve("1000", "local").scenario_id == "welcome");
  CHECK(plan.Resolve("1001", "local").scenario_id == "other");
  CHECK(plan.Resolve("1099", "local").user_id == "admin");
  CHECK(plan.Resolve("101", "").user_id == "agent1");
  CHECK(plan.Resolve("55", "").kind == DialTarget::Kind::kNone);
  const DialTarget out = plan.Resolve("84951234567", "");
  REQUIRE(out.routes.size() == 2);
  CHECK(out.routes[0].trunk_id == "carrier");
  CHECK(out.routes[0].uri == "+74951234567");
  CHECK(out.routes[1].trunk_id == "spare");
  // From a trunk only the routes that name it.
  CHECK(plan.Resolve("84951234567", "local").routes.size() == 1);
  CHECK(plan.Resolve("84951234567", "carrier").kind == DialTarget::Kind::kNone);
}

TEST_CASE("a source is a trunk by the narrowest network that takes the number") {
  TenantSettings other = Demo();
  other.tenant_id = "other";
  other.trunks[0].sources[0].bits = 128;
  other.trunks[0].sources[0].bytes = V4(127, 0, 0, 9);
  other.trunks[0].accepted = {P("20XX")};
  std::vector<TenantSettings> tenants = {Demo(), other};
  const DialPlan plan(std::move(tenants));
  CHECK(plan.FindTrunk(V4(127, 0, 0, 1), "1000").tenant->tenant_id() == "demo");
  CHECK(plan.FindTrunk(V4(127, 0, 0, 9), "2000").tenant->tenant_id() == "other");
  CHECK(plan.FindTrunk(V4(127, 0, 0, 9), "1000").tenant->tenant_id() == "demo");
  CHECK(plan.FindTrunk(V4(127, 0, 0, 9), "3000").number_refused);
  CHECK(plan.FindTrunk(V4(10, 0, 0, 1), "1000").trunk == nullptr);
}

}  // namespace zvon::signaling
