#include "services/common/bus/memory_bus.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <set>
#include <thread>
#include <utility>

namespace zvon {
namespace {

constexpr size_t kBatchMax = 500;
constexpr std::chrono::milliseconds kRetryPause(20);

struct Group {
  // Next event to give, by topic.
  std::map<std::string, size_t> next;
  // One member at a time has a batch: that keeps the order.
  bool busy = false;
};

}  // namespace

struct MemoryBus::Impl {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<BusEvent> events;
  std::map<std::string, std::vector<BusEvent>> topics;
  std::map<std::string, Group> groups;
};

namespace {

class MemoryPublisher final : public Publisher {
 public:
  MemoryPublisher(std::function<void(BusEvent)> publish) : publish_(std::move(publish)) {}
  absl::Status Publish(BusEvent event) override {
    publish_(std::move(event));
    return absl::OkStatus();
  }
  size_t Pending() const override { return 0; }
  bool Flush(absl::Duration) override { return true; }

 private:
  std::function<void(BusEvent)> publish_;
};

// State is the bus's Impl, which is private to it.
template <class State>
class MemoryConsumer final : public Consumer {
 public:
  MemoryConsumer(std::shared_ptr<State> state, std::string group, std::vector<std::string> topics,
                 Handler handler)
      : state_(std::move(state)),
        group_(std::move(group)),
        topics_(topics.begin(), topics.end()),
        handler_(std::move(handler)),
        thread_([this] { Run(); }) {}
  ~MemoryConsumer() override { Stop(); }

  void Stop() override {
    {
      std::lock_guard<std::mutex> lock(state_->mutex);
      stopping_ = true;
      state_->changed.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  int64_t Lag() const override {
    std::lock_guard<std::mutex> lock(state_->mutex);
    int64_t lag = 0;
    for (const std::string& topic : topics_) {
      lag +=
          static_cast<int64_t>(state_->topics[topic].size() - state_->groups[group_].next[topic]);
    }
    return lag;
  }

 private:
  std::vector<BusEvent> Batch(std::map<std::string, size_t>& taken) {
    std::vector<BusEvent> batch;
    Group& group = state_->groups[group_];
    for (const std::string& topic : topics_) {
      const std::vector<BusEvent>& events = state_->topics[topic];
      for (size_t i = group.next[topic]; i < events.size() && batch.size() < kBatchMax; ++i) {
        batch.push_back(events[i]);
        ++taken[topic];
      }
    }
    return batch;
  }

  void Run() {
    std::unique_lock<std::mutex> lock(state_->mutex);
    Group& group = state_->groups[group_];  // Nodes of a map stay where they are.
    while (!stopping_) {
      std::map<std::string, size_t> taken;
      std::vector<BusEvent> batch;
      if (!group.busy) batch = Batch(taken);
      if (batch.empty()) {
        state_->changed.wait(lock);
        continue;
      }
      group.busy = true;
      lock.unlock();
      const bool ok = handler_(batch).ok();
      lock.lock();
      group.busy = false;
      if (ok) {
        for (const auto& [topic, count] : taken) group.next[topic] += count;
      } else {
        state_->changed.wait_for(lock, kRetryPause, [this] { return stopping_; });
      }
      state_->changed.notify_all();
    }
  }

  std::shared_ptr<State> state_;
  const std::string group_;
  const std::set<std::string> topics_;
  Handler handler_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

MemoryBus::MemoryBus() : impl_(std::make_shared<Impl>()) {}
MemoryBus::~MemoryBus() = default;

std::unique_ptr<Publisher> MemoryBus::MakePublisher() {
  return std::make_unique<MemoryPublisher>([impl = impl_](BusEvent event) {
    std::lock_guard<std::mutex> lock(impl->mutex);
    impl->topics[event.topic].push_back(event);
    impl->events.push_back(std::move(event));
    impl->changed.notify_all();
  });
}

std::unique_ptr<Consumer> MemoryBus::MakeConsumer(std::string group,
                                                  std::vector<std::string> topics,
                                                  Consumer::Handler handler) {
  return std::make_unique<MemoryConsumer<Impl>>(impl_, std::move(group), std::move(topics),
                                                std::move(handler));
}

std::vector<BusEvent> MemoryBus::Events() const {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->events;
}

}  // namespace zvon
