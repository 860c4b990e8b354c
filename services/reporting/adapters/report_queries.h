#pragma once
// Reads for the API.

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "services/common/db/database.h"

namespace zvon::reportingservice::v1 {
class ListInteractionsRequest;
class ListInteractionsResponse;
class GetInteractionRequest;
class GetInteractionResponse;
class GetQueueSummaryRequest;
class GetQueueSummaryResponse;
class ExportInteractionsRequest;
class ExportQueueSummaryRequest;
}  // namespace zvon::reportingservice::v1

namespace zvon::reporting {

// Thread-safe, blocking; `database` outlives it. Bad arguments are
// INVALID_ARGUMENT naming the field.
class ReportQueries {
 public:
  explicit ReportQueries(Database& database) : database_(database) {}

  absl::Status List(const reportingservice::v1::ListInteractionsRequest& request,
                    reportingservice::v1::ListInteractionsResponse* response);
  absl::Status Get(const reportingservice::v1::GetInteractionRequest& request,
                   reportingservice::v1::GetInteractionResponse* response);
  absl::Status Summary(const reportingservice::v1::GetQueueSummaryRequest& request,
                       reportingservice::v1::GetQueueSummaryResponse* response);

  // `write` gets pieces of text; false = the reader has gone.
  using Writer = std::function<bool(std::string)>;
  absl::Status Export(const reportingservice::v1::ExportInteractionsRequest& request, const Writer& write);
  absl::Status ExportSummary(const reportingservice::v1::ExportQueueSummaryRequest& request, const Writer& write);

 private:
  Database& database_;
};

}  // namespace zvon::reporting
