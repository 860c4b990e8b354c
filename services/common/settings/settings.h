#pragma once
// Settings of a process: defaults < YAML file < environment < flags.
//
//   struct { std::string listen = "0.0.0.0:9103"; absl::Duration lease = absl::Seconds(1); } s;
//   SettingsReader reader("routing", "Distributes interactions to agents.");
//   reader.Bind("grpc.listen", &s.listen, "Address of the internal gRPC port");
//   reader.Bind("lease.length", &s.lease, "How long a leader holds its lease");
//   absl::Status status = reader.Read(argc, argv);   // prints --help and exits 0
//
// A key "lease.length" is `lease: {length: 1s}` in YAML (--config FILE),
// ZVON_LEASE_LENGTH in the environment, --lease.length=1s as a flag.
// An unknown key in the file or among the flags and a value of a wrong form
// are errors that name the key, the place and what was expected. The services
// of one machine share one environment, so an unknown ZVON_ variable is taken
// for another service's, and is an error only where ZVON_STRICT_ENV=1 is set
// as well. ZVON_CONFIG names the file where no --config does.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zvon {

class SettingsReader {
 public:
  SettingsReader(std::string program, std::string description);
  ~SettingsReader();

  void Bind(std::string key, std::string* value, std::string help);
  void Bind(std::string key, bool* value, std::string help);
  void Bind(std::string key, int64_t* value, std::string help, int64_t min, int64_t max);
  void Bind(std::string key, double* value, std::string help, double min, double max);
  // "250ms", "1.5s", "2h".
  void Bind(std::string key, absl::Duration* value, std::string help);
  // A YAML list; comma-separated in flags and environment.
  void Bind(std::string key, std::vector<std::string>* value, std::string help);
  // Read from the file named by KEY_file as well, and shown as "***".
  void BindSecret(std::string key, std::string* value, std::string help);

  absl::Status Read(int argc, char** argv);
  // For tests: the same without process globals.
  absl::Status Read(const std::vector<std::string>& args, const std::vector<std::string>& env);

  // Effective values, one "key=value (from …)" a line, secrets masked.
  std::string Describe() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon
