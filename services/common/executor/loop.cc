#include "services/common/executor/loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/common/check/check.h"

namespace zvon {
namespace {

// Longest sleep: bounds what a clock that runs differently can cost.
constexpr absl::Duration kSleepMax = absl::Seconds(10);
constexpr uint64_t kWakeKey = ~uint64_t{0};

uint64_t WatchKey(int fd, uint32_t generation) {
  return (static_cast<uint64_t>(generation) << 32) | static_cast<uint32_t>(fd);
}

// Nanosecond timeouts where the kernel has them (5.11), else milliseconds
// rounded up so that no timer is looked at too early.
int WaitForEvents(int epoll_fd, epoll_event* events, int max, absl::Duration timeout) {
  static std::atomic<bool> has_pwait2{true};
  timeout = std::clamp(timeout, absl::ZeroDuration(), kSleepMax);
  if (has_pwait2.load(std::memory_order_relaxed)) {
    timespec ts = absl::ToTimespec(timeout);
    int n = epoll_pwait2(epoll_fd, events, max, &ts, nullptr);
    if (n >= 0 || errno != ENOSYS) return n;
    has_pwait2 = false;
  }
  absl::Duration ms = absl::Ceil(timeout, absl::Milliseconds(1));
  return epoll_wait(epoll_fd, events, max, static_cast<int>(ms / absl::Milliseconds(1)));
}

}  // namespace

struct Loop::Impl {
  struct Watch {
    FdHandler handler;
    uint32_t generation;
  };
  using TimerKey = std::pair<absl::Time, TimerId>;

  Options options;
  int epoll_fd = -1;
  int wake_fd = -1;
  std::thread thread;
  std::atomic<std::thread::id> thread_id{};
  std::atomic<int64_t> longest_turn_ns{0};

  // The mailbox: the only part that other threads touch.
  std::mutex mutex;
  std::vector<Task> mailbox;
  bool stopping = false;

  // The loop thread's own.
  std::vector<Task> running;
  std::vector<Task> turn_end;
  std::map<TimerKey, Task> timers;
  std::unordered_map<TimerId, absl::Time> timer_times;
  TimerId next_timer = 1;
  std::unordered_map<int, std::shared_ptr<Watch>> watches;
  uint32_t next_generation = 1;

