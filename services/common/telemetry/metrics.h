#pragma once
// Metrics in Prometheus' terms; names are zvon_<service>_<what>_<unit>.
//
// Classes named *_probe take a Metrics& and keep the pointers they got: a
// lookup by labels costs a lock, an increment does not. Never an agent, a
// phone number or a call id as a label.

#include <memory>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/labels.h"
#include "prometheus/registry.h"

namespace zvon {

class Metrics {
 public:
  // Adds zvon_build_info.
  explicit Metrics(const std::string& service);
  prometheus::Counter& Counter(const std::string& name, const std::string& help,
                               const prometheus::Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help,
                           const prometheus::Labels& labels = {});
  // Buckets in seconds from 0.5 ms to 30 s where none are given.
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help,
                                   const prometheus::Labels& labels = {},
                                   const std::vector<double>& buckets = {});
  // Text exposition format 0.0.4.
  std::string Serialize() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace zvon
