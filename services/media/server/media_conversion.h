#pragma once
// Between zvon.mediaservice.v1 and the core's values.

#include <string>

#include "absl/status/statusor.h"
#include "services/media/core/media_types.h"
#include "zvon/mediaservice/v1/media_service.pb.h"

namespace zvon::media {

// INVALID_ARGUMENT says what was wrong. TakeCensus is not among the core's
// commands and is UNIMPLEMENTED here: the server answers it.
absl::StatusOr<Command> FromProto(const zvon::mediaservice::v1::MediaCommand& proto);

// `address` is what EndpointReady advertises.
zvon::mediaservice::v1::MediaEvent ToProto(const Event& event, const std::string& address);

// CommandFailed for a command that could not even be converted.
zvon::mediaservice::v1::MediaEvent MakeCommandFailed(
    const zvon::mediaservice::v1::MediaCommand& command, const absl::Status& status,
    absl::Time now);

}  // namespace zvon::media
