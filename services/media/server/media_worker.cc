#include "services/media/server/media_worker.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/media/adapters/udp_ports.h"

namespace zvon::media {
namespace {

constexpr int kEventsMax = 256;
// A worker that stood still plays no more than this at once; the rest of the
// lost time is skipped (the streams' timestamps move on).
constexpr uint64_t kCatchUpMax = 5;

// What epoll points to.
struct Watched {
  enum class Kind { kMailbox, kTimer, kRtp, kRtcp };
  Kind kind;
  Slot slot = 0;
  bool closed = false;
};

struct OpenPair {
  std::unique_ptr<UdpPair> pair;
  Watched rtp{Watched::Kind::kRtp};
  Watched rtcp{Watched::Kind::kRtcp};
};

}  // namespace

struct MediaWorker::Impl {
  Impl(MediaWorkerOptions options_in, const Clock& clock_in, RandomSource random,
       const PromptSource& prompts, DigitDetectorFactory make_detector, Handlers handlers_in)
      : options(std::move(options_in)),
        clock(clock_in),
        handlers(std::move(handlers_in)),
        ports(options.port_min, options.port_max, options.index, options.workers, random()),
        core(options.core, std::move(random), prompts, std::move(make_detector)) {}
  ~Impl() {
    for (const int fd : {epoll_fd, mailbox_fd, timer_fd}) {
      if (fd >= 0) close(fd);
    }
  }

  absl::Status OpenDescriptors();
  void Watch(int fd, Watched* watched);
  void OnReadable(Watched& watched);
  void RunMailbox();
  void RunTimer();
  void Perform();
  void OpenPorts();
  void CopyCounts();

  MediaWorkerOptions options;
  const Clock& clock;
  Handlers handlers;
  PortRange ports;
  MediaCore core;
  Effects effects;
  absl::Time now;
  int epoll_fd = -1;
  int mailbox_fd = -1;
  int timer_fd = -1;
  Watched mailbox_watched{Watched::Kind::kMailbox};
  Watched timer_watched{Watched::Kind::kTimer};
  std::vector<std::unique_ptr<OpenPair>> pairs;    // By slot.
  std::vector<std::unique_ptr<OpenPair>> retired;  // Until the batch of events is done.
  UdpReader reader;
  UdpWriter writer;
  MediaWorkerCounts running;

  std::mutex mutex;
  std::vector<Job> mailbox;  // By mutex.
  bool stopping = false;     // By mutex.
  MediaWorkerCounts copied;  // By mutex.
};

MediaWorker::MediaWorker(MediaWorkerOptions options, const Clock& clock, RandomSource random,
                         const PromptSource& prompts, DigitDetectorFactory make_detector,
                         Handlers handlers)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(random), prompts,
                                   std::move(make_detector), std::move(handlers))) {}

MediaWorker::~MediaWorker() { Stop(); }

absl::Status MediaWorker::Impl::OpenDescriptors() {
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  mailbox_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (epoll_fd < 0 || mailbox_fd < 0 || timer_fd < 0) {
    return absl::InternalError(absl::StrCat("media worker: ", std::strerror(errno)));
  }
  const timespec tick{0, absl::ToInt64Nanoseconds(MediaCore::kTick)};
  const itimerspec every{tick, tick};
  timerfd_settime(timer_fd, 0, &every, nullptr);
  Watch(mailbox_fd, &mailbox_watched);
  Watch(timer_fd, &timer_watched);
  return absl::OkStatus();
}

void MediaWorker::Impl::Watch(int fd, Watched* watched) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = watched;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

absl::Status MediaWorker::Start() {
  if (const absl::Status status = impl_->OpenDescriptors(); !status.ok()) return status;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), absl::StrCat("media-", impl_->options.index).c_str());
  return absl::OkStatus();
}

void MediaWorker::Stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(impl_->mailbox_fd, &one, sizeof one);
  thread_.join();
}

bool MediaWorker::Post(Job job) {
  bool first = false;
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->mailbox.size() >= kMailboxMax) return false;
    first = impl_->mailbox.empty();
    impl_->mailbox.push_back(std::move(job));
  }
  if (first) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(impl_->mailbox_fd, &one, sizeof one);
  }
  return true;
}

bool MediaWorker::Post(Command command) {
  return Post([command = std::move(command)](MediaCore& core, absl::Time now, Effects& effects) {
    core.Handle(command, now, effects);
  });
}

