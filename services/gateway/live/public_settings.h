#pragma once
// What of the configuration the pages of one tenant may see.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/configuration/configuration.h"

namespace zvon::gateway {

// The collections that pages show.
const std::vector<std::string>& PublicCollections();

// The record without what is not for everybody: no log-ins, passwords,
// digests, addresses. Nothing where the whole record is not public.
std::optional<directory::v1::Resource> PublicResource(const directory::v1::Resource& resource);

// {"reasons":[Resource…],"dispositions":[…],…} of one tenant.
std::string PublicSettingsJson(const Configuration& configuration, const std::string& tenant_id);

// The public changes from one view to the next, of one tenant.
std::vector<directory::v1::ResourceChange> PublicChanges(const Configuration& before,
                                                         const Configuration& after,
                                                         const std::string& tenant_id);

}  // namespace zvon::gateway
