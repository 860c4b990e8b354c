#include "services/common/db/listener.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "services/common/db/connection.h"
#include "services/common/telemetry/log.h"

namespace zvon::internal {
namespace {

constexpr absl::Duration kBackoffMin = absl::Milliseconds(50), kBackoffMax = absl::Seconds(1);
// A server that vanished without a word is noticed by asking it.
constexpr int kProbeMs = 5000;

}  // namespace

Listener::Listener(DatabaseSettings settings, std::string channel,
                   std::function<void(const std::string&)> handler)
    : settings_(std::move(settings)),
      channel_(std::move(channel)),
      handler_(std::move(handler)),
      stop_fd_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Run(); }) {}

Listener::~Listener() {
  stopping_ = true;
  const uint64_t one = 1;
  (void)!write(stop_fd_, &one, sizeof(one));
  thread_.join();
  close(stop_fd_);
}

bool Listener::Sleep(absl::Duration time) {
  pollfd stop = {stop_fd_, POLLIN, 0};
  poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(time)));
  return !stopping_;
}

void Listener::Run() {
  absl::Duration backoff = kBackoffMin;
  while (!stopping_) {
    listened_ = false;
    ListenOnce();
    backoff = listened_ ? kBackoffMin : std::min(backoff * 2, kBackoffMax);
    if (!Sleep(backoff)) return;
  }
}

void Listener::ListenOnce() {
  auto connection = Connect(settings_);
  if (!connection.ok()) return;
  PGconn* pg = connection->get();
  char* name = PQescapeIdentifier(pg, channel_.data(), channel_.size());
  Connection session(std::move(*connection));
  const absl::Status listening = session.RunScript(std::string("LISTEN ") + name);
  PQfreemem(name);
  if (!listening.ok()) return;
  listened_ = true;
  handler_("");
  while (!stopping_) {
    pollfd waits[] = {{PQsocket(pg), POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    const int ready = poll(waits, 2, kProbeMs);
    if (ready == 0 && !session.RunScript("SELECT 1").ok()) break;
    if (PQconsumeInput(pg) != 1) break;
    while (PGnotify* notification = PQnotifies(pg)) {
      const std::string payload = notification->extra;
      PQfreemem(notification);
      if (!stopping_) handler_(payload);
    }
  }
  if (!stopping_) LogWarning("PostgreSQL notifications are interrupted", {{"channel", channel_}});
}

}  // namespace zvon::internal
