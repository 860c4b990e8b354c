#include "services/signaling/resolver/dns_client.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include <array>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

constexpr absl::Duration kTtlMax = absl::Hours(24);

int WireType(DnsType type) {
  switch (type) {
    case DnsType::kA:
      return ns_t_a;
    case DnsType::kAaaa:
      return ns_t_aaaa;
    case DnsType::kSrv:
      return ns_t_srv;
    case DnsType::kNaptr:
      return ns_t_naptr;
  }
  return ns_t_a;
}

constexpr int kAddressesMax = 32;

DnsAnswer ReadA(const unsigned char* bytes, int size) {
  DnsAnswer out;
  std::array<ares_addrttl, kAddressesMax> found;
  int count = kAddressesMax;
  if (ares_parse_a_reply(bytes, size, nullptr, found.data(), &count) != ARES_SUCCESS) return out;
  for (int i = 0; i < count; ++i) {
    out.addresses.push_back(SocketAddress::V4(ntohl(found[i].ipaddr.s_addr), 0));
  }
  return out;
}

DnsAnswer ReadAaaa(const unsigned char* bytes, int size) {
  DnsAnswer out;
  std::array<ares_addr6ttl, kAddressesMax> found;
  int count = kAddressesMax;
  if (ares_parse_aaaa_reply(bytes, size, nullptr, found.data(), &count) != ARES_SUCCESS) return out;
  for (int i = 0; i < count; ++i) {
    std::array<uint8_t, 16> address;
    std::memcpy(address.data(), &found[i].ip6addr, address.size());
    out.addresses.push_back(SocketAddress::V6(address, 0));
  }
  return out;
}

DnsAnswer ReadSrv(const unsigned char* bytes, int size) {
  DnsAnswer out;
  ares_srv_reply* list = nullptr;
  if (ares_parse_srv_reply(bytes, size, &list) != ARES_SUCCESS) return out;
  for (const ares_srv_reply* r = list; r; r = r->next) {
    // A lone "." says: no such service here (RFC 2782).
    if (r->host && r->host[0] != 0) out.srv.push_back({r->priority, r->weight, r->port, r->host});
  }
  ares_free_data(list);
  return out;
}

DnsAnswer ReadNaptr(const unsigned char* bytes, int size) {
  DnsAnswer out;
  ares_naptr_reply* list = nullptr;
  if (ares_parse_naptr_reply(bytes, size, &list) != ARES_SUCCESS) return out;
  const auto text = [](const unsigned char* t) {
    return std::string(reinterpret_cast<const char*>(t));
  };
  for (const ares_naptr_reply* r = list; r; r = r->next) {
    out.naptr.push_back(
        {r->order, r->preference, text(r->flags), text(r->service), r->replacement});
  }
  ares_free_data(list);
  return out;
}

DnsAnswer ReadAnswer(DnsType type, const unsigned char* bytes, int size,
                     absl::Duration negative_ttl) {
  DnsAnswer out = type == DnsType::kA      ? ReadA(bytes, size)
                  : type == DnsType::kAaaa ? ReadAaaa(bytes, size)
                  : type == DnsType::kSrv  ? ReadSrv(bytes, size)
                                           : ReadNaptr(bytes, size);
  const std::string_view message(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  out.ttl = out.empty() ? negative_ttl : std::min(LeastTtl(message, negative_ttl), kTtlMax);
  return out;
}

}  // namespace

struct DnsClient::Impl {
  struct Cached {
    DnsAnswer answer;
    absl::Time fresh_until, usable_until;
  };
  struct Question {
    Impl* impl;
    DnsType type;
    std::string key, name;
  };

  DnsResolver::Options options;
  Loop& loop;
  ares_channel channel = nullptr;
  absl::flat_hash_map<std::string, Cached> cache;
  // Who waits for a question that is under way.
  absl::flat_hash_map<std::string, std::vector<Handler>> waiting;
  absl::flat_hash_set<int> watched;
  TimerId timer = 0;

  Impl(const DnsResolver::Options& o, Loop& l) : options(o), loop(l) {}

  ~Impl() {
    waiting.clear();
    if (channel) ares_destroy(channel);
    for (int fd : watched) loop.UnwatchFd(fd);
    loop.Cancel(timer);
  }

  absl::Status Open() {
    static const int kLibrary = ares_library_init(ARES_LIB_INIT_ALL);
    if (kLibrary != ARES_SUCCESS) return absl::UnavailableError(ares_strerror(kLibrary));
    ares_options o{};
    o.timeout = static_cast<int>(absl::ToInt64Milliseconds(options.timeout));
    o.tries = options.tries;
    o.sock_state_cb = &OnSocketState;
    o.sock_state_cb_data = this;
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (const int error = ares_init_options(&channel, &o, mask); error != ARES_SUCCESS) {
      return absl::UnavailableError(std::string("DNS: ") + ares_strerror(error));
    }
    std::string servers;
    for (const std::string& server : options.servers)
      servers += (servers.empty() ? "" : ",") + server;
    if (!servers.empty() && ares_set_servers_ports_csv(channel, servers.c_str()) != ARES_SUCCESS) {
      return absl::InvalidArgumentError("DNS servers: " + servers);
    }
    return absl::OkStatus();
  }

