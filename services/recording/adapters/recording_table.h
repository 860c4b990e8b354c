#pragma once
// The rows of recordings, connected calls and listens.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/db/database.h"
#include "zvon/events/v1/events.pb.h"
#include "zvon/recording/v1/recording.pb.h"

namespace zvon::recording {

// Thread-safe, blocking; `database` outlives it.
class RecordingTable {
 public:
  explicit RecordingTable(Database& database) : database_(database) {}

  // RecordingStarted, RecordingEnded, LegsBridged, CallEnded. Repeats are harmless.
  absl::Status TakeEvents(const std::vector<zvon::events::v1::Event>& events);

  struct Stored {
    zvon::recording::v1::Recording recording;
    std::string file;
    std::string event_id;  // A new one; the row's own is given back.
  };
  // Gives the event id to publish under.
  absl::StatusOr<std::string> PutStored(const Stored& stored);

  // When the talk ended as signaling told; InfinitePast while not known.
  absl::StatusOr<absl::Time> EndTime(const std::string& recording_id);

  struct Found {
    zvon::recording::v1::Recording recording;
    std::string file;
  };
  // NOT_FOUND, for recordings of other tenants too.
  absl::StatusOr<Found> Get(const std::string& tenant_id, const std::string& recording_id);
  absl::StatusOr<std::vector<zvon::recording::v1::Recording>> List(const std::string& tenant_id,
                                                                   const std::string& interaction_id);
  absl::Status LogAccess(const std::string& tenant_id, const std::string& recording_id, const std::string& user_id,
                         const std::string& media_type);

  struct Missing {
    std::string tenant_id, interaction_id, call_id, recording_id;
    absl::Duration missing;
    std::string reason;
  };
  // Marks and gives what should have a recording since before `deadline` and
  // has none; each once.
  absl::StatusOr<std::vector<Missing>> TakeMissing(absl::Time deadline);
  absl::StatusOr<int64_t> CountMissing();

 private:
  Database& database_;
};

}  // namespace zvon::recording
