#include "services/gateway/http/asio_runner.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "services/common/check/check.h"

namespace zvon::gateway {
namespace {
namespace asio = boost::asio;
// Most handlers between two ends of a turn.
constexpr int kTurnHandlersMax = 256;
}  // namespace

struct AsioRunner::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread;
  std::atomic<size_t> posted{0};
  std::atomic<bool> stopping{false};
  size_t mailbox_max = 0;

  // One Asio timer, armed for the earliest of ours.
  asio::steady_timer alarm{context};
  std::map<std::pair<absl::Time, TimerId>, Task> timers;
  std::unordered_map<TimerId, absl::Time> timer_times;
  TimerId next_timer = 1;
  absl::Time armed = absl::InfiniteFuture();
  std::vector<Task> turn_end;

  void RunTurnEnd() {
    while (!turn_end.empty()) {
      std::vector<Task> tasks;
      tasks.swap(turn_end);
      for (Task& task : tasks) task();
    }
  }
  void Run() {
    pthread_setname_np(pthread_self(), "gateway");
    while (!stopping) {
      context.run_one();
      for (int i = 0; i < kTurnHandlersMax && context.poll_one() > 0; ++i) {
      }
      RunTurnEnd();
    }
    // What was posted before the stop; a bound, since handlers may post.
    for (int i = 0; i < 100'000 && context.poll_one() > 0; ++i) {
    }
    RunTurnEnd();
    timers.clear();
    timer_times.clear();
  }
  void Arm(const Clock& clock) {
    absl::Time first = timers.empty() ? absl::InfiniteFuture() : timers.begin()->first.first;
    if (first == armed) return;
    armed = first;
    if (timers.empty()) {
      alarm.cancel();
      return;
    }
    alarm.expires_after(
        absl::ToChronoNanoseconds(std::max(first - clock.Now(), absl::ZeroDuration())));
    alarm.async_wait([this, &clock](const boost::system::error_code& error) {
      if (!error) RunTimers(clock);
    });
  }
  void RunTimers(const Clock& clock) {
    armed = absl::InfiniteFuture();
    absl::Time now = clock.Now();
    TimerId last = next_timer;
    while (!timers.empty() && timers.begin()->first.first <= now) {
      auto it = timers.begin();
      if (it->first.second >= last) break;
      Task task = std::move(it->second);
      timer_times.erase(it->first.second);
      timers.erase(it);
      task();
    }
    Arm(clock);
  }
};

AsioRunner::AsioRunner(const Clock& clock, size_t mailbox_max)
    : clock_(clock), impl_(std::make_unique<Impl>()) {
  impl_->mailbox_max = mailbox_max;
}

AsioRunner::~AsioRunner() { Stop(); }

void AsioRunner::Start() {
  impl_->thread = std::thread([this] { impl_->Run(); });
}

void AsioRunner::Stop() {
  if (impl_->stopping.exchange(true)) return;
  asio::post(impl_->context, [] {});
  if (impl_->thread.joinable()) impl_->thread.join();
}

void AsioRunner::PostAndWait(Task task) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  asio::post(impl_->context, [&] {
    task();
    std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
}

bool AsioRunner::Post(Task task) {
  if (impl_->stopping || impl_->posted.load() >= impl_->mailbox_max) return false;
  ++impl_->posted;
  asio::post(impl_->context, [this, task = std::move(task)]() mutable {
    --impl_->posted;
    task();
  });
  return true;
}

TimerId AsioRunner::RunAt(absl::Time when, Task task) {
  TimerId id = impl_->next_timer++;
  impl_->timers.emplace(std::make_pair(when, id), std::move(task));
  impl_->timer_times.emplace(id, when);
  impl_->Arm(clock_);
  return id;
}

void AsioRunner::Cancel(TimerId id) {
  auto it = impl_->timer_times.find(id);
  if (it == impl_->timer_times.end()) return;
  auto node = impl_->timers.extract(std::make_pair(it->second, id));
  impl_->timer_times.erase(it);
}

void AsioRunner::AtTurnEnd(Task task) { impl_->turn_end.push_back(std::move(task)); }

boost::asio::io_context& AsioRunner::context() { return impl_->context; }

}  // namespace zvon::gateway
