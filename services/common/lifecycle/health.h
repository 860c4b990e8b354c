#pragma once
// The table of health checks and what /healthz and /readyz answer of it.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/http/admin_server.h"

namespace zvon::internal {

// Thread-safe: the admin thread reads, others add.
class HealthTable {
 public:
  using Check = std::function<absl::Status()>;
  void Add(std::string name, bool critical, Check check);
  void SetReady(bool ready);
  // Not ready, and no check is called any more: what they look at is about to
  // be taken down. Returns when a check under way has ended.
  void Stop();

  // 200 while no critical check fails.
  AdminResponse Healthz() const;
  // 200 when the process is ready and no check fails. JSON, all checks listed.
  AdminResponse Readyz() const;

 private:
  struct Entry {
    std::string name;
    bool critical;
    Check check;
  };
  AdminResponse Answer(bool only_critical) const;

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  bool ready_ = false;
};

}  // namespace zvon::internal
