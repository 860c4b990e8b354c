#include <catch2/catch.hpp>
#include <future>

#include "services/common/time/clock.h"
#include "services/signaling/resolver/fake_dns_server.h"
#include "services/signaling/resolver/resolver.h"

namespace zvon::sip {
namespace {

struct Fixture {
  Fixture() {
    loop.Start();
    DnsResolver::Options options;
    options.servers = {dns.address()};
    options.timeout = absl::Milliseconds(200);
    options.tries = 1;
    options.negative_ttl = absl::Milliseconds(1);
    options.hosts_file = "/nonexistent";
    loop.PostAndWait([&] {
      auto made = DnsResolver::Create(options, loop, SeededRandom(1));
      REQUIRE(made.ok());
      resolver = *std::move(made);
    });
  }
  ~Fixture() {
    loop.PostAndWait([this] { resolver.reset(); });
    loop.Stop();
  }
  // "udp 192.0.2.1:5060, …" or the error.
  std::string Ask(const std::string& uri) {
    auto promise = std::make_shared<std::promise<std::string>>();
    auto future = promise->get_future();
    loop.PostAndWait([&] {
      resolver->Resolve(*ParseUri(uri), [promise](const absl::StatusOr<Targets>& targets) {
        std::string text;
        if (!targets.ok()) text = std::string(targets.status().message());
        for (size_t i = 0; targets.ok() && i < targets->size(); ++i) {
          text += (text.empty() ? "" : ", ") + std::string(ProtocolName((*targets)[i].protocol)) +
                  " " + (*targets)[i].address.ToString();
        }
        promise->set_value(text);
      });
    });
    REQUIRE(future.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    return future.get();
  }
  FakeDnsServer dns;
  SteadyClock clock;
  Loop loop{{}, clock};
  std::unique_ptr<DnsResolver> resolver;
};

TEST_CASE_METHOD(Fixture, "Numbers and localhost need no DNS") {
  CHECK(Ask("sip:a@192.0.2.1") == "UDP 192.0.2.1:5060");
  CHECK(Ask("sip:a@[::1]:5070;transport=tcp") == "TCP [::1]:5070");
  CHECK(Ask("sips:a@192.0.2.1") == "TLS 192.0.2.1:5061");
  CHECK(Ask("sip:a@name;maddr=192.0.2.3") == "UDP 192.0.2.3:5060");
  CHECK(Ask("sip:a@localhost:5062") == "UDP 127.0.0.1:5062");
  CHECK(dns.asked() == 0);
}

TEST_CASE_METHOD(Fixture, "NAPTR leads to SRV and that to addresses") {
  dns.AddNaptr("example.com", 1, "SIP+D2T", "tcp.example.com", 60);
  dns.AddNaptr("example.com", 2, "SIP+D2U", "udp.example.com", 60);
  dns.AddSrv("tcp.example.com", 20, 1, 5070, "b.example.com", 60);
  dns.AddSrv("tcp.example.com", 10, 1, 5080, "a.example.com", 60);
  dns.AddSrv("udp.example.com", 1, 1, 5060, "a.example.com", 60);
  dns.AddA("a.example.com", "192.0.2.1", 60);
  dns.AddA("b.example.com", "192.0.2.2", 60);
  dns.AddA("b.example.com", "192.0.2.3", 60);
  CHECK(Ask("sip:a@example.com") ==
        "TCP 192.0.2.1:5080, TCP 192.0.2.2:5070, TCP 192.0.2.3:5070, UDP 192.0.2.1:5060");
  const int asked = dns.asked();
  Ask("sip:b@EXAMPLE.com");
  CHECK(dns.asked() <= asked + 2);  // From the cache, but for the empty AAAA.
}

TEST_CASE_METHOD(Fixture, "Without NAPTR the SRV names of each protocol are asked") {
  dns.AddSrv("_sip._tcp.s.example", 1, 1, 5065, "h.example", 60);
  dns.AddA("h.example", "192.0.2.9", 60);
  CHECK(Ask("sip:a@s.example") == "TCP 192.0.2.9:5065");
  CHECK(Ask("sip:a@s.example;transport=tcp") == "TCP 192.0.2.9:5065");
}

TEST_CASE_METHOD(Fixture, "Without SRV, or with a port, the host itself is asked") {
  dns.AddA("h.example", "192.0.2.9", 60);
  CHECK(Ask("sip:a@h.example") == "UDP 192.0.2.9:5060");
  CHECK(Ask("sips:a@h.example") == "TLS 192.0.2.9:5061");
  CHECK(Ask("sip:a@h.example:6000;transport=tcp") == "TCP 192.0.2.9:6000");
  CHECK(Ask("sip:a@none.example:5060") == "no such host: none.example");
}

TEST_CASE_METHOD(Fixture, "What was known stays known while DNS is silent") {
  dns.AddA("h.example", "192.0.2.9", 0);  // TTL 0: stale at once.
  CHECK(Ask("sip:a@h.example:5060") == "UDP 192.0.2.9:5060");
  dns.SetSilent(true);
  CHECK(Ask("sip:a@h.example:5060") == "UDP 192.0.2.9:5060");
  const std::string unknown = Ask("sip:a@other.example:5060");
  CHECK(unknown.find("DNS does not answer for other.example") == 0);
}

}  // namespace
}  // namespace zvon::sip
