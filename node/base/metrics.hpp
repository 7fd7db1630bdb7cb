// SPDX-License-Identifier: Apache-2.0
// What the node measures, as plain values: whoever counts fills them in, the metrics page writes them out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dnsmesh {

enum class MetricType : std::uint8_t {
  counter,  // only grows while the process lives
  gauge,
  histogram,
};

struct MetricLabel {
  std::string name;
  std::string value;  // of a closed set, or the id of one of few peers: never a name, an address or a token
};

struct MetricBucket {
  double upper_bound = 0;         // inclusive
  std::uint64_t count_below = 0;  // observations up to the bound, those of lower buckets too
};

struct MetricSample {
  std::vector<MetricLabel> labels;
  double value = 0;                     // of a histogram: the sum of what was observed
  std::vector<MetricBucket> buckets{};  // of a histogram: ascending, the last one without an upper bound (infinity)
};

struct MetricFamily {
  std::string name;  // `dmp_...`; a counter ends in `_total`
  MetricType type = MetricType::gauge;
  std::string help;                   // one sentence
  std::vector<MetricSample> samples;  // none: not known now
};

/// All families at one moment.
using MetricsSnapshot = std::vector<MetricFamily>;

}  // namespace dnsmesh
