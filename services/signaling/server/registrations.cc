#include "services/signaling/server/registrations.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/common/telemetry/log.h"

namespace zvon::signaling {
namespace {
sip::OutResponse Plain(int code) {
  sip::OutResponse response;
  response.code = code;
  return response;
}

sip::HeaderBlock WithoutSha256(const sip::HeaderBlock& challenges) {
  sip::HeaderBlock kept;
  for (absl::string_view line : absl::StrSplit(challenges.text(), "\r\n", absl::SkipEmpty())) {
    const size_t colon = line.find(": ");
    if (colon == absl::string_view::npos || absl::StrContains(line, "SHA-256")) continue;
    kept.Add({line.data(), colon}, {line.data() + colon + 2, line.size() - colon - 2});
  }
  return kept;
}
}  // namespace

Registrations::Registrations(Options options, sip::SipEndpoint& endpoint, TaskRunner& runner,
                             RandomSource random, StoreOf store_of, SignalingProbe& probe)
    : endpoint_(endpoint),
      runner_(runner),
      store_of_(std::move(store_of)),
      probe_(probe),
      md5_only_agents_(std::move(options.md5_only_agents)),
      digest_(options.digest, std::move(random)),
      registrar_(options.registrar) {}
// libre before 2.0 (baresip 0.x and 1.x) and sipp give up when a challenge names
// another algorithm than MD5, where RFC 7616 has them look at the next one.
bool Registrations::KnowsMd5Only(const sip::Message& request) const {
  const std::string_view agent = request.Header("User-Agent");
  return std::any_of(
      md5_only_agents_.begin(), md5_only_agents_.end(),
      [&](const std::string& prefix) { return agent.substr(0, prefix.size()) == prefix; });
}

Registrations::~Registrations() {
  *alive_ = false;
  runner_.Cancel(expiry_timer_);
}

void Registrations::Challenge(sip::ServerId id, const sip::Message& request, bool stale) {
  sip::OutResponse response = Plain(401);
  sip::HeaderBlock both;
  digest_.AddChallenge(both, /*proxy=*/false, stale, runner_.Now());
  response.headers = KnowsMd5Only(request) ? WithoutSha256(both) : both;
  endpoint_.Respond(id, response);
}

std::optional<std::string> Registrations::ClaimedUser(const sip::Message& request) const {
  auto claim = digest_.WhoClaims(request, /*proxy=*/false);
  if (!claim) return std::nullopt;
  return claim->username;
}

Registrations::Identity Registrations::Authenticate(sip::ServerId id, const sip::Message& request,
                                                    std::string_view host) {
  Identity identity;
  auto claim = digest_.WhoClaims(request, /*proxy=*/false);
  sip::Credentials credentials;
  if (claim) {
    identity.match = plan_->FindEndpoint(claim->username, host);
    if (identity.match.endpoint != nullptr && !identity.match.endpoint->disabled) {
      credentials = {identity.match.endpoint->ha1_md5, identity.match.endpoint->ha1_sha256};
    }
  }
  using Verdict = sip::DigestServer::Verdict;
  switch (digest_.Check(request, /*proxy=*/false, credentials, runner_.Now())) {
    case Verdict::kAccepted:
      identity.known = identity.match.endpoint != nullptr;
      if (!identity.known) endpoint_.Respond(id, Plain(403));
      return identity;
    case Verdict::kNoCredentials:
      Challenge(id, request, false);
      return identity;
    case Verdict::kStale:
      Challenge(id, request, true);
      return identity;
    case Verdict::kWrong:
      LogWarning("wrong SIP credentials", {{"username", claim ? claim->username : ""}});
      endpoint_.Respond(id, Plain(403));
      return identity;
    case Verdict::kMalformed:
      endpoint_.Respond(id, Plain(400));
      return identity;
  }
  return identity;
}

bool Registrations::AuthenticateTrunk(sip::ServerId id, const sip::Message& request,
                                      const TrunkSettings& trunk) {
  const auto verdict = digest_.Check(
      request, /*proxy=*/false, {trunk.digest_ha1_md5, trunk.digest_ha1_sha256}, runner_.Now());
  using Verdict = sip::DigestServer::Verdict;
  if (verdict == Verdict::kAccepted) return true;
  if (verdict == Verdict::kNoCredentials || verdict == Verdict::kStale) {
    Challenge(id, request, verdict == Verdict::kStale);
  } else {
    endpoint_.Respond(id, Plain(verdict == Verdict::kMalformed ? 400 : 403));
  }
  return false;
}

void Registrations::OnRegister(sip::ServerId id, const sip::Message& request,
                               const sip::Flow& flow) {
  const Identity identity = Authenticate(id, request, request.to().uri.host);
  if (!identity.known) return;
  const std::string user = identity.match.endpoint->sip_username;
  // A phone registers itself and nobody else (RFC 3261 section 10.3 step 4).
  if (request.to().uri.DecodedUser() != user) return endpoint_.Respond(id, Plain(403));
  const std::string tenant_id = identity.match.tenant->tenant_id();
  const std::string record = RecordOf(tenant_id, user);
  sip::Registrar::Result result = registrar_.Handle(record, request, flow, runner_.Now());
  ArmExpiry();
  probe_.Registrations(registrar_.size());
  if (result.appeared || result.vanished) {
    LogInfo(result.appeared ? "phone registered" : "phone unregistered",
            {{"tenant_id", tenant_id}, {"user", user}, {"flow", flow.ToString()}});
  }
  if (!result.changed) return endpoint_.Respond(id, result.response);
  // Stored first, so that a restart knows every phone that was told 200.
  Store(tenant_id, user,
        [this, id, response = std::move(result.response)] { endpoint_.Respond(id, response); });
}

void Registrations::Store(const std::string& tenant_id, const std::string& user,
                          std::function<void()> done) {
  SnapshotStore& store = store_of_(tenant_id);
  const std::string bytes = registrar_.Serialize(RecordOf(tenant_id, user));
  auto finish = [done, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
    if (!status.ok())
      LogWarning("registration was not stored", {{"error", std::string(status.message())}});
    if (!alive.expired() && done) done();
  };
  if (bytes.empty()) return store.Delete(user, finish);
  store.Put(user, bytes, absl::Hours(2), [&store, user, bytes, finish](const absl::Status& status) {
    if (!absl::IsFailedPrecondition(status)) return finish(status);
    // The phone was another replica's; it is ours now.
    store.TakeOver(user, [&store, user, bytes, finish](const absl::StatusOr<Snapshot>&) {
      store.Put(user, bytes, absl::Hours(2), finish);
    });
  });
}

void Registrations::ArmExpiry() {
  runner_.Cancel(expiry_timer_);
  expiry_timer_ = 0;
  const absl::Time next = registrar_.NextWakeup();
  if (next == absl::InfiniteFuture()) return;
  expiry_timer_ = runner_.RunAt(next, [this] {
    expiry_timer_ = 0;
    for (const std::string& record : registrar_.Expire(runner_.Now())) {
      const size_t at = record.find('@');
      if (at == std::string::npos || at < 4) continue;
      LogInfo("registration expired", {{"record", record}});
      Store(record.substr(at + 1), record.substr(4, at - 4), nullptr);
    }
    probe_.Registrations(registrar_.size());
    ArmExpiry();
  });
}

std::vector<sip::Binding> Registrations::BindingsOf(const std::string& tenant_id,
                                                    const std::string& sip_username) const {
  return registrar_.Lookup(RecordOf(tenant_id, sip_username), runner_.Now());
}

std::vector<DialContact> Registrations::ContactsOf(const TenantPlan& tenant,
                                                   const std::string& user_id) const {
  std::vector<DialContact> contacts;
  for (const EndpointSettings* endpoint : tenant.EndpointsOf(user_id)) {
    for (const sip::Binding& binding : BindingsOf(tenant.tenant_id(), endpoint->sip_username)) {
      DialContact contact;
      contact.uri = binding.contact_uri;
      if (binding.nat || sip::IsReliable(binding.flow.protocol))
        contact.flow = binding.flow.ToString();
      contacts.push_back(std::move(contact));
    }
  }
  return contacts;
}

void Registrations::Load(const std::string& tenant_id, const std::string& owner,
                         std::function<void()> done) {
  SnapshotStore& store = store_of_(tenant_id);
  store.ListOwned(owner, [this, &store, tenant_id,
                          done](const absl::StatusOr<std::vector<std::string>>& users) {
    if (!users.ok() || users->empty()) return done();
    auto rest = std::make_shared<size_t>(users->size());
    for (const std::string& user : *users) {
      store.TakeOver(user,
                     [this, tenant_id, user, rest, done](const absl::StatusOr<Snapshot>& snapshot) {
                       if (snapshot.ok()) {
                         const absl::Status status =
                             registrar_.Restore(RecordOf(tenant_id, user), snapshot->bytes);
                         if (!status.ok())
                           LogWarning("registration was not restored", {{"user", user}});
                       }
                       if (--*rest > 0) return;
                       (void)registrar_.Expire(runner_.Now());
                       probe_.Registrations(registrar_.size());
                       ArmExpiry();
                       done();
                     });
    }
  });
}

}  // namespace zvon::signaling
