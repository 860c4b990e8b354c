#include "services/gateway/rest/api_router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/permissions.h"

namespace zvon::gateway {
namespace {

std::vector<ApiRouter::Route> AllRoutes() {
  std::vector<ApiRouter::Route> routes;
  AddSessionRoutes(&routes);
  AddSettingsRoutes(&routes);
  AddReportRoutes(&routes);
  AddRecordingRoutes(&routes);
  AddDirectoryRoutes(&routes);
  return routes;
}

bool IsApi(const std::string& path) { return path == "/api" || absl::StartsWith(path, "/api/"); }

bool OffersProtocol(const HttpRequest& request) {
  return std::string(request.Header("sec-websocket-protocol")).find("zvon.v1") != std::string::npos;
}

bool ChangesState(const std::string& method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

}  // namespace

std::string TokenOf(const HttpRequest& request) {
  std::string_view authorization = request.Header("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization.substr(0, kBearer.size()) == kBearer) {
    return std::string(authorization.substr(kBearer.size()));
  }
  return CookieValue(request.Header("cookie"), kSessionCookie);
}

ApiRouter::ApiRouter(ApiContext context)
    : context_(std::move(context)), routes_(AllRoutes()), files_(context_.web.web_dir) {}

void ApiRouter::OnRequest(HttpRequest request, std::shared_ptr<HttpReply> reply) {
  if (!IsApi(request.path)) return ServeFile(request, *reply);
  auto call = std::make_shared<ApiCall>();
  call->language = LanguageOf(request.Header("accept-language"));
  call->begin = context_.clock.Now();
  call->probe = &context_.probe;
  call->clock = &context_.clock;
  call->reply = std::move(reply);
  request.peer =
      ClientAddress(request.peer, request.Header("x-forwarded-for"), context_.web.trusted_proxies);
  call->request = std::move(request);
  RunApi(std::move(call));
}

void ApiRouter::RunApi(ApiCallPtr call) {
  const HttpRequest& request = call->request;
  auto query = Query::Parse(request.query);
  if (!query) return call->Error(absl::InvalidArgumentError("query: a %-sequence is broken"));
  call->query = std::move(*query);
  // A page of another site may hold our cookie; it may not act with it.
  if (ChangesState(request.method) &&
      !OriginAllowed(request.Header("origin"), request.Header("host"),
                     context_.web.allowed_origins)) {
    return call->Error(absl::PermissionDeniedError("this origin may not do this"));
  }
  std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::vector<std::string> other_methods;
  for (const Route& route : routes_) {
    auto path = MatchPath(route.pattern, request.path);
    if (!path) continue;
    if (route.method != method) {
      other_methods.push_back(route.method);
      continue;
    }
    call->path = std::move(*path);
    return RunPage(route, std::move(call));
  }
  if (other_methods.empty()) return call->Error(absl::NotFoundError("no such page"));
  HttpHead head{405, "application/json; charset=utf-8", ApiHeaders(), {}};
  head.headers.emplace_back("Allow", absl::StrJoin(other_methods, ", "));
  call->Count(405);
  call->reply->Send(std::move(head),
                    ErrorJson(absl::UnimplementedError(""), "", call->language, request.id));
}

void ApiRouter::RunPage(const Route& route, ApiCallPtr call) {
  if (route.permission == "public") return route.page(context_, std::move(call));
  std::string token = TokenOf(call->request);
  context_.tokens.Verify(token, [this, &route, call](const absl::StatusOr<UserSession>& user) {
    if (!user.ok()) return call->Error(user.status());
    if (!route.permission.empty() && !MayDo(user->permissions, route.permission)) {
      return call->Error(
          absl::PermissionDeniedError("permission " + route.permission + " is needed"));
    }
    call->user = *user;
    route.page(context_, call);
  });
}

void ApiRouter::ServeFile(const HttpRequest& request, HttpReply& reply) {
  if (request.method != "GET" && request.method != "HEAD") {
    return reply.Send({405, "text/plain", {{"Allow", "GET, HEAD"}}, {}}, "only GET\n");
  }
  StaticFiles::Answer answer =
      files_.Get(request.path, std::string(request.Header("if-none-match")));
  reply.Send(std::move(answer.head), *answer.body);
}

int ApiRouter::CheckUpgrade(const HttpRequest& request) {
  if (request.path != "/ws") return 404;
  if (!OriginAllowed(request.Header("origin"), request.Header("host"),
                     context_.web.allowed_origins)) {
    return 403;
  }
  return OffersProtocol(request) ? 0 : 400;
}

void ApiRouter::OnSocketOpen(std::shared_ptr<Socket> socket, const HttpRequest& request) {
  context_.hub.OnSocketOpen(std::move(socket),
                            CookieValue(request.Header("cookie"), kSessionCookie));
}

void ApiRouter::OnSocketText(const std::shared_ptr<Socket>& socket, std::string text) {
  context_.hub.OnSocketText(socket, text);
}

void ApiRouter::OnSocketClosed(const std::shared_ptr<Socket>& socket) {
  context_.hub.OnSocketClosed(socket);
}

}  // namespace zvon::gateway
