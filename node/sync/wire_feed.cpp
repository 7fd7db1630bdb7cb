// SPDX-License-Identifier: Apache-2.0
// The change feed of extended nodes, the epoch it belongs to, and hints (spec/anti-entropy.md 15.2, 15.5).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "sync/flat_json.hpp"
#include "sync/wire_parts.hpp"
#include "sync/wire_server.hpp"

namespace dnsmesh::sync {
namespace {

enum Column { k_rseq, k_kind, k_name, k_hash, k_ttl_ms };
constexpr std::array<std::string_view, 5> k_columns = {"rseq", "kind", "name", "hash", "ttl_ms"};

enum Member { k_epoch, k_high, k_next, k_more, k_reset, k_now, k_mseq };
constexpr std::array<std::string_view, 7> k_members = {"epoch", "high", "next", "more", "reset", "now", "mseq"};

constexpr FlatShape k_shape = {.rows = "e", .columns = k_columns, .rows_are_arrays = true, .members = k_members};

constexpr std::size_t k_epoch_id_digits = 32;

bool is_epoch_id(std::string_view text) {
  return text.size() == k_epoch_id_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<FeedEntry> read_entry(std::optional<std::span<Scalar>> columns) {
  if (!columns) return std::nullopt;
  auto& name = (*columns)[k_name];
  const auto rseq = (*columns)[k_rseq].natural();
  const auto kind = (*columns)[k_kind].natural();
  const auto hash = parse_hash((*columns)[k_hash].text);
  const auto ttl_ms = (*columns)[k_ttl_ms].natural();
  if (!rseq || !kind || *kind > static_cast<std::int64_t>(FeedKind::tombstone)) return std::nullopt;
  if (!is_wire_name(name.text) || !hash || !ttl_ms) return std::nullopt;
  const bool replicable = is_replicable(name.text);
  return FeedEntry{*rseq, static_cast<FeedKind>(*kind), {std::move(name.text), *hash}, *ttl_ms, replicable};
}

Result<void> read_members(const FlatAnswer& answer, FeedAnswer& out) {
  const auto& members = answer.members;
  const auto epoch = parse_epoch(members[k_epoch].text);
  const auto high = members[k_high].natural();
  const auto next = members[k_next].natural();
  const auto now_ms = members[k_now].natural();
  if (!answer.has_rows || !epoch || !high || !next || !now_ms) {
    return fail(ErrorCode::sync_malformed, "not the answer of a change feed");
  }
  out.epoch = *epoch;
  out.high = *high;
  out.next = *next;
  out.more = members[k_more].is_true();
  out.reset = members[k_reset].is_true();
  out.now_ms = *now_ms;
  out.manifest_seq = members[k_mseq].natural_u64();
  return {};
}

void append_entry(std::string& out, const FeedEntry& entry) {
  out.push_back('[');
  append_number(out, entry.rseq);
  out += entry.kind == FeedKind::put ? ", 0, " : ", 1, ";
  append_json_quoted(out, entry.pair.name);
  out += ", ";
  append_quoted_hash(out, entry.pair.hash);
  out += ", ";
  append_number(out, entry.ttl_ms);
  out.push_back(']');
}

}  // namespace

Result<WireEpoch> parse_epoch(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto boot = dot == std::string_view::npos ? std::nullopt : parse_natural(text.substr(dot + 1));
  if (!boot || !is_epoch_id(text.substr(0, dot))) return fail(ErrorCode::sync_malformed, "not an epoch");
  return WireEpoch{std::string(text.substr(0, dot)), *boot};
}

std::string write_epoch(const WireEpoch& epoch) { return fmt::format("{}.{}", epoch.id, epoch.boot); }

Result<FeedAnswer> parse_feed_answer(std::string_view body, std::size_t limit) {
  FeedAnswer out;
  const FlatRows rows = rows_into(out, &FeedAnswer::entries, read_entry);
  const auto answer = read_flat(body, k_shape, limit, rows);
  if (!answer) return std::unexpected(answer.error());
  if (const auto read = read_members(*answer, out); !read) return std::unexpected(read.error());
  const auto out_of_order = [](const FeedEntry& a, const FeedEntry& b) { return a.rseq >= b.rseq; };
  if (std::ranges::adjacent_find(out.entries, out_of_order) != out.entries.end()) {
    return fail(ErrorCode::sync_malformed, "the change feed is not in order");
  }
  if (!out.entries.empty() && out.entries.back().rseq > out.next) {
    return fail(ErrorCode::sync_malformed, "the change feed goes beyond its own end");
  }
  return out;
}

std::string feed_target(const WireEpoch& epoch, std::int64_t after, std::size_t limit, std::int64_t wait_ms,
                        bool tombstones) {
  return fmt::format("/v1/sync/x1/feed?after={}:{}&limit={}{}{}", write_epoch(epoch), after, limit,
                     wait_ms > 0 ? fmt::format("&wait={}", wait_ms) : "", tombstones ? "&tomb=1" : "");
}

std::string write_feed_answer(const FeedAnswer& answer) {
  constexpr std::size_t k_usual_entry_bytes = 150;
  std::string out =
      fmt::format(R"({{"epoch": "{}", "high": {}, "next": {}, "more": {}, "reset": {}, "now": {}, )",
                  write_epoch(answer.epoch), answer.high, answer.next, answer.more, answer.reset, answer.now_ms);
  out.reserve((answer.entries.size() + 2) * k_usual_entry_bytes);
  out += R"("mseq": )";
  append_seq(out, answer.manifest_seq);
  out += R"(, "e": [)";
  for (const FeedEntry& entry : answer.entries) {
    if (&entry != &answer.entries.front()) out += ", ";
    append_entry(out, entry);
  }
  return out += "]}";
}

std::string write_hint(const Hint& hint) {
  std::string out = fmt::format(R"({{"node": {}, "epoch": "{}", "high": {}, "mseq": )", json_quote(hint.node),
                                write_epoch(hint.epoch), hint.high);
  append_seq(out, hint.manifest_seq);
  return out += "}";
}

Result<Hint> parse_hint(std::string_view body) {
  const auto parsed = parse_body(body);
  if (!parsed) return std::unexpected(parsed.error());
  const std::string* node = text_member(*parsed, "node");
  const std::string* epoch_text = text_member(*parsed, "epoch");
  const auto epoch = parse_epoch(epoch_text == nullptr ? std::string_view{} : *epoch_text);
  const auto high = natural_member(*parsed, "high");
  if (!epoch || !high) return fail(ErrorCode::sync_malformed, "not a hint");
  return Hint{node == nullptr ? std::string() : *node, *epoch, *high, natural_u64_member(*parsed, "mseq")};
}

}  // namespace dnsmesh::sync
