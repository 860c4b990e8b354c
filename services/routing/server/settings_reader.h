#pragma once
// Directory's records → what the router of one tenant needs.

#include <string>

#include "services/common/configuration/configuration.h"
#include "services/routing/core/tenant_settings.h"

namespace zvon::routing {

// An unknown time zone is read as UTC. Users without the role "agent" and
// disabled ones are left out.
TenantSettings ReadTenantSettings(const Configuration& configuration, const std::string& tenant_id);

}  // namespace zvon::routing
