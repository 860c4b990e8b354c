#pragma once
// Who a bearer token is, asked of directory and remembered for a moment.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/links/backends.h"

namespace zvon::gateway {

struct UserSession {
  std::string token;
  std::string tenant_id;
  std::string user_id;
  std::string display_name;
  std::vector<std::string> role_ids;
  std::vector<std::string> permissions;
  std::string internal_number;
  std::string language;
  absl::Time expire_time;
};
UserSession MakeUserSession(const std::string& token, const directoryservice::v1::SessionUser& user,
                            absl::Time expire_time);
directoryservice::v1::SessionUser ToProto(const UserSession& session);

// Runner thread only.
class SessionCache {
 public:
  // How long an answer is believed: a revoked token works no longer than this.
  static constexpr absl::Duration kFresh = absl::Seconds(10);
  // With directory out of reach: last known rights (reliability.md).
  static constexpr absl::Duration kStale = absl::Minutes(15);
  static constexpr size_t kTokensMax = 20'000;

  explicit SessionCache(Backends& backends) : backends_(backends) {}
  using Handler = std::function<void(absl::StatusOr<UserSession>)>;
  // UNAUTHENTICATED for a token that directory does not take.
  void Verify(const std::string& token, Handler handler);
  void Remember(const UserSession& session);
  void Forget(const std::string& token) { entries_.erase(token); }

 private:
  struct Entry {
    UserSession session;
    absl::Time verified;
  };
  void Answered(const std::string& token,
                const absl::StatusOr<directoryservice::v1::VerifySessionResponse>& response,
                const Handler& handler);
  Backends& backends_;
  std::map<std::string, Entry> entries_;
};

}  // namespace zvon::gateway
