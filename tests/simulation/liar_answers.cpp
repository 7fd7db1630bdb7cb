// SPDX-License-Identifier: Apache-2.0
// What a liar answers.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "liar.hpp"
#include "ref_wire.hpp"

namespace dnsmesh::simulation {
namespace {

/// What an operator would not believe: see Lie::long_lives.
constexpr std::int64_t k_long_life_s = 1'000'000'000'000'000'000;

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

NetAnswer Liar::answer(const NetRequest& request) {
  if (auto disturbed = disturbance()) return *std::move(disturbed);
  const std::string_view path = path_of(request.target);
  if (path == "/v1/sync/digest") return digest(request);
  if (path == "/v1/sync/pull") return pull(request);
  if (path == "/v1/sync/cluster-manifest") return manifest();
  if (extended_ && path == "/v1/sync/x1/feed") return feed(request);
  if (extended_ && path == "/v1/sync/x1/get") return get(request);
  if (extended_ && path == "/v1/sync/x1/reconcile") return reconcile();
  return {.status = 404, .body = R"({"error": "not found"})"};
}

/// Answers that are none.
std::optional<NetAnswer> Liar::disturbance() {
  if (lies_now(Lie::endless_answers)) return NetAnswer{.body = R"({"records": [)", .endless = true};
  if (lies_now(Lie::deep_json)) return NetAnswer{.body = R"({"records": )" + std::string(20000, '[')};
  if (lies_now(Lie::garbage)) return NetAnswer{.body = random_bytes(env_.dice.index(300))};
  if (lies_now(Lie::redirects)) {
    return NetAnswer{.status = 302, .body = {}, .location = "http://outside.sim/v1/sync/digest"};
  }
  if (lies_now(Lie::no_answers)) {
    static constexpr std::array<int, 6> k_statuses = {204, 400, 404, 500, 501, 503};
    return NetAnswer{.status = env_.dice.pick(k_statuses), .body = {}};
  }
  return std::nullopt;
}

std::string Liar::entry(const Row& row) {
  const bool future = lies_now(Lie::future_stamps);
  return fmt::format(R"({{"name": {}, "hash": "{}", "ts": {}, "ttl": {}}})", json_quote(row.name), row.hash,
                     future ? row.ts_ms + env_.dice.between(61000, 1'000'000'000'000) : row.ts_ms, left_s(row));
}

/// An entry that is wrong in one of its members.
std::string Liar::odd_entry() {
  static constexpr std::array<std::string_view, 12> k_forms = {
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": {1}}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": {1}, "ttl": true}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": {1}, "ttl": 1.5}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": {1}, "ttl": 2147483649}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": {1}, "ttl": 1000000000000000000}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": -1, "ttl": 300}})",
      R"({{"name": "o.mesh.sim", "hash": "{0}", "ts": 1.5, "ttl": 300}})",
      R"({{"name": "o.mesh.sim", "hash": "ABC", "ts": {1}, "ttl": 300}})",
      R"({{"name": "", "hash": "{0}", "ts": {1}, "ttl": 300}})",
      R"({{"name": 7, "hash": "{0}", "ts": {1}, "ttl": 300}})",
      R"([[[]]])",
      R"(null)"};
  return fmt::format(fmt::runtime(env_.dice.pick(k_forms)), crypto::sha256_hex("odd"), clock().wall_ms());
}

std::string Liar::extension() {
  if (!extended_) return {};
  const bool lower = env_.dice.chance(0.1);
  return fmt::format(R"(, "x": {{"v": 1, "node": "x", "epoch": "{}.{}", "caps": ["feed","get","rbsr","hint","tomb"], )"
                     R"("high": {}, "count": {}, "now": {}, "mseq": {}}})",
                     epoch_, lower ? boot_ - 1 : boot_, env_.dice.chance(0.2) ? 1'000'000'000 : rows_.size() + 100,
                     rows_.size(), clock().wall_ms(), env_.dice.chance(0.5) ? "9999" : "null");
}

