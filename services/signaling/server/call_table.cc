#include "services/signaling/server/call_table.h"

#include "services/common/telemetry/log.h"
#include "services/signaling/core/archive.h"
#include "services/signaling/core/call_snapshot.h"
#include "services/signaling/core/call_text.h"
#include "services/signaling/server/signaling_probe.h"

namespace zvon::signaling {
namespace {
// The two halves of a snapshot.
struct Record {
  std::string call;
  std::string sip;
};
template <class A>
void Describe(A& a, Record& v) {
  a(1, v.call), a(2, v.sip);
}
std::string TrunkKey(const CallState& state) { return state.tenant_id + "/" + state.trunk_id; }
}  // namespace

CallTable::CallTable(TaskRunner& runner, CallPorts ports, const CallEnvironment& environment,
                     StoreOf store_of, SignalingProbe& probe)
    : runner_(runner),
      ports_(ports),
      environment_(environment),
      store_of_(std::move(store_of)),
      probe_(probe) {}
CallTable::~CallTable() {
  *alive_ = false;
  for (auto& [id, entry] : calls_) runner_.Cancel(entry->timer);
}

void CallTable::Begin(CallState state, const CallInput& input) {
  auto entry = std::make_unique<Entry>(std::move(state));
  const std::string call_id = entry->call.state().call_id;
  entry->store = &store_of_(entry->call.state().tenant_id);
  entry->begun = runner_.Now();
  by_interaction_[entry->call.state().interaction_id] = call_id;
  ++trunk_calls_[TrunkKey(entry->call.state())];
  calls_[call_id] = std::move(entry);
  probe_.CallsActive(calls_.size());
  Feed(call_id, input);
}

void CallTable::Feed(const std::string& call_id, CallInput input) {
  inputs_.emplace_back(call_id, std::move(input));
  Drain();
}
void CallTable::FeedInteraction(const std::string& interaction_id, CallInput input) {
  auto it = by_interaction_.find(interaction_id);
  if (it != by_interaction_.end()) Feed(it->second, std::move(input));
}
void CallTable::FeedAll(const CallInput& input) {
  FeedWhere([](const CallState&) { return true; }, input);
}
void CallTable::FeedWhere(const std::function<bool(const CallState&)>& which,
                          const CallInput& input) {
  for (const auto& [id, entry] : calls_) {
    if (which(entry->call.state())) inputs_.emplace_back(id, input);
  }
  Drain();
}

// Inputs that effects give rise to wait until the present one is done.
void CallTable::Drain() {
  if (handling_) return;
  handling_ = true;
  while (!inputs_.empty()) {
    auto [call_id, input] = std::move(inputs_.front());
    inputs_.pop_front();
    auto it = calls_.find(call_id);
    if (it != calls_.end()) Handle(*it->second, input);
  }
  handling_ = false;
}

void CallTable::Handle(Entry& entry, const CallInput& input) {
  std::vector<CallEffect> effects = entry.call.Handle(input, environment_);
  const std::string call_id = entry.call.state().call_id;
  if (!effects.empty()) MarkDirty(entry);
  for (CallEffect& effect : effects) {
    if (LogEnabled(LogLevel::kDebug)) LogDebug(EffectText(effect), {{"call_id", call_id}});
    Perform(entry, effect);
  }
  if (entry.call.finished()) return Remove(call_id);
  Arm(entry);
}

void CallTable::Perform(Entry& entry, CallEffect& effect) {
  const CallState& call = entry.call.state();
  if (auto* e = std::get_if<SendResponse>(&effect)) {
    if (e->code == 100) {
      entry.trying = std::move(*e);
      entry.trying_waits = true;
      return;
    }
    entry.trying_waits = false;
    if (e->code >= 200) probe_.Answered(e->code, runner_.Now() - entry.begun);
    return ports_.sip.Respond(call, *e);
  }
  if (auto* e = std::get_if<MediaOrder>(&effect)) {
    probe_.Control("media", "out");
    if (!ports_.media.Send(call, *e)) entry.orders_lost = true;
    return;
  }
  if (auto* e = std::get_if<RunOrder>(&effect)) {
    probe_.Control("scenario", "out");
    return ports_.scenario.Send(call, *e);
  }
  if (auto* e = std::get_if<RoutingOrder>(&effect)) {
    probe_.Control("routing", "out");
    return ports_.routing.Send(call, *e);
  }
  if (auto* e = std::get_if<Fact>(&effect)) return ports_.facts.Publish(call, *e);
  if (auto* e = std::get_if<AgentCallChanged>(&effect)) {
    if (const Leg* leg = call.FindLeg(e->leg_id)) ports_.agents.Tell(call, *leg);
    return;
  }
  if (auto* e = std::get_if<CommandDone>(&effect)) return ports_.agents.Done(call, *e);
  if (auto* e = std::get_if<SendInvite>(&effect)) return ports_.sip.Invite(call, *e);
  if (auto* e = std::get_if<CancelInvite>(&effect)) return ports_.sip.Cancel(*e);
  if (auto* e = std::get_if<SendBye>(&effect)) return ports_.sip.Bye(*e);
  if (auto* e = std::get_if<SendReinvite>(&effect)) return ports_.sip.Reinvite(*e);
  if (auto* e = std::get_if<AnswerOffer>(&effect)) return ports_.sip.Answer(*e);
  if (auto* e = std::get_if<NotifyTalk>(&effect)) return ports_.sip.Talk(*e);
  if (auto* e = std::get_if<AnswerRefer>(&effect)) return ports_.sip.Refer(*e);
  if (auto* e = std::get_if<NotifyRefer>(&effect)) return ports_.sip.Notify(*e);
}

void CallTable::Arm(Entry& entry) {
  const absl::Time next = entry.call.NextWakeup();
  if (next == entry.timer_at) return;
  runner_.Cancel(entry.timer);
  entry.timer = 0;
  entry.timer_at = next;
  if (next == absl::InfiniteFuture()) return;
  entry.timer = runner_.RunAt(next, [this, call_id = entry.call.state().call_id] {
    auto it = calls_.find(call_id);
    if (it == calls_.end()) return;
    it->second->timer = 0;
    it->second->timer_at = absl::InfiniteFuture();
    Feed(call_id, TimerDue{});
  });
}

void CallTable::MarkDirty(Entry& entry) {
  if (entry.dirty) return;
  entry.dirty = true;
  dirty_.push_back(entry.call.state().call_id);
  if (std::exchange(flush_set_, true)) return;
  runner_.AtTurnEnd([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) FlushDirty();
  });
}

