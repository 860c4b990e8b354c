#pragma once
// Facts of one interaction → its record, segments and stays in queues. Pure.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/reporting/core/fact.h"

namespace zvon::reporting {

// How long facts of another producer are waited for after the call's end.
inline constexpr absl::Duration kSettleTime = absl::Seconds(3);

struct Segment {
  std::string kind;  // "scenario", "queue", "offer", "talk", "hold", "wrap_up".
  absl::Time start;
  absl::Time end;  // InfiniteFuture while it goes on.
  std::string queue_id;
  std::string agent_id;
  std::string outcome;
};

// One stay in one queue. Exactly one of: answered, abandoned, flowed out,
// refused, waiting.
struct QueueStay {
  std::string queue_id;
  absl::Time enter;
  absl::Time leave;  // InfiniteFuture while waiting.
  std::string outcome;
  bool within_threshold = false;
  bool short_abandon = false;
  std::string agent_id;  // Who answered.
  absl::Duration talk, hold, wrap_up;
};

struct Record {
  std::string call_id, direction, caller_number, caller_name, called_number;
  absl::Time start = absl::InfinitePast();
  absl::Time answer = absl::InfinitePast();  // InfinitePast = never.
  absl::Time end = absl::InfinitePast();     // InfinitePast while open.
  std::string queue_id, agent_id, outcome, disposition_id, comment, end_cause;
  absl::Duration wait, talk, hold, wrap_up;
  std::vector<std::string> recording_ids;
  std::vector<Segment> segments;
  std::vector<QueueStay> stays;
  // Fold again then, even without a new fact; InfiniteFuture = not needed.
  absl::Time refold_at = absl::InfiniteFuture();
};

// Facts in any order, duplicates already removed. Nothing where the call's
// start is not known yet.
std::optional<Record> Fold(std::vector<Fact> facts, absl::Time now);

}  // namespace zvon::reporting
