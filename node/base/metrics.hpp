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
};

struct MetricLabel {
  std::string name;
  std::string value;  // of a closed set: never a name, an address or a token
};

struct MetricSample {
  std::vector<MetricLabel> labels;
  double value = 0;
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
