#pragma once
// Where the certificate lies, and the OpenSSL context made of it.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace zvon::sip {

struct TlsFiles {
  std::string certificate_file;  // PEM, the chain from leaf to root.
  std::string key_file;          // PEM.
  // CAs that peers are verified against; empty: the system's.
  std::string ca_file;
  bool verify_servers = true;  // Peers that we connect to.
  bool require_client_certificate = false;
};

// One context for both directions, TLS 1.2 and 1.3. Errors name the file.
absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeTlsContext(const TlsFiles& files);

}  // namespace zvon::sip
