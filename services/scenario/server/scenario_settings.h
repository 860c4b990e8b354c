#pragma once

#include <string>
#include <vector>

#include "services/common/bus/kafka_bus.h"
#include "services/common/db/database.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/store/redis.h"

namespace zvon::scenario {

// Settings of the process; config/scenario.yaml says them with comments.
struct ScenarioSettings {
  std::string listen = "0.0.0.0:9105";
  TlsSettings tls;
  RedisSettings redis;
  DatabaseSettings postgres;
  KafkaSettings kafka;
  std::string migrations_dir;
  // Taken for the common set of keys; not asked for anything yet.
  std::string directory_address = "127.0.0.1:9108";
  bool demo_enabled = false;
  std::string demo_dir = "deploy/demo/scenarios";
  std::vector<std::string> prompt_folders = {"ru=/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU",
                                             "en=/usr/share/asterisk/sounds/en_US_f_Allison",
                                             "moh=/usr/share/asterisk/moh"};
  absl::Duration detached_max = absl::Seconds(60);
  int64_t runs_max = 20'000;

  void BindTo(SettingsReader& reader);
};

}  // namespace zvon::scenario
