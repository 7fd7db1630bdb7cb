// SPDX-License-Identifier: Apache-2.0
#include "http/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

namespace dnsmesh::http {
namespace {

prometheus::ClientMetric client_metric(const MetricSample& sample, MetricType type) {
  prometheus::ClientMetric out;
  for (const MetricLabel& label : sample.labels) out.label.push_back({label.name, label.value});
  (type == MetricType::counter ? out.counter.value : out.gauge.value) = sample.value;
  return out;
}

prometheus::MetricFamily client_family(const MetricFamily& family) {
  const bool counts = family.type == MetricType::counter;
  prometheus::MetricFamily out{
      family.name, family.help, counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge, {}};
  for (const MetricSample& sample : family.samples) out.metric.push_back(client_metric(sample, family.type));
  return out;
}

}  // namespace

std::string metrics_text(const MetricsSnapshot& snapshot) {
  std::vector<prometheus::MetricFamily> families;
  for (const MetricFamily& family : snapshot) families.push_back(client_family(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace dnsmesh::http
