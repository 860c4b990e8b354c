// Log-in, log-out, who am I.

#include <google/protobuf/struct.pb.h>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/gateway/live/json.h"
#include "services/gateway/rest/api_router.h"

namespace zvon::gateway {
namespace {

using directoryservice::v1::CreateSessionRequest;
using directoryservice::v1::CreateSessionResponse;
using directoryservice::v1::DeleteSessionRequest;
using directoryservice::v1::DeleteSessionResponse;

// {"tenant","login","password"}: texts of sensible length and nothing else.
absl::StatusOr<CreateSessionRequest> ReadLogIn(const ApiCall& call) {
  google::protobuf::Struct body;
  if (absl::Status status = FromJson(call.request.body, &body); !status.ok()) return status;
  CreateSessionRequest request;
  for (const auto& [key, value] : body.fields()) {
    constexpr size_t kTextMax = 256;
    if (value.kind_case() != google::protobuf::Value::kStringValue ||
        value.string_value().size() > kTextMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(key, ": expected a text of at most 256 bytes"));
    }
    if (key == "tenant") {
      request.set_tenant_id(value.string_value());
    } else if (key == "login") {
      request.set_login(value.string_value());
    } else if (key == "password") {
      request.set_password(value.string_value());
    } else {
      return absl::InvalidArgumentError(absl::StrCat(key, ": this field is not known"));
    }
  }
  if (request.tenant_id().empty()) return absl::InvalidArgumentError("tenant: is missing");
  if (request.login().empty()) return absl::InvalidArgumentError("login: is missing");
  if (request.password().empty()) return absl::InvalidArgumentError("password: is missing");
  return request;
}

// Says what was wrong, but not which of the three.
absl::Status LogInError(const absl::Status& status, Language language) {
  if (!absl::IsUnauthenticated(status)) return status;
  return absl::UnauthenticatedError(language == Language::kRussian ? "Неверный логин или пароль."
                                                                   : "Wrong log-in or password.");
}

std::string Cookie(const std::string& value, absl::Duration age, bool secure) {
  return absl::StrCat(kSessionCookie, "=", value, "; Path=/; Max-Age=", absl::ToInt64Seconds(age),
                      "; HttpOnly; SameSite=Strict", secure ? "; Secure" : "");
}

void LogIn(ApiContext& context, ApiCallPtr call) {
  absl::StatusOr<CreateSessionRequest> request = ReadLogIn(*call);
  if (!request.ok()) return call->Error(request.status());
  request->set_client_address(call->request.peer);
  std::string tenant = request->tenant_id();
  std::string login = request->login();
  ZVON_GATEWAY_CALL(
      context.backends, context.backends.directory.get(), CreateSession, CreateSessionResponse,
      *request,
      [&context, call, tenant, login](const absl::StatusOr<CreateSessionResponse>& response) {
        if (!response.ok()) {
          LogInfo("log-in refused", {{"tenant_id", tenant},
                                     {"login", login},
                                     {"peer", call->request.peer},
                                     {"code", std::string(CodeName(response.status().code()))}});
          return call->Error(LogInError(response.status(), call->language));
        }
        absl::Time expire = absl::FromUnixSeconds(response->expire_time().seconds());
        context.tokens.Remember(MakeUserSession(response->token(), response->user(), expire));
        absl::Duration age = std::max(expire - context.clock.Now(), absl::ZeroDuration());
        call->Json(ToJson(*response),
                   {{"Set-Cookie", Cookie(response->token(), age, context.web.secure_cookie)}});
      });
}

void LogOut(ApiContext& context, ApiCallPtr call) {
  DeleteSessionRequest request;
  request.set_token(call->user.token);
  context.tokens.Forget(call->user.token);
  context.hub.EndToken(call->user.token);
  ZVON_GATEWAY_CALL(
      context.backends, context.backends.directory.get(), DeleteSession, DeleteSessionResponse,
      request, [&context, call](const absl::StatusOr<DeleteSessionResponse>& response) {
        if (!response.ok() && !absl::IsNotFound(response.status()))
          return call->Error(response.status());
        call->Json("{}",
                   {{"Set-Cookie", Cookie("", absl::ZeroDuration(), context.web.secure_cookie)}});
      });
}

void Me(ApiContext&, ApiCallPtr call) {
  call->Json("{\"user\":" + ToJson(ToProto(call->user)) + "}");
}

}  // namespace

void AddSessionRoutes(std::vector<ApiRouter::Route>* routes) {
  routes->push_back({"POST", "/api/v1/sessions", "public", LogIn});
  routes->push_back({"DELETE", "/api/v1/sessions", "", LogOut});
  routes->push_back({"GET", "/api/v1/me", "", Me});
}

}  // namespace zvon::gateway
