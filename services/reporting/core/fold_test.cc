#include "services/reporting/core/fold.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace zvon::reporting {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'400'000);

struct Tape {
  std::vector<Fact> facts;
  Fact& Add(double at, FactKind kind, std::string agent = "", std::string queue = "") {
    Fact fact;
    fact.kind = kind;
    fact.time = kStart + absl::Seconds(at);
    fact.id = std::to_string(facts.size());
    fact.agent_id = std::move(agent);
    fact.queue_id = std::move(queue);
    facts.push_back(fact);
    return facts.back();
  }
  Record Fold(double now = 10'000) const {
    auto record = reporting::Fold(facts, kStart + absl::Seconds(now));
    REQUIRE(record.has_value());
    return *record;
  }
};

Tape Answered() {
  Tape t;
  t.Add(0, FactKind::kCallStarted).caller_number = "79161234567";
  t.Add(0.1, FactKind::kCallAnswered);
  t.Add(5, FactKind::kQueueEntered, "", "sales");
  t.Add(15, FactKind::kOfferMade, "agent1", "sales");
  t.Add(18, FactKind::kOfferEnded, "agent1", "sales").offer_outcome = "accepted";
  Fact& left = t.Add(18, FactKind::kQueueLeft, "agent1", "sales");
  left.left = LeftOutcome::kAnswered;
  left.within_threshold = true;
  t.Add(18, FactKind::kAssigned, "agent1", "sales");
  t.Add(18.01, FactKind::kBridged, "agent1");
  t.Add(30, FactKind::kHoldStarted, "agent1");
  t.Add(40, FactKind::kHoldEnded, "agent1");
  t.Add(60, FactKind::kAgentLegEnded, "agent1");
  t.Add(60, FactKind::kWrapUpStarted, "agent1");
  t.Add(60, FactKind::kCallEnded).cause = "agent_hangup";
  t.Add(70, FactKind::kDispositionChosen, "agent1").disposition_id = "solved";
  t.Add(70, FactKind::kWrapUpEnded, "agent1");
  return t;
}

std::string Kinds(const Record& record) {
  std::string text;
  for (const Segment& s : record.segments) {
    text += (text.empty() ? "" : " ") + s.kind + ":" +
            std::to_string(absl::ToInt64Seconds(s.start - kStart)) + "-" +
            (s.end == absl::InfiniteFuture() ? "…" : std::to_string(absl::ToInt64Seconds(s.end - kStart)));
  }
  return text;
}

void CheckPartition(const Record& record) {
  absl::Time at = record.start;
  for (const Segment& s : record.segments) {
    CHECK(s.start == at);
    CHECK(s.end >= s.start);
    at = s.end;
  }
  if (record.end != absl::InfinitePast()) CHECK(at == record.end);
}

}  // namespace

TEST_CASE("a call through a queue has every second in one segment") {
  const Record r = Answered().Fold();
  CHECK(Kinds(r) == "scenario:0-5 queue:5-15 offer:15-18 talk:18-30 hold:30-40 talk:40-60 wrap_up:60-70");
  CheckPartition(r);
  CHECK(r.outcome == "answered");
  CHECK(r.agent_id == "agent1");
  CHECK(r.queue_id == "sales");
  CHECK(r.disposition_id == "solved");
  CHECK(r.wait == absl::Seconds(13));
  CHECK(r.talk == absl::Seconds(32));
  CHECK(r.hold == absl::Seconds(10));
  CHECK(r.wrap_up == absl::Seconds(10));
  REQUIRE(r.stays.size() == 1);
  CHECK(r.stays[0].outcome == "answered");
  CHECK(r.stays[0].within_threshold);
  CHECK(r.stays[0].talk == absl::Seconds(32));
  CHECK(r.stays[0].wrap_up == absl::Seconds(10));
}

TEST_CASE("any order of arrival gives the same record") {
  const Tape tape = Answered();
  const std::string expected = Kinds(tape.Fold());
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    Tape shuffled = tape;
    std::shuffle(shuffled.facts.begin(), shuffled.facts.end(), random);
    REQUIRE(Kinds(shuffled.Fold()) == expected);
  }
}

TEST_CASE("with any part of the facts missing the segments still partition the time") {
  const Tape tape = Answered();
  for (unsigned mask = 0; mask < (1u << (tape.facts.size() - 1)); mask += 7) {
    Tape part;
    part.facts.push_back(tape.facts[0]);
    for (size_t i = 1; i < tape.facts.size(); ++i) {
      if (mask & (1u << (i - 1))) part.facts.push_back(tape.facts[i]);
    }
    CheckPartition(part.Fold());
  }
}

