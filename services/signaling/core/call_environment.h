#pragma once
// What a call may ask of the world while it handles one input: the time,
// chance, and read-only tables. All answers are values.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/signaling/core/call_types.h"

namespace zvon::signaling {

struct CallLimits {
  absl::Duration duration_max = absl::Hours(4);
  absl::Duration ring_timeout = absl::Seconds(60);  // Direct calls and transfers.
  absl::Duration setup_max = absl::Seconds(170);    // Caller without an answer.
  absl::Duration assigned_timeout = absl::Seconds(10);
  absl::Duration run_timeout = absl::Seconds(20);  // Without any scenario replica.
  absl::Duration media_move_delay = absl::Milliseconds(1500);
  std::vector<std::string> music;  // Prompt names of hold music.
  std::string apology_prompt;
};

class CallEnvironment {
 public:
  virtual ~CallEnvironment() = default;
  virtual absl::Time Now() const = 0;
  virtual const RandomSource& Random() const = 0;
  virtual const CallLimits& Limits() const = 0;
  // Meaning of a number dialled by one of the tenant's own users or scenarios.
  virtual DialTarget Resolve(const std::string& tenant_id, const std::string& number) const = 0;
  // Registered contacts of a user's endpoints; empty = cannot be rung.
  virtual std::vector<DialContact> ContactsOf(const std::string& tenant_id,
                                              const std::string& user_id) const = 0;
  // Internal number and name of a user.
  virtual Party PartyOf(const std::string& tenant_id, const std::string& user_id) const = 0;
  // Least loaded media node that is up, but not `but`; empty = none.
  virtual std::string PickMedia(const std::string& but) const = 0;
  // A scenario replica that is up; empty = none.
  virtual std::string PickScenario() const = 0;
};

}  // namespace zvon::signaling
