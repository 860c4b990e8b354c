#pragma once
// The published configuration as a dial plan.

#include <memory>

#include "services/common/configuration/configuration.h"
#include "services/signaling/core/dial_plan.h"

namespace zvon::signaling {

// Records that cannot be used (a bad pattern, a bad network) are left out and
// logged with their names.
std::shared_ptr<const DialPlan> BuildDialPlan(const Configuration& configuration);

}  // namespace zvon::signaling