  // True when taken. `bounded` is false for the loop's own needs.
  bool Push(Task task, bool bounded) {
    bool wake;
    {
      std::lock_guard lock(mutex);
      if (stopping || (bounded && mailbox.size() >= options.mailbox_max)) return false;
      wake = mailbox.empty();
      mailbox.push_back(std::move(task));
    }
    if (wake) Wake();
    return true;
  }
  void Wake() {
    uint64_t one = 1;
    while (write(wake_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
  }
  // Takes what was posted; false when the loop is to end after it.
  bool TakeMailbox() {
    std::lock_guard lock(mutex);
    running.swap(mailbox);
    return !stopping;
  }
  absl::Duration SleepLength(absl::Time now) {
    return timers.empty() ? kSleepMax : timers.begin()->first.first - now;
  }
  void DispatchFd(uint64_t key, uint32_t events) {
    if (key == kWakeKey) {
      uint64_t count;
      while (read(wake_fd, &count, sizeof(count)) < 0 && errno == EINTR) {
      }
      return;
    }
    auto it = watches.find(static_cast<int>(static_cast<uint32_t>(key)));
    // A handler before this one may have unwatched it, or used its number again.
    if (it == watches.end() || it->second->generation != key >> 32) return;
    std::shared_ptr<Watch> watch = it->second;
    watch->handler(events);
  }
  void RunTimers(absl::Time now) {
    // Timers that timers set for the past wait for the next turn.
    TimerId last = next_timer;
    while (!timers.empty() && timers.begin()->first.first <= now) {
      auto it = timers.begin();
      if (it->first.second >= last) break;
      Task task = std::move(it->second);
      timer_times.erase(it->first.second);
      timers.erase(it);
      task();
    }
  }
  void RunTasks() {
    for (Task& task : running) {
      task();
      task = nullptr;
    }
    running.clear();
  }
  void RunTurnEnd() {
    while (!turn_end.empty()) {
      std::vector<Task> tasks;
      tasks.swap(turn_end);
      for (Task& task : tasks) task();
    }
  }
  void Run(const Clock& clock) {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    thread_id = std::this_thread::get_id();
    std::array<epoll_event, 256> events;
    for (bool go_on = true; go_on;) {
      int n = WaitForEvents(epoll_fd, events.data(), events.size(), SleepLength(clock.Now()));
      auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < n; ++i) DispatchFd(events[i].data.u64, events[i].events);
      RunTimers(clock.Now());
      go_on = TakeMailbox();
      RunTasks();
      RunTurnEnd();
      NoteTurn(std::chrono::steady_clock::now() - begin);
    }
    // No new tasks are taken; what the last turn left is destroyed here, on
    // the thread that owns what the tasks hold.
    timers.clear();
    timer_times.clear();
    watches.clear();
  }
  void NoteTurn(std::chrono::nanoseconds length) {
    int64_t ns = length.count();
    int64_t seen = longest_turn_ns.load(std::memory_order_relaxed);
    while (ns > seen && !longest_turn_ns.compare_exchange_weak(seen, ns)) {
    }
  }
};

Loop::Loop(Options options, const Clock& clock) : clock_(clock), impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  impl_->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  ZVON_CHECK(impl_->epoll_fd >= 0 && impl_->wake_fd >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeKey;
  ZVON_CHECK(epoll_ctl(impl_->epoll_fd, EPOLL_CTL_ADD, impl_->wake_fd, &event) == 0);
}

Loop::~Loop() {
  Stop();
  close(impl_->wake_fd);
  close(impl_->epoll_fd);
}

void Loop::Start() {
  ZVON_CHECK(!impl_->thread.joinable());
  impl_->thread = std::thread([this] { impl_->Run(clock_); });
}

void Loop::Stop() {
  ZVON_CHECK(!InLoopThread());
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->Wake();
  if (impl_->thread.joinable()) impl_->thread.join();
}

bool Loop::InLoopThread() const { return std::this_thread::get_id() == impl_->thread_id.load(); }

bool Loop::Post(Task task) { return impl_->Push(std::move(task), true); }

void Loop::PostAndWait(Task task) {
  ZVON_CHECK(!InLoopThread());
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  bool taken = impl_->Push(
      [&] {
        task();
        std::lock_guard lock(mutex);
        done = true;
        changed.notify_one();
      },
      false);
  if (!taken) return;
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
}

TimerId Loop::RunAt(absl::Time when, Task task) {
  TimerId id = impl_->next_timer++;
  impl_->timers.emplace(Impl::TimerKey(when, id), std::move(task));
  impl_->timer_times.emplace(id, when);
  return id;
}

void Loop::Cancel(TimerId id) {
  auto it = impl_->timer_times.find(id);
  if (it == impl_->timer_times.end()) return;
  // Destroyed only after the tables are whole again: its captures may call us.
  auto node = impl_->timers.extract(Impl::TimerKey(it->second, id));
  impl_->timer_times.erase(it);
}

void Loop::AtTurnEnd(Task task) { impl_->turn_end.push_back(std::move(task)); }

void Loop::WatchFd(int fd, uint32_t events, FdHandler handler) {
  auto watch = std::make_shared<Impl::Watch>(Impl::Watch{std::move(handler), impl_->next_generation++});
  epoll_event event{};
  event.events = events;
  event.data.u64 = WatchKey(fd, watch->generation);
  bool known = impl_->watches.count(fd) != 0;
  int op = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  ZVON_CHECK(epoll_ctl(impl_->epoll_fd, op, fd, &event) == 0);
  impl_->watches[fd] = std::move(watch);
}

void Loop::ChangeFd(int fd, uint32_t events) {
  auto it = impl_->watches.find(fd);
  ZVON_CHECK(it != impl_->watches.end());
  epoll_event event{};
  event.events = events;
  event.data.u64 = WatchKey(fd, it->second->generation);
  ZVON_CHECK(epoll_ctl(impl_->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0);
}

void Loop::UnwatchFd(int fd) {
  if (impl_->watches.erase(fd) == 0) return;
  // Fails where the owner has closed it already; then the kernel forgot it.
  epoll_ctl(impl_->epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
}

absl::Duration Loop::TakeLongestTurn() {
  return absl::Nanoseconds(impl_->longest_turn_ns.exchange(0));
}

}  // namespace zvon