TEST_CASE("without the call's start there is nothing to tell yet") {
  Tape t;
  t.Add(5, FactKind::kQueueEntered, "", "sales");
  CHECK_FALSE(Fold(t.facts, kStart).has_value());
}

TEST_CASE("a customer who leaves while waiting is abandoned") {
  Tape t;
  t.Add(0, FactKind::kCallStarted);
  t.Add(2, FactKind::kQueueEntered, "", "sales");
  Fact& left = t.Add(4, FactKind::kQueueLeft, "", "sales");
  left.left = LeftOutcome::kAbandoned;
  left.short_abandon = true;
  t.Add(4, FactKind::kCallEnded).cause = "customer_hangup";
  const Record r = t.Fold();
  CHECK(Kinds(r) == "scenario:0-2 queue:2-4");
  CHECK(r.outcome == "abandoned");
  CHECK(r.stays[0].short_abandon);
  CHECK(r.segments.back().outcome == "abandoned");
}

TEST_CASE("entering told twice, by two routers, is one stay from the first time") {
  Tape t = Answered();
  t.Add(10, FactKind::kQueueEntered, "", "sales");
  const Record record = t.Fold();
  REQUIRE(record.stays.size() == 1);
  CHECK(record.stays[0].enter == kStart + absl::Seconds(5));
  CHECK(record.stays[0].outcome == "answered");
}

TEST_CASE("a declined offer returns the customer to the queue") {
  Tape t;
  t.Add(0, FactKind::kCallStarted);
  t.Add(1, FactKind::kQueueEntered, "", "sales");
  t.Add(2, FactKind::kOfferMade, "agent1", "sales");
  t.Add(6, FactKind::kOfferEnded, "agent1", "sales").offer_outcome = "declined";
  t.Add(7, FactKind::kOfferMade, "agent2", "sales");
  t.Add(9, FactKind::kAssigned, "agent2", "sales");
  const Record r = t.Fold(20);
  CHECK(Kinds(r) == "scenario:0-1 queue:1-2 offer:2-6 queue:6-7 offer:7-9 talk:9-…");
  CHECK(r.outcome == "open");
  CHECK(r.segments[2].outcome == "declined");
}

TEST_CASE("a record stays open until the wrap-up is known, but not for ever") {
  Tape t = Answered();
  t.facts.resize(t.facts.size() - 2);  // Neither disposition nor end of wrap-up.
  CHECK(t.Fold(61).outcome == "open");
  CHECK(Kinds(t.Fold(61)).ends_with("wrap_up:60-…"));

  std::erase_if(t.facts, [](const Fact& f) { return f.kind == FactKind::kWrapUpStarted; });
  CHECK(t.Fold(61).outcome == "open");
  CHECK(t.Fold(61).refold_at == kStart + absl::Seconds(63));
  CHECK(t.Fold(63).outcome == "answered");
}

TEST_CASE("a scenario without a queue is a record of its own kind") {
  Tape t;
  t.Add(0, FactKind::kCallStarted);
  t.Add(9, FactKind::kCallEnded).cause = "scenario_hangup";
  const Record r = t.Fold();
  CHECK(Kinds(r) == "scenario:0-9");
  CHECK(r.outcome == "scenario_only");
}

TEST_CASE("waiting again while the first agent writes: the customer's side is the timeline") {
  Tape t;
  t.Add(0, FactKind::kCallStarted);
  t.Add(1, FactKind::kQueueEntered, "", "sales");
  Fact& left = t.Add(2, FactKind::kQueueLeft, "agent1", "sales");
  left.left = LeftOutcome::kAnswered;
  t.Add(2, FactKind::kAssigned, "agent1", "sales");
  t.Add(10, FactKind::kAgentLegEnded, "agent1");
  t.Add(10, FactKind::kWrapUpStarted, "agent1");
  t.Add(10, FactKind::kQueueEntered, "", "support");
  t.Add(25, FactKind::kWrapUpEnded, "agent1");
  Fact& gone = t.Add(30, FactKind::kQueueLeft, "", "support");
  gone.left = LeftOutcome::kAbandoned;
  t.Add(30, FactKind::kCallEnded).cause = "customer_hangup";
  const Record r = t.Fold();
  CHECK(Kinds(r) == "scenario:0-1 queue:1-2 talk:2-10 queue:10-30");
  CheckPartition(r);
  REQUIRE(r.stays.size() == 2);
  CHECK(r.stays[0].wrap_up == absl::Seconds(15));
  CHECK(r.stays[1].outcome == "abandoned");
}

}  // namespace zvon::reporting
