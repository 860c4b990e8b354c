// What the router does, as sentences and tables (testing/router_table.h).

#include "services/routing/core/router.h"

#include <catch2/catch.hpp>

#include "services/routing/core/testing/router_table.h"

namespace zvon::routing {
namespace {

std::string Run(const std::string& table) { return RouterTable().Run(table); }

TEST_CASE("a caller is offered to a ready agent, answered, wrapped up") {
  RouterTable table;
  CHECK(table.Run(R"(
    queue sales   skills=sales wrap_up=30s missed=missed
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      5s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      7s  c1 ringing            |
      9s  c1 answered           | a1 Engaged, c1 assigned to a1
     60s  c1 ended              | a1 WrapUp
     70s  a1 finishes sold      | a1 Ready
  )") == "");
  CHECK(table.router().entries().size() == 0);
  CHECK(table.router().agents().Find("a1")->handled_today == 1);
}

TEST_CASE("an agent who becomes ready gets who waits longest, priority before time") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=0s
    queue vip     skills=sales wrap_up=0s priority=5
    agent a1      sales
      0s  enqueue c1 sales                | unservable c1
      1s  enqueue c2 sales                | unservable c2
      2s  enqueue c3 vip                  | unservable c3
      3s  enqueue c4 sales priority=9     | unservable c4
      4s  sign in a1 Ready                | a1 Offered, c4 offered to a1
      5s  c4 answered                     | a1 Engaged, c4 assigned to a1
      6s  c4 ended                        | a1 Offered, c3 offered to a1
      7s  c3 answered                     | a1 Engaged, c3 assigned to a1
      8s  c3 ended                        | a1 Offered, c1 offered to a1
      9s  c1 answered                     | a1 Engaged, c1 assigned to a1
     10s  c1 ended                        | a1 Offered, c2 offered to a1
  )") == "");
}

TEST_CASE("the agent longest idle since the last release is chosen, with the reason") {
  RouterTable table;
  CHECK(table.Run(R"(
    queue sales   skills=sales wrap_up=0s
    agent a1      sales
    agent a2      sales
    agent a3      sales
      0s  sign in a2 Ready      | a2 Ready
      1s  sign in a1 Ready      | a1 Ready
      2s  sign in a3 Ready      | a3 Ready
     10s  enqueue c1 sales      | a2 Offered, c1 offered to a2
     11s  c1 answered           | a2 Engaged, c1 assigned to a2
     20s  c1 ended              | a2 Ready
     30s  enqueue c2 sales      | a1 Offered, c2 offered to a1
  )") == "");
  const Entry& entry = *table.router().entries().Find("c2");
  CHECK(entry.offer.reason == "longest_idle: a1 29.0 s of 3 ready, next a3 28.0 s");
}

TEST_CASE("a break does not make an agent less idle: idle time counts from the last release") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready      | a1 Ready
      5s  sign in a2 Ready      | a2 Ready
     10s  a1 NotReady(break)    | a1 NotReady(break)
     20s  a1 Ready              | a1 Ready
     30s  enqueue c1 sales      | a1 Offered, c1 offered to a1
  )") == "");
}

TEST_CASE("containment takes agents with at least the skills, exact those with the same") {
  CHECK(Run(R"(
    queue any     skills=sales
    queue same    skills=sales exact
    agent both    sales+support
    agent one     sales
      0s  sign in both Ready                  | both Ready
      1s  sign in one Ready                   | one Ready
      2s  enqueue c1 same                     | one Offered, c1 offered to one
      3s  enqueue c2 same                     |
      4s  enqueue c3 any skills=support       | both Offered, c3 offered to both
      5s  enqueue c4 any skills=french        | unservable c4
      6s  enqueue c5 same skills=support      |
      7s  c3 answered                         | both Engaged, c3 assigned to both
      8s  withdraw c4                         |
  )") == "");
}

TEST_CASE("a queue with members is served by them only") {
  CHECK(Run(R"(
    queue sales   members=a2
    agent a1      -
    agent a2      -
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | unservable c1
      2s  sign in a2 Ready      | a2 Offered, c1 offered to a2
  )") == "");
}

TEST_CASE("a missed offer makes the agent not ready and goes to another from its old place") {
  CHECK(Run(R"(
    queue sales   skills=sales missed=missed offer=20s
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  enqueue c2 sales      |
      3s  c1 expired            | a1 NotReady(missed)
      4s  sign in a2 Ready      | a2 Offered, c1 offered to a2
  )") == "");
}

TEST_CASE("an owner that says nothing at the deadline does not keep the agent") {
  CHECK(Run(R"(
    queue sales   skills=sales missed=missed offer=20s
    agent a1      sales
      0s     sign in a1 Ready   | a1 Ready
      1s     enqueue c1 sales   | a1 Offered, c1 offered to a1
     21.4s                      |
     21.6s                      | a1 NotReady(missed), c1 revoked
     22s     c1 answered        | c1 revoked
  )") == "");
}

TEST_CASE("without a reason for missed offers the agent stays ready but is spared that caller") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  a1 declines           | a1 Ready, c1 revoked
      3s  enqueue c2 sales      | a1 Offered, c2 offered to a1
      4s  withdraw c2           | a1 Ready, c2 revoked
     12s                        | a1 Offered, c1 offered to a1
  )") == "");
}

TEST_CASE("a phone that cannot be rung never makes a loop: its agent is not ready at once") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      1s  c1 failed             | a1 NotReady
      1s  enqueue c2 sales      |
     15s                        |
  )") == "");
}

