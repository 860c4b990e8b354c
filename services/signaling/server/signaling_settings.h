#pragma once
// Everything that can be set, with defaults. config/signaling.yaml explains.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/settings/settings.h"

namespace zvon::signaling {

struct SignalingSettings {
  // SIP
  std::string sip_udp = "0.0.0.0:5060";
  std::string sip_tcp;
  std::string sip_tls;
  std::string tls_certificate, tls_key, tls_ca;
  std::string advertised_address;  // "192.0.2.1" or "192.0.2.1:5060"; empty = as bound.
  std::string domain = "zvon";
  std::string realm = "zvon";
  std::string digest_secret;
  std::vector<std::string> md5_only_agents = {"baresip v0.", "baresip v1.", "SIPp"};
  std::vector<std::string> trusted;
  double global_rate = 20'000, source_rate = 500;
  absl::Duration session_expires = absl::Minutes(30);
  absl::Duration registration_expires_max = absl::Hours(1);
  // Calls
  int64_t calls_max = 5000;
  absl::Duration loop_lag_max = absl::Milliseconds(500);
  absl::Duration call_duration_max = absl::Hours(4);
  absl::Duration ring_timeout = absl::Seconds(60);
  std::vector<std::string> music = {"moh/macroform-cold_day", "moh/reno_project-system",
                                    "moh/manolo_camp-morning_coffee"};
  std::string apology = "ru/im-sorry";
  // Peers
  std::string grpc_listen = "0.0.0.0:9101";
  std::string directory_address = "127.0.0.1:9108";
  std::vector<std::string> media_addresses = {"127.0.0.1:9102"};
  std::vector<std::string> scenario_addresses = {"127.0.0.1:9105"};
  std::vector<std::string> routing_addresses = {"127.0.0.1:9103"};

  void BindTo(SettingsReader& reader) {
    reader.Bind("sip.udp", &sip_udp, "UDP address and port; empty = none");
    reader.Bind("sip.tcp", &sip_tcp, "TCP address and port; empty = none");
    reader.Bind("sip.tls", &sip_tls, "TLS address and port; empty = none");
    reader.Bind("sip.tls_certificate", &tls_certificate, "PEM file of the SIP certificate chain");
    reader.Bind("sip.tls_key", &tls_key, "PEM file of its key");
    reader.Bind("sip.tls_ca", &tls_ca, "PEM file of CAs for peers we connect to");
    reader.Bind("sip.advertised_address", &advertised_address,
                "Host, or host:port, that peers are told");
    reader.Bind("sip.domain", &domain, "Host part of From in our INVITEs");
    reader.Bind("sip.realm", &realm, "Digest realm; that of the directory's digests");
    reader.BindSecret("sip.digest_secret", &digest_secret,
                      "Key of nonces, the same in all replicas");
    reader.Bind("sip.md5_only_agents", &md5_only_agents,
                "User-Agents (beginnings) that stumble over SHA-256 challenges");
    reader.Bind("sip.trusted", &trusted, "Networks without a limit per source");
    reader.Bind("sip.global_rate", &global_rate, "Messages a second over all sources; 0 = no limit",
                0, 1e6);
    reader.Bind("sip.source_rate", &source_rate, "Messages a second of one source; 0 = no limit", 0,
                1e6);
    reader.Bind("sip.session_expires", &session_expires, "Session timer that we ask for");
    reader.Bind("sip.registration_expires_max", &registration_expires_max, "Longest registration");
    reader.Bind("call.max", &calls_max, "Calls at once; more get 503", 1, 1'000'000);
    reader.Bind("call.loop_lag_max", &loop_lag_max, "A longer turn of the loop sheds new calls");
    reader.Bind("call.duration_max", &call_duration_max, "Longest call");
    reader.Bind("call.ring_timeout", &ring_timeout, "How long direct calls and transfers ring");
    reader.Bind("call.music", &music, "Prompts of the hold music");
    reader.Bind("call.apology", &apology, "Prompt before a hang-up for want of better");
    reader.Bind("grpc.listen", &grpc_listen, "Address of the internal gRPC port");
    reader.Bind("directory.address", &directory_address, "directory");
    reader.Bind("media.addresses", &media_addresses, "media processes");
    reader.Bind("scenario.addresses", &scenario_addresses, "scenario replicas");
    reader.Bind("routing.addresses", &routing_addresses, "routing replicas");
  }
};

}  // namespace zvon::signaling
