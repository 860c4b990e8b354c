// The caller waits for an agent with music and announcements. The place in
// the queue and the offers are routing's and signaling's affair: this step
// only entertains, and learns how the waiting ended.

#include "absl/strings/str_cat.h"
#include "services/scenario/core/number_prompts.h"
#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

enum Phase { kNoPositionYet, kMusic, kAnnouncing, kTalking };

// The position usually comes within milliseconds; music that starts and is
// cut off at once would sound broken.
constexpr absl::Duration kFirstPositionWait = absl::Milliseconds(500);
constexpr absl::Duration kMusicRetry = absl::Seconds(5);
// For the silence of others: they keep the real time-out.
constexpr absl::Duration kWaitGrace = absl::Seconds(15);
constexpr absl::Duration kWaitMax = absl::Hours(6);
constexpr absl::Duration kTalkMax = absl::Hours(24);

class Queue final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    scope.state().typed_ahead.clear();
    Enqueue(scope);
    const QueueStep& step = scope.As<QueueStep>();
    scope.SetDeadline(step.wait_max > absl::ZeroDuration() ? step.wait_max + kWaitGrace : kWaitMax);
    if (step.announce_position) {
      scope.memory().phase = kNoPositionYet;
      return scope.SetTimer(kFirstPositionWait);
    }
    Announce(scope);
  }

  void Handle(StepScope& scope, const RunEvent& event) const override {
    if (const QueueLeft* left = std::get_if<QueueLeft>(&event)) return Left(scope, *left);
    if (const QueueProgressed* progress = std::get_if<QueueProgressed>(&event))
      return Progress(scope, *progress);
    if (const CommandRefused* refused = std::get_if<CommandRefused>(&event)) {
      if (refused->command_id == CommandId(scope.state().visit, 1))
        Refused(scope, refused->message);
      return;
    }
    if (EndOfPlay(scope, event) == nullptr) return;
    // Music has no end of its own: it failed, and is tried again later.
    if (scope.memory().phase == kMusic) return scope.SetTimer(kMusicRetry);
    if (scope.memory().phase == kAnnouncing) StartMusic(scope);
  }

  void OnTimer(StepScope& scope) const override {
    if (scope.memory().phase == kTalking) return;
    const bool silent = scope.memory().play_id.empty();
    silent ? StartMusic(scope) : Announce(scope);
  }

  void OnDeadline(StepScope& scope) const override {
    if (scope.memory().phase == kTalking) return scope.GoTo(scope.step().next);
    scope.LeaveQueue();
    TimedOut(scope);
  }

  void Resume(StepScope& scope, const Resumption& resumption) const override {
    StepMemory& memory = scope.memory();
    memory.play_id.clear();
    if (resumption.connected) return Talk(scope);
    // The talk ended while nobody told us.
    if (memory.phase == kTalking && !resumption.queued) return scope.GoTo(scope.step().next);
    if (!resumption.queued) Enqueue(scope);
    scope.state().queued = true;
    if (memory.deadline == absl::InfiniteFuture()) scope.SetDeadline(kWaitMax);
    StartMusic(scope);
  }

 private:
  static void Enqueue(StepScope& scope) {
    const QueueStep& step = scope.As<QueueStep>();
    const RunState& state = scope.state();
    scope.Effect(EnqueueCommand{step.queue_id, state.skill_ids, state.priority, step.wait_max,
                                state.variables});
    scope.state().queued = true;
  }

  static void StartMusic(StepScope& scope) {
    const QueueStep& step = scope.As<QueueStep>();
    scope.memory().phase = kMusic;
    scope.ClearTimer();
    if (Announces(step) && step.announce_interval > absl::ZeroDuration())
      scope.SetTimer(step.announce_interval);
    std::vector<PlayItem> music = scope.catalog().Music(step.music);
    if (!music.empty()) scope.Play(std::move(music), true, false);
  }

  static bool Announces(const QueueStep& step) {
    return step.announce_position || !step.announce_items.empty();
  }

  static void Announce(StepScope& scope) {
    const QueueStep& step = scope.As<QueueStep>();
    std::vector<PlayItem> items = step.announce_items;
    if (step.announce_position) {
      std::vector<PlayItem> position = ToItems(
          PositionPrompts(scope.state().language, scope.memory().position, scope.catalog()));
      items.insert(items.end(), position.begin(), position.end());
    }
    if (items.empty()) return StartMusic(scope);
    ++scope.memory().attempts;
    scope.memory().phase = kAnnouncing;
    scope.ClearTimer();
    scope.Play(std::move(items), false, false);
  }

  static void Progress(StepScope& scope, const QueueProgressed& progress) {
    StepMemory& memory = scope.memory();
    memory.position = progress.position;
    const bool first = memory.attempts == 0 && scope.As<QueueStep>().announce_position;
    if (first && (memory.phase == kNoPositionYet || memory.phase == kMusic)) Announce(scope);
  }

  static void Left(StepScope& scope, const QueueLeft& left) {
    switch (left.outcome) {
      case QueueOutcome::kConnected:
        return Talk(scope);
      case QueueOutcome::kTimedOut:
        return TimedOut(scope);
      case QueueOutcome::kRefused:
        return Refused(scope, left.message);
      case QueueOutcome::kTalkEnded:
        scope.state().connected = false;
        return scope.GoTo(scope.step().next);
    }
  }

  // Bridging has stopped the music.
  static void Talk(StepScope& scope) {
    scope.state().queued = false;
    scope.state().connected = true;
    scope.memory().phase = kTalking;
    scope.memory().play_id.clear();
    scope.ClearTimer();
    scope.SetDeadline(kTalkMax);
    scope.Save();
  }

  static void TimedOut(StepScope& scope) {
    scope.state().queued = false;
    scope.StopPlay();
    scope.GoTo(scope.As<QueueStep>().timeout_next);
  }

  static void Refused(StepScope& scope, const std::string& message) {
    const QueueStep& step = scope.As<QueueStep>();
    scope.state().queued = false;
    scope.StopPlay();
    if (!step.refused_next.empty()) return scope.GoTo(step.refused_next);
    scope.Fail(absl::StrCat("queue ", step.queue_id, " refused the call: ", message));
  }
};

}  // namespace

const StepBehavior& QueueBehavior() {
  static const Queue behavior;
  return behavior;
}

}  // namespace zvon::scenario