TEST_CASE("acceptance is for the first valid token; the loser is told") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  c1 answered stale     | c1 revoked
      3s  c1 answered           | a1 Engaged, c1 assigned to a1
      4s  c1 answered again     | c1 assigned to a1
      5s  c1 declined           |
      6s  c1 answered stale     | c1 revoked
  )") == "");
}

TEST_CASE("withdrawing revokes the offer at once and frees the agent for the next") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  enqueue c2 sales      |
      3s  withdraw c1           | c1 revoked, c2 offered to a1
      4s  withdraw c1           |
  )") == "");
}

TEST_CASE("a state asked for during a call is taken at its end") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=10s
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  c1 answered           | a1 Engaged, c1 assigned to a1
      3s  a1 NotReady(lunch)    |
      4s  c1 ended              | a1 WrapUp
     14s                        | a1 NotReady(lunch)
  )") == "");
}

TEST_CASE("wrap-up ends within its limit and only once") {
  RouterTable table;
  CHECK(table.Run(R"(
    queue sales   skills=sales wrap_up=10s
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  c1 answered           | a1 Engaged, c1 assigned to a1
      4s  c1 ended              | a1 WrapUp
     13.9s                      |
     14s                        | a1 Ready
     14s  a1 finishes           | refused a1
  )") == "");
  int ended = 0;
  for (const Fact& fact : table.facts()) {
    ended += std::holds_alternative<WrapUpEnded>(fact.body) ? 1 : 0;
  }
  CHECK(ended == 1);
}

TEST_CASE("an agent who is not heard for 15 s is offered nothing, after the grace is offline") {
  CHECK(RouterTable(RouterOptions{}).Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
     10s  heartbeat a1          |
     26s  enqueue c1 sales      |
     27s  heartbeat a1          | a1 Offered, c1 offered to a1
     28s  withdraw c1           | a1 Ready, c1 revoked
     86s                        |
     87s                        | a1 Offline
     88s  heartbeat a1          | refused a1
     89s  sign in a1            | a1 NotReady
  )") == "");
}

TEST_CASE("a lost gateway's agents are offered nothing until they are heard by another") {
  CHECK(RouterTable(RouterOptions{}).Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  gateway lost          |
      2s  enqueue c1 sales      |
      3s  heartbeat a1          | a1 Offered, c1 offered to a1
  )") == "");
}

TEST_CASE("a browser gone during a call: the talk goes on, the agent leaves after it") {
  CHECK(RouterTable(RouterOptions{}).Run(R"(
    queue sales   skills=sales wrap_up=5s
    agent a1      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  c1 answered           | a1 Engaged, c1 assigned to a1
    100s                        |
    101s  c1 ended              | a1 WrapUp
    106s                        | a1 Offline
  )") == "");
}

TEST_CASE("waiting too long, a full queue and an unknown one are told to the owner") {
  CHECK(Run(R"(
    queue sales   skills=sales length_max=2 wait_max=30s
    agent a1      sales
      0s  sign in a1                    | a1 NotReady
      0s  enqueue c1 sales              |
      1s  enqueue c2 sales wait_max=9s  |
      2s  enqueue c3 sales              | c3 refused
      3s  enqueue c4 nowhere            | c4 refused
     10s                                | c2 wait expired
     30s                                | c1 wait expired
  )") == "");
}

TEST_CASE("a limit reached while the phone rings waits for the answer") {
  CHECK(Run(R"(
    queue sales   skills=sales wait_max=10s missed=missed
    agent a1      sales
      0s  enqueue c1 sales      | unservable c1
      0s  enqueue c2 sales      | unservable c2
      8s  sign in a1 Ready      | a1 Offered, c1 offered to a1
     10s                        | c2 wait expired
     11s  c1 expired            | a1 NotReady(missed), c1 wait expired
  )") == "");
}

TEST_CASE("an owner's lost stream keeps places, and its offers for the grace") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready                 | a1 Ready
      1s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      2s  enqueue c2 sales                 |
      3s  owner lost                       |
      4s  sign in a2 Ready                 | a2 Ready
      5s  owner attached                   |
      5s  enqueue c2 sales republished     | a2 Offered, c2 offered to a2
      5s  enqueue c1 sales republished     | c1 offered to a1
      6s  c1 answered                      | a1 Engaged, c1 assigned to a1
  )") == "");
}

TEST_CASE("an owner that stays away keeps no agent; what it does not tell again is gone") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=0s
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready                 | a1 Ready
      1s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      2s  c1 answered                      | a1 Engaged, c1 assigned to a1
      2s  sign in a2 Ready                 | a2 Ready
      3s  enqueue c2 sales                 | a2 Offered, c2 offered to a2
      4s  enqueue c3 sales                 |
      5s  owner lost                       |
      8s                                   | a2 Ready, c2 revoked
      9s  owner attached                   |
      9s  enqueue c3 sales republished     | a2 Offered, c3 offered to a2
     14s                                   | a1 Ready
     15s  enqueue c2 sales republished     | a1 Offered, c2 offered to a1
  )") == "");
}

