#pragma once
// Recordings, talks and listens in PostgreSQL (schema recording). Blocks;
// thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/bus/bus.h"
#include "services/common/db/database.h"
#include "services/recording/adapters/recording_index.h"
#include "services/recording/core/reconciliation.h"
#include "zvon/recording/v1/recording.pb.h"

namespace zvon::recording {

struct StoredRecording {
  zvon::recording::v1::Recording recording;
  std::string path;  // Empty where nothing is stored.
};

// A recording or a talk that was judged to be missing.
struct Missing {
  std::string tenant_id;
  std::string interaction_id;
  std::string call_id;
  std::string recording_id;  // Empty: none was ordered.
  Verdict verdict;
};

class RecordingTable {
 public:
  explicit RecordingTable(Database& database) : database_(database) {}

  // What is stored now; repeats are harmless.
  absl::Status PutStored(const IndexEntry& entry);
  // Facts of zvon.interactions.v1; others are passed over, repeats harmless.
  // `unreadable` counts events that are none.
  absl::Status TakeFacts(const std::vector<BusEvent>& batch, int* unreadable);

  // NOT_FOUND where the tenant has none of this id.
  absl::StatusOr<StoredRecording> Get(const std::string& tenant_id,
                                      const std::string& recording_id);
  absl::StatusOr<std::vector<StoredRecording>> List(const std::string& tenant_id,
                                                    const std::string& interaction_id);
  absl::Status AddListen(const std::string& tenant_id, const std::string& recording_id,
                         const std::string& user_id, absl::Time now);

  // Judges what is due; what is given was marked as told.
  absl::StatusOr<std::vector<Missing>> Reconcile(const ReconciliationOptions& options,
                                                 absl::Time now);
  // Recordings in state missing.
  absl::StatusOr<int64_t> CountMissing();

 private:
  absl::Status JudgeRecordings(DbSession& session, const ReconciliationOptions& options,
                               absl::Time now, std::vector<Missing>* missing);
  absl::Status JudgeTalks(DbSession& session, const ReconciliationOptions& options, absl::Time now,
                          std::vector<Missing>* missing);
  Database& database_;
};

}  // namespace zvon::recording
