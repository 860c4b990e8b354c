#pragma once
// For tests of calls: a world that answers as told, and a call whose effects
// are read as lines. Leg ids appear as "caller", "leg1", "leg2"… in order.

#include <map>
#include <string>
#include <vector>

#include "services/signaling/core/call.h"
#include "services/signaling/core/call_snapshot.h"
#include "services/signaling/core/call_text.h"

namespace zvon::signaling {

class FakeEnvironment final : public CallEnvironment {
 public:
  FakeEnvironment() {
    limits.music = {"moh/one"};
    limits.apology_prompt = "ru/sorry";
    contacts["agent1"] = {{"sip:101@phone1", "", "", false}};
    contacts["agent2"] = {{"sip:102@phone2a", "", "", false}, {"sip:102@phone2b", "", "", false}};
    numbers["102"] = User("agent2");
    numbers["103"] = User("agent3");
    numbers["1000"] = Scenario("welcome");
    numbers["74951234567"] = Trunks({"gw1", "gw2"});
  }
  static DialTarget User(std::string id) {
    DialTarget t;
    t.kind = DialTarget::Kind::kUser;
    t.user_id = std::move(id);
    return t;
  }
  static DialTarget Scenario(std::string id) {
    DialTarget t;
    t.kind = DialTarget::Kind::kScenario;
    t.scenario_id = std::move(id);
    return t;
  }
  static DialTarget Trunks(std::vector<std::string> ids, bool direct = false) {
    DialTarget t;
    t.kind = DialTarget::Kind::kTrunks;
    for (auto& id : ids) t.routes.push_back({"sip:out@" + id, "", id, direct});
    return t;
  }

  absl::Time Now() const override { return now; }
  const RandomSource& Random() const override { return random; }
  const CallLimits& Limits() const override { return limits; }
  DialTarget Resolve(const std::string&, const std::string& number) const override {
    auto it = numbers.find(number);
    return it == numbers.end() ? DialTarget{} : it->second;
  }
  std::vector<DialContact> ContactsOf(const std::string&, const std::string& user) const override {
    auto it = contacts.find(user);
    return it == contacts.end() ? std::vector<DialContact>{} : it->second;
  }
  Party PartyOf(const std::string&, const std::string& user) const override { return {user, user}; }
  std::string PickMedia(const std::string& but) const override {
    for (const std::string& node : media) {
      if (node != but) return node;
    }
    return "";
  }
  std::string PickScenario() const override { return scenario; }

  absl::Time now = absl::FromUnixSeconds(1'750'000'000);
  RandomSource random = SeededRandom(7);
  CallLimits limits;
  std::map<std::string, std::vector<DialContact>> contacts;
  std::map<std::string, DialTarget> numbers;
  std::vector<std::string> media = {"media-0"};
  std::string scenario = "scenario-0";
};

using Lines = std::vector<std::string>;

class CallTester {
 public:
  CallTester() : call_(Begin()) {}
  explicit CallTester(CallState state) : call_(std::move(state)) {}
  static CallState Begin() {
    CallState state;
    state.call_id = "call";
    state.tenant_id = "demo";
    state.interaction_id = "interaction";
    state.caller = {"79161112233", "Anna"};
    state.called_number = "1000";
    state.trunk_id = "trunk";
    return state;
  }

  // Effects as lines; facts and AgentCallChanged only where asked for.
  Lines Do(const CallInput& input) {
    effects = call_.Handle(input, env);
    // Every state survives its snapshot.
    auto copy = ParseCall(SerializeCall(call_.state()));
    if (!copy.ok() || SerializeCall(*copy) != SerializeCall(call_.state()))
      return {"snapshot differs"};
    for (const auto& leg : call_.state().legs) {
      if (names_.count(leg.id) == 0) names_[leg.id] = "leg" + std::to_string(names_.size());
    }
    Lines lines;
    for (const CallEffect& effect : effects) {
      const std::string line = EffectText(effect, names_);
      if (line.rfind("fact ", 0) == 0) {
        facts.push_back(line.substr(5));
        continue;
      }
      if (line.rfind("tell ", 0) == 0) continue;
      lines.push_back(line);
    }
    return lines;
  }
  Lines Advance(absl::Duration by) {
    env.now += by;
    return Do(TimerDue{});
  }
  // A kill and a restart.
  void Restart() { call_ = Call(*ParseCall(SerializeCall(call_.state()))); }
  void Restart(CallState state) { call_ = Call(std::move(state)); }

  static MediaDescription Remote(const std::string& address = "10.0.0.1", int port = 4000,
                                 Direction direction = Direction::kSendRecv) {
    MediaDescription remote;
    remote.address = address;
    remote.port = port;
    remote.direction = direction;
    return remote;
  }
  // Id of the n-th leg: 0 is the caller.
  std::string Leg(const std::string& name) const {
    for (const auto& [id, known] : names_) {
      if (known == name) return id;
    }
    return name;
  }
  std::string Branch(const std::string& name, int n = 0) const {
    return Leg(name) + "/" + std::to_string(n);
  }

  Lines Invite(DialTarget target, LegKind kind = LegKind::kCustomer, std::string agent_id = "") {
    names_["caller-id"] = "caller";
    InviteReceived in;
    in.branch_id = "caller-id/0";
    in.leg_id = "caller-id";
    in.kind = kind;
    in.agent_id = std::move(agent_id);
    in.target = std::move(target);
    in.remote = Remote();
    in.body = "v=0 caller";
    return Do(in);
  }
  Lines Ready(const std::string& leg, int port = 20000) {
    return Do(EndpointReady{Leg(leg), "127.0.0.1", port});
  }
  Lines Run(RunCommandReceived::Kind kind) {
    RunCommandReceived in;
    in.kind = kind;
    in.command_id = "step/1";
    in.queue_id = "sales";
    in.play_id = "p1";
    in.loop = true;
    in.items.resize(1);
    in.items[0].prompt = "ru/hello";
    return Do(in);
  }
  Lines Offer(const std::string& offer, const std::string& agent, int64_t counter,
              absl::Duration deadline = absl::Seconds(20)) {
    OfferReceived in;
    in.offer_id = offer;
    in.token = {1, counter};
    in.queue_id = "sales";
    in.agent_id = agent;
    in.deadline = env.now + deadline;
    return Do(in);
  }
  Lines Answered(const std::string& leg, int n = 0) {
    return Do(BranchAnswered{Branch(leg, n), Remote("10.0.0.2", 5000), "v=0 callee"});
  }
  Lines Command(AgentCommand::Kind kind, const std::string& agent) {
    AgentCommand in;
    in.kind = kind;
    in.agent_id = agent;
    in.request_id = "r";
    return Do(in);
  }
  // A caller that is answered and waits in the queue "sales".
  void ToQueue() {
    Invite(FakeEnvironment::Scenario("welcome"));
    Ready("caller");
    Run(RunCommandReceived::Kind::kAnswer);
    Run(RunCommandReceived::Kind::kEnqueue);
    Run(RunCommandReceived::Kind::kPlay);
  }
  // …and is then connected with agent1 (leg1).
  void ToTalk() {
    ToQueue();
    Offer("o1", "agent1", 1);
    Ready("leg1", 20002);
    Do(BranchProgress{Branch("leg1"), 180, {}, ""});
    Answered("leg1");
    Do(AgentAssigned{"o1", "agent1"});
  }
  const CallState& state() const { return call_.state(); }
  const Call& call() const { return call_; }

  FakeEnvironment env;
  std::vector<CallEffect> effects;
  Lines facts;

 private:
  std::map<std::string, std::string> names_;
  Call call_;
};

}  // namespace zvon::signaling
