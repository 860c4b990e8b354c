// Random operations against a brute-force oracle: the invariants of the
// router hold after each, and each decision is the one that a reading of all
// agents and all entries gives. A failing seed is printed.

#include <algorithm>
#include <catch2/catch.hpp>

#include "services/common/ids/ids.h"
#include "services/routing/core/router.h"

namespace zvon::routing {
namespace {

// Keeps its own books from the effects alone, as owners and gateways do.
class Oracle {
 public:
  explicit Oracle(uint64_t seed) : random_(SeededRandom(seed)) {
    MakeSettings();
    router_ = std::make_unique<Router>("demo", 1, RouterOptions());
    See(router_->Handle(OwnerAttached{"owner", 1}, now_));
    See(router_->Handle(SettingsChanged{settings_}, now_));
  }

  void Step() {
    now_ += absl::Milliseconds(Roll(1500));
    RunTimers();
    switch (Roll(14)) {
      case 0:
      case 1:
      case 2:
        return Enqueue();
      case 3:
        return Do(SignInInput{RandomAgent(), {}, "gateway", NextState{AgentState::kReady, ""}});
      case 4:
        return Do(SetStateInput{
            RandomAgent(),
            {},
            NextState{Roll(2) != 0U ? AgentState::kReady : AgentState::kNotReady, ""}});
      case 5:
        return Do(SignOutInput{RandomAgent(), {}});
      case 6:
        return Withdraw();
      case 7:
        return Tell(Progress::kAnswered);
      case 8:
        return Tell(Roll(2) != 0U ? Progress::kExpired : Progress::kFailed);
      case 9:
      case 10:
        return End();
      case 11:
        return FinishWrapUp();
      case 12:
        return Rare();
      default:
        return Heartbeats();
    }
  }

  std::string problem() const { return problem_; }

 private:
  uint64_t Roll(uint64_t below) { return random_() % below; }
  std::string RandomAgent() { return "a" + std::to_string(Roll(12)); }

  void MakeSettings() {
    const std::vector<std::string> skills = {"s1", "s2", "s3"};
    for (int q = 0; q < 4; ++q) {
      QueueSettings queue;
      queue.queue_id = "q" + std::to_string(q);
      if (Roll(2) != 0U) queue.required_skills = {skills[Roll(3)]};
      queue.match_mode = Roll(4) == 0U ? MatchMode::kExact : MatchMode::kContainment;
      queue.priority = static_cast<int>(Roll(3));
      queue.wrap_up_limit = absl::Seconds(Roll(3) * 5);
      if (Roll(3) == 0U) queue.missed_offer_reason_id = "missed";
      if (Roll(3) == 0U) queue.wait_max = absl::Seconds(30);
      if (Roll(4) == 0U)
        queue.member_ids = MakeSkillSet({RandomAgent(), RandomAgent(), RandomAgent()});
      settings_.queues[queue.queue_id] = queue;
    }
    for (int a = 0; a < 12; ++a) {
      std::vector<std::string> own;
      for (const std::string& skill : skills) {
        if (Roll(2) != 0U) own.push_back(skill);
      }
      settings_.agents["a" + std::to_string(a)] = MakeSkillSet(own);
    }
  }

  void Enqueue() {
    EnqueueInput input;
    input.owner_id = "owner";
    input.interaction_id = "c" + std::to_string(next_call_++);
    input.queue_id = "q" + std::to_string(Roll(4));
    input.priority = static_cast<int>(Roll(3));
    if (Roll(3) == 0U) input.skills = {"s" + std::to_string(1 + Roll(3))};
    live_.push_back(input);
    Do(input);
  }

