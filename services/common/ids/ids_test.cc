#include "services/common/ids/ids.h"

#include <catch2/catch.hpp>
#include <set>

namespace zvon {

TEST_CASE("an id is a UUIDv7 that tells when it was made") {
  absl::Time now = absl::FromUnixMillis(1'763'881'200'123);
  std::string id = MakeId(now, SeededRandom(1));
  CHECK(IsUuid(id));
  CHECK(id[14] == '7');
  CHECK((id[19] == '8' || id[19] == '9' || id[19] == 'a' || id[19] == 'b'));
  CHECK(IdTime(id) == now);
}

TEST_CASE("ids sort by the millisecond of their making") {
  RandomSource random = SeededRandom(7);
  std::string previous;
  for (int ms = 0; ms < 1000; ++ms) {
    std::string id = MakeId(absl::FromUnixMillis(1'763'881'200'000 + ms), random);
    CHECK(previous < id);
    previous = id;
  }
}

TEST_CASE("the same seed gives the same ids and the system's never") {
  absl::Time now = absl::FromUnixMillis(1);
  CHECK(MakeId(now, SeededRandom(5)) == MakeId(now, SeededRandom(5)));
  CHECK(MakeId(now, SeededRandom(5)) != MakeId(now, SeededRandom(6)));
  std::set<std::string> seen;
  RandomSource random = SystemRandom();
  for (int i = 0; i < 10'000; ++i) seen.insert(MakeId(now, random));
  CHECK(seen.size() == 10'000);
}

TEST_CASE("what is no UUID is refused") {
  CHECK_FALSE(IsUuid(""));
  CHECK_FALSE(IsUuid("01938f2e-7c3a-7b1e-8f00-3d2a9c4b5e6"));
  CHECK_FALSE(IsUuid("01938f2e_7c3a-7b1e-8f00-3d2a9c4b5e6f"));
  CHECK_FALSE(IsUuid("01938f2g-7c3a-7b1e-8f00-3d2a9c4b5e6f"));
  CHECK(IdTime("nothing") == absl::InfinitePast());
  CHECK(IdTime("01938f2e-7c3a-4b1e-8f00-3d2a9c4b5e6f") == absl::InfinitePast());
}

}  // namespace zvon
