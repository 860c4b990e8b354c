#pragma once
// From a request to its page: routes, log-in, permissions, the WebSocket and
// the static files.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/configuration/configuration.h"
#include "services/gateway/http/http_types.h"
#include "services/gateway/links/backends.h"
#include "services/gateway/links/session_cache.h"
#include "services/gateway/live/client_hub.h"
#include "services/gateway/rest/api_call.h"
#include "services/gateway/rest/static_files.h"

namespace zvon::gateway {

struct WebSettings {
  std::string web_dir;
  // Origins beside our own host that may use the API from a page.
  std::vector<std::string> allowed_origins;
  // Networks of proxies whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  // The cookie is sent over TLS only; for installations behind TLS.
  bool secure_cookie = false;
};

// What the pages need; all of it outlives the router.
struct ApiContext {
  Backends& backends;
  SessionCache& tokens;
  ClientHub& hub;
  ConfigurationWatch& configuration;
  GatewayProbe& probe;
  const Clock& clock;
  WebSettings web;
};

class ApiRouter final : public HttpHandler {
 public:
  explicit ApiRouter(ApiContext context);

  void OnRequest(HttpRequest request, std::shared_ptr<HttpReply> reply) override;
  int CheckUpgrade(const HttpRequest& request) override;
  void OnSocketOpen(std::shared_ptr<Socket> socket, const HttpRequest& request) override;
  void OnSocketText(const std::shared_ptr<Socket>& socket, std::string text) override;
  void OnSocketClosed(const std::shared_ptr<Socket>& socket) override;

  using Page = std::function<void(ApiContext&, ApiCallPtr)>;
  struct Route {
    std::string method;
    std::string pattern;
    // A permission, "" for everybody signed in, "public" for all.
    std::string permission;
    Page page;
  };

 private:
  void RunApi(ApiCallPtr call);
  void RunPage(const Route& route, ApiCallPtr call);
  void ServeFile(const HttpRequest& request, HttpReply& reply);

  ApiContext context_;
  const std::vector<Route> routes_;
  StaticFiles files_;
};

// The bearer token of a request: the Authorization header, else the cookie.
std::string TokenOf(const HttpRequest& request);
inline constexpr char kSessionCookie[] = "zvon_session";

// Each file of pages gives its routes.
void AddSessionRoutes(std::vector<ApiRouter::Route>* routes);
void AddSettingsRoutes(std::vector<ApiRouter::Route>* routes);
void AddReportRoutes(std::vector<ApiRouter::Route>* routes);
void AddRecordingRoutes(std::vector<ApiRouter::Route>* routes);
void AddDirectoryRoutes(std::vector<ApiRouter::Route>* routes);

}  // namespace zvon::gateway
