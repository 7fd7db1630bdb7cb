// SPDX-License-Identifier: Apache-2.0
#include "traffic_checks.hpp"

#include <algorithm>
#include <string>

#include "ref_wire.hpp"

namespace dnsmesh::simulation {
namespace {

/// Section 6.3: what an existing node sees of us.
constexpr double k_calls_per_ms = 0.005;
constexpr double k_burst = 40;
/// In quiet a peer costs a digest or feed poll and a manifest question an interval, and now and then a reconciliation.
constexpr std::int64_t k_quiet_calls_per_interval = 2;
constexpr std::int64_t k_quiet_calls_more = 8;

}  // namespace

void TrafficChecks::call(const NetRequest& request, NodeIndex to, bool classic) {
  if (to == request.from) env_.violated("S7", fmt::format("node-{} calls itself", to));
  if (!request.token.empty() && !manifests_.knows(ref_normalised(request.endpoint))) {
    env_.violated("S7", fmt::format("node-{} gives its token to {}", request.from, request.endpoint));
  }
  check_position(request, to);
  if (classic) check_manners(request, to);
  if (quiet_) ++quiet_calls_[{request.from, to}];
}

/// S4 and S5: a position lies within what this peer itself has listed.
void TrafficChecks::check_position(const NetRequest& request, NodeIndex to) {
  const std::string_view path = path_of(request.target);
  const Ledger::Reach& reach = ledger_.reach(request.from, to);
  if (path == "/v1/sync/digest") {
    const auto text = query_value(request.target, "cursor");
    const auto cursor = text ? parse_cursor(*text) : std::nullopt;
    if (cursor && std::get<0>(*cursor) > reach.entry_ts_ms) {
      env_.violated("S4", fmt::format("node-{} asks node-{} from {}, which listed nothing after {}", request.from, to,
                                      *text, reach.entry_ts_ms));
    }
  } else if (path == "/v1/sync/x1/feed") {
    const std::string text = query_value(request.target, "after").value_or("");
    const std::int64_t rseq = std::atoll(text.substr(text.rfind(':') + 1).c_str());
    if (rseq > reach.rseq) {
      env_.violated("S4", fmt::format("node-{} asks node-{} from {}, which never said more than {}", request.from, to,
                                      text, reach.rseq));
    }
  }
}

void TrafficChecks::check_manners(const NetRequest& request, NodeIndex to) {
  const std::int64_t now_ms = env_.events.now_ms();
  Bucket& bucket = buckets_.try_emplace({request.from, to}, Bucket{k_burst, now_ms}).first->second;
  bucket.tokens = std::min(k_burst, bucket.tokens + static_cast<double>(now_ms - bucket.counted_ms) * k_calls_per_ms);
  bucket.counted_ms = now_ms;
  bucket.tokens -= 1;
  // One call is let pass: both sides round.
  if (bucket.tokens < -1) env_.violated("6.3", fmt::format("node-{} hurries node-{}", request.from, to));
}

void TrafficChecks::begin_quiet() {
  quiet_ = true;
  quiet_calls_.clear();
}

void TrafficChecks::end_quiet(std::int64_t passed_ms, std::int64_t interval_ms_min) {
  quiet_ = false;
  const std::int64_t allowed = k_quiet_calls_per_interval * (passed_ms / interval_ms_min + 1) + k_quiet_calls_more;
  for (const auto& [pair, calls] : quiet_calls_) {
    if (calls <= allowed) continue;
    env_.violated("L7", fmt::format("node-{} calls node-{} {} times in {} s with nothing to do", pair.first,
                                    pair.second, calls, passed_ms / 1000));
  }
}

}  // namespace dnsmesh::simulation