NetAnswer Liar::digest(const NetRequest& request) {
  RefStore::Position after{};
  if (const auto text = query_value(request.target, "cursor")) after = parse_cursor(*text).value_or(after);
  if (lies_now(Lie::repeated_pages)) after = {};
  const auto limit_text = query_value(request.target, "limit");
  const std::size_t limit = limit_text ? std::stoul(*limit_text) : 1000;
  std::vector<std::string> entries;
  RefStore::Position last = after;
  bool has_more = false;
  for (const Row& row : rows_) {
    const RefStore::Position place{row.ts_ms, row.name, row.hash};
    if (place <= after || row.expires_s <= clock().wall_s()) continue;
    has_more = entries.size() + 2 > limit;
    if (has_more) break;
    if (lies(Lie::duplicates) && env_.dice.chance(0.1) && entries.size() + 4 < limit) entries.push_back(entry(row));
    if (lies(Lie::odd_entries) && env_.dice.chance(0.1) && entries.size() + 4 < limit) entries.push_back(odd_entry());
    entries.push_back(entry(row));
    last = place;
  }
  if (lies_now(Lie::unsorted)) {
    for (std::size_t i = entries.size(); i > 1; --i) std::swap(entries[i - 1], entries[env_.dice.index(i)]);
  }
  if (lies(Lie::always_more)) has_more = true;
  std::string next = write_cursor(last);
  if (lies(Lie::forged_next_cursor)) {
    static constexpr std::array<std::string_view, 4> k_cursors = {"99999999999999:zz:", "0::", "nonsense", ""};
    next = env_.dice.chance(0.5) ? "1900000000000:a:" : std::string(env_.dice.pick(k_cursors));
  }
  return {.body = fmt::format(R"({{"records": [{}], "has_more": {}, "next_cursor": {}{}}})", joined(entries), has_more,
                              json_quote(next), extension())};
}

std::string Liar::record(const Row& row) {
  const std::string ttl = lies_now(Lie::long_lives) ? std::to_string(k_long_life_s) : std::to_string(left_s(row));
  if (lies_now(Lie::lone_surrogates)) {
    return fmt::format(R"({{"name": {}, "value": "\ud800", "ttl": {}}})", json_quote(row.name), ttl);
  }
  const bool forged = lies_now(Lie::wrong_values);
  const std::string value = forged ? fmt::format("forged {} of {}", forged_++, id()) : row.value;
  return fmt::format(R"({{"name": {}, "value": {}, "ttl": {}}})", json_quote(row.name), json_quote(value), ttl);
}

NetAnswer Liar::pull(const NetRequest& request) {
  const PullRequest asked = parse_pull_request(request.body, 262144);
  std::vector<std::string> records;
  for (const Row& row : rows_) {
    if (std::ranges::find(asked.names, row.name) == asked.names.end() || row.expires_s <= clock().wall_s()) continue;
    if (!lies_now(Lie::omissions)) records.push_back(record(row));
  }
  if (lies(Lie::unsolicited)) {
    records.push_back(fmt::format(R"({{"name": "gift{}.mesh.sim", "value": "unasked", "ttl": 3600}})", forged_++));
    if (!asked.names.empty()) {
      records.push_back(fmt::format(R"({{"name": {}, "value": "unasked {}", "ttl": 3600}})",
                                    json_quote(asked.names.front()), forged_++));
    }
  }
  return {.body = R"({"records": [)" + joined(records) + "]}"};
}

NetAnswer Liar::manifest() {
  std::string wire = manifests_.earlier();
  if (lies(Lie::wrong_manifests) && env_.dice.chance(0.3)) wire = manifests_.unfit();
  if (lies(Lie::wrong_manifests) && env_.dice.chance(0.1)) wire = "v=dmp1;t=cluster;" + to_hex(random_bytes(80));
  if (wire.empty()) return {.status = 204, .body = {}};
  return {.body = fmt::format(R"({{"wire": "{}", "seq": 99999, "exp": 1, "cluster_name": "x"}})", wire)};
}