TEST_CASE("an owner that restarted rings nobody: its offers end when it attaches") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready                 | a1 Ready
      1s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      2s  owner lost                       |
      3s  owner attached 2                 | a1 Ready, c1 revoked
      4s  enqueue c1 sales republished     | a1 Offered, c1 offered to a1, c1 revoked
  )") == "");
}

TEST_CASE("the owner knows who talks to whom: a router that forgot follows it") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=0s
    agent a1      sales
      0s  enqueue c1 sales republished with=a1     | a1 Engaged
      1s  sign in a1                               |
      2s  enqueue c2 sales                         |
      3s  c1 ended                                 | a1 Offered, c2 offered to a1
  )") == "");
}

TEST_CASE("a new leader keeps places, states and open offers; tokens never repeat") {
  RouterTable table;
  REQUIRE(table.Run(R"(
    queue sales   skills=sales wrap_up=10s
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready      | a1 Ready
      1s  sign in a2 Ready      | a2 Ready
      2s  a2 NotReady(break)    | a2 NotReady(break)
      3s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      4s  enqueue c2 sales      |
      5s  enqueue c3 sales      |
  )") == "");
  const FencingToken before = table.router().entries().Find("c1")->offer.token;
  table.Restart(2);
  REQUIRE(table.Run(R"(
      6s  owner attached                   |
      6s  enqueue c3 sales republished     |
      6s  enqueue c2 sales republished     |
      6s  c1 answered                      | a1 Engaged, c1 assigned to a1
      7s  a2 Ready                         | a2 Offered, c2 offered to a2
  )") == "");
  CHECK(before < table.router().entries().Find("c2")->offer.token);
}

TEST_CASE("without a store nothing is offered; when it is back the best goes first") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  sign in a1 Ready              | a1 Ready
      1s  store down                    |
      2s  enqueue c1 sales              |
      3s  enqueue c2 sales priority=1   |
      4s  store up                      | a1 Offered, c2 offered to a1
  )") == "");
}

TEST_CASE("a change of settings moves nobody without cause and works at once") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
    agent a2      support
      0s  sign in a1 Ready      | a1 Ready
      0s  sign in a2 Ready      | a2 Ready
      1s  enqueue c1 sales      | a1 Offered, c1 offered to a1
      2s  enqueue c2 sales      |
    agent a2      support+sales
      3s  settings              | a2 Offered, c2 offered to a2
  )") == "");
}

