#include "services/common/store/redis.h"

#include <openssl/sha.h>

#include <deque>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/store/redis_connection.h"
#include "services/common/store/redis_resolver.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

using internal::RedisAddress;
using internal::RedisConnection;
using internal::RedisResolver;

constexpr absl::Duration kBackoffMin = absl::Milliseconds(50), kBackoffMax = absl::Seconds(1);

std::string Sha1Hex(const std::string& text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
}

// "run_id:…" within the answer to INFO server.
std::string RunIdOf(const std::string& info) {
  const size_t begin = info.find("run_id:");
  if (begin == std::string::npos) return "";
  return info.substr(begin + 7, info.find('\r', begin) - begin - 7);
}

}  // namespace

void RedisSettings::BindTo(SettingsReader& reader) {
  reader.Bind("redis.address", &address, "Redis server, host:port");
  reader.Bind("redis.sentinels", &sentinels, "Sentinels, host:port each; instead of redis.address");
  reader.Bind("redis.sentinel_master", &sentinel_master, "Name of the master at the sentinels");
  reader.Bind("redis.username", &username, "Redis user (ACL), empty = the default one");
  reader.BindSecret("redis.password", &password, "Redis password");
  reader.Bind("redis.database", &database, "Number of the Redis database", 0, 1'000'000);
  reader.Bind("redis.timeout", &timeout, "Longest wait for an answer of Redis");
}

struct RedisClient::Impl : std::enable_shared_from_this<RedisClient::Impl> {
  Impl(Loop& loop_in, RedisSettings settings_in)
      : loop(loop_in), settings(std::move(settings_in)), resolver(loop, settings) {}

  struct Waiting {
    absl::Time deadline;
    Handler handler;  // Empty once it was called.
  };
  struct Script {
    std::string sha;
    bool loaded = false;  // On the present connection.
  };

  Loop& loop;
  const RedisSettings settings;
  RedisResolver resolver;
  std::shared_ptr<RedisConnection> connection;
  std::shared_ptr<RedisConnection> subscriber;
  RedisAddress address;
  bool started = false, stopped = false, ready = false;
  absl::Duration backoff = kBackoffMin;
  std::string run_id;
  std::string last_error = "not connected yet";
  std::function<void(bool)> on_connected;
  std::function<void(const absl::Status&)> on_disconnected;
  std::map<std::string, std::function<void(const std::string&)>> channels;
  std::map<std::string, Script> scripts;
  // In order of sending; answers come in the same order.
  std::deque<std::shared_ptr<Waiting>> waiting;
  size_t pending = 0;
  TimerId timeout_timer = 0, retry_timer = 0, handshake_timer = 0, ping_timer = 0;

  // ---- Connecting ----

  void Connect() {
    resolver.Find([weak = weak_from_this()](absl::StatusOr<RedisAddress> found) {
      auto self = weak.lock();
      if (self == nullptr || self->stopped) return;
      if (!found.ok()) return self->Failed(found.status());
      self->ConnectTo(*found);
    });
  }

  void ConnectTo(const RedisAddress& to) {
    address = to;
    auto weak = weak_from_this();
    connection = RedisConnection::Open(
        loop, to.ip, to.port,
        [weak] {
          if (auto self = weak.lock(); self != nullptr) self->Handshake();
        },
        [weak](absl::Status why) {
          if (auto self = weak.lock(); self != nullptr) self->Failed(why);
        });
    if (connection == nullptr) return Failed(absl::UnavailableError("Redis: cannot make a socket"));
    handshake_timer = loop.RunAfter(settings.timeout, [weak] {
      auto self = weak.lock();
      if (self == nullptr) return;
      self->handshake_timer = 0;
      self->Drop(absl::UnavailableError("Redis: no answer to the first commands"));
    });
  }

  // Sent in one write; the last answer decides.
  void Handshake() {
    std::shared_ptr<absl::Status> first_error = std::make_shared<absl::Status>();
    auto note = [first_error](absl::StatusOr<RedisReply> reply) {
      if (!reply.ok()) first_error->Update(reply.status());
    };
    if (!settings.password.empty()) {
      std::vector<std::string> auth = {"AUTH"};
      if (!settings.username.empty()) auth.push_back(settings.username);
      auth.push_back(settings.password);
      connection->Send(auth, note);
    }
    if (settings.database != 0) connection->Send({"SELECT", absl::StrCat(settings.database)}, note);
    const bool must_be_master = !settings.sentinels.empty();
    connection->Send({"ROLE"}, [first_error, must_be_master](absl::StatusOr<RedisReply> reply) {
      // A user without the right to ask is no reason to stay away.
      if (!must_be_master || !reply.ok() || reply->elements.empty()) return;
      if (reply->elements[0].text != "master") {
        first_error->Update(absl::UnavailableError("Redis: the server is not the master any more"));
      }
    });
    connection->Send({"INFO", "server"},
                     [weak = weak_from_this(), first_error](absl::StatusOr<RedisReply> reply) {
                       auto self = weak.lock();
                       if (self == nullptr) return;
                       if (!reply.ok()) first_error->Update(reply.status());
                       if (!first_error->ok()) return self->Drop(*first_error);
                       self->Ready(RunIdOf(reply->text));
                     });
  }

