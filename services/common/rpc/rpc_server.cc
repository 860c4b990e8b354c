#include "services/common/rpc/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>

#include "absl/strings/str_cat.h"

namespace zvon {
namespace {

// Frames are far smaller (frame_item.h); recordings come in chunks.
constexpr int kMessageBytesMax = 16 * 1024 * 1024;
constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 3'000;
// The server takes pings a little more often than our channels send them.
constexpr int kPingIntervalMinMs = 5'000;
constexpr int kReconnectMinMs = 100;
constexpr int kReconnectMaxMs = 1'000;
// Longest time to wait for one TCP and TLS connection. gRPC takes the
// minimal reconnect back-off for it.
constexpr int kConnectMs = 1'000;
constexpr unsigned kCertificateRefreshSeconds = 10;

std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchFiles(
    const TlsSettings& tls) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key_file, tls.certificate_file, tls.ca_file, kCertificateRefreshSeconds);
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const TlsSettings& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions options(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ChannelCredentials(const TlsSettings& tls) {
  if (!tls.enabled()) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

void SetServerArguments(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMinMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Two processes on one port would share its calls without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
}

// All channels and servers of a process share one completion queue for
// callbacks, counted by references. gRPC 1.51 joins the queue's threads when
// the last reference goes; where that happens on one of them (a cancelled
// call is often the last to hold its channel) it destroys what it stands on
// and the process dies. A call on a channel that is never destroyed keeps the
// queue for good. The channel is "lame": it has no address and opens nothing.
void KeepCallbackQueue() {
  struct Kept {
    grpc::GenericStub stub{grpc::CreateCustomChannel("", nullptr, grpc::ChannelArguments())};
    grpc::ClientContext context;
    grpc::Slice empty;
    grpc::ByteBuffer request{&empty, 1};
    grpc::ByteBuffer response;
  };
  static Kept* kept = [] {
    auto* made = new Kept;
    made->stub.UnaryCall(&made->context, "/zvon/Keep", grpc::StubOptions(), &made->request,
                         &made->response, [](grpc::Status) {});
    return made;
  }();
  (void)kept;
}

}  // namespace

void TlsSettings::BindTo(SettingsReader& reader) {
  reader.Bind("tls.certificate", &certificate_file, "PEM file of this process's certificate");
  reader.Bind("tls.key", &key_file, "PEM file of its private key");
  reader.Bind("tls.ca", &ca_file, "PEM file of the authorities whose certificates are accepted");
}

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    const std::string& listen, const TlsSettings& tls,
    const std::vector<grpc::Service*>& services) {
  if (tls.enabled() && (tls.key_file.empty() || tls.ca_file.empty())) {
    return absl::InvalidArgumentError("tls.certificate needs tls.key and tls.ca as well");
  }
  KeepCallbackQueue();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  auto server = std::unique_ptr<RpcServer>(new RpcServer());
  builder.AddListeningPort(listen, ServerCredentials(tls), &server->port_);
  SetServerArguments(builder);
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (!server->server_ || server->port_ <= 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen for gRPC on ", listen, ": the port is taken or not ours"));
  }
  return server;
}

RpcServer::~RpcServer() { Stop(absl::ZeroDuration()); }

int RpcServer::port() const { return port_; }

void RpcServer::Stop(absl::Duration limit) {
  if (stopped_ || !server_) return;
  stopped_ = true;
  SetServing(false);
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(limit));
  server_->Wait();
}

void RpcServer::SetServing(bool serving) {
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(serving);
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, const TlsSettings& tls) {
  KeepCallbackQueue();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  // Each caller's channel has its own connection, and its own health.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return grpc::CreateCustomChannel(address, ChannelCredentials(tls), arguments);
}

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

}  // namespace zvon
