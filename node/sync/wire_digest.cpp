// SPDX-License-Identifier: Apache-2.0
// The classic feed: cursors, digest pages and the member `x` of an extended node (spec/anti-entropy.md 3, 15.1).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"
#include "sync/flat_json.hpp"
#include "sync/wire_parts.hpp"
#include "sync/wire_server.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::int64_t k_extension_version = 1;
constexpr std::int64_t k_wire_ttl_s_max = 2147483648;

enum Column { k_name, k_hash, k_ts, k_ttl };
constexpr std::array<std::string_view, 4> k_columns = {"name", "hash", "ts", "ttl"};

enum ExtensionMember { k_version, k_node, k_epoch, k_high, k_count, k_now, k_mseq };
constexpr std::array<std::string_view, 7> k_extension_members = {"v", "node", "epoch", "high", "count", "now", "mseq"};

constexpr std::array<std::string_view, 1> k_members = {"has_more"};

constexpr FlatShape k_shape = {.rows = "records",
                               .columns = k_columns,
                               .members = k_members,
                               .part = "x",
                               .part_members = k_extension_members,
                               .part_list = "caps"};

struct Capability {
  std::string_view name;
  bool Extension::* has;
};
constexpr std::array<Capability, 6> k_capabilities = {{{"feed", &Extension::feed},
                                                       {"get", &Extension::get},
                                                       {"rbsr", &Extension::rbsr},
                                                       {"hint", &Extension::hint},
                                                       {"gz", &Extension::gzip},
                                                       {"tomb", &Extension::tombstones}}};

/// The rules of 3.3, but for the clock; nothing for what gives no position (F22).
std::optional<DigestEntry> read_entry(std::optional<std::span<Scalar>> columns) {
  if (!columns) return std::nullopt;
  auto& name = (*columns)[k_name];
  const auto hash = parse_hash((*columns)[k_hash].text);
  const auto ts_ms = (*columns)[k_ts].natural();
  const auto ttl_s = (*columns)[k_ttl].natural();
  if (!is_wire_name(name.text) || !hash || !ts_ms || !ttl_s || *ttl_s > k_wire_ttl_s_max) return std::nullopt;
  const bool replicable = is_replicable(name.text);
  return DigestEntry{std::move(name.text), *hash, *ts_ms, *ttl_s, replicable};
}

/// Nothing when it is of another version or lacks what a reader needs: the peer is a classic one then.
std::optional<Extension> read_extension(const FlatAnswer& answer) {
  if (!answer.has_part || answer.part_members[k_version].natural() != k_extension_version) return std::nullopt;
  const auto& members = answer.part_members;
  const auto epoch = parse_epoch(members[k_epoch].text);
  const auto high = members[k_high].natural();
  const auto count = members[k_count].natural();
  const auto now_ms = members[k_now].natural();
  if (!epoch || !high || !count || !now_ms) return std::nullopt;
  Extension out;
  out.node = members[k_node].text;
  out.epoch = *epoch;
  out.high = *high;
  out.count = *count;
  out.now_ms = *now_ms;
  out.manifest_seq = members[k_mseq].natural_u64();
  for (const Capability& capability : k_capabilities) {
    out.*capability.has = std::ranges::find(answer.part_list, capability.name) != answer.part_list.end();
  }
  return out;
}

void append_extension(std::string& out, const Extension& extension) {
  out += R"({"v": 1, "node": )";
  append_json_quoted(out, extension.node);
  out += R"(, "epoch": ")" + write_epoch(extension.epoch) + R"(", "caps": [)";
  bool first = true;
  for (const Capability& capability : k_capabilities) {
    if (!(extension.*capability.has)) continue;
    if (!first) out += ", ";
    first = false;
    append_json_quoted(out, capability.name);
  }
  fmt::format_to(std::back_inserter(out), R"(], "high": {}, "count": {}, "now": {}, "mseq": )", extension.high,
                 extension.count, extension.now_ms);
  append_seq(out, extension.manifest_seq);
  out.push_back('}');
}

void append_entry(std::string& out, const store::Record& record, std::int64_t now_s) {
  out += R"({"name": )";
  append_json_quoted(out, record.name);
  out += R"(, "hash": )";
  append_quoted_hash(out, record.value_hash);
  out += R"(, "ts": )";
  append_number(out, record.stored_ms);
  out += R"(, "ttl": )";
  append_number(out, left_s(record.expires_s, now_s));
  out.push_back('}');
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Existing readers send their cursor as it is; names that need it are escaped here, since both are understood.
std::string in_query(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_replicable({&c, 1}) || c == ':') {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

Result<DigestAnswer> parse_digest_answer(std::string_view body, std::size_t limit) {
  DigestAnswer out;
  const FlatRows rows = rows_into(out, &DigestAnswer::entries, read_entry);
  const auto answer = read_flat(body, k_shape, limit, rows);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->has_rows) return fail(ErrorCode::sync_malformed, "no list of records");
  out.has_more = answer->members[0].is_true();
  out.extension = read_extension(*answer);
  return out;
}

std::string write_digest_answer(const store::DigestPage& page, const store::DigestCursor& asked, std::int64_t now_s,
                                const std::optional<Extension>& extension) {
  constexpr std::size_t k_usual_entry_bytes = 170;
  std::string out = R"({"records": [)";
  out.reserve((page.records.size() + 3) * k_usual_entry_bytes);
  for (const store::Record& record : page.records) {
    if (&record != &page.records.front()) out += ", ";
    append_entry(out, record, now_s);
  }
  out += page.has_more ? R"(], "has_more": true, "next_cursor": )" : R"(], "has_more": false, "next_cursor": )";
  if (page.records.empty()) {
    append_json_quoted(out, write_cursor(asked));
  } else {
    const store::Record& last = page.records.back();
    append_json_quoted(out, write_cursor({last.stored_ms, last.name, to_hex(view(last.value_hash))}));
  }
  if (extension) {
    out += R"(, "x": )";
    append_extension(out, *extension);
  }
  out.push_back('}');
  return out;
}

std::string digest_target(const store::DigestCursor& after, std::size_t limit, bool extended) {
  return fmt::format("/v1/sync/digest?cursor={}&limit={}{}", in_query(write_cursor(after)), limit,
                     extended ? "&x=1" : "");
}

std::string write_cursor(const store::DigestCursor& cursor) {
  return fmt::format("{}:{}:{}", cursor.stored_ms, cursor.name, cursor.hash);
}

Result<store::DigestCursor> parse_cursor(std::string_view text) {
  const auto bad = [] { return fail(ErrorCode::sync_malformed, "cursor must be '<ts>:<name>:<value_hash>'"); };
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) return bad();
  const std::size_t second = std::min(text.find(':', first + 1), text.size());
  const auto ts_ms = parse_natural(text.substr(0, first));
  const std::string_view name = text.substr(first + 1, second - first - 1);
  const std::string_view hash = second == text.size() ? std::string_view{} : text.substr(second + 1);
  if (!ts_ms || characters(name) > limits::owner_name_bytes_max) return bad();
  if (!hash.empty() && !parse_hash(hash)) return bad();
  return store::DigestCursor{*ts_ms, std::string(name), std::string(hash)};
}

}  // namespace dnsmesh::sync
