#include "services/reporting/server/report_service.h"

#include <utility>

#include "services/common/rpc/rpc_server.h"

namespace zvon::reporting {

namespace api = zvon::reportingservice::v1;

namespace {

grpc::Status WantTenant(const std::string& tenant_id) {
  if (!tenant_id.empty()) return grpc::Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT, "tenant_id: is empty"};
}

}  // namespace

grpc::Status ReportService::ListInteractions(grpc::ServerContext*, const api::ListInteractionsRequest* request,
                                             api::ListInteractionsResponse* response) {
  if (auto bad = WantTenant(request->tenant_id()); !bad.ok()) return bad;
  return ToGrpc(queries_.List(*request, response));
}

grpc::Status ReportService::GetInteraction(grpc::ServerContext*, const api::GetInteractionRequest* request,
                                           api::GetInteractionResponse* response) {
  if (auto bad = WantTenant(request->tenant_id()); !bad.ok()) return bad;
  return ToGrpc(queries_.Get(*request, response));
}

grpc::Status ReportService::GetQueueSummary(grpc::ServerContext*, const api::GetQueueSummaryRequest* request,
                                            api::GetQueueSummaryResponse* response) {
  if (auto bad = WantTenant(request->tenant_id()); !bad.ok()) return bad;
  const absl::Time complete = complete_time_();
  response->mutable_complete_time()->set_seconds(absl::ToUnixSeconds(complete));
  return ToGrpc(queries_.Summary(*request, response));
}

grpc::Status ReportService::ExportInteractions(grpc::ServerContext*, const api::ExportInteractionsRequest* request,
                                               grpc::ServerWriter<api::ExportInteractionsResponse>* writer) {
  if (auto bad = WantTenant(request->tenant_id()); !bad.ok()) return bad;
  return ToGrpc(queries_.Export(*request, [writer](std::string text) {
    api::ExportInteractionsResponse piece;
    piece.set_data(std::move(text));
    return writer->Write(piece);
  }));
}

grpc::Status ReportService::ExportQueueSummary(grpc::ServerContext*, const api::ExportQueueSummaryRequest* request,
                                               grpc::ServerWriter<api::ExportQueueSummaryResponse>* writer) {
  if (auto bad = WantTenant(request->query().tenant_id()); !bad.ok()) return bad;
  return ToGrpc(queries_.ExportSummary(*request, [writer](std::string text) {
    api::ExportQueueSummaryResponse piece;
    piece.set_data(std::move(text));
    return writer->Write(piece);
  }));
}

}  // namespace zvon::reporting
