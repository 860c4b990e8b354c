#pragma once
// One tenant's router with its way to the store: effects are released in the
// order of the steps that made them, each after its step is stored.
//
//   loading ──stored state read──► running ──write failed──► broken
//                                     ▲                        │
//                                     └── whole state written ─┘
//
// Running: each step is one write, pipelined. Broken: inputs are still
// handled, but nothing is decided (no offers) and nothing released; the whole
// state is written anew until the store takes it, and then all is released.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/bus/bus.h"
#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/routing/core/router.h"
#include "services/routing/ports/routing_store.h"

namespace zvon::routing {

// Runner-thread only.
class TenantShard {
 public:
  struct Environment {
    TaskRunner* runner = nullptr;
    RoutingStore* store = nullptr;
    Publisher* publisher = nullptr;
    RandomSource random;
    std::string instance;
    // Lets others see what was decided and stored.
    std::function<void(const std::string& tenant_id, const Effects&)> release;
    // The store knows a higher epoch.
    std::function<void()> on_superseded;
    // Time from an input to its stored decision, where it made an offer.
    std::function<void(absl::Duration)> on_decision;
    RouterOptions router_options;
    absl::Duration retry = absl::Milliseconds(200);
    // Inputs kept while loading, and steps not yet stored; more are refused.
    size_t waiting_max = 100'000;
  };
  TenantShard(std::string tenant_id, int64_t epoch, TenantSettings settings,
              Environment environment);
  ~TenantShard();
  TenantShard(const TenantShard&) = delete;
  TenantShard& operator=(const TenantShard&) = delete;

  void Start();
  // False where too much waits for the store already.
  bool Feed(Input input);
  // Runs `then` when all that was decided before is stored and released.
  void AfterReleases(std::function<void(const Router&)> then);
  // Asks the store whether it still has the state, where nothing else is being
  // written: a wiped store must not wait for the next input to be made whole.
  void Probe();
  bool running() const { return state_ == State::kRunning; }
  size_t held() const { return pending_.size(); }
  const Router& router() const { return *router_; }

 private:
  enum class State { kLoading, kRunning, kBroken };
  // A step on its way to the store.
  struct Step {
    Effects effects;
    std::vector<OutboxEvent> events;
    std::function<void(const Router&)> then;
    absl::Time start;
    bool stored = false;
  };

  void Load();
  void OnLoaded(absl::StatusOr<StoredTenant> stored);
  void Apply(Effects effects);
  void Send(Step& step, uint64_t number);
  void Write(Step& step, uint64_t number);
  void OnWritten(uint64_t number, const absl::Status& status);
  void Break(const absl::Status& why);
  void ReplaceAll();
  void OnReplaced(uint64_t last_number, const absl::Status& status);
  void ReleaseStored();
  void PublishEvents(const std::vector<OutboxEvent>& events);
  void SetWakeup();
  void RunLater(absl::Duration delay, void (TenantShard::*what)());

  const std::string tenant_id_;
  const int64_t epoch_;
  TenantSettings settings_;
  const Environment environment_;
  std::unique_ptr<Router> router_;
  State state_ = State::kLoading;
  std::vector<Input> waiting_;  // While loading.
  std::deque<Step> pending_;    // Numbers first_number_, first_number_ + 1, …
  uint64_t first_number_ = 1;
  uint64_t generation_ = 0;  // Of the writes: answers from before a break are void.
  size_t outbox_taken_ = 0;
  TimerId wakeup_ = 0;
  absl::Time wakeup_time_ = absl::InfiniteFuture();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::routing
