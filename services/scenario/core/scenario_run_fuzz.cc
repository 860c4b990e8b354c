// A tape of bytes: first a definition, then events, resumptions and waits.
// After each input the invariants of a run are checked; at the end the world
// falls silent and the run must come to its end by itself.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/common/check/check.h"
#include "services/scenario/core/definition_check.h"
#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::Parsed;

class Tape {
 public:
  Tape(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  unsigned Next(unsigned below) { return empty() ? 0 : data_[at_++] % below; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

const std::vector<std::string> kIds = {"", "a", "b", "c", "d", "e", "nowhere"};
std::string AnyId(Tape& tape) { return kIds[tape.Next(static_cast<unsigned>(kIds.size()))]; }

StepKind AnyKind(Tape& tape) {
  switch (tape.Next(12)) {
    case 0:
      return AnswerStep{};
    case 1:
      return PlayStep{{Prompt("ru/hello")}, tape.Next(2) == 1};
    case 2:
      return SayNumberStep{Parsed(tape.Next(2) == 1 ? "digits" : "number(digits) * 21"),
                           NumberStyle::kCardinal};
    case 3: {
      MenuStep menu{{Prompt("ru/hello")}, {}};
      menu.choices["1"] = AnyId(tape);
      menu.choices["#"] = AnyId(tape);
      menu.timeout_next = AnyId(tape);
      return menu;
    }
    case 4: {
      CollectStep collect;
      collect.variable = "x";
      collect.length_max = static_cast<int>(1 + tape.Next(40));
      collect.timeout_next = AnyId(tape);
      return collect;
    }
    case 5:
      return SetSkillsStep{{"s"}, static_cast<int>(tape.Next(9))};
    case 6: {
      QueueStep queue;
      queue.queue_id = "q";
      queue.announce_position = tape.Next(2) == 1;
      queue.announce_interval = absl::Hours(tape.Next(4));
      queue.timeout_next = AnyId(tape);
      queue.refused_next = AnyId(tape);
      return queue;
    }
    case 7:
      return TransferStep{Parsed("digits")};
    case 8:
      return HangUpStep{};
    case 9: {
      BranchStep branch;
      branch.cases.push_back({Parsed("len(digits) > 1"), AnyId(tape)});
      branch.cases.push_back({Parsed("digits == \"1\""), AnyId(tape)});
      return branch;
    }
    case 10:
      return SetVariableStep{"digits", Parsed("digits + digits + \"7\"")};
    default:
      return EchoStep{};
  }
}

RunEvent AnyEvent(Tape& tape, const RunState& state) {
  switch (tape.Next(8)) {
    case 0:
      return Answered{};
    case 1:
    case 2:
      return PlayFinished{state.memory.play_id, false, tape.Next(4) == 0};
    case 3:
      return DigitPressed{std::string(1, "12*#A"[tape.Next(5)])};
    case 4:
      return QueueProgressed{static_cast<int>(tape.Next(300)) - 1};
    case 5:
      return QueueLeft{static_cast<QueueOutcome>(tape.Next(4)), "a", "why"};
    case 6:
      return TransferLeft{tape.Next(4) == 0, "busy"};
    default:
      return CommandRefused{CommandId(state.visit, tape.Next(12)), "no"};
  }
}

void CheckInvariants(const testing::RunFixture& fixture) {
  const RunState& state = fixture.state();
  ZVON_CHECK(state.variables.size() <= kVariablesMax);
  for (const auto& [name, value] : state.variables) ZVON_CHECK(value.size() <= kVariableBytesMax);
  ZVON_CHECK(state.typed_ahead.size() <= kTypedAheadMax);
  ZVON_CHECK(state.visit <= kStepsMax + 2);
  ZVON_CHECK(fixture.last().commands.size() <= 2 * kStepsWithoutWaitMax + 4);
  // A run that lives always has something to wake it: nothing hangs for ever.
  if (!fixture.last().finished) ZVON_CHECK(state.memory.deadline != absl::InfiniteFuture());
}

}  // namespace
}  // namespace zvon::scenario

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zvon::scenario;  // NOLINT: one function.
  Tape tape(data, size);
  std::vector<Step> steps;
  for (size_t i = 1; i + 1 < kIds.size(); ++i) {
    // One by one: the order of arguments is the compiler's, the tape's is not.
    StepKind kind = AnyKind(tape);
    std::string next = AnyId(tape);
    steps.push_back(MakeStep(kIds[i], std::move(kind), std::move(next), AnyId(tape)));
  }
  Definition definition = MakeDefinition(steps);
  definition.error_step = AnyId(tape);
  (void)CheckDefinition(definition, PromptCatalog::Packaged());
  testing::RunFixture fixture(definition);
  fixture.Begin();
  CheckInvariants(fixture);
  while (!tape.empty() && !fixture.last().finished) {
    switch (tape.Next(8)) {
      case 0: {
        const unsigned how = tape.Next(8);
        fixture.Resume({(how & 1) != 0, (how & 2) != 0, (how & 4) != 0});
        break;
      }
      case 1:
        fixture.Wait();
        break;
      default:
        fixture.On(AnyEvent(tape, fixture.state()));
    }
    CheckInvariants(fixture);
  }
  for (int i = 0; i < 200'000 && !fixture.last().finished; ++i) fixture.Wait();
  ZVON_CHECK(fixture.last().finished);
  return 0;
}