  void Ready(const std::string& new_run_id) {
    loop.Cancel(std::exchange(handshake_timer, 0));
    const bool restarted = !run_id.empty() && run_id != new_run_id;
    run_id = new_run_id;
    ready = true;
    backoff = kBackoffMin;
    for (auto& [text, script] : scripts) script.loaded = false;
    LogInfo("connected to Redis", {{"address", absl::StrCat(address.ip, ":", address.port)},
                                   {"restarted", restarted ? "yes" : "no"}});
    if (!channels.empty()) OpenSubscriber();
    PlanPing();
    if (on_connected) on_connected(restarted);
  }

  // ---- Failing ----

  // Ends the connection; `Failed` follows from it.
  void Drop(const absl::Status& why) {
    auto dropped = connection;
    if (dropped != nullptr) dropped->Close(why);
  }

  void Failed(const absl::Status& why) {
    if (stopped) return;
    loop.Cancel(std::exchange(handshake_timer, 0));
    loop.Cancel(std::exchange(ping_timer, 0));
    connection.reset();
    subscriber.reset();
    const bool was_ready = std::exchange(ready, false);
    last_error = std::string(why.message());
    FailWaiting(absl::UnavailableError(last_error));
    if (was_ready || backoff >= kBackoffMax) LogWarning("Redis is away", {{"error", last_error}});
    loop.Cancel(retry_timer);
    retry_timer = loop.RunAfter(backoff, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self == nullptr || self->stopped) return;
      self->retry_timer = 0;
      self->Connect();
    });
    backoff = std::min(backoff * 2, kBackoffMax);
    if (was_ready && on_disconnected) on_disconnected(why);
  }

  void FailWaiting(const absl::Status& why) {
    loop.Cancel(std::exchange(timeout_timer, 0));
    auto failed = std::exchange(waiting, {});
    for (auto& command : failed) Answer(*command, why);
  }

  void Stop() {
    stopped = true;
    for (TimerId* timer : {&timeout_timer, &retry_timer, &handshake_timer, &ping_timer}) {
      loop.Cancel(std::exchange(*timer, 0));
    }
    // No handler runs after the client has gone.
    for (auto& command : waiting) command->handler = nullptr;
    waiting.clear();
    channels.clear();
    subscriber.reset();
    connection.reset();
  }

  // ---- Commands ----

  void Answer(Waiting& command, absl::StatusOr<RedisReply> reply) {
    if (!command.handler) return;
    Handler handler = std::exchange(command.handler, nullptr);
    --pending;
    handler(std::move(reply));
  }

  void Send(const std::vector<std::string>& args, Handler handler) {
    if (!ready) {
      // Never from within the call: the caller may hold half-changed state.
      ++pending;
      auto command = std::make_shared<Waiting>(Waiting{loop.Now(), std::move(handler)});
      loop.RunAfter(absl::ZeroDuration(), [weak = weak_from_this(), command] {
        if (auto self = weak.lock(); self != nullptr && !self->stopped) {
          self->Answer(*command, absl::UnavailableError(absl::StrCat("Redis: ", self->last_error)));
        }
      });
      return;
    }
    ++pending;
    auto command =
        std::make_shared<Waiting>(Waiting{loop.Now() + settings.timeout, std::move(handler)});
    waiting.push_back(command);
    PlanTimeout();
    connection->Send(args, [weak = weak_from_this(), command](absl::StatusOr<RedisReply> reply) {
      auto self = weak.lock();
      if (self == nullptr || self->stopped) return;
      self->Answered(command, std::move(reply));
    });
  }

  void Answered(const std::shared_ptr<Waiting>& command, absl::StatusOr<RedisReply> reply) {
    while (!waiting.empty() && (waiting.front() == command || !waiting.front()->handler)) {
      waiting.pop_front();
    }
    const bool read_only = !reply.ok() && absl::StartsWith(reply.status().message(), "READONLY");
    Answer(*command, std::move(reply));
    // A fail-over: the sentinels know the new master.
    if (read_only) Drop(absl::UnavailableError("Redis: the server has become read-only"));
  }

  void PlanTimeout() {
    if (timeout_timer != 0 || waiting.empty()) return;
    timeout_timer = loop.RunAt(waiting.front()->deadline, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self == nullptr) return;
      self->timeout_timer = 0;
      self->CheckTimeout();
    });
  }

  // A server that is late for one command is late for all behind it: they get
  // their answer now and a new connection is tried.
  void CheckTimeout() {
    if (waiting.empty()) return;
    if (waiting.front()->deadline > loop.Now()) return PlanTimeout();
    auto late = waiting.front();
    Answer(*late, absl::DeadlineExceededError("Redis: no answer in time"));
    Drop(absl::UnavailableError("Redis: no answer in time"));
  }

  // Notices a dead peer when nothing else is said.
  void PlanPing() {
    ping_timer = loop.RunAfter(settings.timeout / 2, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self == nullptr) return;
      self->ping_timer = 0;
      if (!self->ready) return;
      if (self->waiting.empty()) self->Send({"PING"}, [](absl::StatusOr<RedisReply>) {});
      self->PlanPing();
    });
  }

  void Eval(const std::string& text, const std::vector<std::string>& keys,
            const std::vector<std::string>& args, Handler handler) {
    Script& script = scripts[text];
    if (script.sha.empty()) script.sha = Sha1Hex(text);
    // The first use on a connection carries the text: no command behind it can
    // overtake it, as it could a second try.
    const bool by_sha = ready && std::exchange(script.loaded, true);
    std::vector<std::string> command = {by_sha ? "EVALSHA" : "EVAL", by_sha ? script.sha : text,
                                        absl::StrCat(keys.size())};
    command.insert(command.end(), keys.begin(), keys.end());
    command.insert(command.end(), args.begin(), args.end());
    if (!by_sha) return Send(command, std::move(handler));
    Send(command, [weak = weak_from_this(), text, command,
                   handler = std::move(handler)](absl::StatusOr<RedisReply> reply) mutable {
      auto self = weak.lock();
      if (self == nullptr || reply.ok() ||
          !absl::StartsWith(reply.status().message(), "NOSCRIPT")) {
        return handler(std::move(reply));
      }
      command[0] = "EVAL";  // Somebody has flushed the scripts.
      command[1] = text;
      self->Send(command, std::move(handler));
    });
  }

  // ---- Subscriptions ----

  void OpenSubscriber() {
    auto weak = weak_from_this();
    subscriber = RedisConnection::Open(
        loop, address.ip, address.port,
        [weak] {
          if (auto self = weak.lock(); self != nullptr) self->SubscribeAll();
        },
        [weak](absl::Status why) {
          // Both live and die together: one reconnection is enough.
          if (auto self = weak.lock(); self != nullptr) self->Drop(why);
        });
  }

  void SubscribeAll() {
    if (!settings.password.empty()) {
      std::vector<std::string> auth = {"AUTH"};
      if (!settings.username.empty()) auth.push_back(settings.username);
      auth.push_back(settings.password);
      subscriber->Send(auth, [](absl::StatusOr<RedisReply>) {});
    }
    for (const auto& [channel, handler] : channels) subscriber->Subscribe(channel, handler);
  }
};