void MediaWorker::Run() {
  std::array<epoll_event, kEventsMax> ready;
  while (true) {
    const int count = epoll_wait(impl_->epoll_fd, ready.data(), kEventsMax, -1);
    impl_->now = impl_->clock.Now();
    for (int i = 0; i < count; ++i) {
      auto& watched = *static_cast<Watched*>(ready[i].data.ptr);
      if (!watched.closed) impl_->OnReadable(watched);
    }
    impl_->Perform();
    impl_->retired.clear();
    endpoints_.store(static_cast<int>(impl_->core.endpoint_count()), std::memory_order_relaxed);
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping && impl_->mailbox.empty()) return;
  }
}

void MediaWorker::Impl::OnReadable(Watched& watched) {
  switch (watched.kind) {
    case Watched::Kind::kMailbox:
      return RunMailbox();
    case Watched::Kind::kTimer:
      return RunTimer();
    case Watched::Kind::kRtp:
      reader.Read(pairs[watched.slot]->pair->fd(false),
                  [&](const SocketAddress& source, absl::Span<const uint8_t> bytes) {
                    core.HandleRtp(watched.slot, source, bytes, now, effects);
                  });
      return;
    case Watched::Kind::kRtcp:
      reader.Read(pairs[watched.slot]->pair->fd(true),
                  [&](const SocketAddress& source, absl::Span<const uint8_t> bytes) {
                    core.HandleRtcp(watched.slot, source, bytes, now, effects);
                  });
      return;
  }
}

void MediaWorker::Impl::RunMailbox() {
  uint64_t drained = 0;
  [[maybe_unused]] const ssize_t n = read(mailbox_fd, &drained, sizeof drained);
  std::vector<Job> jobs;
  {
    std::lock_guard lock(mutex);
    jobs.swap(mailbox);
  }
  for (Job& job : jobs) {
    job(core, now, effects);
    // The next command may be about a port that this one opens or closes.
    Perform();
  }
}

void MediaWorker::Impl::RunTimer() {
  uint64_t ticks = 0;
  if (read(timer_fd, &ticks, sizeof ticks) != sizeof ticks) return;
  if (ticks > 1) running.late_ticks += ticks - 1;
  for (uint64_t i = 0; i < std::min(ticks, kCatchUpMax); ++i) core.Tick(now, effects);
  CopyCounts();
}

void MediaWorker::Impl::CopyCounts() {
  running.media = core.counts();
  running.endpoints = core.endpoint_count();
  running.calls = core.call_count();
  std::lock_guard lock(mutex);
  copied = running;
}

void MediaWorker::Impl::OpenPorts() {
  while (!effects.opens.empty()) {
    const Effects::Open open = effects.opens.back();
    effects.opens.pop_back();
    auto pair = ports.Open(options.local, open.port);
    if (!pair.ok()) {
      LogWarning("no port for an endpoint", {{"error", std::string(pair.status().message())}});
      core.HandlePortOpened(open.slot, pair.status(), now, effects);
      continue;
    }
    auto opened = std::make_unique<OpenPair>();
    opened->pair = *std::move(pair);
    opened->rtp.slot = opened->rtcp.slot = open.slot;
    Watch(opened->pair->fd(false), &opened->rtp);
    Watch(opened->pair->fd(true), &opened->rtcp);
    if (pairs.size() <= open.slot) pairs.resize(open.slot + 1);
    const int port = opened->pair->port();
    pairs[open.slot] = std::move(opened);
    core.HandlePortOpened(open.slot, port, now, effects);
  }
}

void MediaWorker::Impl::Perform() {
  OpenPorts();
  if (!effects.packets.empty()) {
    running.send_failed +=
        static_cast<uint64_t>(writer.Send(effects, [this](const Effects::Packet& packet) {
          const bool open = packet.slot < pairs.size() && pairs[packet.slot];
          return open ? pairs[packet.slot]->pair->fd(packet.rtcp) : -1;
        }));
  }
  for (const Slot slot : effects.closes) {
    pairs[slot]->rtp.closed = pairs[slot]->rtcp.closed = true;
    pairs[slot]->pair.reset();  // Closing takes the sockets out of epoll.
    retired.push_back(std::move(pairs[slot]));
  }
  if (!effects.events.empty()) handlers.on_events(std::move(effects.events));
  if (!effects.recording.empty()) handlers.on_recording(std::move(effects.recording));
  effects.Clear();
}

MediaWorkerCounts MediaWorker::counts() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->copied;
}

}  // namespace zvon::media