  std::string AnyCall() { return live_.empty() ? "" : live_[Roll(live_.size())].interaction_id; }
  void Withdraw() {
    if (live_.empty()) return;
    const std::string id = AnyCall();
    Forget(id);
    Do(WithdrawInput{id, Roll(2) != 0U ? EntryOutcome::kAbandoned : EntryOutcome::kFlowedOut});
  }
  void Forget(const std::string& id) {
    live_.erase(std::remove_if(live_.begin(), live_.end(),
                               [&](const EnqueueInput& i) { return i.interaction_id == id; }),
                live_.end());
  }
  void Tell(Progress progress) {
    if (offers_.empty()) return;
    auto it = offers_.begin();
    std::advance(it, static_cast<ptrdiff_t>(Roll(offers_.size())));
    const auto& [offer, id] = it->second;
    OfferProgressInput input{"owner", id, offer.offer_id, offer.token, progress, ""};
    if (Roll(8) == 0U) input.token.counter -= 1;  // Somebody late.
    Do(input);
  }
  void End() {
    for (const EnqueueInput& call : live_) {
      const Entry* entry = router_->entries().Find(call.interaction_id);
      if (entry == nullptr || entry->state != EntryState::kAssigned || Roll(3) == 0U) continue;
      const AssignmentEndedInput input{call.interaction_id, entry->offer.agent_id, "hangup"};
      Forget(call.interaction_id);
      return Do(input);
    }
  }
  void FinishWrapUp() { Do(DispositionInput{RandomAgent(), {}, "", "done", "", true}); }
  void Heartbeats() {
    for (int a = 0; a < 12; ++a) {
      if (Roll(5) != 0U) Do(HeartbeatInput{"a" + std::to_string(a), {}, "gateway"});
    }
  }

  // Faults: streams lost, the router restarted, settings changed, store away.
  void Rare() {
    switch (Roll(6)) {
      case 0:
        Do(OwnerLost{"owner"});
        if (Roll(2) != 0U) now_ += absl::Seconds(Roll(8));
        RunTimers();
        return Republish();
      case 1:
        return Do(GatewayLost{"gateway"});
      case 2: {
        now_ += absl::Milliseconds(1);  // No take-over is faster.
        TenantState state = router_->Snapshot();
        router_ = std::make_unique<Router>("demo", router_->epoch() + 1, RouterOptions());
        See(router_->Restore(std::move(state), settings_, now_));
        return Republish();
      }
      case 3:
        settings_.agents[RandomAgent()] = MakeSkillSet({"s" + std::to_string(1 + Roll(3))});
        return Do(SettingsChanged{settings_});
      default:
        store_ = false;
        Do(StoreHealth{false});
        Enqueue();
        Heartbeats();
        store_ = true;
        return Do(StoreHealth{true});
    }
  }
  void Republish() {
    Do(OwnerAttached{"owner", 1});
    for (EnqueueInput call : std::vector<EnqueueInput>(live_)) {
      call.republished = true;
      const Entry* entry = router_->entries().Find(call.interaction_id);
      if (entry != nullptr) {
        call.enqueue_time = entry->enqueue_time;
        if (entry->state == EntryState::kAssigned) call.assigned_agent_id = entry->offer.agent_id;
      }
      Do(call);
    }
  }

  void RunTimers() {
    while (router_->NextWakeup() <= now_ && problem_.empty()) Do(Tick{}, router_->NextWakeup());
  }
  void Do(const Input& input) { Do(input, now_); }
  void Do(const Input& input, absl::Time at) {
    at_ = std::max(at_, at);
    See(router_->Handle(input, at));
    if (problem_.empty()) CheckState();
  }

  void Fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }

