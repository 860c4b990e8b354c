#include "services/routing/core/testing/router_table.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/check/check.h"

namespace zvon::routing {
namespace {

using Words = std::vector<std::string>;

Words SplitWords(const std::string& text) {
  std::istringstream in(text);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

absl::Duration ParseDuration(const std::string& text) {
  absl::Duration duration;
  ZVON_CHECK(absl::ParseDuration(text, &duration));
  return duration;
}

// "skills=a+b" among the words; "" where there is none.
std::string Value(const Words& words, const std::string& name) {
  for (const std::string& word : words) {
    if (word.rfind(name + "=", 0) == 0) return word.substr(name.size() + 1);
  }
  return "";
}

int IntValue(const Words& words, const std::string& name) {
  int value = 0;
  const std::string text = Value(words, name);
  ZVON_CHECK(text.empty() || absl::SimpleAtoi(text, &value));
  return value;
}

bool Has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

SkillSet ParseSkills(const std::string& text) {
  if (text.empty() || text == "-") return {};
  return MakeSkillSet(absl::StrSplit(text, '+'));
}

// "NotReady(break)".
NextState ParseWish(const std::string& text) {
  if (text == "Ready") return {AgentState::kReady, ""};
  ZVON_CHECK(text.rfind("NotReady", 0) == 0);
  const size_t open = text.find('(');
  return {AgentState::kNotReady,
          open == std::string::npos ? "" : text.substr(open + 1, text.size() - open - 2)};
}

std::string AgentText(const Agent& agent) {
  std::string text = absl::StrCat(agent.agent_id, " ", ToText(agent.state));
  if (!agent.reason_id.empty()) absl::StrAppend(&text, "(", agent.reason_id, ")");
  return text;
}

}  // namespace

RouterOptions RouterTable::PatientOptions() {
  RouterOptions options;
  options.heartbeat_max = absl::Hours(10);
  return options;
}

RouterTable::RouterTable(RouterOptions options)
    : options_(options),
      start_(absl::FromUnixSeconds(1'750'000'000)),
      now_(start_),
      router_(std::make_unique<Router>("demo", 1, options)) {}

std::string RouterTable::Run(const std::string& table) {
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(table, '\n'))) {
    if (SplitWords(line).empty()) continue;
    const std::string wrong = RunLine(line);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string RouterTable::TakePositions() {
  return absl::StrJoin(std::exchange(positions_, {}), ", ");
}

void RouterTable::Restart(int64_t epoch) {
  TenantState state = router_->Snapshot();
  router_ = std::make_unique<Router>("demo", epoch, options_);
  See(router_->Restore(std::move(state), settings_, now_));
}

std::string RouterTable::RunLine(const std::string& line) {
  const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits('|', 1));
  Words words = SplitWords(halves[0]);
  if (words[0] == "queue" || words[0] == "agent") return Declare(words), "";
  if (!settings_given_) {
    settings_given_ = true;
    See(router_->Handle(OwnerAttached{"owner", 1}, now_));
    See(router_->Handle(SettingsChanged{settings_}, now_));
  }
  const absl::Time to = start_ + ParseDuration(words[0]);
  ZVON_CHECK(to >= now_);
  seen_.clear();
  while (router_->NextWakeup() <= to) {
    now_ = std::max(now_, router_->NextWakeup());
    See(router_->Handle(Tick{}, now_));
  }
  now_ = to;
  words.erase(words.begin());
  if (!words.empty()) See(router_->Handle(Parse(words), now_));

  std::set<std::string> wanted;
  if (halves.size() > 1) {
    for (const std::string& part : std::vector<std::string>(absl::StrSplit(halves[1], ','))) {
      const std::string text = absl::StrJoin(SplitWords(part), " ");
      if (!text.empty()) wanted.insert(text);
    }
  }
  if (wanted == seen_) return "";
  return absl::StrCat(line, "\n  seen: ", absl::StrJoin(seen_, ", "));
}

void RouterTable::Declare(const Words& words) {
  if (words[0] == "agent") {
    settings_.agents[words[1]] = ParseSkills(words.size() > 2 ? words[2] : "-");
    return;
  }
  QueueSettings& queue = settings_.queues[words[1]];
  queue = QueueSettings();
  queue.queue_id = words[1];
  queue.required_skills = ParseSkills(Value(words, "skills"));
  queue.member_ids = ParseSkills(Value(words, "members"));
  queue.match_mode = Has(words, "exact") ? MatchMode::kExact : MatchMode::kContainment;
  queue.priority = IntValue(words, "priority");
  queue.length_max = IntValue(words, "length_max");
  queue.missed_offer_reason_id = Value(words, "missed");
  if (!Value(words, "wrap_up").empty())
    queue.wrap_up_limit = ParseDuration(Value(words, "wrap_up"));
  if (!Value(words, "offer").empty()) queue.offer_timeout = ParseDuration(Value(words, "offer"));
  if (!Value(words, "wait_max").empty()) queue.wait_max = ParseDuration(Value(words, "wait_max"));
}

Input RouterTable::Parse(const Words& words) {
  const std::string& verb = words[0];
  if (verb == "enqueue") return ParseEnqueue(words);
  if (verb == "withdraw") {
    return WithdrawInput{
        words[1], Has(words, "flowed_out") ? EntryOutcome::kFlowedOut : EntryOutcome::kAbandoned};
  }
  if (verb == "settings") return SettingsChanged{settings_};
  if (verb == "store") return StoreHealth{words[1] == "up"};
  if (verb == "gateway") return GatewayLost{"gateway"};
  if (verb == "owner" && words[1] == "lost") return OwnerLost{"owner"};
  if (verb == "owner") return OwnerAttached{"owner", words.size() > 2 ? std::stoll(words[2]) : 1};
  if (settings_.agents.count(verb) != 0 || verb == "sign" || verb == "heartbeat") {
    return ParseAgent(words);
  }
  return ParseEntry(words);
}

Input RouterTable::ParseEnqueue(const Words& words) {
  EnqueueInput input;
  input.owner_id = "owner";
  input.interaction_id = words[1];
  input.queue_id = words[2];
  input.skills = ParseSkills(Value(words, "skills"));
  input.priority = IntValue(words, "priority");
  input.republished = Has(words, "republished");
  input.assigned_agent_id = Value(words, "with");
  if (!Value(words, "wait_max").empty()) input.wait_max = ParseDuration(Value(words, "wait_max"));
  if (!Value(words, "since").empty()) {
    input.enqueue_time = start_ + ParseDuration(Value(words, "since"));
  }
  auto summary = std::make_shared<Summary>();
  summary->call_id = "call-" + words[1];
  input.summary = std::move(summary);
  return input;
}

Input RouterTable::ParseAgent(const Words& words) {
  const RequestRef request{1, "r"};
  if (words[0] == "sign" && words[1] == "in") {
    SignInInput input{words[2], request, "gateway", std::nullopt};
    if (words.size() > 3) input.wish = ParseWish(words[3]);
    return input;
  }
  if (words[0] == "sign") return SignOutInput{words[2], request};
  if (words[0] == "heartbeat") return HeartbeatInput{words[1], request, "gateway"};
  if (words[1] == "declines") {
    const Agent* agent = router_->agents().Find(words[0]);
    const OfferStarted& last = offers_.at(agent->interaction_id);
    return DeclineOfferInput{words[0], request, last.offer.offer_id, last.offer.token};
  }
  if (words[1] == "finishes") {
    return DispositionInput{words[0], request, "", words.size() > 2 ? words[2] : "", "", true};
  }
  return SetStateInput{words[0], request, ParseWish(words[1])};
}

Input RouterTable::ParseEntry(const Words& words) {
  if (words[1] == "ended") return AssignmentEndedInput{words[0], "", "agent hung up"};
  static const std::map<std::string, Progress> kProgress = {{"ringing", Progress::kRinging},
                                                            {"answered", Progress::kAnswered},
                                                            {"declined", Progress::kDeclined},
                                                            {"failed", Progress::kFailed},
                                                            {"expired", Progress::kExpired}};
  const Offer& offer = offers_.at(words[0]).offer;
  OfferProgressInput input{"owner", words[0], offer.offer_id, offer.token, kProgress.at(words[1]),
                           ""};
  if (Has(words, "stale")) --input.token.counter;
  return input;
}

void RouterTable::See(const Effects& effects) {
  for (const AgentView& view : effects.agents) {
    const std::string text = AgentText(view.agent);
    if (std::exchange(agent_texts_[view.agent.agent_id], text) != text) seen_.insert(text);
  }
  for (const OwnerMessage& message : effects.owner_messages) {
    const std::string& id = message.interaction_id;
    if (const auto* position = std::get_if<Position>(&message.body)) {
      positions_.push_back(absl::StrCat(position->position, " ", id));
    } else if (const auto* offer = std::get_if<OfferStarted>(&message.body)) {
      offers_[id] = *offer;
      seen_.insert(absl::StrCat(id, " offered to ", offer->offer.agent_id));
    } else if (const auto* assigned = std::get_if<Assigned>(&message.body)) {
      seen_.insert(absl::StrCat(id, " assigned to ", assigned->agent_id));
    } else if (std::holds_alternative<OfferRevoked>(message.body)) {
      seen_.insert(id + " revoked");
    } else if (std::holds_alternative<Refused>(message.body)) {
      seen_.insert(id + " refused");
    } else {
      seen_.insert(id + " wait expired");
    }
  }
  for (const Reply& reply : effects.replies) {
    if (!reply.status.ok()) seen_.insert("refused " + reply.agent_id);
  }
  for (const Fact& fact : effects.facts) {
    if (std::holds_alternative<QueueUnservable>(fact.body)) {
      seen_.insert("unservable " + fact.interaction_id);
    }
    facts_.push_back(fact);
  }
}

}  // namespace zvon::routing
