#include "services/gateway/live/gateway_probe.h"

namespace zvon::gateway {

GatewayProbe::GatewayProbe(Metrics& metrics)
    : client_sessions(metrics.Gauge("zvon_gateway_client_sessions",
                                    "Client sessions, those waiting for a resumption included")),
      sockets(metrics.Gauge("zvon_gateway_sockets", "Open WebSockets")),
      agents(metrics.Gauge("zvon_gateway_agents", "Agents signed in through this gateway")),
      frames_received(metrics.Counter("zvon_gateway_frames_total", "Frames of clients")),
      frames_refused(metrics.Counter("zvon_gateway_frames_refused_total",
                                     "Frames that were no valid request, or too many")),
      sessions_resumed(metrics.Counter("zvon_gateway_sessions_total",
                                       "Client sessions by beginning", {{"kind", "resumed"}})),
      sessions_begun(metrics.Counter("zvon_gateway_sessions_total", "Client sessions by beginning",
                                     {{"kind", "new"}})),
      offers_refused(metrics.Counter("zvon_gateway_offers_refused_total",
                                     "Offers not shown because of an older token")),
      commands_timed_out(metrics.Counter("zvon_gateway_commands_timed_out_total",
                                         "Commands of agents without an answer in time")),
      answered_2xx_(metrics.Counter("zvon_gateway_requests_total", "HTTP requests by outcome",
                                    {{"outcome", "ok"}})),
      answered_4xx_(metrics.Counter("zvon_gateway_requests_total", "HTTP requests by outcome",
                                    {{"outcome", "refused"}})),
      answered_5xx_(metrics.Counter("zvon_gateway_requests_total", "HTTP requests by outcome",
                                    {{"outcome", "failed"}})),
      answer_seconds_(metrics.Histogram("zvon_gateway_request_seconds",
                                        "From a request of the API to its answer's first byte")) {}

void GatewayProbe::Answered(int http_status, double seconds) {
  (http_status < 400   ? answered_2xx_
   : http_status < 500 ? answered_4xx_
                       : answered_5xx_)
      .Increment();
  answer_seconds_.Observe(seconds);
}

}  // namespace zvon::gateway
