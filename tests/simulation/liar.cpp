// SPDX-License-Identifier: Apache-2.0
#include "liar.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

#include "base/hex.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::int64_t k_hour_s = 3600;
constexpr std::size_t k_huge_value_bytes = 100000;
constexpr int k_crowd = 300;
constexpr int k_bad_at_a_name = 80;

}  // namespace

Liar::Liar(Env& env, NodeIndex index, SimClock clock, Manifests& manifests, NodeIndex nodes)
    : Node(env, index, clock),
      lies_(draw_lies(env.dice)),
      manifests_(manifests),
      nodes_(nodes),
      extended_(lies(Lie::extended_lies)),
      epoch_(to_hex(random_bytes(16))) {
  for (int i = 0; i < 10; ++i) {
    const PoolItem& item = env.dice.pick(env.pool.good());
    add(item.name, item.value, 30 * k_hour_s, true);
  }
  add_lies();
}

void Liar::start() {
  up_ = true;
  env_.network.serve(index(), [this](const NetRequest& request, NetResponder respond) {
    NetAnswer given = request.token == k_token ? answer(request) : NetAnswer{.status = 403, .body = {}};
    if (!given.date_s && env_.dice.chance(0.9)) given.date_s = clock().wall_s();
    respond(std::move(given));
  });
  molest();
}

void Liar::crash() {
  up_ = false;
  env_.network.serve(index(), nullptr);
}

void Liar::add(const std::string& name, const std::string& value, std::int64_t ttl_s, bool good) {
  const std::string hash = crypto::sha256_hex(value);
  std::erase_if(rows_, [&](const Row& row) { return row.name == name && row.hash == hash; });
  last_ts_ms_ = std::max(last_ts_ms_ + 1, clock().wall_ms());
  std::int64_t ts_ms = last_ts_ms_;
  if (lies_now(Lie::stamps_behind)) ts_ms -= env_.dice.between(0, 60000);
  const std::int64_t rseq = rows_.empty() ? 1 : std::ranges::max(rows_, {}, &Row::rseq).rseq + 1;
  rows_.push_back({name, value, hash, ts_ms, clock().wall_s() + ttl_s, rseq, good});
  std::ranges::sort(rows_, {}, [](const Row& row) { return std::tie(row.ts_ms, row.name, row.hash); });
}

/// What its lies need among its rows.
void Liar::add_lies() {
  if (lies(Lie::bad_rows)) {
    const std::int64_t count = env_.dice.chance(0.1) ? 600 : env_.dice.between(5, 100);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      add("bad" + number + ".mesh.sim", "v=dmp1;t=identity;d=" + number, k_hour_s, false);
    }
    // More than the quarantine keeps of one name.
    for (int i = 0; i < k_bad_at_a_name; ++i) {
      add("worse.mesh.sim", "v=dmp1;t=identity;d=" + std::to_string(i), k_hour_s, false);
    }
  }
  if (lies(Lie::expired_records)) {
    for (const PoolItem& item : env_.pool.odd()) add(item.name, item.value, 100 * k_hour_s, false);
  }
  if (lies(Lie::huge_values)) add("huge.mesh.sim", std::string(k_huge_value_bytes, 'x'), k_hour_s, false);
  if (lies(Lie::crowded_names)) {
    for (int i = 0; i < k_crowd; ++i) add("crowd9.mesh.sim", "crowd " + std::to_string(i), k_hour_s, false);
  }
}

void Liar::publish(const std::string& name, const std::string& value, std::int64_t ttl_s) {
  if (up()) add(name, value, ttl_s, true);
}

void Liar::remove(const std::string& name, const std::optional<std::string>& value) {
  std::erase_if(rows_, [&](const Row& row) { return row.name == name && (!value || row.value == *value); });
}

std::vector<LivePair> Liar::live() const {
  std::vector<LivePair> out;
  for (const Row& row : rows_) {
    if (row.good && row.expires_s > clock().wall_s()) out.push_back({row.name, row.value, left_s(row)});
  }
  return out;
}

std::string Liar::random_bytes(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(env_.dice.between(0, 255));
  return out;
}

/// Sends what nobody asked for, every few seconds.
void Liar::molest() {
  if (!lies(Lie::foreign_hints) && !lies(Lie::odd_requests)) return;
  env_.events.after(env_.dice.between(500, 20000), [this] {
    NetRequest request{
        .from = index(),
        .endpoint = endpoint_of(static_cast<NodeIndex>(env_.dice.index(static_cast<std::size_t>(nodes_)))),
        .method = "POST",
        .target = "/v1/sync/x1/hint",
        .token = k_token,
        .body = fmt::format(R"({{"node": "x", "epoch": "{}.1", "high": 99999999, "mseq": 99999}})",
                            env_.dice.chance(0.5) ? epoch_ : to_hex(random_bytes(16)))};
    if (lies(Lie::odd_requests)) {
      static constexpr std::array<std::string_view, 10> k_targets = {
          "/v1/sync/digest?cursor=x::&limit=0",
          "/v1/sync/digest?cursor=99999999999999999999::",
          "/v1/sync/digest?cursor=0:%ff%00:&limit=99999",
          "/v1/sync/digest?since=-1",
          "/v1/sync/x1/feed?after=zz&limit=-1&wait=x",
          "/v1/sync/x1/feed?after=00000000000000000000000000000000.1:9223372036854775807&wait=99999999",
          "/v1/sync/x1/get",
          "/v1/sync/x1/reconcile",
          "/v1/sync/pull",
          "/v1/sync/nothing"};
      request.method = env_.dice.chance(0.5) ? "GET" : "POST";
      request.target = env_.dice.pick(k_targets);
      request.body = env_.dice.chance(0.5) ? std::string("a") + random_bytes(env_.dice.index(200))
                                           : R"({"names": [1], "want": [["a"]], "ids": ["x"]})";
    }
    if (request.endpoint != endpoint()) env_.network.call(std::move(request), [](const Result<NetAnswer>&) {});
    molest();
  });
}

}  // namespace dnsmesh::simulation
