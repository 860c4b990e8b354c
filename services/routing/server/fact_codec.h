#pragma once
// Facts of the core → events of zvon.events.v1 on their topics.

#include <string>

#include "services/common/ids/ids.h"
#include "services/routing/ports/routing_store.h"

namespace zvon::routing {

// `producer` is the instance: "routing-0".
OutboxEvent ToEvent(const Fact& fact, const std::string& tenant_id, const std::string& producer,
                    const RandomSource& random);

}  // namespace zvon::routing
