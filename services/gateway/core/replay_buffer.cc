#include "services/gateway/core/replay_buffer.h"

#include <utility>

namespace zvon::gateway {

ReplayBuffer::Event ReplayBuffer::Add(std::shared_ptr<const std::string> body) {
  Event event{++last_, std::move(body)};
  bytes_ += event.body->size();
  events_.push_back(event);
  while (events_.size() > events_max_ || bytes_ > bytes_max_) DropFirst();
  return event;
}

void ReplayBuffer::Acknowledge(int64_t sequence) {
  if (sequence > last_) return;
  while (!events_.empty() && events_.front().sequence <= sequence) DropFirst();
}

std::optional<std::vector<ReplayBuffer::Event>> ReplayBuffer::After(int64_t sequence) const {
  if (sequence < 0 || sequence > last_) return std::nullopt;
  int64_t missed = last_ - sequence;
  if (missed > static_cast<int64_t>(events_.size())) return std::nullopt;
  return std::vector<Event>(events_.end() - missed, events_.end());
}

void ReplayBuffer::DropFirst() {
  bytes_ -= events_.front().body->size();
  events_.pop_front();
}

std::string NumberedFrame(const ReplayBuffer::Event& event) {
  std::string frame = "{\"sequence\":\"" + std::to_string(event.sequence) + "\"";
  if (*event.body != "{}") frame += ",";
  return frame + event.body->substr(1);
}

}  // namespace zvon::gateway
