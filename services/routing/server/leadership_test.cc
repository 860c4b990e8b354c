#include "services/routing/server/leadership.h"

#include <catch2/catch.hpp>

#include "services/common/executor/simulated_loop.h"
#include "services/routing/ports/memory_routing_store.h"

namespace zvon::routing {
namespace {

struct Installation {
  SimulatedClock clock;
  SimulatedLoop loop{clock};
  MemoryRoutingServer server{[this] { return loop.Now(); }};

  struct Member {
    std::unique_ptr<LeaderLease> lease;
    std::unique_ptr<Leadership> leadership;
    int64_t led = 0;
    std::string followed;
  };
  std::unique_ptr<Member> Join(const std::string& name) {
    auto member = std::make_unique<Member>();
    Member* self = member.get();
    member->lease = server.MakeLease();
    member->leadership = std::make_unique<Leadership>(
        loop, *member->lease, LeaseHolder{name, name + ":9103"}, absl::Seconds(1),
        Leadership::Handlers{[self](int64_t epoch) { self->led = epoch; },
                             [self](const std::string& address) { self->followed = address; }});
    member->leadership->Start();
    return member;
  }
};

TEST_CASE("one leads, the other knows where") {
  Installation all;
  auto a = all.Join("routing-0");
  auto b = all.Join("routing-1");
  all.loop.Advance(absl::Seconds(5));
  CHECK(a->leadership->leading());
  CHECK_FALSE(b->leadership->leading());
  CHECK(b->leadership->leader_address() == "routing-0:9103");
}

TEST_CASE("a dead leader is followed within a lease and a half, under a higher epoch") {
  Installation all;
  auto a = all.Join("routing-0");
  all.loop.Advance(absl::Seconds(1));
  auto b = all.Join("routing-1");
  all.loop.Advance(absl::Seconds(1));
  const int64_t before = a->led;
  a.reset();
  all.loop.Advance(absl::Milliseconds(1501));
  CHECK(b->led > before);
}

TEST_CASE("a wiped store does not change the leader") {
  Installation all;
  auto a = all.Join("routing-0");
  all.loop.Advance(absl::Seconds(1));
  auto b = all.Join("routing-1");
  const int64_t epoch = a->led;
  for (int i = 0; i < 50; ++i) {
    all.loop.Advance(absl::Milliseconds(977));
    all.server.Wipe();
  }
  all.loop.Advance(absl::Seconds(3));
  CHECK(a->leadership->leading());
  CHECK(a->led == epoch);
  CHECK(b->led == 0);
}

TEST_CASE("while the store is away nobody takes over; the leader leads on") {
  Installation all;
  auto a = all.Join("routing-0");
  auto b = all.Join("routing-1");
  all.loop.Advance(absl::Seconds(2));
  const int64_t epoch = a->led;
  all.server.SetDown(true);
  all.loop.Advance(absl::Minutes(1));
  all.server.SetDown(false);
  all.loop.Advance(absl::Seconds(2));
  CHECK(a->led + b->led >= epoch);
  CHECK(a->leadership->leading() != b->leadership->leading());
}

TEST_CASE("a lease given back is taken without waiting for its end") {
  Installation all;
  auto a = all.Join("routing-0");
  all.loop.Advance(absl::Seconds(1));
  auto b = all.Join("routing-1");
  all.loop.Advance(absl::Seconds(1));
  bool stopped = false;
  a->leadership->Stop([&stopped] { stopped = true; });
  CHECK(stopped);
  all.loop.Advance(absl::Milliseconds(600));
  CHECK(b->leadership->leading());
}

}  // namespace
}  // namespace zvon::routing
