#pragma once
// A scenario as the engine runs it: plain values, expressions parsed. Made
// from zvon.scenario.v1 by adapters/definition_codec; immutable afterwards.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/scenario/core/expression/expression.h"

namespace zvon::scenario {

// One thing to play: a prompt by name ("ru/hello"), a silence or a tone.
struct PlayItem {
  std::string prompt;                              // Empty = silence or tone.
  int tone_hz = 0;                                 // 0 = silence.
  absl::Duration duration = absl::ZeroDuration();  // Of a silence or tone.
  bool operator==(const PlayItem& o) const {
    return prompt == o.prompt && tone_hz == o.tone_hz && duration == o.duration;
  }
};
PlayItem Prompt(std::string name);
PlayItem Silence(absl::Duration length);

enum class NumberStyle { kCardinal, kDigits };
enum class Gender { kMasculine, kFeminine, kNeuter };

// Every branch names a step; empty = the run ends by hanging up.
struct AnswerStep {};
struct PlayStep {
  std::vector<PlayItem> items;
  bool stop_on_digit = false;
};
struct SayNumberStep {
  Expression value;
  NumberStyle style = NumberStyle::kCardinal;
  Gender gender = Gender::kMasculine;
};
struct MenuStep {
  std::vector<PlayItem> items;
  std::map<std::string, std::string> choices;
  absl::Duration timeout = absl::Seconds(5);
  int attempts_max = 3;
  std::vector<PlayItem> invalid_items;
  std::string timeout_next;
};
struct CollectStep {
  std::vector<PlayItem> items;
  std::string variable;
  int length_min = 0;
  int length_max = 32;
  std::string end_digits = "#";
  absl::Duration first_digit_timeout = absl::Seconds(10);
  absl::Duration next_digit_timeout = absl::Seconds(5);
  std::string timeout_next;
};
struct SetSkillsStep {
  std::vector<std::string> skill_ids;
  int priority = 0;
};
struct QueueStep {
  std::string queue_id;
  std::string music;                                        // Class; empty = "default".
  absl::Duration announce_interval = absl::ZeroDuration();  // 0 = only at the start.
  bool announce_position = false;
  std::vector<PlayItem> announce_items;
  absl::Duration wait_max = absl::ZeroDuration();  // 0 = the queue's own.
  std::string timeout_next;
  std::string refused_next;
};
struct TransferStep {
  std::variant<std::string /*user id*/, Expression /*number*/> target;
  absl::Duration ring_timeout = absl::Seconds(30);
};
struct HangUpStep {};
struct BranchStep {
  struct Case {
    Expression condition;
    std::string next;
  };
  std::vector<Case> cases;
};
struct SetVariableStep {
  std::string variable;
  Expression value;
};
struct EchoStep {};

using StepKind =
    std::variant<AnswerStep, PlayStep, SayNumberStep, MenuStep, CollectStep, SetSkillsStep,
                 QueueStep, TransferStep, HangUpStep, BranchStep, SetVariableStep, EchoStep>;

// "menu", "say_number": as in events, messages and the JSON form.
const char* KindName(const StepKind& kind);

struct Step {
  std::string id;
  std::string next;
  std::string error_next;
  StepKind kind;
};

struct Definition {
  std::string scenario_id;
  int version = 0;
  std::string language = "ru";
  absl::TimeZone time_zone = absl::UTCTimeZone();  // Of `hour` and `weekday`.
  std::string start_step;
  std::string error_step;  // Empty = the built-in apology.
  std::map<std::string, std::string> variables;
  std::map<std::string, Step> steps;
  // Null where there is none.
  const Step* Find(const std::string& step_id) const;
};

}  // namespace zvon::scenario