  void See(const Effects& effects) {
    for (const Fact& fact : effects.facts) {
      if (fact.sequence <= last_sequence_) Fail("sequence went back");
      last_sequence_ = fact.sequence;
      if (const auto* made = std::get_if<OfferMade>(&fact.body)) {
        if (!(last_token_ < made->offer.token)) Fail("token used twice: " + made->offer.offer_id);
        last_token_ = made->offer.token;
        if (!store_) Fail("offer without a store");
        if (!open_of_agent_.emplace(fact.agent_id, fact.interaction_id).second) {
          Fail("agent " + fact.agent_id + " in two offers");
        }
        if (!open_of_entry_.emplace(fact.interaction_id, fact.agent_id).second) {
          Fail("entry " + fact.interaction_id + " in two offers");
        }
      }
      if (const auto* ended = std::get_if<OfferEnded>(&fact.body)) {
        open_of_agent_.erase(fact.agent_id);
        open_of_entry_.erase(fact.interaction_id);
        if (ended->outcome == OfferOutcome::kAccepted &&
            !answered_.insert(fact.interaction_id).second) {
          Fail("entry answered twice: " + fact.interaction_id);
        }
      }
      if (std::holds_alternative<QueueEntered>(fact.body)) ++entered_;
      if (std::holds_alternative<QueueLeft>(fact.body)) ++left_;
    }
    for (const OwnerMessage& message : effects.owner_messages) {
      if (const auto* offer = std::get_if<OfferStarted>(&message.body)) {
        offers_[offer->offer.offer_id] = {offer->offer, message.interaction_id};
      } else if (const auto* revoked = std::get_if<OfferRevoked>(&message.body)) {
        offers_.erase(revoked->offer_id);
      } else if (std::holds_alternative<WaitExpired>(message.body)) {
        Forget(message.interaction_id);
      }
    }
    while (offers_.size() > 20) offers_.erase(offers_.begin());
  }

  static bool Eligible(const Entry& entry, const Agent& agent, const TenantSettings& settings,
                       absl::Time now) {
    const QueueSettings& queue = settings.queues.at(entry.queue_id);
    if (!agent.offerable() || entry.state != EntryState::kWaiting || !entry.confirmed) return false;
    const auto avoid = entry.avoid.find(agent.agent_id);
    if (avoid != entry.avoid.end() && avoid->second > now) return false;
    if (!queue.member_ids.empty() && !Contains(queue.member_ids, {agent.agent_id})) return false;
    const SkillSet required = Union(queue.required_skills, entry.skills);
    const SkillSet& skills = settings.agents.at(agent.agent_id);
    return queue.match_mode == MatchMode::kExact ? skills == required : Contains(skills, required);
  }

  void CheckState() {
    int waiting = 0;
    router_->entries().ForEach([&](const Entry& entry) {
      if (entry.state != EntryState::kAssigned) ++waiting;
      const Agent* agent = router_->agents().Find(entry.offer.agent_id);
      const bool with_agent = agent != nullptr && agent->interaction_id == entry.interaction_id;
      if ((entry.state == EntryState::kWaiting) == with_agent) Fail("entry in two places or none");
    });
    if (entered_ != left_ + waiting) {
      Fail("entered " + std::to_string(entered_) + " != left " + std::to_string(left_) +
           " + waiting " + std::to_string(waiting));
    }
    router_->agents().ForEach([&](const Agent& agent) {
      const Entry* entry = router_->entries().Find(agent.interaction_id);
      const bool busy = agent.state == AgentState::kOffered || agent.state == AgentState::kEngaged;
      if (busy && (entry == nullptr || entry->offer.agent_id != agent.agent_id)) {
        Fail(agent.agent_id + " is busy without an interaction");
      }
      if (agent.state == AgentState::kWrapUp && agent.wrap_up_deadline < at_) {
        Fail(agent.agent_id + " is in wrap-up past its limit");
      }
      if (!store_) return;
      router_->entries().ForEach([&](const Entry& waiting_entry) {
        if (Eligible(waiting_entry, agent, settings_, at_)) {
          Fail(agent.agent_id + " is ready and " + waiting_entry.interaction_id + " waits");
        }
      });
    });
  }

