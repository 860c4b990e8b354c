#pragma once
// One replica of the directory, put together; main and the tests start it.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/bus/bus.h"
#include "services/common/db/database.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/time/clock.h"
#include "services/directory/server/password_hasher.h"
#include "services/directory/server/sessions.h"

namespace zvon::directory {

struct ReplicaOptions {
  DatabaseSettings database;
  std::string migrations_folder;
  std::string listen = "127.0.0.1:0";
  std::string tls_certificate_file, tls_key_file, tls_ca_file;
  std::string instance = "directory-0";
  // Loaded before the port opens where sessions.demo_enabled is set.
  std::string demo_file;
  Sessions::Options sessions;
  PasswordHasher::Options passwords;
};

class Replica {
 public:
  // Applies migrations, reads the state, opens the port. `publisher` may be
  // null (nothing goes to Kafka); it, the clock and the metrics outlive the replica.
  static absl::StatusOr<std::unique_ptr<Replica>> Start(ReplicaOptions options, const Clock& clock,
                                                        Publisher* publisher, Metrics& metrics);
  // Ends watches, gives calls under way 2 s, stops the threads.
  ~Replica();

  int port() const;
  int64_t revision() const;
  absl::Status Healthy() const;

 private:
  struct Parts;
  explicit Replica(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace zvon::directory
