#pragma once
// The configuration in a local file: written whole, aside, then renamed.

#include <string>

#include "absl/status/statusor.h"
#include "services/common/configuration/configuration.h"
#include "zvon/directoryservice/v1/directory_service.pb.h"

namespace zvon::internal {

// The file holds a WatchResourcesResponse with every record, behind a magic
// word and the SHA-256 of its bytes.
absl::Status WriteCacheFile(const std::string& path, const Configuration& configuration);
// NOT_FOUND where there is none, DATA_LOSS where it is damaged.
absl::StatusOr<zvon::directoryservice::v1::WatchResourcesResponse> ReadCacheFile(
    const std::string& path);

}  // namespace zvon::internal
