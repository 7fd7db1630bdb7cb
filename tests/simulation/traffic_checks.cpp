// SPDX-License-Identifier: Apache-2.0
#include "traffic_checks.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/hex.hpp"
#include "ref_wire.hpp"

namespace dnsmesh::simulation {
namespace {

/// Section 6.3: what an existing node sees of us.
constexpr double k_calls_per_ms = 0.005;
constexpr double k_burst = 40;
/// In quiet a peer costs a digest or feed poll and a manifest question an interval, and now and then a reconciliation.
constexpr std::int64_t k_quiet_calls_per_interval = 2;
constexpr std::int64_t k_quiet_calls_more = 8;
/// What a digest or a poll costs with nothing new, both ways.
constexpr std::int64_t k_quiet_bytes_max = 512;
/// So long the look-back of classic readers still sees the last writes (6.3: the interval and 10 s, and 5 s).
constexpr std::int64_t k_look_back_ms = 30000;

}  // namespace

void TrafficChecks::call(const NetRequest& request, NodeIndex to, bool classic) {
  if (to == request.from) env_.violated("S7", fmt::format("node-{} calls itself", to));
  if (!request.token.empty() && !manifests_.knows(ref_normalised(request.endpoint))) {
    env_.violated("S7", fmt::format("node-{} gives its token to {}", request.from, request.endpoint));
  }
  check_position(request, to);
  check_wants(request, to);
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

/// S5: a peer is asked only for what it has listed itself, whatever others say.
void TrafficChecks::check_wants(const NetRequest& request, NodeIndex to) {
  const auto check = [&](std::string_view name, std::string_view hash) {
    if (ledger_.listed_by(request.from, to, name, hash)) return;
    env_.violated("S5",
                  fmt::format("node-{} asks node-{} for {}, which that one never listed", request.from, to, name));
  };
  const std::string_view path = path_of(request.target);
  if (path == "/v1/sync/pull") {
    for (const std::string& name : parse_pull_request(request.body, std::string::npos).names) check(name, {});
  } else if (path == "/v1/sync/x1/get") {
    const auto asked = nlohmann::json::parse(request.body);
    for (const auto& pair : asked.value("want", nlohmann::json::array())) {
      check(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
    }
    for (const auto& id : asked.value("ids", nlohmann::json::array())) {
      const auto bytes = from_hex(id.get<std::string>());
      if (bytes && ledger_.reach(request.from, to).reconciliation.find(*bytes) != std::string::npos) continue;
      env_.violated("S5", fmt::format("node-{} asks node-{} for an id that it never named", request.from, to));
    }
  }
}

/// L7: with nothing to do, what is said is short. The scan of the hour and the comparison are apart.
void TrafficChecks::answered(const NetRequest& request, NodeIndex to, const NetAnswer& answer) {
  const std::string_view path = path_of(request.target);
  const bool poll =
      path == "/v1/sync/x1/feed" || (path == "/v1/sync/digest" && !request.target.contains("limit=10000"));
  if (!quiet_ || !steady_ || !poll || env_.events.now_ms() < quiet_since_ms_ + k_look_back_ms) return;
  quiet_bytes_[{request.from, to}] += static_cast<std::int64_t>(request.target.size() + answer.body.size());
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

void TrafficChecks::begin_quiet(bool steady) {
  quiet_ = true;
  steady_ = steady;
  quiet_since_ms_ = env_.events.now_ms();
  quiet_calls_.clear();
  quiet_bytes_.clear();
}

void TrafficChecks::end_quiet(std::int64_t passed_ms, std::int64_t interval_ms_min) {
  quiet_ = false;
  const std::int64_t allowed = k_quiet_calls_per_interval * (passed_ms / interval_ms_min + 1) + k_quiet_calls_more;
  for (const auto& [pair, calls] : quiet_calls_) {
    if (calls <= allowed) continue;
    env_.violated("L7", fmt::format("node-{} calls node-{} {} times in {} s with nothing to do", pair.first,
                                    pair.second, calls, passed_ms / 1000));
  }
  for (const auto& [pair, bytes] : quiet_bytes_) {
    if (bytes <= allowed * k_quiet_bytes_max) continue;
    env_.violated("L7", fmt::format("node-{} costs node-{} {} bytes in {} s with nothing to do", pair.second,
                                    pair.first, bytes, (passed_ms - k_look_back_ms) / 1000));
  }
}

}  // namespace dnsmesh::simulation
