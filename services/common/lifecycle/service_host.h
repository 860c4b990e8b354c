#pragma once
// What every process needs around its own work: settings, log, metrics, the
// admin port (/metrics, /healthz, /readyz), signals.
//
//   int main(int argc, char** argv) {
//     RoutingSettings settings;
//     SettingsReader reader("routing", "Distributes interactions to agents.");
//     settings.BindTo(reader);
//     ServiceHost host("routing", reader);
//     if (int code = host.Init(argc, argv); code >= 0) return code;
//     … build everything top to bottom …
//     host.SetReady();
//     host.WaitForStop();          // SIGTERM or SIGINT
//     … drain, stop in reverse …
//     return 0;
//   }

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/settings/settings.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/time/clock.h"

namespace zvon {

class ServiceHost {
 public:
  // Binds the common settings: instance (default NAME-0), log.level,
  // admin.listen (default 127.0.0.1:0 unless the service sets it by
  // `admin_default`), data.dir (default var/NAME).
  ServiceHost(std::string name, SettingsReader& reader, std::string admin_default = "127.0.0.1:0");
  ~ServiceHost();

  // Reads settings, blocks SIGTERM/SIGINT/SIGPIPE for all threads to come,
  // starts the log and the admin port. -1 = go on; otherwise the exit code,
  // the reason having been told in one line on standard error.
  int Init(int argc, char** argv);

  const std::string& instance() const;
  const std::string& data_dir() const;  // Exists after Init.
  Metrics& metrics();
  const Clock& clock() const;
  int admin_port() const;

  // A named part of the process's health. `check` is called from the admin
  // thread and must not block; the first failing one makes /readyz 503.
  // `critical` ones make /healthz 503 as well.
  void AddHealthCheck(std::string name, bool critical, std::function<absl::Status()> check);

  // /readyz answers 200 from here on (with the checks passing).
  void SetReady();
  // Returns when SIGTERM or SIGINT came; /readyz answers 503 from then on and
  // no health check is called any more.
  void WaitForStop();
  // Asks for the stop from inside.
  void RequestStop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Prints "zvon-NAME: cannot start: STATUS" and returns 1, for main.
int FailStart(const std::string& name, const absl::Status& status);

}  // namespace zvon
