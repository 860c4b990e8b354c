#include "services/gateway/rest/api_call.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/gateway/live/json.h"

namespace zvon::gateway {

std::string ErrorJson(const absl::Status& status, const std::string& field, Language language,
                      const std::string& request_id) {
  return absl::StrCat("{\"error\":{\"code\":\"", std::string(CodeName(status.code())),
                      "\",\"field\":", JsonString(field),
                      ",\"text\":", JsonString(ErrorText(status, language)),
                      ",\"requestId\":", JsonString(request_id), "}}");
}

Headers ApiHeaders() {
  return {{"Cache-Control", "no-store"},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
}

void ApiCall::Json(std::string body, Headers headers) const {
  HttpHead head{200, "application/json; charset=utf-8", ApiHeaders(), {}};
  for (auto& header : headers) head.headers.push_back(std::move(header));
  Count(200);
  reply->Send(std::move(head), std::move(body));
}

void ApiCall::Error(const absl::Status& status, const std::string& field) const {
  int code = HttpStatusOf(status.code());
  HttpHead head{code, "application/json; charset=utf-8", ApiHeaders(), {}};
  if (code == 401) head.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (code == 429 || code == 503) head.headers.emplace_back("Retry-After", "1");
  if (code >= 500) {
    LogWarning("request failed", {{"request_id", request.id},
                                  {"path", request.path},
                                  {"code", code},
                                  {"status", status.ToString()}});
  }
  Count(code);
  reply->Send(std::move(head),
              ErrorJson(status, field.empty() ? FieldOf(status) : field, language, request.id));
}

void ApiCall::Count(int http_status) const {
  probe->Answered(http_status, absl::ToDoubleSeconds(clock->Now() - begin));
}

absl::StatusOr<std::optional<absl::Time>> TimeParameter(const ApiCall& call,
                                                        const std::string& key) {
  std::string text = call.query.Get(key);
  if (text.empty()) return std::optional<absl::Time>();
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::optional(time);
  return absl::InvalidArgumentError(
      absl::StrCat(key, ": \"", text, "\": expected a time such as 2026-11-23T07:00:00Z"));
}

absl::StatusOr<int32_t> PageSize(const ApiCall& call) {
  std::string text = call.query.Get("pageSize");
  if (text.empty()) return 0;
  int32_t size = 0;
  if (absl::SimpleAtoi(text, &size) && size >= 1 && size <= 1000) return size;
  return absl::InvalidArgumentError(
      absl::StrCat("pageSize: \"", text, "\": expected a number from 1 to 1000"));
}

}  // namespace zvon::gateway
