#include "services/scenario/server/run_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/run_codec.h"
#include "services/scenario/adapters/run_facts.h"

namespace zvon::scenario {
namespace {

std::string Text(const absl::Status& status) { return status.ToString(); }

}  // namespace

struct RunTable::Entry {
  struct Batch {
    uint64_t number = 0;
    bool ready = false;
    RunEffects effects;
  };
  std::string run_id;
  SessionId session = 0;  // 0 = detached.
  std::unique_ptr<ScenarioRun> run;
  TimerId timer = 0;
  // Effects whose snapshots are being written, in order.
  std::deque<Batch> waiting;
  uint64_t last_batch = 0;
  // The store has taken a snapshot from this process, or given it the run.
  bool owned = false;
  bool removed = false;
};

// A resumption whose snapshot or definition is being fetched.
struct RunTable::Arrival {
  SessionId session = 0;
  std::string run_id;
  CallFacts call;
  std::string scenario_id;
  Resumption resumption;
  int attempts = 0;
  std::vector<RunEvent> events;
};

RunTable::RunTable(TaskRunner& runner, DefinitionTable& definitions,
                   std::shared_ptr<const PromptCatalog> catalog, StoreFactory stores,
                   Publisher& publisher, RandomSource random, RunOutput& output,
                   ScenarioProbe& probe, RunTableOptions options)
    : runner_(runner),
      definitions_(definitions),
      catalog_(std::move(catalog)),
      store_factory_(std::move(stores)),
      publisher_(publisher),
      random_(std::move(random)),
      output_(output),
      probe_(probe),
      options_(std::move(options)) {}

RunTable::~RunTable() {
  *alive_ = false;
  for (auto& [id, entry] : runs_) runner_.Cancel(entry->timer);
}

SnapshotStore& RunTable::StoreOf(const std::string& tenant_id) {
  std::unique_ptr<SnapshotStore>& store = stores_[tenant_id];
  if (store == nullptr) store = store_factory_(tenant_id);
  return *store;
}

void RunTable::Start(SessionId session, const std::string& run_id, CallFacts call,
                     const std::string& scenario_id) {
  auto known = runs_.find(run_id);
  if (known != runs_.end()) {  // Told twice: the stream broke before our answer.
    const RunState& state = known->second->run->state();
    return Resume(session, run_id, std::move(call), scenario_id,
                  {state.answered, state.queued, state.connected});
  }
  StartAnew({session, run_id, std::move(call), scenario_id, {}, 0, {}});
}

void RunTable::StartAnew(const Arrival& arrival) {
  DefinitionTable::DefinitionPtr definition =
      definitions_.Published({arrival.call.tenant_id, arrival.scenario_id});
  std::string refusal;
  if (definition == nullptr) {
    refusal = absl::StrCat("tenant ", arrival.call.tenant_id, " has no published scenario \"",
                           arrival.scenario_id, "\"");
  } else if (runs_.size() >= options_.runs_max) {
    refusal = absl::StrCat("this process has ", runs_.size(), " runs already");
  }
  if (!refusal.empty()) {
    probe_.refused.Increment();
    LogWarning("run refused", {{"call_id", arrival.call.call_id}, {"reason", refusal}});
    return output_.Refuse(arrival.session, arrival.run_id, refusal);
  }
  auto run = std::make_unique<ScenarioRun>(ScenarioRun::NewState(arrival.call, *definition),
                                           definition, catalog_);
  const EntryPtr entry = Add(arrival.session, arrival.run_id, std::move(run));
  const Resumption& r = arrival.resumption;
  const bool under_way = r.answered || r.queued || r.connected;
  Perform(entry,
          under_way ? entry->run->Resume(r, runner_.Now()) : entry->run->Begin(runner_.Now()));
  if (!under_way) probe_.started.Increment();
}

void RunTable::Resume(SessionId session, const std::string& run_id, CallFacts call,
                      const std::string& scenario_id, const Resumption& resumption) {
  auto arrival = std::make_shared<Arrival>(
      Arrival{session, run_id, std::move(call), scenario_id, resumption, 0, {}});
  arrivals_[run_id] = arrival;
  TakeOver(std::move(arrival));
}

// Neither overtaken by a newer resumption nor left by its session.
bool RunTable::IsAwaited(const std::shared_ptr<Arrival>& arrival) const {
  auto it = arrivals_.find(arrival->run_id);
  return it != arrivals_.end() && it->second == arrival;
}

void RunTable::TakeOver(std::shared_ptr<Arrival> arrival) {
  ++arrival->attempts;
  StoreOf(arrival->call.tenant_id)
      .TakeOver(
          arrival->run_id, [this, alive = alive_, arrival](absl::StatusOr<Snapshot> snapshot) {
            if (!*alive || !IsAwaited(arrival)) return;
            absl::StatusOr<RunState> state =
                snapshot.ok() ? DecodeRunState(snapshot->bytes) : snapshot.status();
            if (state.ok()) return TakenOver(arrival, *state);
            const bool try_again =
                absl::IsUnavailable(state.status()) || absl::IsDeadlineExceeded(state.status());
            if (try_again && arrival->attempts < options_.takeover_attempts) {
              runner_.RunAfter(options_.takeover_retry, [this, alive, arrival] {
                if (*alive && IsAwaited(arrival)) TakeOver(arrival);
              });
              return;
            }
            // This process may still have it; failing that, the call is met anew.
            auto known = runs_.find(arrival->run_id);
            if (known != runs_.end())
              return TakenOver(arrival, RunState(known->second->run->state()));
            LogWarning("no snapshot of a run to resume",
                       {{"call_id", arrival->call.call_id}, {"why", Text(state.status())}});
            probe_.restarted.Increment();
            arrivals_.erase(arrival->run_id);
            StartAnew(*arrival);
            for (const RunEvent& event : arrival->events)
              OnEvent(arrival->session, arrival->run_id, event);
          });
}

void RunTable::TakenOver(std::shared_ptr<Arrival> arrival, const RunState& state) {
  const ScenarioKey key{state.call.tenant_id, state.scenario_id};
  auto adopt = [this, alive = alive_, arrival, state,
                key](absl::StatusOr<DefinitionTable::DefinitionPtr> definition) {
    if (!*alive || !IsAwaited(arrival)) return;
    DefinitionTable::DefinitionPtr found =
        definition.ok() ? *definition : definitions_.Published(key);
    if (!definition.ok()) {
      LogWarning("the version of a run is gone; it goes on with the published one",
                 {{"call_id", arrival->call.call_id},
                  {"scenario_id", key.scenario_id},
                  {"version", state.version},
                  {"why", Text(definition.status())}});
    }
    arrivals_.erase(arrival->run_id);
    if (found == nullptr) {
      probe_.refused.Increment();
      return output_.Refuse(arrival->session, arrival->run_id, Text(definition.status()));
    }
    Adopt(*arrival, state, std::move(found));
    for (const RunEvent& event : arrival->events) OnEvent(arrival->session, arrival->run_id, event);
  };
  definitions_.Get(key, state.version, std::move(adopt));
}

void RunTable::Adopt(const Arrival& arrival, RunState state,
                     DefinitionTable::DefinitionPtr definition) {
  auto old = runs_.find(arrival.run_id);
  if (old != runs_.end()) {
    const EntryPtr before = old->second;
    for (const Entry::Batch& batch : before->waiting) Publish(before, batch.effects.facts);
    Remove(before);
  }
  auto run = std::make_unique<ScenarioRun>(std::move(state), std::move(definition), catalog_);
  const EntryPtr entry = Add(arrival.session, arrival.run_id, std::move(run));
  entry->owned = true;
  probe_.resumed.Increment();
  LogInfo("run resumed",
          {{"call_id", arrival.call.call_id}, {"step_id", entry->run->state().step_id}});
  Perform(entry, entry->run->Resume(arrival.resumption, runner_.Now()));
}

RunTable::EntryPtr RunTable::Add(SessionId session, const std::string& run_id,
                                 std::unique_ptr<ScenarioRun> run) {
  auto entry = std::make_shared<Entry>();
  entry->run_id = run_id;
  entry->session = session;
  entry->run = std::move(run);
  runs_[run_id] = entry;
  probe_.runs.Set(static_cast<double>(runs_.size()));
  return entry;
}

void RunTable::OnEvent(SessionId session, const std::string& run_id, const RunEvent& event) {
  auto arrival = arrivals_.find(run_id);
  if (arrival != arrivals_.end()) {
    if (arrival->second->session == session) arrival->second->events.push_back(event);
    return;
  }
  auto it = runs_.find(run_id);
  if (it == runs_.end() || it->second->session != session) return;
  const EntryPtr entry = it->second;
  Perform(entry, entry->run->Handle(event, runner_.Now()));
}

void RunTable::OnSessionClosed(SessionId session) {
  for (auto it = arrivals_.begin(); it != arrivals_.end();) {
    it = it->second->session == session ? arrivals_.erase(it) : std::next(it);
  }
  for (auto& [id, entry] : runs_) {
    if (entry->session != session) continue;
    entry->session = 0;
    runner_.Cancel(entry->timer);
    entry->timer =
        runner_.RunAfter(options_.detached_max, [this, weak = std::weak_ptr<Entry>(entry)] {
          if (EntryPtr gone = weak.lock()) Remove(gone);
        });
  }
}

size_t RunTable::detached() const {
  size_t count = 0;
  for (const auto& [id, entry] : runs_) count += entry->session == 0 ? 1 : 0;
  return count;
}

void RunTable::Perform(const EntryPtr& entry, RunEffects effects) {
  const bool save = effects.snapshot_needed;
  const uint64_t number = ++entry->last_batch;
  entry->waiting.push_back({number, !save, std::move(effects)});
  // Numbers of events are part of the state that is saved.
  if (save) {
    auto mark = [this, entry, number](bool late) {
      for (Entry::Batch& batch : entry->waiting) {
        if (batch.number > number || batch.ready) continue;
        batch.ready = true;
        if (late) probe_.snapshots_late.Increment();
      }
      Release(entry);
    };
    WriteSnapshot(entry, [mark](const absl::Status&) { mark(false); });
    if (!entry->waiting.empty() && !entry->waiting.back().ready) {
      runner_.RunAfter(options_.snapshot_wait, [alive = alive_, mark] {
        if (*alive) mark(true);
      });
    }
  }
  Release(entry);
  if (!entry->removed) SetTimer(entry);
}

void RunTable::WriteSnapshot(const EntryPtr& entry, std::function<void(const absl::Status&)> then) {
  const RunState& state = entry->run->state();
  StoreOf(state.call.tenant_id)
      .Put(entry->run_id, EncodeRunState(state), options_.snapshot_ttl,
           [this, alive = alive_, entry, then = std::move(then)](absl::Status status) {
             if (!*alive || entry->removed) return;
             if (absl::IsFailedPrecondition(status)) return LosesTo(entry);
             if (!status.ok()) probe_.snapshot_failures.Increment();
             entry->owned = entry->owned || status.ok();
             then(status);
           });
}

// The store says that another replica has the run.
void RunTable::LosesTo(const EntryPtr& entry) {
  const RunState state = entry->run->state();
  const SessionId session = entry->session;
  entry->waiting.clear();
  Remove(entry);
  if (!entry->owned && session != 0) {
    // A start told to two replicas: the first died with its answer on the way.
    // The call speaks to this one, which goes on from the other's snapshot.
    return Resume(session, entry->run_id, state.call, state.scenario_id,
                  {state.answered, state.queued, state.connected});
  }
  // The other one speaks to the call now; this one is silent.
  LogWarning("run taken over by another process", {{"call_id", state.call.call_id}});
  probe_.taken_away.Increment();
}

// Sends what is ready, in order.
void RunTable::Release(const EntryPtr& entry) {
  while (!entry->removed && !entry->waiting.empty() && entry->waiting.front().ready) {
    const RunEffects effects = std::move(entry->waiting.front().effects);
    entry->waiting.pop_front();
    SendOut(entry, effects);
  }
}

void RunTable::SendOut(const EntryPtr& entry, const RunEffects& effects) {
  for (const RunCommand& command : effects.commands) {
    probe_.commands.Increment();
    output_.Send(entry->session, entry->run_id, command);
  }
  Publish(entry, effects.facts);
  if (!effects.finished) return;
  probe_.ended.Increment();
  if (entry->run->state().failed) probe_.failed.Increment();
  StoreOf(entry->run->state().call.tenant_id).Delete(entry->run_id, [](absl::Status) {});
  Remove(entry);
}

void RunTable::Publish(const EntryPtr& entry, const std::vector<RunFact>& facts) {
  for (const RunFact& fact : facts) {
    if (std::holds_alternative<StepEnteredFact>(fact)) probe_.steps.Increment();
    const absl::Time now = runner_.Now();
    const FactSource source{MakeId(now, random_), options_.instance, now,
                            entry->run->NextFactSequence()};
    absl::Status status = publisher_.Publish(FactToEvent(fact, entry->run->state(), source));
    if (status.ok()) continue;
    probe_.events_lost.Increment();
    LogError("event lost", {{"call_id", entry->run->state().call.call_id}, {"why", Text(status)}});
  }
}

void RunTable::SetTimer(const EntryPtr& entry) {
  if (entry->session == 0) return;
  runner_.Cancel(entry->timer);
  entry->timer = 0;
  const absl::Time when = entry->run->NextWakeup();
  if (when == absl::InfiniteFuture()) return;
  entry->timer = runner_.RunAt(when, [this, weak = std::weak_ptr<Entry>(entry)] {
    if (EntryPtr due = weak.lock(); due != nullptr && !due->removed)
      Perform(due, due->run->Wake(runner_.Now()));
  });
}

void RunTable::WriteAllSnapshots() {
  for (auto& [id, entry] : runs_) WriteSnapshot(entry, [](const absl::Status&) {});
}

void RunTable::Remove(const EntryPtr& entry) {
  if (entry->removed) return;
  entry->removed = true;
  runner_.Cancel(entry->timer);
  auto it = runs_.find(entry->run_id);
  if (it != runs_.end() && it->second == entry) runs_.erase(it);
  probe_.runs.Set(static_cast<double>(runs_.size()));
}

}  // namespace zvon::scenario
