#pragma once
// Routing cases as aligned tables. One line is a moment, an input and what
// others see of it:
//
//   queue sales    skills=sales wrap_up=30s missed=missed
//   agent a1       sales
//     0s  sign in a1 Ready      | a1 Ready
//     5s  enqueue c1 sales      | a1 Offered, c1 offered to a1
//     9s  c1 answered           | a1 Engaged, c1 assigned to a1
//
// Inputs (times are since the start of the table; a moment without an input
// only lets time pass to it, timers first):
//   sign in AGENT [Ready|NotReady[(REASON)]]     sign out AGENT
//   AGENT Ready | AGENT NotReady[(REASON)]       heartbeat AGENT
//   AGENT declines                               AGENT finishes [DISPOSITION]
//   gateway lost                                 owner lost | owner attached [INCARNATION]
//   enqueue ID QUEUE [skills=a+b] [priority=N] [wait_max=D] [republished]
//           [since=D (time of first entry)] [with=AGENT]
//   withdraw ID [flowed_out]                     ID ringing|answered|declined|failed|expired
//   ID answered again | ID answered stale        ID ended
//   store down | store up                        settings (the declarations so far)
// Effects are compared as a set: AGENT STATE[(REASON)], ID offered to AGENT,
// ID assigned to AGENT, ID revoked, ID refused, ID wait expired, unservable ID,
// refused AGENT (an answer with an error).

#include <map>
#include <memory>
#include <string>

#include "services/routing/core/router.h"

namespace zvon::routing {

class RouterTable {
 public:
  // Desktops are heard all the time unless the options say otherwise.
  static RouterOptions PatientOptions();
  explicit RouterTable(RouterOptions options = PatientOptions());
  // Runs all lines; gives "" or the first line that came out otherwise, with
  // what was seen instead.
  std::string Run(const std::string& table);
  Router& router() { return *router_; }
  const std::vector<Fact>& facts() const { return facts_; }
  // "2 c1, 1 c2": positions told since the last call, in order of telling.
  std::string TakePositions();
  absl::Time now() const { return now_; }
  // Another leader takes over what this one would have stored.
  void Restart(int64_t epoch);

 private:
  std::string RunLine(const std::string& line);
  void Declare(const std::vector<std::string>& words);
  Input Parse(const std::vector<std::string>& words);
  Input ParseEnqueue(const std::vector<std::string>& words);
  Input ParseAgent(const std::vector<std::string>& words);
  Input ParseEntry(const std::vector<std::string>& words);
  void See(const Effects& effects);

  TenantSettings settings_;
  RouterOptions options_;
  absl::Time start_;
  absl::Time now_;
  std::unique_ptr<Router> router_;
  bool settings_given_ = false;
  std::set<std::string> seen_;
  std::vector<std::string> positions_;
  std::vector<Fact> facts_;
  std::map<std::string, std::string> agent_texts_;
  std::map<std::string, OfferStarted> offers_;  // Last of each interaction.
};

}  // namespace zvon::routing