  static void OnSocketState(void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Impl*>(self)->Watch(fd, readable != 0, writable != 0);
  }

  void Watch(int fd, bool readable, bool writable) {
    const uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
    if (events == 0) {
      if (watched.erase(fd) != 0) loop.UnwatchFd(fd);
    } else if (watched.insert(fd).second) {
      loop.WatchFd(fd, events, [this, fd](uint32_t got) {
        const bool error = (got & (EPOLLERR | EPOLLHUP)) != 0;
        ares_process_fd(channel, (got & EPOLLIN) || error ? fd : ARES_SOCKET_BAD,
                        got & EPOLLOUT ? fd : ARES_SOCKET_BAD);
        SetTimer();
      });
    } else {
      loop.ChangeFd(fd, events);
    }
  }

  void SetTimer() {
    loop.Cancel(timer);
    timer = 0;
    timeval left;
    if (!ares_timeout(channel, nullptr, &left)) return;
    timer = loop.RunAfter(absl::DurationFromTimeval(left) + absl::Milliseconds(1), [this] {
      timer = 0;
      ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      SetTimer();
    });
  }

  void Remember(const std::string& key, const DnsAnswer& answer) {
    if (cache.size() >= options.cache_max) {
      absl::erase_if(cache,
                     [now = loop.Now()](const auto& c) { return c.second.fresh_until <= now; });
      if (cache.size() >= options.cache_max) cache.clear();
    }
    const absl::Time now = loop.Now();
    const absl::Duration stale = answer.empty() ? absl::ZeroDuration() : options.stale_max;
    cache[key] = {answer, now + answer.ttl, now + answer.ttl + stale};
  }

  // Without DNS what was known stays true.
  absl::StatusOr<DnsAnswer> Stale(const Question& question, int status) {
    const auto it = cache.find(question.key);
    if (it == cache.end() || it->second.usable_until <= loop.Now()) {
      return absl::UnavailableError("DNS does not answer for " + question.name + " (" +
                                    std::string(DnsTypeName(question.type)) +
                                    "): " + ares_strerror(status));
    }
    // Asked again soon, not for every call.
    it->second.fresh_until = loop.Now() + options.negative_ttl;
    return it->second.answer;
  }

  static void OnAnswer(void* argument, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<Question> question(static_cast<Question*>(argument));
    if (status == ARES_EDESTRUCTION) return;
    question->impl->Finish(*question, status, bytes, size);
  }

  void Finish(const Question& question, int status, const unsigned char* bytes, int size) {
    absl::StatusOr<DnsAnswer> answer = DnsAnswer{};
    if (status == ARES_SUCCESS) {
      answer = ReadAnswer(question.type, bytes, size, options.negative_ttl);
    } else if (status == ARES_ENODATA || status == ARES_ENOTFOUND || status == ARES_EBADNAME) {
      answer->ttl = options.negative_ttl;
    } else {
      answer = Stale(question, status);
    }
    if (status == ARES_SUCCESS || (answer.ok() && answer->empty())) Remember(question.key, *answer);
    const auto it = waiting.find(question.key);
    if (it == waiting.end()) return;
    const std::vector<Handler> handlers = std::move(it->second);
    waiting.erase(it);
    for (const Handler& handler : handlers) handler(answer);
  }
};

DnsClient::DnsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnsClient::~DnsClient() = default;

absl::StatusOr<std::unique_ptr<DnsClient>> DnsClient::Create(const DnsResolver::Options& options,
                                                             Loop& loop) {
  auto impl = std::make_unique<Impl>(options, loop);
  if (absl::Status status = impl->Open(); !status.ok()) return status;
  return std::unique_ptr<DnsClient>(new DnsClient(std::move(impl)));
}

void DnsClient::Ask(DnsType type, const std::string& name, Handler handler) {
  std::string key = std::string(DnsTypeName(type)) + " " + LowerCase(name);
  const auto known = impl_->cache.find(key);
  if (known != impl_->cache.end() && known->second.fresh_until > impl_->loop.Now()) {
    const absl::StatusOr<DnsAnswer> answer = known->second.answer;
    return handler(answer);
  }
  std::vector<Handler>& waiting = impl_->waiting[key];
  waiting.push_back(std::move(handler));
  if (waiting.size() > 1) return;
  auto* question = new Impl::Question{impl_.get(), type, std::move(key), name};
  ares_query(impl_->channel, name.c_str(), ns_c_in, WireType(type), &Impl::OnAnswer, question);
  impl_->SetTimer();
}

}  // namespace zvon::sip