// One snapshot a call and turn; the client sends them in one pipeline.
void CallTable::FlushDirty() {
  flush_set_ = false;
  for (const std::string& call_id : std::exchange(dirty_, {})) {
    auto it = calls_.find(call_id);
    if (it == calls_.end()) continue;
    Flush(*it->second,
          [this, call_id, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
            if (alive.expired()) return;
            if (absl::IsFailedPrecondition(status)) return Abandon(call_id);
            if (!status.ok()) probe_.SnapshotFailed();
            // Without Redis the caller is not kept waiting for his 100.
            auto found = calls_.find(call_id);
            if (found == calls_.end() || !std::exchange(found->second->trying_waits, false)) return;
            ports_.sip.Respond(found->second->call.state(), found->second->trying);
          });
  }
}

void CallTable::Flush(Entry& entry, SnapshotStore::Done done) {
  entry.dirty = false;
  Record record;
  record.call = SerializeCall(entry.call.state());
  record.sip = ports_.sip.Snapshot(entry.call.state());
  entry.store->Put(entry.call.state().call_id, ToBytes(record), kSnapshotLife, std::move(done));
}

void CallTable::OnCensus(const std::string& node,
                         const std::function<bool(const std::string&)>& held) {
  for (const auto& [id, entry] : calls_) {
    const CallState& call = entry->call.state();
    if (call.media_node != node || !call.media_down) continue;
    const bool lost = std::exchange(entry->orders_lost, false) || !held(id);
    if (lost) {
      inputs_.emplace_back(id, MediaNodeLost{true});
    } else {
      inputs_.emplace_back(id, MediaNodeKept{});
    }
  }
  Drain();
}

