#include <algorithm>
#include <memory>
#include <utility>

#include "services/signaling/resolver/dns_client.h"
#include "services/signaling/resolver/hosts_file.h"
#include "services/signaling/resolver/resolver.h"

namespace zvon::sip {

namespace {

// One Resolve under way: RFC 3263 section 4, step by step. Kept alive by the
// handlers that it has given away.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  Lookup(const DnsResolver::Options& options, DnsClient& dns, const HostsFile& hosts,
         const RandomSource& random, const UriView& uri, Resolver::Handler handler)
      : options_(options),
        dns_(dns),
        hosts_(hosts),
        random_(random),
        host_(TargetHost(uri)),
        port_(uri.port),
        secure_(uri.is_sips()),
        demanded_(DemandedProtocol(uri)),
        handler_(std::move(handler)) {}

  void Start() {
    // A port, like a name of the hosts file, leaves nothing to SRV.
    if (port_ != 0 || !hosts_.Find(host_).empty())
      return AskAddressesOf(host_, Plain(), Port(Plain()));
    if (demanded_) return AskSrvOfDemanded();
    dns_.Ask(DnsType::kNaptr, host_,
             [self = shared_from_this()](const absl::StatusOr<DnsAnswer>& answer) {
               self->OnNaptr(answer);
             });
  }

 private:
  struct Place {
    std::string host;
    uint16_t port;
    Protocol protocol;
  };

  Protocol Plain() const { return demanded_.value_or(secure_ ? Protocol::kTls : Protocol::kUdp); }
  uint16_t Port(Protocol protocol) const { return port_ ? port_ : DefaultPort(protocol); }

  void AskSrvOfDemanded() {
    if (auto name = SrvName(*demanded_, host_))
      questions_.push_back({std::move(*name), *demanded_});
    AskNextSrv();
  }

  void OnNaptr(const absl::StatusOr<DnsAnswer>& answer) {
    if (answer.ok()) questions_ = ChooseNaptr(answer->naptr, options_.protocols, secure_);
    Note(answer);
    if (questions_.empty()) {
      for (Protocol protocol : options_.protocols) {
        if (secure_ && !IsSecure(protocol)) continue;
        if (auto name = SrvName(protocol, host_))
          questions_.push_back({std::move(*name), protocol});
      }
    }
    AskNextSrv();
  }

  void AskNextSrv() {
    if (next_question_ == questions_.size()) return OnSrvDone();
    const SrvQuestion question = questions_[next_question_++];
    dns_.Ask(DnsType::kSrv, question.name,
             [self = shared_from_this(), question](const absl::StatusOr<DnsAnswer>& answer) {
               self->Note(answer);
               if (answer.ok()) {
                 for (SrvRecord& r : OrderSrv(answer->srv, self->random_)) {
                   self->places_.push_back({std::move(r.host), r.port, question.protocol});
                 }
               }
               self->AskNextSrv();
             });
  }

  void OnSrvDone() {
    if (places_.empty()) return AskAddressesOf(host_, Plain(), Port(Plain()));
    constexpr size_t kPlacesMax = 16;
    if (places_.size() > kPlacesMax) places_.resize(kPlacesMax);
    AskAddresses();
  }

  void AskAddressesOf(const std::string& host, Protocol protocol, uint16_t port) {
    places_ = {{host, port, protocol}};
    AskAddresses();
  }

  // All places at once; targets keep the places' order.
  void AskAddresses() {
    found_.assign(places_.size(), {});
    open_ = 2 * places_.size();
    for (size_t i = 0; i < places_.size(); ++i) {
      if (auto known = KnownAddresses(places_[i].host); !known.empty()) {
        found_[i] = std::move(known);
        open_ -= 2;
        continue;
      }
      for (DnsType type : {DnsType::kA, DnsType::kAaaa}) {
        dns_.Ask(type, places_[i].host,
                 [self = shared_from_this(), i, type](const absl::StatusOr<DnsAnswer>& answer) {
                   self->OnAddresses(i, type, answer);
                 });
      }
    }
    if (open_ == 0) Finish();
  }

  std::vector<SocketAddress> KnownAddresses(const std::string& host) const {
    if (const auto number = SocketAddress::FromHost(host, 0)) return {*number};
    return hosts_.Find(host);
  }

  void OnAddresses(size_t place, DnsType type, const absl::StatusOr<DnsAnswer>& answer) {
    Note(answer);
    if (answer.ok()) {
      auto& found = found_[place];
      const bool first = (type == DnsType::kAaaa) == options_.prefer_v6;
      found.insert(first ? found.begin() : found.end(), answer->addresses.begin(),
                   answer->addresses.end());
    }
    if (--open_ == 0) Finish();
  }

  void Finish() {
    if (std::exchange(finished_, true)) return;
    Targets targets;
    for (size_t i = 0; i < places_.size(); ++i) {
      for (const SocketAddress& address : found_[i]) {
        const Target target{places_[i].protocol, address.WithPort(places_[i].port)};
        if (std::find(targets.begin(), targets.end(), target) == targets.end())
          targets.push_back(target);
      }
    }
    if (!targets.empty()) return handler_(targets);
    handler_(failure_.ok() ? absl::UnavailableError("no such host: " + host_) : failure_);
  }

  void Note(const absl::StatusOr<DnsAnswer>& answer) {
    if (!answer.ok()) failure_ = answer.status();
  }

  const DnsResolver::Options& options_;
  DnsClient& dns_;
  const HostsFile& hosts_;
  const RandomSource& random_;
  std::string host_;
  uint16_t port_;
  bool secure_;
  std::optional<Protocol> demanded_;
  Resolver::Handler handler_;
  std::vector<SrvQuestion> questions_;
  size_t next_question_ = 0;
  std::vector<Place> places_;
  std::vector<std::vector<SocketAddress>> found_;
  size_t open_ = 0;
  bool finished_ = false;
  absl::Status failure_;
};

}  // namespace

struct DnsResolver::Impl {
  Options options;
  Loop& loop;
  RandomSource random;
  std::unique_ptr<DnsClient> dns;
  HostsFile hosts;
};

DnsResolver::DnsResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnsResolver::~DnsResolver() = default;

absl::StatusOr<std::unique_ptr<DnsResolver>> DnsResolver::Create(Options options, Loop& loop,
                                                                 RandomSource random) {
  auto dns = DnsClient::Create(options, loop);
  if (!dns.ok()) return dns.status();
  HostsFile hosts = HostsFile::Load(options.hosts_file);
  auto impl = std::make_unique<Impl>(
      Impl{std::move(options), loop, std::move(random), *std::move(dns), std::move(hosts)});
  return std::unique_ptr<DnsResolver>(new DnsResolver(std::move(impl)));
}

void DnsResolver::Resolve(const UriView& uri, Handler handler) {
  if (const auto target = NumericTarget(uri)) return handler(Targets{*target});
  if (!uri.is_sip()) {
    return handler(absl::InvalidArgumentError("not a SIP URI: " + uri.ToString()));
  }
  std::make_shared<Lookup>(impl_->options, *impl_->dns, impl_->hosts, impl_->random, uri,
                           std::move(handler))
      ->Start();
}

}  // namespace zvon::sip