  RandomSource random_;
  TenantSettings settings_;
  std::unique_ptr<Router> router_;
  absl::Time now_ = absl::FromUnixSeconds(1'750'000'000);
  absl::Time at_ = now_;
  std::vector<EnqueueInput> live_;
  std::map<std::string, std::pair<Offer, std::string>> offers_;
  std::map<std::string, std::string> open_of_agent_;
  std::map<std::string, std::string> open_of_entry_;
  std::set<std::string> answered_;
  FencingToken last_token_;
  int64_t last_sequence_ = 0;
  int next_call_ = 0;
  int entered_ = 0;
  int left_ = 0;
  bool store_ = true;
  std::string problem_;
};

TEST_CASE("random operations keep the router's invariants") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Oracle oracle(seed);
    int step = 0;
    for (; step < 300 && oracle.problem().empty(); ++step) oracle.Step();
    INFO("seed " << seed << ", step " << step);
    REQUIRE(oracle.problem() == "");
  }
}

// Each decision is compared with a reading of everything: the entry must be
// the first in order among all that any offerable agent can serve, the agent
// the longest idle of those who can serve it.
TEST_CASE("each decision is the one that reading all agents and entries gives") {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const RandomSource random = SeededRandom(seed);
    TenantSettings settings;
    for (const char* id : {"q0", "q1"}) {
      settings.queues[id].queue_id = id;
      settings.queues[id].priority = static_cast<int>(random() % 2);
    }
    for (int a = 0; a < 20; ++a) {
      SkillSet skills;
      for (const char* skill : {"s1", "s2", "s3"}) {
        if (random() % 2 != 0) skills.push_back(skill);
      }
      settings.agents["a" + std::to_string(a)] = skills;
    }
    Router router("demo", 1, RouterOptions());
    absl::Time now = absl::FromUnixSeconds(1'750'000'000);
    (void)router.Handle(OwnerAttached{"owner", 1}, now);
    (void)router.Handle(SettingsChanged{settings}, now);
    (void)router.Handle(StoreHealth{false}, now);  // Gathers, then all at once.
    for (int a = 0; a < 20; ++a) {
      now += absl::Milliseconds(random() % 3);
      (void)router.Handle(
          SignInInput{"a" + std::to_string(a), {}, "g", NextState{AgentState::kReady, ""}}, now);
    }
    for (int c = 0; c < 30; ++c) {
      EnqueueInput input;
      input.owner_id = "owner";
      input.interaction_id = "c" + std::to_string(c);
      input.queue_id = random() % 2 != 0 ? "q0" : "q1";
      input.skills =
          random() % 2 != 0 ? SkillSet{"s" + std::to_string(1 + random() % 3)} : SkillSet{};
      now += absl::Milliseconds(random() % 3);
      (void)router.Handle(input, now);
    }
    // Brute force on copies of everything.
    std::vector<Agent> agents;
    std::vector<std::pair<PlaceKey, Entry>> entries;
    router.agents().ForEach([&](const Agent& agent) { agents.push_back(agent); });
    router.entries().ForEach([&](const Entry& entry) {
      entries.emplace_back(PlaceKey{settings.queues[entry.queue_id].priority + entry.priority,
                                    entry.enqueue_time, entry.interaction_id},
                           entry);
    });
    std::sort(agents.begin(), agents.end(),
              [](const Agent& a, const Agent& b) { return IdleKeyOf(a) < IdleKeyOf(b); });
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const auto& [place, entry] : entries) {
      const auto taken = std::find_if(
          agents.begin(), agents.end(), [&entry_ref = entry, &settings](const Agent& agent) {
            return Contains(settings.agents.at(agent.agent_id), entry_ref.skills);
          });
      if (taken == agents.end()) continue;
      wanted.emplace_back(entry.interaction_id, taken->agent_id);
      agents.erase(taken);
    }
    std::vector<std::pair<std::string, std::string>> made;
    for (const Fact& fact : router.Handle(StoreHealth{true}, now).facts) {
      if (std::holds_alternative<OfferMade>(fact.body))
        made.emplace_back(fact.interaction_id, fact.agent_id);
    }
    INFO("seed " << seed);
    REQUIRE(made == wanted);
  }
}

}  // namespace
}  // namespace zvon::routing