void CallTable::FlushAll(std::function<void()> done) {
  auto rest = std::make_shared<size_t>(calls_.size());
  if (*rest == 0) return done();
  for (auto& [id, entry] : calls_) {
    Flush(*entry, [rest, done](const absl::Status&) {
      if (--*rest == 0) done();
    });
  }
}

absl::Status CallTable::Adopt(const std::string& bytes) {
  Record record;
  if (!FromBytes(bytes, &record)) return absl::InvalidArgumentError("not a snapshot of signaling");
  absl::StatusOr<CallState> state = ParseCall(record.call);
  if (!state.ok()) return state.status();
  if (calls_.contains(state->call_id)) return absl::AlreadyExistsError(state->call_id);
  auto entry = std::make_unique<Entry>(*std::move(state));
  Entry& added = *entry;
  const CallState& call = added.call.state();
  added.store = &store_of_(call.tenant_id);
  added.begun = runner_.Now();
  by_interaction_[call.interaction_id] = call.call_id;
  ++trunk_calls_[TrunkKey(call)];
  calls_[call.call_id] = std::move(entry);
  probe_.CallsActive(calls_.size());
  ports_.sip.Restore(call, record.sip);
  Arm(added);
  return absl::OkStatus();
}

void CallTable::Remove(const std::string& call_id) {
  auto it = calls_.find(call_id);
  if (it == calls_.end()) return;
  it->second->store->Delete(call_id, [](const absl::Status&) {});
  Forget(call_id);
}

// We were thought dead and another replica went on with the call: fenced, we
// send nothing more.
void CallTable::Abandon(const std::string& call_id) {
  auto it = calls_.find(call_id);
  if (it == calls_.end()) return;
  LogWarning("another replica owns the call", {{"call_id", call_id}});
  ports_.sip.Forget(it->second->call.state());
  Forget(call_id);
}

void CallTable::AdoptFromStore(const std::string& tenant_id, const std::string& call_id,
                               std::function<bool(const std::string&)> check,
                               std::function<void(bool)> done) {
  SnapshotStore& store = store_of_(tenant_id);
  // Looked at before it is taken: a forged request must not move calls about.
  store.Get(call_id, [this, &store, call_id, check, done](const absl::StatusOr<Snapshot>& seen) {
    Record record;
    if (!seen.ok() || !FromBytes(seen->bytes, &record) || !check(record.sip)) return done(false);
    store.TakeOver(call_id, [this, call_id, done](const absl::StatusOr<Snapshot>& taken) {
      if (!taken.ok()) return done(false);
      const absl::Status adopted = Adopt(taken->bytes);
      if (adopted.ok()) LogInfo("call taken over", {{"call_id", call_id}, {"from", taken->owner}});
      done(adopted.ok() || absl::IsAlreadyExists(adopted));
    });
  });
}

void CallTable::Forget(const std::string& call_id) {
  auto it = calls_.find(call_id);
  if (it == calls_.end()) return;
  Entry& entry = *it->second;
  runner_.Cancel(entry.timer);
  by_interaction_.erase(entry.call.state().interaction_id);
  auto trunk = trunk_calls_.find(TrunkKey(entry.call.state()));
  if (trunk != trunk_calls_.end() && --trunk->second <= 0) trunk_calls_.erase(trunk);
  calls_.erase(it);
  probe_.CallsActive(calls_.size());
}

const CallState* CallTable::Find(const std::string& call_id) const {
  auto it = calls_.find(call_id);
  return it == calls_.end() ? nullptr : &it->second->call.state();
}
const CallState* CallTable::FindInteraction(const std::string& interaction_id) const {
  auto it = by_interaction_.find(interaction_id);
  return it == by_interaction_.end() ? nullptr : Find(it->second);
}
void CallTable::ForEach(const std::function<void(const CallState&)>& visit) const {
  for (const auto& [id, entry] : calls_) visit(entry->call.state());
}
size_t CallTable::CallsOfTrunk(const std::string& tenant_id, const std::string& trunk_id) const {
  auto it = trunk_calls_.find(tenant_id + "/" + trunk_id);
  return it == trunk_calls_.end() ? 0 : static_cast<size_t>(it->second);
}

}  // namespace zvon::signaling
