// SIP over TLS between two endpoints, with certificates made on the spot.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "services/signaling/transaction/endpoint_testing.h"

namespace zvon::sip {
namespace {

// A self-signed certificate for 127.0.0.1 in its own folder.
class TestCertificate {
 public:
  explicit TestCertificate(const char* ip = "IP:127.0.0.1") {
    std::string pattern = (std::filesystem::temp_directory_path() / "zvon-tls-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    Make(ip);
  }
  ~TestCertificate() { std::filesystem::remove_all(folder_); }

  void Make(const char* ip) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("zvon"), -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_EXTENSION* san = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ip);
    X509_add_ext(cert, san, -1);
    X509_EXTENSION_free(san);
    X509_sign(cert, key, EVP_sha256());
    FILE* file = std::fopen(files().certificate_file.c_str(), "w");
    PEM_write_X509(file, cert);
    std::fclose(file);
    file = std::fopen(files().key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
  }

  TlsFiles files() const {
    TlsFiles files;
    files.certificate_file = folder_ + "/cert.pem";
    files.key_file = folder_ + "/key.pem";
    files.ca_file = files.certificate_file;
    return files;
  }

 private:
  std::string folder_;
};

SipEndpoint::Options TlsOptions(const TlsFiles& files) {
  SipEndpoint::Options options = Peer::OptionsFor({Protocol::kTls});
  options.tls = files;
  return options;
}

int Options(Peer& from, Peer& to, const std::string& call_id) {
  to.handler.on_request = [&](ServerId id, const Message&, const Flow& flow) {
    CHECK(flow.protocol == Protocol::kTls);
    to.endpoint->Respond(id, {.code = 200});
  };
  std::atomic<int> code{0};
  from.loop.PostAndWait([&] {
    from.endpoint->Request(
        TestRequest("OPTIONS", to.Uri(0, ";transport=tls"), call_id), {},
        [&](const Outcome& o) { from.handler.waiter.Update([&] { code = o.code; }); });
  });
  REQUIRE(from.handler.waiter.Until([&] { return code != 0; }));
  return code;
}

TEST_CASE("Requests go over TLS and come back on the same connection") {
  const TestCertificate certificate;
  Peer caller(TlsOptions(certificate.files())), callee(TlsOptions(certificate.files()));
  CHECK(Options(caller, callee, "first") == 200);
  CHECK(Options(caller, callee, "second") == 200);
  CHECK(caller.Stats().connections == 1);
}

TEST_CASE("A server that cannot prove who it is gets nothing") {
  const TestCertificate mine, strange, elsewhere("IP:192.0.2.1");
  Peer callee(TlsOptions(strange.files()));
  Peer caller(TlsOptions(mine.files()));
  CHECK(Options(caller, callee, "stranger") == 503);
  // Trusted, but for another address.
  Peer wrong(TlsOptions(elsewhere.files()));
  Peer trusting(TlsOptions(elsewhere.files()));
  CHECK(Options(trusting, wrong, "wrong name") == 503);
}

TEST_CASE("A new certificate is taken for new connections; a broken one changes nothing") {
  TestCertificate old, renewed;
  Peer callee(TlsOptions(old.files()));
  Peer knows_renewed(TlsOptions(renewed.files()));
  CHECK(Options(knows_renewed, callee, "before") == 503);
  callee.loop.PostAndWait([&] {
    TlsFiles broken = old.files();
    broken.key_file = "/nonexistent";
    const absl::Status status = callee.endpoint->SetTls(broken);
    CHECK(status.message().find("/nonexistent") != absl::string_view::npos);
    CHECK(callee.endpoint->SetTls(renewed.files()).ok());
  });
  CHECK(Options(knows_renewed, callee, "after") == 200);
}

TEST_CASE("TLS without a certificate does not start") {
  SteadyClock clock;
  Loop loop({}, clock);
  loop.Start();
  loop.PostAndWait([&] {
    ScriptedHandler handler;
    NumericResolver resolver;
    SipEndpoint endpoint(TlsOptions({}), loop, SystemRandom(), handler, resolver);
    CHECK_FALSE(endpoint.Start().ok());
  });
  loop.Stop();
}

}  // namespace
}  // namespace zvon::sip
