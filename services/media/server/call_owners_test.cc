#include "services/media/server/call_owners.h"

#include <catch2/catch.hpp>

namespace zvon::media {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);
absl::Time After(int seconds) { return kStart + absl::Seconds(seconds); }

}  // namespace

TEST_CASE("a call belongs to the stream that spoke of it last", "[owners]") {
  CallOwners owners({});
  owners.Claim("c", 1, kStart);
  CHECK(owners.OwnerOf("c") == 1);
  owners.Claim("c", 2, After(1));
  owners.OnSessionClosed(1, After(2));
  CHECK(owners.OwnerOf("c") == 2);
  owners.OnSessionClosed(2, After(3));
  CHECK(owners.OwnerOf("c") == 0);
  CHECK(owners.orphans() == 1);
  owners.Claim("c", 3, After(4));
  CHECK(owners.OwnerOf("c") == 3);
}

TEST_CASE("an orphan is given up when its grace is over and nobody speaks", "[owners]") {
  CallOwners owners({});
  owners.Claim("silent", 1, kStart);
  owners.Claim("talking", 1, kStart);
  owners.Claim("other", 2, kStart);
  owners.OnSessionClosed(1, After(10));
  auto sweep = [&](int at) {
    return owners.Sweep(
        {{"silent", After(10)}, {"talking", After(at - 1)}, {"other", absl::InfinitePast()}},
        After(at));
  };
  CHECK(sweep(20).empty());
  CHECK(sweep(69).empty());
  CHECK(sweep(70) == std::vector<std::string>{"silent"});
  owners.Claim("silent", 3, After(71));
  CHECK(sweep(200).empty());
  CHECK(sweep(10 + 3600) == std::vector<std::string>{"talking"});
}

TEST_CASE("calls that are over are forgotten, unknown ones become orphans", "[owners]") {
  CallOwners owners({});
  owners.Claim("old", 1, kStart);
  owners.Claim("new", 1, After(55));
  CHECK(owners.Sweep({{"stray", absl::InfinitePast()}}, After(60)).empty());
  CHECK(owners.size() == 2);
  CHECK(owners.OwnerOf("new") == 1);
  CHECK(owners.Sweep({{"stray", absl::InfinitePast()}}, After(120)) ==
        std::vector<std::string>{"stray"});
}

}  // namespace zvon::media
