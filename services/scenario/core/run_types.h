#pragma once
// What goes into a run and what comes out of it. zvon.scenarioservice.v1 says
// what each event and command means; adapters/run_codec converts.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/scenario/core/definition_types.h"

namespace zvon::scenario {

struct CallFacts {
  std::string call_id;
  std::string tenant_id;
  std::string interaction_id;
  std::string caller_number;
  std::string caller_name;
  std::string called_number;
  std::string trunk_id;
  std::string traceparent;
  absl::Time start_time = absl::UnixEpoch();
};

// Events.
struct Answered {};
struct PlayFinished {
  std::string play_id;
  bool by_digit = false;
  bool failed = false;
};
struct DigitPressed {
  std::string digit;
};
struct QueueProgressed {
  int position = 0;  // 1 = next.
  absl::Duration waited = absl::ZeroDuration();
};
enum class QueueOutcome { kConnected, kTimedOut, kRefused, kTalkEnded };
struct QueueLeft {
  QueueOutcome outcome = QueueOutcome::kConnected;
  std::string agent_id;
  std::string message;
};
struct TransferLeft {
  bool connected = false;
  std::string cause;
};
struct CallOver {};
struct CommandRefused {
  std::string command_id;
  std::string message;
};
using RunEvent = std::variant<Answered, PlayFinished, DigitPressed, QueueProgressed, QueueLeft,
                              TransferLeft, CallOver, CommandRefused>;

// How the call stands when a run is taken up again.
struct Resumption {
  bool answered = false;
  bool queued = false;
  bool connected = false;
};

// Commands.
struct AnswerCommand {};
struct PlayCommand {
  std::string play_id;
  std::vector<PlayItem> items;
  bool loop = false;
  bool stop_on_digit = false;
};
struct StopPlayCommand {
  std::string play_id;
};
struct EnqueueCommand {
  std::string queue_id;
  std::vector<std::string> skill_ids;
  int priority = 0;
  absl::Duration wait_max = absl::ZeroDuration();
  std::map<std::string, std::string> customer_data;
};
struct LeaveQueueCommand {};
struct TransferCommand {
  std::string number;
  std::string user_id;
  absl::Duration ring_timeout = absl::ZeroDuration();
};
struct HangUpCommand {};
struct EchoCommand {};
struct EndCommand {};
struct RunCommand {
  std::string command_id;
  std::variant<AnswerCommand, PlayCommand, StopPlayCommand, EnqueueCommand, LeaveQueueCommand,
               TransferCommand, HangUpCommand, EchoCommand, EndCommand>
      kind;
};

// Facts for others.
struct RunStartedFact {};
struct StepEnteredFact {
  std::string step_id;
  std::string kind;
};
struct RunEndedFact {
  bool failed = false;
  std::string message;
};
using RunFact = std::variant<RunStartedFact, StepEnteredFact, RunEndedFact>;

// What the engine asks of its shell, in this order: the snapshot is written,
// then commands and facts go out.
struct RunEffects {
  bool snapshot_needed = false;
  std::vector<RunCommand> commands;
  std::vector<RunFact> facts;
  // The run is over: forget it and delete its snapshot.
  bool finished = false;
};

// Bounds of one run.
inline constexpr int64_t kStepsMax = 10'000;
inline constexpr int kStepsWithoutWaitMax = 100;
inline constexpr int kFailuresMax = 10;
inline constexpr size_t kVariablesMax = 100;
inline constexpr size_t kVariableNameBytesMax = 64;
inline constexpr size_t kVariableBytesMax = 1024;
inline constexpr size_t kTypedAheadMax = 32;

// What the current step remembers between events; which fields it uses is the
// step's affair. One struct for all kinds keeps snapshots simple.
struct StepMemory {
  int phase = 0;
  int attempts = 0;
  int position = 0;
  std::string digits;
  std::string play_id;  // The play whose end is awaited; empty = none.
  absl::Time timer = absl::InfiniteFuture();
  // When the step fails by itself, whatever it waits for.
  absl::Time deadline = absl::InfiniteFuture();
};

enum class RunPhase {
  kRunning,
  kEnding,  // Hung up or let go; waits for the call's end.
};

// Everything that must survive the process: what a snapshot holds.
struct RunState {
  CallFacts call;
  std::string scenario_id;
  int version = 0;
  std::string language;
  RunPhase phase = RunPhase::kRunning;
  std::string step_id;
  int64_t visit = 0;    // Steps entered so far; part of command ids.
  int64_t ordinal = 0;  // Of the last play of this visit.
  int64_t resumptions = 0;
  int steps_without_wait = 0;
  int failures = 0;
  bool answered = false;
  bool queued = false;
  bool connected = false;
  bool failed = false;  // The built-in apology was reached.
  std::string message;  // Of the last failure.
  std::map<std::string, std::string> variables;
  std::vector<std::string> skill_ids;
  int priority = 0;
  std::string typed_ahead;
  StepMemory memory;
  int64_t fact_sequence = 0;  // Of the last event published; the shell counts.
};

}  // namespace zvon::scenario
