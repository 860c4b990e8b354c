// zvon-routing: distributes interactions to agents.

#include <future>

#include "services/common/bus/kafka_bus.h"
#include "services/common/configuration/configuration.h"
#include "services/common/executor/loop.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/store/redis.h"
#include "services/routing/adapters/redis_routing_store.h"
#include "services/routing/server/routing_service.h"

namespace zvon::routing {
namespace {

struct Settings {
  std::string listen = "0.0.0.0:9103";
  std::string advertised_address = "127.0.0.1:9103";
  absl::Duration lease_length = absl::Seconds(1);
  RedisSettings redis;
  KafkaSettings kafka;
  TlsSettings tls;
  std::string directory_address = "127.0.0.1:9108";
  RouterOptions router;

  void BindTo(SettingsReader& reader) {
    reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
    reader.Bind("grpc.advertised_address", &advertised_address,
                "Where others reach this replica; told to those who ask a standby");
    reader.Bind("lease.length", &lease_length, "How long a leader's lease holds without renewal");
    reader.Bind("directory.address", &directory_address, "Where configuration comes from");
    reader.Bind("agents.heartbeat_max", &router.heartbeat_max,
                "Silence of a desktop after which its agent is offered nothing");
    reader.Bind("agents.offline_grace", &router.offline_grace,
                "Further silence after which the agent is signed out");
    reader.Bind("owners.grace", &router.owner_grace,
                "An owner of interactions that is back within it keeps its open offers");
    redis.BindTo(reader);
    kafka.BindTo(reader);
    tls.BindTo(reader);
  }
};

int Run(int argc, char** argv) {
  Settings settings;
  SettingsReader reader("routing", "Distributes interactions to agents.");
  settings.BindTo(reader);
  ServiceHost host("routing", reader, "127.0.0.1:9403");
  if (const int code = host.Init(argc, argv); code >= 0) return code;

  auto publisher = MakeKafkaPublisher({settings.kafka, host.data_dir() + "/spool"});
  if (!publisher.ok()) return FailStart("routing", publisher.status());
  RoutingProbe probe(host.metrics());
  Loop loop({"routing"}, host.clock());
  RedisClient redis(loop, settings.redis);
  const auto store = MakeRedisRoutingStore(redis);
  const auto lease = MakeRedisLeaderLease(redis);
  const auto watch =
      WatchDirectory(loop, {settings.directory_address, host.data_dir() + "/configuration.cache"});
  RoutingService service(loop);
  RoutingLoop routing(
      loop, *store, *lease, **publisher, SystemRandom(), &probe,
      {host.instance(), settings.advertised_address, settings.lease_length, settings.router},
      service.MakeWire());
  service.SetLoop(&routing);
  host.AddHealthCheck("redis", false, [&redis] {
    return redis.connected() ? absl::OkStatus() : absl::UnavailableError("not connected");
  });

  host.AddHealthCheck("configuration", false, [&watch] { return ConfigurationHealth(*watch); });

  loop.Start();
  loop.PostAndWait([&] {
    redis.Start();
    watch->Start([&routing](std::shared_ptr<const Configuration> configuration) {
      routing.SetConfiguration(std::move(configuration));
    });
    routing.Start();
  });
  auto server = RpcServer::Start(settings.listen, settings.tls, {&service});
  if (!server.ok()) return FailStart("routing", server.status());
  host.SetReady();
  host.WaitForStop();

  // Give the lease back first, so that a standby has it before we are gone.
  std::promise<void> released;
  loop.PostAndWait([&] { routing.Stop([&released] { released.set_value(); }); });
  released.get_future().wait_for(std::chrono::seconds(2));
  (*server)->Stop(absl::Seconds(2));
  (void)(*publisher)->Flush(absl::Seconds(5));
  loop.Stop();
  return 0;
}

}  // namespace
}  // namespace zvon::routing

int main(int argc, char** argv) { return zvon::routing::Run(argc, argv); }
