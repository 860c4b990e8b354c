#include "services/common/telemetry/metrics.h"

#include <prometheus/text_serializer.h>

#ifndef ZVON_VERSION
#define ZVON_VERSION "0.1.0"
#endif

namespace zvon {
namespace {

const std::vector<double>& DefaultBuckets() {
  static const auto* buckets = new std::vector<double>{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                       0.05,   0.1,   0.25,   0.5,   1,    2.5,
                                                       5,      10,    30};
  return *buckets;
}

}  // namespace

Metrics::Metrics(const std::string& service) : registry_(std::make_shared<prometheus::Registry>()) {
  Gauge("zvon_build_info", "Version of the running program",
        {{"service", service}, {"version", ZVON_VERSION}})
      .Set(1);
}

// The registry gives the same family for the same name and the same metric
// for the same labels, so no table of our own is needed.
prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help,
                                      const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
}

prometheus::Gauge& Metrics::Gauge(const std::string& name, const std::string& help,
                                  const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
}

prometheus::Histogram& Metrics::Histogram(const std::string& name, const std::string& help,
                                          const prometheus::Labels& labels,
                                          const std::vector<double>& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(
      labels, buckets.empty() ? DefaultBuckets() : buckets);
}

std::string Metrics::Serialize() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace zvon
