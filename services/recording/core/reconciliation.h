#pragma once
// Has every connected talk its recording? Pure.

#include <string>

#include "absl/time/time.h"

namespace zvon::recording {

// What is known of one ordered recording.
struct RecordingFacts {
  bool stored = false;
  absl::Duration length;    // Of the stored file, gaps included.
  absl::Duration gaps;      // Declared, within the length.
  bool ended = false;       // RecordingEnded came.
  absl::Time ended_time;    // When.
  absl::Duration talked;    // What it said.
  absl::Time ordered_time;  // When RecordingStarted came.
};

// What is known of one interaction.
struct TalkFacts {
  bool bridged = false;   // The customer and another leg heard each other.
  bool assigned = false;  // The other leg was an agent by a queue's decision.
  bool ended = false;
  absl::Time ended_time;
  int recordings = 0;  // Ordered or stored.
};

struct ReconciliationOptions {
  // After the end of a talk, before its recording is missed.
  absl::Duration settle = absl::Minutes(3);
  // Length and talk may differ by so much.
  absl::Duration tolerance = absl::Seconds(1);
  // A recording that was ordered and never ended is looked at so late.
  absl::Duration ordered_max = absl::Hours(12);
};

struct Verdict {
  bool missing = false;
  absl::Duration amount;
  std::string reason;
};

Verdict Judge(const RecordingFacts& facts, const ReconciliationOptions& options, absl::Time now);
Verdict Judge(const TalkFacts& facts, const ReconciliationOptions& options, absl::Time now);

}  // namespace zvon::recording
