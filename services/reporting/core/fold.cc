#include "services/reporting/core/fold.h"

#include <algorithm>
#include <utility>

namespace zvon::reporting {
namespace {

// Facts of one instant, from different producers, in their logical order:
// what ends something comes before what begins the next thing.
int Rank(FactKind kind) {
  switch (kind) {
    case FactKind::kCallStarted: return 0;
    case FactKind::kOfferEnded: return 2;
    case FactKind::kQueueLeft: return 3;
    case FactKind::kHoldEnded: return 4;
    case FactKind::kAgentLegEnded: return 5;
    case FactKind::kWrapUpStarted: return 6;
    case FactKind::kWrapUpEnded: return 7;
    case FactKind::kQueueEntered: return 8;
    case FactKind::kOfferMade: return 9;
    case FactKind::kAssigned: return 10;
    case FactKind::kBridged: return 11;
    case FactKind::kCallEnded: return 20;
    default: return 12;
  }
}

// Walks the facts in order of time and keeps the one current segment.
class Folder {
 public:
  explicit Folder(absl::Time start) {
    record_.start = start;
    Begin("scenario", start);
  }

  void Take(const Fact& f) {
    switch (f.kind) {
      case FactKind::kCallStarted: return TakeStart(f);
      case FactKind::kCallAnswered: return TakeAnswer(f);
      case FactKind::kQueueEntered: return TakeEntered(f);
      case FactKind::kQueueLeft: return TakeLeft(f);
      case FactKind::kOfferMade: return TakeOffer(f);
      case FactKind::kOfferEnded: return TakeOfferEnded(f);
      case FactKind::kAssigned: return TakeAssigned(f);
      case FactKind::kBridged: return TakeBridged(f);
      case FactKind::kHoldStarted: return TakeHold(f, true);
      case FactKind::kHoldEnded: return TakeHold(f, false);
      case FactKind::kAgentLegEnded: return TakeAgentGone(f);
      case FactKind::kWrapUpStarted: return TakeWrapUp(f);
      case FactKind::kWrapUpEnded: return TakeWrapUpEnded(f);
      case FactKind::kCallEnded: return TakeEnd(f);
      case FactKind::kDispositionChosen:
        record_.disposition_id = f.disposition_id;
        record_.comment = f.comment;
        return;
      case FactKind::kRecordingStarted:
      case FactKind::kRecordingStored: return TakeRecording(f);
      case FactKind::kTransferred:
      case FactKind::kOther: return;
    }
  }

  Record Finish(absl::Time now) {
    if (ended_) Close(now);
    Sum();
    return std::move(record_);
  }

 private:
  Segment& current() { return record_.segments.back(); }
  bool InTalk() { return current().kind == "talk" || current().kind == "hold"; }

  void Begin(std::string kind, absl::Time at) {
    if (!record_.segments.empty()) {
      // A fact that tells of an earlier moment cannot reach behind the segment.
      at = std::max(at, current().start);
      current().end = at;
      if (current().end == current().start) record_.segments.pop_back();
    }
    record_.segments.push_back({std::move(kind), at, absl::InfiniteFuture(), "", "", ""});
  }

  QueueStay* OpenStay() {
    if (record_.stays.empty() || record_.stays.back().leave != absl::InfiniteFuture()) return nullptr;
    return &record_.stays.back();
  }
  QueueStay* StayOf(const std::string& agent_id) {
    for (auto it = record_.stays.rbegin(); it != record_.stays.rend(); ++it) {
      if (it->agent_id == agent_id) return &*it;
    }
    return nullptr;
  }

