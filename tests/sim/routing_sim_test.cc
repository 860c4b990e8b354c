// Seeds of the routing world. ZVON_SIM_SEEDS=N runs that many,
// ZVON_SIM_SEED=N that one alone.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/sim/routing_world.h"

namespace zvon::sim {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_CASE("a calm day: every call is answered, hangs up or waits too long") {
  RoutingWorldOptions options;
  options.fault_interval = absl::InfiniteDuration();
  RoutingWorld world(options);
  CHECK(world.Run() == "");
  CHECK(world.answered() > 50);
  CHECK(world.take_overs() == 1);
}

TEST_CASE("whatever fails at whatever step, the router's promises hold") {
  const uint64_t only = FromEnvironment("ZVON_SIM_SEED", 0);
  const uint64_t count = FromEnvironment("ZVON_SIM_SEEDS", 200);
  int answered = 0;
  int take_overs = 0;
  for (uint64_t seed = only != 0 ? only : 1; seed <= (only != 0 ? only : count); ++seed) {
    RoutingWorldOptions options;
    options.seed = seed;
    RoutingWorld world(options);
    INFO("ZVON_SIM_SEED=" << seed);
    REQUIRE(world.Run() == "");
    answered += world.answered();
    take_overs += world.take_overs();
  }
  // The seeds were about something.
  CHECK(answered > 10 * (only != 0 ? 1 : static_cast<int>(count)));
  CHECK(take_overs > (only != 0 ? 0 : static_cast<int>(count)));
}

}  // namespace
}  // namespace zvon::sim
