// SPDX-License-Identifier: Apache-2.0
// Digest, pull and cluster-manifest: what every node of the protocol answers (spec/anti-entropy.md 3 to 5).
#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "sync/server_parts.hpp"

namespace dnsmesh::sync {
namespace {

std::unexpected<ServeAnswer> refuse(std::string_view text) { return std::unexpected(error_answer(400, text)); }

/// A legacy position: what follows its millisecond. No name is as great as this one.
store::DigestCursor after_millisecond(std::int64_t since_ms) { return {since_ms, "\u00ff", "g"}; }

std::expected<store::DigestCursor, ServeAnswer> asked_cursor(const Query& query) {
  if (const auto cursor = query.get("cursor")) {
    auto parsed = parse_cursor(*cursor);
    if (!parsed) return refuse(parsed.error().text);
    return std::move(*parsed);
  }
  if (const auto since = query.get("since")) {
    const auto since_ms = parse_integer(*since);
    if (!since_ms || *since_ms == std::numeric_limits<std::int64_t>::max()) return refuse("since must be an integer");
    if (*since_ms < 0) return refuse("since must be >= 0");
    return after_millisecond(*since_ms);
  }
  return store::DigestCursor{};
}

std::expected<std::size_t, ServeAnswer> asked_limit(const Query& query) {
  const auto text = query.get("limit");
  if (!text) return limits::sync_digest_rows_default;
  const auto limit = parse_integer(*text);
  if (!limit) return refuse("limit must be an integer");
  if (*limit <= 0) return refuse("limit must be > 0");
  return std::min(static_cast<std::size_t>(*limit), limits::digest_page_rows_max);
}

Extension extension_of(const ServeContext& context) {
  const store::Epoch epoch = context.store.epoch();
  Extension out;
  out.node = context.options.node_id;
  out.epoch = context.epoch_of(epoch);
  out.feed = out.get = out.rbsr = out.hint = out.gzip = out.tombstones = true;
  out.high = epoch.high;
  out.count = static_cast<std::int64_t>(context.pairs.count());
  out.now_ms = context.clock.wall_ms();
  out.manifest_seq = context.manifest_seq();
  return out;
}

}  // namespace

ServeAnswer serve_digest(const ServeContext& context, const ServeRequest& request) {
  const Query query(request.target);
  auto cursor = asked_cursor(query);
  if (!cursor) return std::move(cursor.error());
  auto limit = asked_limit(query);
  if (!limit) return std::move(limit.error());
  const auto page = context.store.digest(*cursor, *limit);
  if (!page) return unavailable();
  std::optional<Extension> extension;
  if (context.options.extended && query.get("x") == "1") extension = extension_of(context);
  return json_answer(write_digest_answer(*page, *cursor, context.clock.wall_s(), extension));
}

ServeAnswer serve_pull(const ServeContext& context, const ServeRequest& request) {
  const auto names = parse_pull_request(request.body);
  if (!names) return error_answer(400, names.error().text);
  const auto records = context.store.values_at_names(*names);
  if (!records) return unavailable();
  return json_answer(write_pull_answer(*records, context.clock.wall_s()));
}

ServeAnswer serve_manifest(const ServeContext& context, const ServeRequest& /*request*/) {
  const auto manifest = context.manifest();
  if (!manifest || !std::cmp_less_equal(context.clock.wall_s(), manifest->exp)) return empty_answer(204);
  return json_answer(write_manifest_answer(*manifest));
}

}  // namespace dnsmesh::sync