NetAnswer Liar::feed(const NetRequest& request) {
  const auto text = query_value(request.target, "after").value_or("");
  const std::size_t colon = text.rfind(':');
  const std::int64_t after = colon == std::string::npos ? 0 : std::atoll(text.c_str() + colon + 1);
  if (env_.dice.chance(0.02)) boot_ -= 1;
  std::vector<const Row*> ordered;
  for (const Row& row : rows_) {
    if (row.rseq > after && !lies_now(Lie::omissions)) ordered.push_back(&row);
  }
  std::ranges::sort(ordered, {}, &Row::rseq);
  if (ordered.size() > 100) ordered.resize(100);
  std::vector<std::string> entries;
  for (const Row* row : ordered) {
    const std::int64_t rseq = env_.dice.chance(0.02) ? row->rseq - 5 : row->rseq;
    const int kind = env_.dice.chance(0.1) ? 1 : 0;
    entries.push_back(fmt::format(R"([{}, {}, {}, "{}", {}])", rseq, kind, json_quote(row->name), row->hash,
                                  lies_now(Lie::long_lives) ? k_long_life_s : left_s(*row) * 1000));
  }
  const std::int64_t last = ordered.empty() ? after : ordered.back()->rseq;
  const bool ahead = env_.dice.chance(0.1);
  return {
      .body = fmt::format(
          R"({{"epoch": "{}.{}", "high": {}, "next": {}, "more": {}, "reset": {}, "now": {}, "mseq": 99999, "e": [{}]}})",
          epoch_, boot_, ahead ? last + 1'000'000 : last, ahead ? last + 1000 : last, env_.dice.chance(0.2),
          env_.dice.chance(0.05), clock().wall_ms(), joined(entries))};
}

NetAnswer Liar::get(const NetRequest& request) {
  const auto asked = nlohmann::json::parse(request.body, nullptr, false);
  std::vector<std::string> records;
  std::size_t items = 0;
  if (asked.is_object() && asked.contains("want")) {
    items = asked["want"].size();
    for (const auto& pair : asked["want"]) {
      for (const Row& row : rows_) {
        if (row.name != pair[0] || row.hash != pair[1] || lies_now(Lie::omissions)) continue;
        const bool forged = env_.dice.chance(0.1);
        records.push_back(fmt::format(R"([{}, {}, {}])", json_quote(row.name),
                                      json_quote(forged ? fmt::format("forged {}", forged_++) : row.value),
                                      lies_now(Lie::long_lives) ? k_long_life_s : left_s(row) * 1000));
      }
    }
  }
  if (asked.is_object() && asked.contains("ids")) {
    items = asked["ids"].size();
    records.push_back(fmt::format(R"(["gift{}.mesh.sim", "unasked", 3600000])", forged_++));
  }
  const std::size_t done = env_.dice.chance(0.1) ? env_.dice.index(items + 3) : items;
  return {.body = fmt::format(R"({{"r": [{}], "done": {}}})", joined(records), done)};
}

/// Random, oversized, or a conversation that never ends.
NetAnswer Liar::reconcile() {
  NetAnswer answer;
  answer.content_type = "application/octet-stream";
  const std::string head("\x61\x00\x00", 3);
  switch (env_.dice.index(4)) {
    case 0:
      answer.body = random_bytes(env_.dice.index(400));
      break;
    case 1:
      answer.body = head + '\x01' + random_bytes(16);
      break;
    case 2:
      answer.body = head + '\x02' + '\x02' + random_bytes(64);
      break;
    default:
      answer.body = head + std::string(70000, '\x01');
  }
  return answer;
}

}  // namespace dnsmesh::simulation
