#include "services/recording/core/reconciliation.h"

#include "absl/strings/str_cat.h"

namespace zvon::recording {

Verdict Judge(const RecordingFacts& facts, const ReconciliationOptions& options, absl::Time now) {
  if (!facts.stored) {
    if (facts.ended && now - facts.ended_time >= options.settle) {
      return {true, facts.talked, "no sound has come"};
    }
    if (!facts.ended && now - facts.ordered_time >= options.ordered_max) {
      return {true, absl::ZeroDuration(), "ordered, and neither ended nor stored"};
    }
    return {};
  }
  if (!facts.ended) return {};
  const absl::Duration missing = facts.talked - facts.length;
  if (missing <= options.tolerance) return {};
  return {true, missing,
          absl::StrCat("stored ", absl::FormatDuration(facts.length), " of ",
                       absl::FormatDuration(facts.talked))};
}

Verdict Judge(const TalkFacts& facts, const ReconciliationOptions& options, absl::Time now) {
  const bool due = facts.bridged && facts.assigned && facts.recordings == 0;
  if (!due || !facts.ended || now - facts.ended_time < options.settle) return {};
  return {true, absl::ZeroDuration(), "no recording was ordered"};
}

}  // namespace zvon::recording
