#pragma once
// The gRPC edge. Blocking handlers on gRPC's own threads: reports are off the
// call path and each waits for PostgreSQL.

#include <functional>

#include "absl/time/time.h"
#include "services/reporting/adapters/report_queries.h"
#include "zvon/reportingservice/v1/reporting_service.grpc.pb.h"

namespace zvon::reporting {

class ReportService final : public reportingservice::v1::ReportingService::Service {
 public:
  // `complete_time` says up to when events are counted. `queries` outlives it.
  ReportService(ReportQueries& queries, std::function<absl::Time()> complete_time)
      : queries_(queries), complete_time_(std::move(complete_time)) {}

  grpc::Status ListInteractions(grpc::ServerContext* context,
                                const reportingservice::v1::ListInteractionsRequest* request,
                                reportingservice::v1::ListInteractionsResponse* response) override;
  grpc::Status GetInteraction(grpc::ServerContext* context, const reportingservice::v1::GetInteractionRequest* request,
                              reportingservice::v1::GetInteractionResponse* response) override;
  grpc::Status GetQueueSummary(grpc::ServerContext* context,
                               const reportingservice::v1::GetQueueSummaryRequest* request,
                               reportingservice::v1::GetQueueSummaryResponse* response) override;
  grpc::Status ExportInteractions(
      grpc::ServerContext* context, const reportingservice::v1::ExportInteractionsRequest* request,
      grpc::ServerWriter<reportingservice::v1::ExportInteractionsResponse>* writer) override;
  grpc::Status ExportQueueSummary(
      grpc::ServerContext* context, const reportingservice::v1::ExportQueueSummaryRequest* request,
      grpc::ServerWriter<reportingservice::v1::ExportQueueSummaryResponse>* writer) override;

 private:
  ReportQueries& queries_;
  std::function<absl::Time()> complete_time_;
};

}  // namespace zvon::reporting
