#include "services/common/store/redis_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace zvon::internal {
namespace {

constexpr absl::Duration kSentinelLimit = absl::Milliseconds(500);

bool IsNumeric(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

absl::StatusOr<std::string> LookUp(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot resolve ", host, ": ", gai_strerror(error)));
  }
  char text[NI_MAXHOST] = {};
  getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  return std::string(text);
}

}  // namespace

absl::StatusOr<std::pair<std::string, int>> SplitHostPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port <= 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("not host:port: \"", address, "\""));
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return std::make_pair(host, port);
}

struct RedisResolver::Impl : std::enable_shared_from_this<RedisResolver::Impl> {
  Impl(Loop& loop_in, const RedisSettings& settings_in) : loop(loop_in), settings(settings_in) {}

  Loop& loop;
  const RedisSettings settings;
  Handler handler;
  size_t next_sentinel = 0, sentinels_left = 0;
  std::shared_ptr<RedisConnection> sentinel;
  TimerId sentinel_timer = 0;
  std::string last_error = "no sentinel answers";
  std::thread thread;

  void Finish(absl::StatusOr<RedisAddress> result) {
    Handler done = std::exchange(handler, nullptr);
    if (done) done(std::move(result));
  }

  // Host names may take seconds: on a thread of their own.
  void Resolve(const std::string& address, std::function<void(absl::StatusOr<RedisAddress>)> done) {
    auto parts = SplitHostPort(address);
    if (!parts.ok()) return done(parts.status());
    if (IsNumeric(parts->first)) return done(RedisAddress{parts->first, parts->second});
    if (thread.joinable()) thread.join();
    thread = std::thread([weak = weak_from_this(), &target = loop, host = parts->first,
                          port = parts->second, done = std::move(done)]() mutable {
      auto ip = LookUp(host);
      (void)target.Post([weak, ip = std::move(ip), port, done = std::move(done)] {
        if (weak.lock() == nullptr) return;
        if (!ip.ok()) return done(ip.status());
        done(RedisAddress{*ip, port});
      });
    });
  }

  void AskNextSentinel() {
    if (sentinels_left == 0) return Finish(absl::UnavailableError(last_error));
    --sentinels_left;
    const std::string address = settings.sentinels[next_sentinel++ % settings.sentinels.size()];
    Resolve(address, [weak = weak_from_this(), address](absl::StatusOr<RedisAddress> found) {
      auto self = weak.lock();
      if (self == nullptr) return;
      if (!found.ok()) return self->SentinelFailed(address, found.status());
      self->AskSentinel(address, *found);
    });
  }

  void AskSentinel(const std::string& name, const RedisAddress& address) {
    auto weak = weak_from_this();
    auto fail = [weak, name](absl::Status why) {
      if (auto self = weak.lock(); self != nullptr) self->SentinelFailed(name, why);
    };
    auto ask = [weak, name] {
      if (auto self = weak.lock(); self != nullptr) self->SendQuestion(name);
    };
    sentinel = RedisConnection::Open(loop, address.ip, address.port, ask, fail);
    if (sentinel == nullptr) return SentinelFailed(name, absl::UnavailableError("cannot connect"));
    sentinel_timer =
        loop.RunAfter(kSentinelLimit, [fail] { fail(absl::DeadlineExceededError("no answer")); });
  }

  void SendQuestion(const std::string& name) {
    sentinel->Send({"SENTINEL", "get-master-addr-by-name", settings.sentinel_master},
                   [weak = weak_from_this(), name](absl::StatusOr<RedisReply> reply) {
                     auto self = weak.lock();
                     if (self != nullptr) self->SentinelAnswered(name, std::move(reply));
                   });
  }

  void SentinelAnswered(const std::string& name, absl::StatusOr<RedisReply> reply) {
    int port = 0;
    if (!reply.ok() || reply->elements.size() != 2 ||
        !absl::SimpleAtoi(reply->elements[1].text, &port)) {
      return SentinelFailed(name, reply.ok() ? absl::NotFoundError(absl::StrCat(
                                                   "knows no master ", settings.sentinel_master))
                                             : reply.status());
    }
    DropSentinel();
    const std::string host = reply->elements[0].text;
    if (IsNumeric(host)) return Finish(RedisAddress{host, port});
    Resolve(absl::StrCat(host, ":", port),
            [weak = weak_from_this()](absl::StatusOr<RedisAddress> found) {
              if (auto self = weak.lock(); self != nullptr) self->Finish(std::move(found));
            });
  }

  void SentinelFailed(const std::string& name, const absl::Status& why) {
    if (!handler) return;
    last_error = absl::StrCat("sentinel ", name, ": ", why.message());
    DropSentinel();
    AskNextSentinel();
  }

  void DropSentinel() {
    loop.Cancel(std::exchange(sentinel_timer, 0));
    sentinel.reset();
  }
};

RedisResolver::RedisResolver(Loop& loop, const RedisSettings& settings)
    : impl_(std::make_shared<Impl>(loop, settings)) {}

RedisResolver::~RedisResolver() {
  impl_->handler = nullptr;
  impl_->DropSentinel();
  // At most as long as the system's resolver takes.
  if (impl_->thread.joinable()) impl_->thread.join();
}

void RedisResolver::Find(Handler handler) {
  impl_->handler = std::move(handler);
  if (!impl_->settings.sentinels.empty()) {
    impl_->sentinels_left = impl_->settings.sentinels.size();
    return impl_->AskNextSentinel();
  }
  impl_->Resolve(impl_->settings.address,
                 [weak = impl_->weak_from_this()](absl::StatusOr<RedisAddress> found) {
                   if (auto self = weak.lock(); self != nullptr) self->Finish(std::move(found));
                 });
}

}  // namespace zvon::internal
