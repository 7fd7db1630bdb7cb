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
  if (type == MetricType::counter) out.counter.value = sample.value;
  if (type == MetricType::gauge) out.gauge.value = sample.value;
  if (type == MetricType::histogram) {
    out.histogram.sample_sum = sample.value;
    if (!sample.buckets.empty()) out.histogram.sample_count = sample.buckets.back().count_below;
    for (const MetricBucket& bucket : sample.buckets) {
      out.histogram.bucket.push_back({bucket.count_below, bucket.upper_bound});
    }
  }
  return out;
}

prometheus::MetricType client_type(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return prometheus::MetricType::Counter;
    case MetricType::gauge:
      return prometheus::MetricType::Gauge;
    case MetricType::histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::MetricFamily client_family(const MetricFamily& family) {
  prometheus::MetricFamily out{family.name, family.help, client_type(family.type), {}};
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
