#pragma once
// One worker: a thread with its own calls, sockets and 20 ms tick. Nothing is
// shared with other workers; others talk to it by jobs.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "services/common/time/clock.h"
#include "services/media/core/media_core.h"

namespace zvon::media {

struct MediaWorkerOptions {
  int index = 0;
  int workers = 1;
  SocketAddress local;  // Port ignored.
  int port_min = 20000;
  int port_max = 29999;
  MediaCoreOptions core;
};

// Copied for metrics once a second.
struct MediaWorkerCounts {
  MediaCounts media;
  uint64_t send_failed = 0;
  uint64_t late_ticks = 0;
  uint64_t calls = 0;
  uint64_t endpoints = 0;
};

class MediaWorker {
 public:
  // Runs on the worker's thread between two inputs of its core.
  using Job = absl::AnyInvocable<void(MediaCore&, absl::Time now, Effects&)>;
  struct Handlers {
    // Both on the worker's thread; they must not block.
    std::function<void(std::vector<Event>)> on_events;
    std::function<void(std::vector<RecordingOp>)> on_recording;
  };
  static constexpr size_t kMailboxMax = 100'000;

  // `clock` and `prompts` outlive it.
  MediaWorker(MediaWorkerOptions options, const Clock& clock, RandomSource random,
              const PromptSource& prompts, DigitDetectorFactory make_detector, Handlers handlers);
  // Stops and joins; sockets are closed, nothing is told.
  ~MediaWorker();

  absl::Status Start();
  void Stop();
  // Thread-safe. False when the mailbox is full or the worker has stopped.
  [[nodiscard]] bool Post(Job job);
  [[nodiscard]] bool Post(Command command);

  // Thread-safe.
  MediaWorkerCounts counts() const;
  int endpoints() const { return endpoints_.load(std::memory_order_relaxed); }

 private:
  struct Impl;
  void Run();

  std::unique_ptr<Impl> impl_;
  std::atomic<int> endpoints_{0};
  std::thread thread_;
};

}  // namespace zvon::media
