#include "services/routing/server/tenant_shard.h"

#include <utility>

#include "services/common/check/check.h"
#include "services/common/telemetry/log.h"
#include "services/routing/server/fact_codec.h"

namespace zvon::routing {

TenantShard::TenantShard(std::string tenant_id, int64_t epoch, TenantSettings settings,
                         Environment environment)
    : tenant_id_(std::move(tenant_id)),
      epoch_(epoch),
      settings_(std::move(settings)),
      environment_(std::move(environment)),
      router_(std::make_unique<Router>(tenant_id_, epoch_, environment_.router_options)) {}

TenantShard::~TenantShard() {
  *alive_ = false;
  environment_.runner->Cancel(wakeup_);
}

void TenantShard::Start() { Load(); }

bool TenantShard::Feed(Input input) {
  if (state_ == State::kLoading) {
    if (waiting_.size() >= environment_.waiting_max) return false;
    waiting_.push_back(std::move(input));
    return true;
  }
  if (pending_.size() >= environment_.waiting_max) return false;
  Apply(router_->Handle(input, environment_.runner->Now()));
  return true;
}

void TenantShard::AfterReleases(std::function<void(const Router&)> then) {
  if (pending_.empty() && state_ != State::kLoading) return then(*router_);
  Step step;
  step.then = std::move(then);
  step.stored = state_ == State::kRunning;
  pending_.push_back(std::move(step));
}

void TenantShard::Load() {
  environment_.store->TakeOver(tenant_id_, epoch_,
                               [this, alive = alive_](absl::StatusOr<StoredTenant> stored) {
                                 if (*alive) OnLoaded(std::move(stored));
                               });
}

void TenantShard::OnLoaded(absl::StatusOr<StoredTenant> stored) {
  if (absl::IsFailedPrecondition(stored.status())) return environment_.on_superseded();
  if (!stored.ok()) {
    LogWarning("cannot read the tenant's state",
               {{"tenant_id", tenant_id_}, {"error", stored.status().ToString()}});
    return RunLater(environment_.retry, &TenantShard::Load);
  }
  LogInfo("distributes", {{"tenant_id", tenant_id_},
                          {"epoch", epoch_},
                          {"agents", static_cast<uint64_t>(stored->state.agents.size())},
                          {"entries", static_cast<uint64_t>(stored->state.entries.size())},
                          {"outbox", static_cast<uint64_t>(stored->outbox.size())}});
  state_ = State::kRunning;
  PublishEvents(stored->outbox);                   // What the leader before could not.
  for (Step& step : pending_) step.stored = true;  // Asked for while loading.
  Apply(
      router_->Restore(std::move(stored->state), std::move(settings_), environment_.runner->Now()));
  for (Input& input : std::exchange(waiting_, {})) {
    Apply(router_->Handle(input, environment_.runner->Now()));
  }
  ReleaseStored();
}

void TenantShard::Apply(Effects effects) {
  SetWakeup();
  if (effects.empty()) return;
  Step step;
  step.start = environment_.runner->Now();
  for (const Fact& fact : effects.facts) {
    step.events.push_back(ToEvent(fact, tenant_id_, environment_.instance, environment_.random));
  }
  step.effects = std::move(effects);
  pending_.push_back(std::move(step));
  if (state_ != State::kRunning) return;  // Goes with the whole state.
  Send(pending_.back(), first_number_ + pending_.size() - 1);
}

void TenantShard::Send(Step& step, uint64_t number) {
  if (step.effects.changes.empty() && step.events.empty()) {
    step.stored = true;  // Nothing to store; still behind those before it.
    return ReleaseStored();
  }
  Write(step, number);
}

void TenantShard::Probe() {
  if (state_ != State::kRunning || !pending_.empty()) return;  // A write under way tells as much.
  pending_.emplace_back();
  Write(pending_.back(), first_number_ + pending_.size() - 1);
}

void TenantShard::Write(Step& step, uint64_t number) {
  WriteBatch batch;
  batch.changes = std::exchange(step.effects.changes, {});
  batch.outbox = step.events;
  batch.outbox_taken = std::exchange(outbox_taken_, 0);
  environment_.store->Write(
      tenant_id_, epoch_, std::move(batch),
      [this, alive = alive_, number, generation = generation_](const absl::Status& status) {
        if (*alive && generation == generation_) OnWritten(number, status);
      });
}

void TenantShard::OnWritten(uint64_t number, const absl::Status& status) {
  if (absl::IsFailedPrecondition(status)) return environment_.on_superseded();
  if (!status.ok()) return Break(status);
  ZVON_CHECK(number >= first_number_);
  pending_[number - first_number_].stored = true;
  ReleaseStored();
}

void TenantShard::Break(const absl::Status& why) {
  if (state_ == State::kBroken) return;
  LogWarning("the store does not take the state, no new offers until it does",
             {{"tenant_id", tenant_id_}, {"error", why.ToString()}});
  state_ = State::kBroken;
  ++generation_;
  Apply(router_->Handle(StoreHealth{false}, environment_.runner->Now()));
  // A wiped store is there; a lost one gets a moment.
  RunLater(absl::IsDataLoss(why) ? absl::ZeroDuration() : environment_.retry,
           &TenantShard::ReplaceAll);
}

void TenantShard::ReplaceAll() {
  StoredTenant whole;
  whole.state = router_->Snapshot();
  for (const Step& step : pending_) {
    whole.outbox.insert(whole.outbox.end(), step.events.begin(), step.events.end());
  }
  const uint64_t last = first_number_ + pending_.size() - 1;
  environment_.store->Replace(tenant_id_, epoch_, std::move(whole),
                              [this, alive = alive_, last](const absl::Status& status) {
                                if (*alive) OnReplaced(last, status);
                              });
}

void TenantShard::OnReplaced(uint64_t last_number, const absl::Status& status) {
  if (absl::IsFailedPrecondition(status)) return environment_.on_superseded();
  if (!status.ok()) return RunLater(environment_.retry, &TenantShard::ReplaceAll);
  LogInfo("the store has the state again", {{"tenant_id", tenant_id_}});
  state_ = State::kRunning;
  outbox_taken_ = 0;
  uint64_t number = first_number_;
  for (Step& step : pending_) step.stored = number++ <= last_number;
  const uint64_t unsent_from = last_number + 1;
  const uint64_t unsent_to = first_number_ + pending_.size();
  for (uint64_t n = unsent_from; n < unsent_to; ++n) {
    if (n >= first_number_) Send(pending_[n - first_number_], n);
  }
  ReleaseStored();
  Apply(router_->Handle(StoreHealth{true}, environment_.runner->Now()));
}

// Publishes the facts and then tells the others. What is released may feed
// this shard again (a test's wire does), so each step is taken out first.
void TenantShard::ReleaseStored() {
  while (!pending_.empty() && pending_.front().stored) {
    Step step = std::move(pending_.front());
    pending_.pop_front();
    ++first_number_;
    PublishEvents(step.events);
    if (step.then) step.then(*router_);
    bool offered = false;
    for (const OwnerMessage& message : step.effects.owner_messages) {
      offered |= std::holds_alternative<OfferStarted>(message.body);
    }
    if (offered && environment_.on_decision) {
      environment_.on_decision(environment_.runner->Now() - step.start);
    }
    environment_.release(tenant_id_, step.effects);
  }
}

void TenantShard::PublishEvents(const std::vector<OutboxEvent>& events) {
  for (const OutboxEvent& event : events) {
    BusEvent out;
    out.topic = event.topic;
    out.key = event.key;
    out.id = event.event_id;
    out.type = event.type;
    out.source = environment_.instance;
    out.time = event.time;
    out.tenant_id = tenant_id_;
    out.payload = event.payload;
    const absl::Status status = environment_.publisher->Publish(std::move(out));
    if (!status.ok()) {
      LogError("event lost",
               {{"type", event.type}, {"event_id", event.event_id}, {"error", status.ToString()}});
    }
  }
  outbox_taken_ += events.size();
}

void TenantShard::SetWakeup() {
  const absl::Time due = router_->NextWakeup();
  if (due == wakeup_time_) return;
  environment_.runner->Cancel(wakeup_);
  wakeup_ = 0;
  wakeup_time_ = due;
  if (due == absl::InfiniteFuture()) return;
  wakeup_ = environment_.runner->RunAt(due, [this] {
    wakeup_time_ = absl::InfiniteFuture();
    wakeup_ = 0;
    Apply(router_->Handle(Tick{}, environment_.runner->Now()));
  });
}

void TenantShard::RunLater(absl::Duration delay, void (TenantShard::*what)()) {
  environment_.runner->RunAfter(delay, [this, alive = alive_, what] {
    if (*alive) (this->*what)();
  });
}

}  // namespace zvon::routing
