// The call list and the queue report, as JSON and as CSV.

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "services/gateway/core/permissions.h"
#include "services/gateway/live/json.h"
#include "services/gateway/rest/api_router.h"
#include "services/gateway/rest/download.h"

namespace zvon::gateway {
namespace {

using namespace reportingservice::v1;  // NOLINT: this file is about its messages.

// Who may not read reports sees what was theirs.
bool OnlyOwn(const ApiCall& call) { return !MayDo(call.user.permissions, kReadReports); }

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  int64_t nanos = absl::ToUnixNanos(time);
  *out = google::protobuf::util::TimeUtil::NanosecondsToTimestamp(nanos);
}

template <class Request>
absl::Status FillTimes(const ApiCall& call, Request* request) {
  auto from = TimeParameter(call, "from");
  if (!from.ok()) return from.status();
  auto to = TimeParameter(call, "to");
  if (!to.ok()) return to.status();
  if (from->has_value()) SetTime(**from, request->mutable_start_time());
  if (to->has_value()) SetTime(**to, request->mutable_end_time());
  if (from->has_value() && to->has_value() && **to < **from) {
    return absl::InvalidArgumentError("to: is before from");
  }
  return absl::OkStatus();
}

absl::Status FillFilter(const ApiCall& call, InteractionFilter* filter) {
  if (absl::Status status = FillTimes(call, filter); !status.ok()) return status;
  for (std::string& id : call.query.List("queue")) filter->add_queue_ids(std::move(id));
  for (std::string& id : call.query.List("outcome")) filter->add_outcomes(std::move(id));
  for (std::string& id : call.query.List("disposition")) filter->add_disposition_ids(std::move(id));
  filter->set_number(call.query.Get("number"));
  if (OnlyOwn(call)) {
    filter->add_agent_ids(call.user.user_id);
  } else {
    for (std::string& id : call.query.List("agent")) filter->add_agent_ids(std::move(id));
  }
  return absl::OkStatus();
}

// Without times: the last 24 hours.
absl::Status FillQueueQuery(const ApiCall& call, GetQueueSummaryRequest* request) {
  request->set_tenant_id(call.user.tenant_id);
  if (absl::Status status = FillTimes(call, request); !status.ok()) return status;
  if (!request->has_end_time()) SetTime(call.clock->Now(), request->mutable_end_time());
  if (!request->has_start_time()) {
    *request->mutable_start_time() = request->end_time();
    request->mutable_start_time()->set_seconds(request->end_time().seconds() - 86400);
  }
  for (std::string& id : call.query.List("queue")) request->add_queue_ids(std::move(id));
  std::string text = call.query.Get("interval");
  if (text.empty()) return absl::OkStatus();
  static constexpr std::pair<const char*, int64_t> kIntervals[] = {
      {"15m", 900},  {"30m", 1800},   {"1h", 3600},    {"24h", 86400},   {"1d", 86400},
      {"900s", 900}, {"1800s", 1800}, {"3600s", 3600}, {"86400s", 86400}};
  for (const auto& [name, seconds] : kIntervals) {
    if (text == name) request->mutable_interval()->set_seconds(seconds);
  }
  if (request->has_interval()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("interval: \"", text, "\": expected 15m, 30m, 1h or 24h"));
}

void ListInteractions(ApiContext& context, ApiCallPtr call) {
  ListInteractionsRequest request;
  request.set_tenant_id(call->user.tenant_id);
  if (absl::Status status = FillFilter(*call, request.mutable_filter()); !status.ok()) {
    return call->Error(status);
  }
  absl::StatusOr<int32_t> page_size = PageSize(*call);
  if (!page_size.ok()) return call->Error(page_size.status());
  request.set_page_size(*page_size);
  request.set_page_token(call->query.Get("pageToken"));
  ZVON_GATEWAY_CALL(context.backends, context.backends.reporting.get(), ListInteractions,
                    ListInteractionsResponse, request,
                    [call](const absl::StatusOr<ListInteractionsResponse>& response) {
                      if (!response.ok()) return call->Error(response.status());
                      call->Json(ToJson(*response));
                    });
}

bool WasWith(const GetInteractionResponse& response, const std::string& agent_id) {
  if (response.interaction().agent_id() == agent_id) return true;
  for (const auto& segment : response.segments()) {
    if (segment.agent_id() == agent_id) return true;
  }
  return false;
}

void GetInteraction(ApiContext& context, ApiCallPtr call) {
  GetInteractionRequest request;
  request.set_tenant_id(call->user.tenant_id);
  request.set_interaction_id(call->path["id"]);
  ZVON_GATEWAY_CALL(context.backends, context.backends.reporting.get(), GetInteraction,
                    GetInteractionResponse, request,
                    [call](const absl::StatusOr<GetInteractionResponse>& response) {
                      if (!response.ok()) return call->Error(response.status());
                      // Not told apart from one that does not exist.
                      if (OnlyOwn(*call) && !WasWith(*response, call->user.user_id)) {
                        return call->Error(absl::NotFoundError("no such interaction"));
                      }
                      call->Json(ToJson(*response));
                    });
}

void QueueSummary(ApiContext& context, ApiCallPtr call) {
  GetQueueSummaryRequest request;
  if (absl::Status status = FillQueueQuery(*call, &request); !status.ok())
    return call->Error(status);
  ZVON_GATEWAY_CALL(context.backends, context.backends.reporting.get(), GetQueueSummary,
                    GetQueueSummaryResponse, request,
                    [call](const absl::StatusOr<GetQueueSummaryResponse>& response) {
                      if (!response.ok()) return call->Error(response.status());
                      call->Json(ToJson(*response));
                    });
}

// Headings follow the page's language, times the asked or the tenant's zone.
template <class Request>
void FillLocale(const ApiContext& context, const ApiCall& call, Request* request) {
  std::string language = call.query.Get("language");
  if (language.empty()) language = call.language == Language::kRussian ? "ru" : "en";
  request->set_language(language);
  std::string zone = call.query.Get("timeZone");
  auto view = context.configuration.Current();
  if (const auto* tenant = view->FindTenant(call.user.tenant_id);
      zone.empty() && tenant != nullptr) {
    zone = tenant->tenant().time_zone();
  }
  request->set_time_zone(zone);
}

// The head waits for the first piece, so that an error is still an error.
template <class Response>
void SendCsv(ApiCallPtr call, std::shared_ptr<StreamReader<Response>> reader,
             const std::string& name) {
  call->reply->OnGone([reader] { reader->Cancel(); });
  reader->Read([call, reader, name](Response* piece, const absl::Status& end) {
    if (piece == nullptr && !end.ok()) return call->Error(end);
    HttpHead head{200, "text/csv; charset=utf-8", ApiHeaders(), {}};
    head.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
    call->Count(200);
    call->reply->Begin(std::move(head));
    if (piece == nullptr) return call->reply->End();
    PumpBytes(reader, call->reply, std::move(*piece->mutable_data()), -1);
  });
}

void InteractionsCsv(ApiContext& context, ApiCallPtr call) {
  auto request = std::make_shared<ExportInteractionsRequest>();
  request->set_tenant_id(call->user.tenant_id);
  if (absl::Status status = FillFilter(*call, request->mutable_filter()); !status.ok()) {
    return call->Error(status);
  }
  FillLocale(context, *call, request.get());
  auto reader = std::make_shared<StreamReader<ExportInteractionsResponse>>(context.backends.tracker,
                                                                           context.backends.runner);
  reader->Begin([&](grpc::ClientContext* c, auto* reactor) {
    context.backends.reporting->async()->ExportInteractions(c, request.get(), reactor);
  });
  SendCsv(call, reader, "interactions.csv");
}

void QueuesCsv(ApiContext& context, ApiCallPtr call) {
  auto request = std::make_shared<ExportQueueSummaryRequest>();
  if (absl::Status status = FillQueueQuery(*call, request->mutable_query()); !status.ok()) {
    return call->Error(status);
  }
  FillLocale(context, *call, request.get());
  auto reader = std::make_shared<StreamReader<ExportQueueSummaryResponse>>(context.backends.tracker,
                                                                           context.backends.runner);
  reader->Begin([&](grpc::ClientContext* c, auto* reactor) {
    context.backends.reporting->async()->ExportQueueSummary(c, request.get(), reactor);
  });
  SendCsv(call, reader, "queues.csv");
}

}  // namespace

void AddReportRoutes(std::vector<ApiRouter::Route>* routes) {
  routes->push_back({"GET", "/api/v1/interactions", "", ListInteractions});
  routes->push_back({"GET", "/api/v1/interactions.csv", "", InteractionsCsv});
  routes->push_back({"GET", "/api/v1/interactions/{id}", "", GetInteraction});
  routes->push_back({"GET", "/api/v1/reports/queues", std::string(kReadReports), QueueSummary});
  routes->push_back({"GET", "/api/v1/reports/queues.csv", std::string(kReadReports), QueuesCsv});
}

}  // namespace zvon::gateway
