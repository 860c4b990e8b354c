#pragma once
// Bootstrap of gRPC servers and channels: health, reflection, keepalive,
// limits, optional mutual TLS with reload. Only .cc files include this.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "services/common/rpc/rpc_status.h"
#include "services/common/settings/settings.h"

namespace zvon {

// All three files, or none for plain text. Read again when they change.
struct TlsSettings {
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
  bool enabled() const { return !certificate_file.empty(); }
  // Binds tls.certificate, tls.key, tls.ca.
  void BindTo(SettingsReader& reader);
};

class RpcServer {
 public:
  // `listen` "address:port", port 0 = a free one. `services` outlive it.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      const std::string& listen, const TlsSettings& tls,
      const std::vector<grpc::Service*>& services);
  ~RpcServer();
  int port() const;
  // Refuses new calls, gives those under way until `limit`, then cancels.
  void Stop(absl::Duration limit);
  void SetServing(bool serving);

 private:
  RpcServer() = default;
  bool stopped_ = false;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// A channel that reconnects by itself within 1 s and pings every 10 s.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, const TlsSettings& tls);

}  // namespace zvon