RedisClient::RedisClient(Loop& loop, RedisSettings settings)
    : impl_(std::make_shared<Impl>(loop, std::move(settings))) {}

RedisClient::~RedisClient() { impl_->Stop(); }

void RedisClient::Start() {
  if (!std::exchange(impl_->started, true)) impl_->Connect();
}

bool RedisClient::connected() const { return impl_->ready; }

void RedisClient::OnConnected(std::function<void(bool restarted)> handler) {
  impl_->on_connected = std::move(handler);
}
void RedisClient::OnDisconnected(std::function<void(const absl::Status&)> handler) {
  impl_->on_disconnected = std::move(handler);
}

void RedisClient::Command(std::vector<std::string> args, Handler handler) {
  impl_->Send(args, std::move(handler));
}

void RedisClient::Eval(const std::string& script, std::vector<std::string> keys,
                       std::vector<std::string> args, Handler handler) {
  impl_->Eval(script, keys, args, std::move(handler));
}

void RedisClient::Subscribe(const std::string& channel,
                            std::function<void(const std::string&)> handler) {
  impl_->channels[channel] = handler;
  if (impl_->subscriber != nullptr) {
    impl_->subscriber->Subscribe(channel, std::move(handler));
  } else if (impl_->ready) {
    impl_->OpenSubscriber();
  }
}

size_t RedisClient::pending() const { return impl_->pending; }

}  // namespace zvon
