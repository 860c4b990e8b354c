#include "services/signaling/transport/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace zvon::sip {

namespace {

absl::Status Fail(const std::string& what, const std::string& file) {
  char reason[256] = "unknown";
  ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
  ERR_clear_error();
  return absl::InvalidArgumentError("TLS: cannot " + what + " " + file + ": " + reason);
}

}  // namespace

absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeTlsContext(const TlsFiles& files) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (!context) return Fail("make a context for", files.certificate_file);
  SSL_CTX* ctx = context.get();
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (SSL_CTX_use_certificate_chain_file(ctx, files.certificate_file.c_str()) != 1) {
    return Fail("read the certificate", files.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Fail("read the key", files.key_file);
  }
  if (SSL_CTX_check_private_key(ctx) != 1)
    return Fail("match the certificate with", files.key_file);
  if (files.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(ctx);
  } else if (SSL_CTX_load_verify_locations(ctx, files.ca_file.c_str(), nullptr) != 1) {
    return Fail("read the CA", files.ca_file);
  }
  // For a server SSL_VERIFY_PEER asks the client for a certificate.
  int mode = SSL_VERIFY_NONE;
  if (files.require_client_certificate) mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(ctx, mode, nullptr);
  return context;
}

}  // namespace zvon::sip
