#pragma once
// Writes: events in, folded rows out, one transaction a batch.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/bus/bus.h"
#include "services/common/db/database.h"

namespace zvon::reporting {

// Thread-safe; `database` outlives it.
class ReportStore {
 public:
  explicit ReportStore(Database& database) : database_(database) {}

  // Stores what is new and folds the interactions it concerns. Events whose
  // payload cannot be read are counted in `*unreadable` and passed over.
  absl::Status TakeBatch(const std::vector<BusEvent>& batch, absl::Time now, int* unreadable);

  // Folds again the interactions whose settling time has come.
  absl::Status FoldDue(absl::Time now);

  // Folds every interaction again from its events.
  absl::Status Rebuild(absl::Time now);

 private:
  absl::Status FoldInteraction(DbSession& session, const std::string& interaction_id, absl::Time now);
  Database& database_;
};

}  // namespace zvon::reporting
