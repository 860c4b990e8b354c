#pragma once
// One request of the REST interface and the ways to answer it.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/time/clock.h"
#include "services/gateway/core/error_text.h"
#include "services/gateway/core/url.h"
#include "services/gateway/http/http_types.h"
#include "services/gateway/links/session_cache.h"
#include "services/gateway/live/gateway_probe.h"

namespace zvon::gateway {

using Headers = std::vector<std::pair<std::string, std::string>>;

// {"error":{"code","field","text","requestId"}}
std::string ErrorJson(const absl::Status& status, const std::string& field, Language language,
                      const std::string& request_id);
// On every answer of the API: not cached, not sniffed, not framed.
Headers ApiHeaders();

struct ApiCall {
  HttpRequest request;
  std::shared_ptr<HttpReply> reply;
  std::map<std::string, std::string> path;
  Query query;
  // Empty for pages that need no log-in.
  UserSession user;
  Language language = Language::kEnglish;
  absl::Time begin;
  GatewayProbe* probe = nullptr;
  const Clock* clock = nullptr;

  void Json(std::string body, Headers headers = {}) const;
  void Error(const absl::Status& status, const std::string& field = "") const;
  // Counts an answer that was begun by hand.
  void Count(int http_status) const;
};
using ApiCallPtr = std::shared_ptr<ApiCall>;

// Query parameters; an error names the parameter (see FieldOf).
absl::StatusOr<std::optional<absl::Time>> TimeParameter(const ApiCall& call,
                                                        const std::string& key);
absl::StatusOr<int32_t> PageSize(const ApiCall& call);

}  // namespace zvon::gateway
