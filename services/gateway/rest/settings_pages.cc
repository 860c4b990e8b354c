// Names that pages show, and the state of telephony.

#include "services/gateway/core/permissions.h"
#include "services/gateway/live/json.h"
#include "services/gateway/live/public_settings.h"
#include "services/gateway/rest/api_router.h"

namespace zvon::gateway {
namespace {

using signalingservice::v1::EndpointStatus;
using signalingservice::v1::GetTelephonyStatusRequest;
using signalingservice::v1::GetTelephonyStatusResponse;
using signalingservice::v1::TrunkStatus;

void Settings(ApiContext& context, ApiCallPtr call) {
  std::shared_ptr<const Configuration> view = context.configuration.Current();
  if (view->revision() == 0) {
    return call->Error(absl::UnavailableError("the configuration has not been read yet"));
  }
  call->Json(PublicSettingsJson(*view, call->user.tenant_id));
}

// Answers of all replicas that answer, as one.
struct Gathering {
  size_t open = 0;
  bool any = false;
  absl::Status failure;
  GetTelephonyStatusResponse sum;
};

// Registrations and trunks are seen by every replica: the first, or the one
// that knows better, counts; calls are each replica's own.
void Merge(const GetTelephonyStatusResponse& part, GetTelephonyStatusResponse* sum) {
  sum->set_calls_active(sum->calls_active() + part.calls_active());
  for (const TrunkStatus& trunk : part.trunks()) {
    TrunkStatus* known = nullptr;
    for (TrunkStatus& one : *sum->mutable_trunks()) {
      if (one.trunk_id() == trunk.trunk_id()) known = &one;
    }
    if (known == nullptr) {
      *sum->add_trunks() = trunk;
    } else {
      known->set_calls_active(known->calls_active() + trunk.calls_active());
      if (!trunk.healthy()) *known->mutable_reason() = trunk.reason();
      known->set_healthy(known->healthy() && trunk.healthy());
    }
  }
  for (const EndpointStatus& endpoint : part.endpoints()) {
    EndpointStatus* known = nullptr;
    for (EndpointStatus& one : *sum->mutable_endpoints()) {
      if (one.endpoint_id() == endpoint.endpoint_id()) known = &one;
    }
    if (known == nullptr) {
      *sum->add_endpoints() = endpoint;
    } else if (endpoint.registered() && !known->registered()) {
      *known = endpoint;
    }
  }
}

void Telephony(ApiContext& context, ApiCallPtr call) {
  if (!MayDo(call->user.permissions, kReadTelephony) && !MayDo(call->user.permissions, kReadLive)) {
    return call->Error(absl::PermissionDeniedError("permission telephony.read is needed"));
  }
  auto gathering = std::make_shared<Gathering>();
  gathering->open = context.backends.signaling.size();
  if (gathering->open == 0)
    return call->Error(absl::UnavailableError("no signaling is configured"));
  GetTelephonyStatusRequest request;
  request.set_tenant_id(call->user.tenant_id);
  for (const auto& stub : context.backends.signaling) {
    ZVON_GATEWAY_CALL(context.backends, stub.get(), GetTelephonyStatus, GetTelephonyStatusResponse,
                      request,
                      [call, gathering](const absl::StatusOr<GetTelephonyStatusResponse>& part) {
                        gathering->open -= 1;
                        if (part.ok()) {
                          gathering->any = true;
                          Merge(*part, &gathering->sum);
                        } else {
                          gathering->failure = part.status();
                        }
                        if (gathering->open > 0) return;
                        if (!gathering->any) return call->Error(gathering->failure);
                        call->Json(ToJson(gathering->sum));
                      });
  }
}

}  // namespace

void AddSettingsRoutes(std::vector<ApiRouter::Route>* routes) {
  routes->push_back({"GET", "/api/v1/settings", "", Settings});
  routes->push_back({"GET", "/api/v1/telephony", "", Telephony});
}

}  // namespace zvon::gateway
