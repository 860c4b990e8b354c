#include "services/gateway/links/session_cache.h"

#include <utility>

namespace zvon::gateway {
namespace {

using directoryservice::v1::VerifySessionRequest;
using directoryservice::v1::VerifySessionResponse;

// Longer ones are not ours, and must not fill the table.
constexpr size_t kTokenBytesMax = 512;

bool DirectoryIsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

UserSession MakeUserSession(const std::string& token, const directoryservice::v1::SessionUser& user,
                            absl::Time expire_time) {
  UserSession session;
  session.token = token;
  session.tenant_id = user.tenant_id();
  session.user_id = user.user_id();
  session.display_name = user.display_name();
  session.role_ids.assign(user.role_ids().begin(), user.role_ids().end());
  session.permissions.assign(user.permissions().begin(), user.permissions().end());
  session.internal_number = user.internal_number();
  session.language = user.language();
  session.expire_time = expire_time;
  return session;
}

directoryservice::v1::SessionUser ToProto(const UserSession& session) {
  directoryservice::v1::SessionUser user;
  user.set_tenant_id(session.tenant_id);
  user.set_user_id(session.user_id);
  user.set_display_name(session.display_name);
  for (const std::string& role : session.role_ids) user.add_role_ids(role);
  for (const std::string& permission : session.permissions) user.add_permissions(permission);
  user.set_internal_number(session.internal_number);
  user.set_language(session.language);
  return user;
}

void SessionCache::Verify(const std::string& token, Handler handler) {
  if (token.empty() || token.size() > kTokenBytesMax) {
    return handler(absl::UnauthenticatedError("no valid token"));
  }
  absl::Time now = backends_.runner.Now();
  auto it = entries_.find(token);
  if (it != entries_.end() && it->second.session.expire_time <= now) {
    entries_.erase(it);
    return handler(absl::UnauthenticatedError("the session has expired"));
  }
  if (it != entries_.end() && it->second.verified + kFresh > now) {
    return handler(UserSession(it->second.session));
  }
  VerifySessionRequest request;
  request.set_token(token);
  ZVON_GATEWAY_CALL(backends_, backends_.directory.get(), VerifySession, VerifySessionResponse,
                    request,
                    [this, token, handler](const absl::StatusOr<VerifySessionResponse>& response) {
                      Answered(token, response, handler);
                    });
}

void SessionCache::Answered(const std::string& token,
                            const absl::StatusOr<VerifySessionResponse>& response,
                            const Handler& handler) {
  if (response.ok()) {
    absl::Time expire = absl::FromUnixSeconds(response->expire_time().seconds());
    UserSession session = MakeUserSession(token, response->user(), expire);
    Remember(session);
    return handler(session);
  }
  auto it = entries_.find(token);
  absl::Time now = backends_.runner.Now();
  if (DirectoryIsAway(response.status()) && it != entries_.end() &&
      it->second.verified + kStale > now && it->second.session.expire_time > now) {
    return handler(UserSession(it->second.session));
  }
  if (!DirectoryIsAway(response.status())) entries_.erase(token);
  handler(response.status());
}

void SessionCache::Remember(const UserSession& session) {
  // Over the bound everything is asked again: simpler than an order of age,
  // and no more than a second's work for directory.
  if (entries_.size() >= kTokensMax) entries_.clear();
  entries_[session.token] = {session, backends_.runner.Now()};
}

}  // namespace zvon::gateway
