#pragma once
// The gateway as a whole: everything between its listening port and the
// other services, built and stopped in order. Used by main and by tests.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/configuration/configuration.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/time/clock.h"
#include "services/gateway/http/asio_runner.h"
#include "services/gateway/http/http_server.h"
#include "services/gateway/links/backends.h"
#include "services/gateway/rest/api_router.h"

namespace zvon::gateway {

struct GatewaySettings {
  std::string listen = "0.0.0.0:8080";
  WebSettings web;
  BackendAddresses backends{.directory = "127.0.0.1:9108",
                            .recording = "127.0.0.1:9106",
                            .reporting = "127.0.0.1:9107",
                            .signaling = {"127.0.0.1:9101"}};
  std::vector<std::string> routing = {"127.0.0.1:9103"};
  TlsSettings tls;
  void BindTo(SettingsReader& reader);
};

class Gateway {
 public:
  // `make_watch` is given the runner; tests give a watch of their own.
  using MakeWatch = std::function<std::unique_ptr<ConfigurationWatch>(TaskRunner&)>;
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const GatewaySettings& settings,
                                                        const std::string& instance,
                                                        const Clock& clock, Metrics& metrics,
                                                        const MakeWatch& make_watch);
  ~Gateway();
  int port() const;
  // Any thread: which services are out of reach now.
  std::vector<std::string> Degraded() const;
  // Sockets are closed with 1001 (the pages go to another replica); agents
  // stay signed in at the router, which waits for them.
  void Stop();

 private:
  struct Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::gateway
