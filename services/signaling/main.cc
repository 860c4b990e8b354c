// zvon-signaling: SIP, calls, registrations, trunks.

#include <chrono>
#include <future>

#include "services/common/bus/kafka_bus.h"
#include "services/common/configuration/configuration.h"
#include "services/common/executor/loop.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/store/redis.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/server/signaling_loop.h"
#include "services/signaling/server/signaling_probe.h"
#include "services/signaling/server/signaling_service.h"
#include "services/signaling/server/signaling_settings.h"

int main(int argc, char** argv) {
  using namespace zvon;
  signaling::SignalingSettings settings;
  RedisSettings redis_settings;
  KafkaSettings kafka_settings;
  TlsSettings tls;
  SettingsReader reader("signaling", "SIP: calls, legs, registrations, trunks.");
  settings.BindTo(reader);
  redis_settings.BindTo(reader);
  kafka_settings.BindTo(reader);
  tls.BindTo(reader);
  ServiceHost host("signaling", reader, "127.0.0.1:9401");
  if (int code = host.Init(argc, argv); code >= 0) return code;

  signaling::SignalingProbe probe(host.metrics());
  auto publisher = MakeKafkaPublisher({kafka_settings, host.data_dir() + "/spool"});
  if (!publisher.ok()) return FailStart("signaling", publisher.status());

  Loop loop({.name = "signaling"}, host.clock());
  loop.Start();
  RedisClient redis(loop, redis_settings);
  auto watch =
      WatchDirectory(loop, {settings.directory_address, host.data_dir() + "/configuration.bin"});
  signaling::SignalingLoop calls(
      settings, {&loop, &redis, publisher->get(), watch.get(), &probe, host.instance()});
  signaling::SignalingService service(loop, calls);

  std::promise<absl::Status> started;
  calls.Start([&started](const absl::Status& status) { started.set_value(status); });
  if (absl::Status status = started.get_future().get(); !status.ok()) {
    loop.Stop();
    return FailStart("signaling", status);
  }
  auto server = RpcServer::Start(settings.grpc_listen, tls, {&service});
  if (!server.ok()) {
    calls.Stop();
    loop.Stop();
    return FailStart("signaling", server.status());
  }
  // Without a configuration every caller is a stranger: not the one to ask.
  host.AddHealthCheck("configuration", false, [&watch] { return ConfigurationHealth(*watch); });
  LogInfo("signaling is ready", {{"sip_udp", settings.sip_udp}, {"grpc", settings.grpc_listen}});
  host.SetReady();
  host.WaitForStop();

  // New calls go elsewhere; those under way are in Redis for whoever is next.
  std::promise<void> drained;
  calls.Drain([&drained] { drained.set_value(); });
  if (drained.get_future().wait_for(std::chrono::seconds(3)) != std::future_status::ready) {
    LogWarning("not every snapshot was confirmed");
  }
  (*server)->Stop(absl::Milliseconds(200));
  calls.Stop();
  (void)(*publisher)->Flush(absl::Seconds(2));
  loop.PostAndWait([&watch] { watch.reset(); });
  loop.Stop();
  return 0;
}
