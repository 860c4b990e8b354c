#pragma once
// The facts that this service publishes, as bus events.

#include <string>

#include "absl/time/time.h"
#include "services/common/bus/bus.h"
#include "services/recording/adapters/recording_index.h"
#include "services/recording/adapters/recording_table.h"

namespace zvon::recording {

constexpr char kInteractionsTopic[] = "zvon.interactions.v1";

// Its id is the entry's: the same file is told once, however often.
BusEvent MakeStoredFact(const IndexEntry& entry, const std::string& producer, absl::Time now);
// Its id follows from what is missing: likewise.
BusEvent MakeMissingFact(const Missing& missing, const std::string& producer, absl::Time now);

}  // namespace zvon::recording
