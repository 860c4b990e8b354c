#pragma once
// Streams between simulated processes, in virtual time: items arrive late,
// in order, or not at all once a stream has broken.

#include <cstdint>
#include <functional>
#include <map>

#include "services/common/executor/simulated_loop.h"
#include "services/common/ids/ids.h"

namespace zvon::sim {

class SimulatedNetwork {
 public:
  SimulatedNetwork(SimulatedLoop& loop, RandomSource random)
      : loop_(loop), random_(std::move(random)) {}

  using Stream = uint64_t;  // Never 0.
  Stream Open() { return ++last_; }
  // Nothing sent before or after arrives any more.
  void Break(Stream stream) { arrivals_.erase(stream), broken_.insert({stream, true}); }
  bool Broken(Stream stream) const { return broken_.count(stream) != 0; }
  // `up` and the other direction are ordered each by itself.
  void Send(Stream stream, bool up, std::function<void()> arrive) {
    if (Broken(stream)) return;
    absl::Time& last = arrivals_[stream][up ? 1 : 0];
    last = std::max(last + absl::Nanoseconds(1),
                    loop_.Now() + absl::Microseconds(50 + random_() % 3000));
    loop_.RunAt(last, [this, stream, arrive = std::move(arrive)] {
      if (!Broken(stream)) arrive();
    });
  }

 private:
  SimulatedLoop& loop_;
  RandomSource random_;
  Stream last_ = 0;
  std::map<Stream, absl::Time[2]> arrivals_;
  std::map<Stream, bool> broken_;
};

}  // namespace zvon::sim
