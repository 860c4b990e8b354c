#pragma once
// The gateway's metrics.

#include <string>

#include "services/common/telemetry/metrics.h"

namespace zvon::gateway {

class GatewayProbe {
 public:
  explicit GatewayProbe(Metrics& metrics);
  void Answered(int http_status, double seconds);

  prometheus::Gauge& client_sessions;
  prometheus::Gauge& sockets;
  prometheus::Gauge& agents;
  prometheus::Counter& frames_received;
  prometheus::Counter& frames_refused;
  prometheus::Counter& sessions_resumed;
  prometheus::Counter& sessions_begun;
  prometheus::Counter& offers_refused;
  prometheus::Counter& commands_timed_out;

 private:
  prometheus::Counter& answered_2xx_;
  prometheus::Counter& answered_4xx_;
  prometheus::Counter& answered_5xx_;
  prometheus::Histogram& answer_seconds_;
};

}  // namespace zvon::gateway