  void TakeStart(const Fact& f) {
    record_.call_id = f.call_id;
    record_.direction = f.direction;
    record_.caller_number = f.caller_number;
    record_.caller_name = f.caller_name;
    record_.called_number = f.called_number;
  }
  void TakeAnswer(const Fact& f) {
    if (record_.answer == absl::InfinitePast()) record_.answer = f.time;
  }
  void TakeEntered(const Fact& f) {
    if (ended_) return;
    if (QueueStay* open = OpenStay()) {
      // A router that lost its memory is told of the same stay again.
      if (open->queue_id == f.queue_id) return;
      CloseStay(*open, f.time, "flowed_out");
    }
    record_.stays.push_back({f.queue_id, f.time, absl::InfiniteFuture(), "waiting"});
    record_.queue_id = f.queue_id;
    Begin("queue", f.time);
    current().queue_id = f.queue_id;
  }
  static void CloseStay(QueueStay& stay, absl::Time at, std::string outcome) {
    stay.leave = std::max(at, stay.enter);
    stay.outcome = std::move(outcome);
  }
  void TakeLeft(const Fact& f) {
    QueueStay* open = OpenStay();
    if (open == nullptr || open->queue_id != f.queue_id) return;
    static constexpr const char* kNames[] = {"flowed_out", "answered", "abandoned", "flowed_out", "refused"};
    CloseStay(*open, f.time, kNames[static_cast<int>(f.left)]);
    open->within_threshold = f.within_threshold;
    open->short_abandon = f.short_abandon;
    if (f.left == LeftOutcome::kAnswered) {
      if (open->agent_id.empty()) open->agent_id = f.agent_id;
      return;
    }
    current().outcome = open->outcome;
    if (!ended_ && current().kind != "scenario") Begin("scenario", f.time);
  }
  void TakeOffer(const Fact& f) {
    if (ended_ || InTalk()) return;
    Begin("offer", f.time);
    current().queue_id = f.queue_id;
    current().agent_id = f.agent_id;
  }
  void TakeOfferEnded(const Fact& f) {
    if (current().kind != "offer" || current().agent_id != f.agent_id) return;
    current().outcome = f.offer_outcome;
    if (f.offer_outcome == "accepted" || ended_) return;
    Begin("queue", f.time);
    current().queue_id = f.queue_id.empty() ? record_.queue_id : f.queue_id;
  }
  void TakeAssigned(const Fact& f) {
    record_.agent_id = f.agent_id;
    if (!record_.stays.empty() && record_.stays.back().agent_id.empty()) {
      record_.stays.back().agent_id = f.agent_id;
    }
    assigned_ = true;
    wrap_up_known_ = false;
    if (ended_ || (InTalk() && current().agent_id == f.agent_id)) return;
    if (current().kind == "offer") current().outcome = "accepted";
    Begin("talk", f.time);
    current().agent_id = f.agent_id;
    current().queue_id = f.queue_id;
  }
  // A talk that no queue gave: a call to a colleague, a transfer outside.
  void TakeBridged(const Fact& f) {
    if (ended_ || InTalk()) return;
    Begin("talk", f.time);
    current().agent_id = f.agent_id;
    if (record_.agent_id.empty()) record_.agent_id = f.agent_id;
  }
  void TakeHold(const Fact& f, bool begins) {
    if (ended_ || !InTalk() || (current().kind == "hold") == begins) return;
    const std::string agent = current().agent_id, queue = current().queue_id;
    Begin(begins ? "hold" : "talk", f.time);
    current().agent_id = agent;
    current().queue_id = queue;
  }
  void TakeAgentGone(const Fact& f) {
    if (ended_ || !InTalk() || current().agent_id != f.agent_id) return;
    Begin("scenario", f.time);
  }
  void TakeWrapUp(const Fact& f) {
    wrap_up_known_ = true;
    wrap_up_open_ = true;
    wrap_up_start_ = f.time;
    wrap_up_agent_ = f.agent_id;
  }
  void TakeWrapUpEnded(const Fact& f) {
    wrap_up_known_ = true;
    if (!wrap_up_open_) return;
    wrap_up_open_ = false;
    wrap_up_end_ = std::max(f.time, wrap_up_start_);
    if (QueueStay* stay = StayOf(wrap_up_agent_)) stay->wrap_up += wrap_up_end_ - wrap_up_start_;
  }
  void TakeEnd(const Fact& f) {
    if (ended_) return;
    ended_ = true;
    call_end_ = std::max(f.time, current().start);
    record_.end_cause = f.cause;
    current().end = call_end_;
    // The agent's and the call's end are told at one instant: nothing between.
    if (current().start == call_end_ && record_.segments.size() > 1) record_.segments.pop_back();
  }
  void TakeRecording(const Fact& f) {
    auto& ids = record_.recording_ids;
    if (std::find(ids.begin(), ids.end(), f.recording_id) == ids.end()) ids.push_back(f.recording_id);
  }

  // The call is over: is everything known that belongs to it?
  void Close(absl::Time now) {
    const bool settled = now >= call_end_ + kSettleTime;
    if (QueueStay* open = OpenStay()) {
      if (!settled) return Wait();
      // Routing never told: the customer left while waiting.
      CloseStay(*open, call_end_, "abandoned");
      current().outcome = "abandoned";
    }
    if (wrap_up_open_) {
      AddWrapUp(absl::InfiniteFuture());
      return;
    }
    if (assigned_ && !wrap_up_known_ && !settled) return Wait();
    record_.end = call_end_;
    if (wrap_up_known_ && wrap_up_end_ > call_end_) {
      AddWrapUp(wrap_up_end_);
      record_.end = wrap_up_end_;
    }
    record_.outcome = Outcome();
  }
  void Wait() { record_.refold_at = call_end_ + kSettleTime; }
  void AddWrapUp(absl::Time end) {
    if (end <= call_end_) return;
    record_.segments.push_back({"wrap_up", call_end_, end, record_.queue_id, wrap_up_agent_, ""});
  }
  std::string Outcome() const {
    if (assigned_) return "answered";
    if (record_.stays.empty()) return "scenario_only";
    return record_.stays.back().outcome == "abandoned" ? "abandoned" : "flowed_out";
  }

  void Sum() {
    if (record_.end == absl::InfinitePast()) record_.outcome = "open";
    for (const Segment& s : record_.segments) {
      if (s.end == absl::InfiniteFuture()) continue;
      const absl::Duration length = s.end - s.start;
      if (s.kind == "talk") record_.talk += length;
      if (s.kind == "hold") record_.hold += length;
      if (s.kind == "wrap_up") record_.wrap_up += length;
      if (s.kind == "queue" || s.kind == "offer") record_.wait += length;
      if (QueueStay* stay = s.agent_id.empty() ? nullptr : StayOf(s.agent_id)) {
        if (s.kind == "talk") stay->talk += length;
        if (s.kind == "hold") stay->hold += length;
      }
    }
  }

  Record record_;
  bool ended_ = false;
  absl::Time call_end_;
  bool assigned_ = false;
  bool wrap_up_known_ = false, wrap_up_open_ = false;
  absl::Time wrap_up_start_, wrap_up_end_ = absl::InfinitePast();
  std::string wrap_up_agent_;
};

}  // namespace

std::optional<Record> Fold(std::vector<Fact> facts, absl::Time now) {
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) {
    if (a.time != b.time) return a.time < b.time;
    if (Rank(a.kind) != Rank(b.kind)) return Rank(a.kind) < Rank(b.kind);
    return a.id < b.id;
  });
  auto start = std::find_if(facts.begin(), facts.end(),
                            [](const Fact& f) { return f.kind == FactKind::kCallStarted; });
  if (start == facts.end()) return std::nullopt;
  Folder folder(start->time);
  for (const Fact& fact : facts) folder.Take(fact);
  return folder.Finish(now);
}

}  // namespace zvon::reporting
