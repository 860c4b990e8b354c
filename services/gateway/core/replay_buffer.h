#pragma once
// The numbered events of one client session, kept until the client has seen
// them: what makes a reconnect lose nothing.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zvon::gateway {

// Invariant: the kept events are numbered without gap and end at last().
class ReplayBuffer {
 public:
  struct Event {
    int64_t sequence = 0;
    // A JSON object without its sequence; shared between sessions.
    std::shared_ptr<const std::string> body;
  };
  explicit ReplayBuffer(size_t events_max = 1000, size_t bytes_max = 4 * 1024 * 1024)
      : events_max_(events_max), bytes_max_(bytes_max) {}

  // Numbers the event: 1, 2, 3… The oldest are forgotten over the bounds.
  Event Add(std::shared_ptr<const std::string> body);
  // The client has seen all up to here; numbers never given are ignored.
  void Acknowledge(int64_t sequence);
  // What the client has missed; nothing where some of it is forgotten, or
  // the number was never given: then the state must be sent anew.
  std::optional<std::vector<Event>> After(int64_t sequence) const;

  int64_t last() const { return last_; }
  size_t size() const { return events_.size(); }

 private:
  void DropFirst();
  const size_t events_max_;
  const size_t bytes_max_;
  std::deque<Event> events_;
  size_t bytes_ = 0;
  int64_t last_ = 0;
};

// {"sequence":"7",…}: proto3 JSON of a numbered ServerFrame.
std::string NumberedFrame(const ReplayBuffer::Event& event);

}  // namespace zvon::gateway