TEST_CASE("that nobody can serve an entry is told once, and again when it turns so again") {
  CHECK(Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s  enqueue c1 sales      | unservable c1
      1s  settings              |
      2s  sign in a1            | a1 NotReady
      3s  sign out a1           | a1 Offline, unservable c1
  )") == "");
}

TEST_CASE("positions are told when they change, once a second at most") {
  RouterTable table;
  REQUIRE(table.Run(R"(
    queue sales   skills=sales
    agent a1      sales
      0s     sign in a1           | a1 NotReady
      1s     enqueue c1 sales     |
      1.1s   enqueue c2 sales     |
      1.2s   enqueue c3 sales     |
  )") == "");
  CHECK(table.TakePositions() == "1 c1");
  REQUIRE(table.Run("2.5s |") == "");
  CHECK(table.TakePositions() == "2 c2, 3 c3");
  REQUIRE(table.Run(R"(
      5s     enqueue c4 sales priority=1   |
      7s                                   |
  )") == "");
  CHECK(table.TakePositions() == "1 c4, 2 c1, 3 c2, 4 c3");
}

TEST_CASE("a queue's status counts the day and who can serve") {
  RouterTable table;
  REQUIRE(table.Run(R"(
    queue sales   skills=sales wrap_up=0s
    agent a1      sales
    agent a2      support
      0s  sign in a1 Ready                   | a1 Ready
      0s  sign in a2 Ready                   | a2 Ready
      1s  enqueue c1 sales                   | a1 Offered, c1 offered to a1
      4s  c1 answered                        | a1 Engaged, c1 assigned to a1
      5s  enqueue c2 sales                   |
      6s  enqueue c3 sales skills=french     | unservable c3
      9s  withdraw c2                        |
  )") == "");
  const QueueView view = table.router().QueueViews(table.now()).at(0);
  CHECK(view.waiting == 1);
  CHECK(view.unservable == 1);
  CHECK(view.agents_signed_in == 1);
  CHECK(view.agents_engaged == 1);
  CHECK(view.today.offered == 3);
  CHECK(view.today.answered == 1);
  CHECK(view.today.answered_within_threshold == 1);
  CHECK(view.today.abandoned == 1);
  CHECK(view.today.average_wait() == absl::Seconds(3));
}

TEST_CASE("an answer whose confirmation was lost is confirmed when the owner says it again") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=0s
    agent a1      sales
      0s  sign in a1 Ready                 | a1 Ready
      1s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      2s  c1 answered                      | a1 Engaged, c1 assigned to a1
      3s  owner lost                       |
      4s  owner attached                   |
      4s  enqueue c1 sales republished     |
      4s  c1 answered again                | c1 assigned to a1
     20s                                   |
  )") == "");
}

TEST_CASE("an interaction that its owner says waits again leaves the agent who passed it on") {
  CHECK(Run(R"(
    queue sales   skills=sales wrap_up=0s
    queue other   skills=sales wrap_up=0s
    agent a1      sales
    agent a2      sales
      0s  sign in a1 Ready                 | a1 Ready
      1s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      2s  c1 answered                      | a1 Engaged, c1 assigned to a1
      2s  enqueue c2 sales                 |
      3s  sign in a2 Ready                 | a2 Offered, c2 offered to a2
      3s  c2 answered                      | a2 Engaged, c2 assigned to a2
      4s  owner lost                       |
      5s  owner attached                   |
      5s  enqueue c1 other republished     | a1 Offered, c1 offered to a1
      5s  enqueue c2 sales republished     |
     10s                                   | a2 Offered, c2 offered to a2
  )") == "");
}

TEST_CASE("a transfer to another queue wraps the first agent up and keeps the first time") {
  CHECK(Run(R"(
    queue sales    skills=sales wrap_up=10s
    queue support  skills=support
    agent a1       sales
    agent a2       support
      0s  sign in a1 Ready                 | a1 Ready
      0s  enqueue c1 sales                 | a1 Offered, c1 offered to a1
      1s  c1 answered                      | a1 Engaged, c1 assigned to a1
      5s  enqueue c2 support               | unservable c2
      6s  enqueue c1 support since=0s      | a1 WrapUp, unservable c1
      7s  sign in a2 Ready                 | a2 Offered, c1 offered to a2
  )") == "");
}

}  // namespace
}  // namespace zvon::routing
