#pragma once
// The one place where absl::Status and gRPC's meet. Their codes are equal.

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace zvon {

absl::Status FromGrpc(const grpc::Status& status);
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace zvon
