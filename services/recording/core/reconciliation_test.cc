#include "services/recording/core/reconciliation.h"

#include <catch2/catch.hpp>

namespace zvon::recording {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

}  // namespace

TEST_CASE("recordings are missed by the table", "[reconciliation]") {
  struct Row {
    const char* name;
    bool stored;
    int length;  // Seconds.
    int ended;   // Seconds after the order; -1 = not.
    int talked;
    int now;
    int missing;  // Seconds; -1 = fine.
  };
  const Row rows[] = {
      {"talking", false, 0, -1, 0, 3600, -1},
      {"just ended", false, 0, 60, 60, 120, -1},
      {"ended long ago", false, 0, 60, 60, 240, 60},
      {"stored whole", true, 60, 60, 60, 9999, -1},
      {"within the tolerance", true, 59, 60, 60, 9999, -1},
      {"half of it", true, 30, 60, 60, 9999, 30},
      {"longer than the talk", true, 70, 60, 60, 9999, -1},
      {"stored before the end is known", true, 60, -1, 0, 9999, -1},
      {"never ended", false, 0, -1, 0, 13 * 3600, 0},
  };
  for (const Row& row : rows) {
    RecordingFacts facts;
    facts.stored = row.stored;
    facts.length = absl::Seconds(row.length);
    facts.ordered_time = kStart;
    facts.ended = row.ended >= 0;
    facts.ended_time = kStart + absl::Seconds(row.ended);
    facts.talked = absl::Seconds(row.talked);
    const Verdict verdict = Judge(facts, {}, kStart + absl::Seconds(row.now));
    CAPTURE(row.name);
    CHECK(verdict.missing == (row.missing >= 0));
    if (verdict.missing) CHECK(verdict.amount == absl::Seconds(row.missing));
    CHECK(verdict.missing == !verdict.reason.empty());
  }
}

TEST_CASE("an assigned talk without any recording is missed after a while", "[reconciliation]") {
  TalkFacts talk{true, true, true, kStart, 0};
  CHECK_FALSE(Judge(talk, {}, kStart + absl::Seconds(10)).missing);
  CHECK(Judge(talk, {}, kStart + absl::Minutes(4)).missing);
  talk.recordings = 1;
  CHECK_FALSE(Judge(talk, {}, kStart + absl::Minutes(4)).missing);
  talk = {true, false, true, kStart, 0};  // Two colleagues: nothing was to be recorded.
  CHECK_FALSE(Judge(talk, {}, kStart + absl::Minutes(4)).missing);
  talk = {false, true, true, kStart, 0};  // Never connected.
  CHECK_FALSE(Judge(talk, {}, kStart + absl::Minutes(4)).missing);
  talk = {true, true, false, kStart, 0};
  CHECK_FALSE(Judge(talk, {}, kStart + absl::Minutes(4)).missing);
}

}  // namespace zvon::recording
