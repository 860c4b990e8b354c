// Decisions per second: an entry comes, is offered, answered, ended, wrapped
// up, with N agents of mixed skills in 20 queues and callers waiting.

#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "services/common/ids/ids.h"
#include "services/routing/core/router.h"

namespace zvon::routing {
namespace {

TenantSettings MakeSettings(int agents, const RandomSource& random) {
  TenantSettings settings;
  for (int q = 0; q < 20; ++q) {
    QueueSettings queue;
    queue.queue_id = absl::StrCat("q", q);
    queue.required_skills = {absl::StrCat("s", q)};
    queue.wrap_up_limit = absl::ZeroDuration();
    settings.queues[queue.queue_id] = queue;
  }
  for (int a = 0; a < agents; ++a) {
    std::vector<std::string> skills{absl::StrCat("s", a % 20)};
    for (int extra = 0; extra < 2; ++extra) skills.push_back(absl::StrCat("s", random() % 20));
    settings.agents[absl::StrCat("a", a)] = MakeSkillSet(skills);
  }
  return settings;
}

// One iteration is one whole interaction: four inputs, one decision.
void BM_Interaction(benchmark::State& state) {
  const RandomSource random = SeededRandom(1);
  const int agents = static_cast<int>(state.range(0));
  const int waiting = static_cast<int>(state.range(1));
  Router router("bench", 1, RouterOptions());
  absl::Time now = absl::FromUnixSeconds(1'750'000'000);
  (void)router.Handle(OwnerAttached{"owner", 1}, now);
  (void)router.Handle(SettingsChanged{MakeSettings(agents, random)}, now);
  for (int a = 0; a < agents; ++a) {
    (void)router.Handle(
        SignInInput{absl::StrCat("a", a), {}, "g", NextState{AgentState::kReady, ""}}, now);
  }
  int next = 0;
  std::vector<std::pair<std::string, Offer>> ringing;
  const auto handle = [&](const Input& input) {
    now += absl::Microseconds(50);
    Effects effects = router.Handle(input, now);
    for (const OwnerMessage& message : effects.owner_messages) {
      if (const auto* offer = std::get_if<OfferStarted>(&message.body)) {
        ringing.emplace_back(message.interaction_id, offer->offer);
      }
    }
    benchmark::DoNotOptimize(effects);
  };
  const auto enqueue = [&] {
    EnqueueInput input;
    input.owner_id = "owner";
    input.interaction_id = absl::StrCat("c", next++);
    input.queue_id = absl::StrCat("q", random() % 20);
    handle(input);
  };
  for (int c = 0; c < agents + waiting; ++c) enqueue();
  for (auto _ : state) {
    enqueue();
    if (ringing.empty()) {
      for (int a = 0; a < 50; ++a)
        handle(HeartbeatInput{absl::StrCat("a", random() % agents), {}, "g"});
      continue;
    }
    const auto [id, offer] = ringing.front();
    ringing.erase(ringing.begin());
    handle(OfferProgressInput{"owner", id, offer.offer_id, offer.token, Progress::kAnswered, ""});
    handle(AssignmentEndedInput{id, offer.agent_id, ""});
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Interaction)->Args({100, 50})->Args({1000, 0})->Args({1000, 500})->Args({5000, 500});

}  // namespace
}  // namespace zvon::routing

BENCHMARK_MAIN();
