#include "services/scenario/adapters/run_codec.h"

#include <catch2/catch.hpp>

#include "services/scenario/adapters/run_facts.h"
#include "zvon/events/v1/events.pb.h"
#include "zvon/scenarioservice/v1/scenario_service.pb.h"

namespace zvon::scenario {
namespace {

RunState FullState() {
  RunState s;
  s.call = {"c1",    "demo",        "i1",
            "101",   "Пётр",        "1000",
            "trunk", "00-aa-bb-01", absl::FromUnixMicros(1'750'000'000'123'456)};
  s.scenario_id = "welcome";
  s.version = 7;
  s.language = "en";
  s.phase = RunPhase::kEnding;
  s.step_id = "menu";
  s.visit = 12;
  s.ordinal = 1013;
  s.resumptions = 1;
  s.steps_without_wait = 3;
  s.failures = 2;
  s.answered = s.queued = s.connected = s.failed = true;
  s.message = "why";
  s.variables = {{"a", "1"}, {"b", ""}};
  s.skill_ids = {"sales", "ru"};
  s.priority = -5;
  s.typed_ahead = "12";
  s.memory = {2,
              3,
              4,
              "567",
              "12/1013",
              absl::FromUnixMillis(1'750'000'001'500),
              absl::FromUnixSeconds(1'750'000'002)};
  s.fact_sequence = 9;
  return s;
}

TEST_CASE("a snapshot keeps everything") {
  const RunState before = FullState();
  absl::StatusOr<RunState> after = DecodeRunState(EncodeRunState(before));
  REQUIRE(after.ok());
  // Maps have no order in bytes: compared by a second round.
  CHECK(EncodeRunState(*after).size() == EncodeRunState(before).size());
  CHECK(after->call.caller_name == before.call.caller_name);
  CHECK(after->call.start_time == before.call.start_time);
  CHECK(after->phase == before.phase);
  CHECK(after->visit == before.visit);
  CHECK(after->ordinal == before.ordinal);
  CHECK(after->variables == before.variables);
  CHECK(after->skill_ids == before.skill_ids);
  CHECK(after->priority == before.priority);
  CHECK(after->typed_ahead == before.typed_ahead);
  CHECK(after->memory.digits == before.memory.digits);
  CHECK(after->memory.timer == before.memory.timer);
  CHECK(after->memory.deadline == before.memory.deadline);
  CHECK(after->fact_sequence == before.fact_sequence);
}

TEST_CASE("timers that never come stay so") {
  RunState state;
  state.call.call_id = "c";
  CHECK(DecodeRunState(EncodeRunState(state))->memory.timer == absl::InfiniteFuture());
  CHECK(DecodeRunState(EncodeRunState(state))->memory.deadline == absl::InfiniteFuture());
}

TEST_CASE("bytes that are no snapshot are refused") {
  CHECK(absl::IsDataLoss(DecodeRunState("nonsense").status()));
  CHECK(absl::IsDataLoss(DecodeRunState("").status()));
}

TEST_CASE("commands keep their fields") {
  EnqueueCommand enqueue{"sales", {"a"}, 3, absl::Milliseconds(1500), {{"digits", "1"}}};
  const auto proto = CommandToProto("c1", {"2/1", enqueue});
  CHECK(proto.run_id() == "c1");
  CHECK(proto.command_id() == "2/1");
  CHECK(proto.enqueue().queue_id() == "sales");
  CHECK(proto.enqueue().wait_max().nanos() == 500'000'000);
  CHECK(proto.enqueue().customer_data().at("digits") == "1");
  PlayCommand play{
      "2/10",
      {Prompt("ru/hello"), Silence(absl::Milliseconds(300)), {"", 440, absl::Seconds(1)}},
      true,
      true};
  const auto played = CommandToProto("c1", {"2/10", play}).play();
  CHECK(played.items(0).prompt() == "ru/hello");
  CHECK(played.items(1).silence().nanos() == 300'000'000);
  CHECK(played.items(2).tone_hz() == 440);
  CHECK((played.loop() && played.stop_on_digit()));
}

TEST_CASE("events become the engine's, the stream's own do not") {
  scenarioservice::v1::RunEvent event;
  CHECK_FALSE(EventFromProto(event).has_value());
  event.mutable_start();
  CHECK_FALSE(EventFromProto(event).has_value());
  event.mutable_digit()->set_digit("#");
  CHECK(std::get<DigitPressed>(*EventFromProto(event)).digit == "#");
  event.mutable_queue_ended()->set_outcome(scenarioservice::v1::QueueEnded::OUTCOME_TALK_ENDED);
  CHECK(std::get<QueueLeft>(*EventFromProto(event)).outcome == QueueOutcome::kTalkEnded);
}

TEST_CASE("facts go out as events of their interaction") {
  const BusEvent out = FactToEvent(StepEnteredFact{"menu", "menu"}, FullState(),
                                   {"e1", "scenario-0", absl::FromUnixSeconds(1'750'000'000), 4});
  CHECK(out.topic == "zvon.interactions.v1");
  CHECK(out.key == "i1");
  CHECK(out.type == "zvon.scenario.step_entered");
  CHECK(out.tenant_id == "demo");
  events::v1::Event event;
  REQUIRE(event.ParseFromString(out.payload));
  CHECK(event.step_entered().step_id() == "menu");
  CHECK(event.sequence() == 4);
  CHECK(event.call_id() == "c1");
}

}  // namespace
}  // namespace zvon::scenario
