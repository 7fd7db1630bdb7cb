// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/token_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "access/subject.hpp"
#include "access/token.hpp"
#include "base/hex.hpp"
#include "common/text.hpp"
#include "crypto/hash.hpp"
#include "dnsmesh-node-admin/duration.hpp"
#include "dnsmesh-node-admin/layout.hpp"

namespace dnsmesh::node_admin {
namespace {

using Json = nlohmann::ordered_json;

/// Shorter ones name a token by accident.
constexpr std::size_t k_prefix_digits_min = 8;
constexpr std::size_t k_hash_digits = 64;
constexpr std::size_t k_key_octets = 32;

/// A token that is ready to be written, and its text, which only its holder gets.
struct Fresh {
  std::string token;
  store::TokenRow row;
  store::AuditRow audit;
};

/// Whether a text is hex digits of either case.
bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return std::string_view("0123456789abcdefABCDEF").contains(c); });
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Json or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }
Json or_null(const std::optional<std::int64_t>& number) { return number ? Json(*number) : Json(); }

/// Checks everything before anything is changed; the error is what the program ends with.
std::expected<Fresh, CommandEnd> prepare(TokenDesk& desk, const TokenRequest& request, std::string_view issuer_suffix) {
  const auto wrong = [](std::string_view text) { return std::unexpected(refuse(k_exit_usage, text)); };
  const auto subject = access::parse_subject(request.subject);
  if (!subject) return wrong(subject.error());
  // 0 is no limit, as in the rows of existing nodes.
  if (!std::isfinite(request.rate_per_s) || request.rate_per_s < 0) return wrong("--rate: must be 0 or more");
  if (request.burst < 0) return wrong("--burst: must be 0 or more");
  const std::int64_t now_s = desk.clock.wall_s();
  Fresh out;
  out.row.subject = subject->text();
  out.row.rate_per_s = request.rate_per_s;
  out.row.rate_burst = request.burst;
  out.row.issued_s = now_s;
  out.row.issuer = fmt::format("admin:{}{}", desk.user, issuer_suffix);
  out.row.note = request.note;
  if (!request.expires.empty()) {
    const auto seconds = parse_duration(request.expires);
    if (!seconds) return wrong(fmt::format("--expires: bad duration {}", tools::in_quotes(request.expires)));
    if (*seconds != 0) out.row.expires_s = now_s + *seconds;
  }
  if (!request.prekey.empty()) {
    const auto key = from_hex(lower(request.prekey));
    if (!key || key->size() != k_key_octets) return wrong("--with-prekey-scope: must be 64 hex digits");
    out.row.subject_hash12 = crypto::sha256_hex(*key).substr(0, 12);
  }
  out.token = access::new_token(desk.random);
  out.row.hash = access::token_hash(out.token);
  out.audit = {.ts_s = now_s,
               .event = "issued",
               .token_hash = out.row.hash,
               .subject = out.row.subject,
               .remote_addr = std::nullopt,
               .detail = fmt::format("issuer={} note={}", python_quoted(out.row.issuer), python_quoted(out.row.note))};
  return out;
}

store::AuditRow revocation(const TokenDesk& desk) {
  store::AuditRow row;
  row.ts_s = desk.clock.wall_s();
  row.event = "revoked";
  return row;
}

std::string hash_prefix(const std::string& hash, std::size_t digits) {
  return tools::printable(std::string_view(hash).substr(0, digits));
}

/// A subject in canonical form or a key in lower case.
std::optional<std::string> denied_entry(const std::string& target) {
  if (target.size() == k_hash_digits && is_hex(target)) return lower(target);
  const auto subject = access::parse_subject(target);
  return subject ? std::optional(subject->text()) : std::nullopt;
}

CommandEnd bad_entry(const std::string& target) {
  return refuse(k_exit_usage,
                fmt::format("{} is neither a subject nor a key of 64 hex digits", tools::in_quotes(target)));
}

Json json_of(const store::TokenRow& token, std::int64_t now_s) {
  return {{"token_hash", token.hash},
          {"subject", token.subject},
          {"subject_type", token.subject_type},
          {"subject_hash12", or_null(token.subject_hash12)},
          {"rate_per_sec", token.rate_per_s},
          {"rate_burst", token.rate_burst},
          {"issued_at", token.issued_s},
          {"expires_at", or_null(token.expires_s)},
          {"revoked_at", or_null(token.revoked_s)},
          {"issuer", token.issuer},
          {"note", token.note},
          {"live", token.is_live(now_s)}};
}

std::string line_of(const store::AuditRow& row) {
  const auto shown = [](const std::optional<std::string>& text) { return tools::printable(text.value_or("-"), 1000); };
  const std::string hash = row.token_hash ? hash_prefix(*row.token_hash, 12) + "…" : "-";
  return fmt::format("{}  {:<10}  subject={:<30}  hash={}  addr={:<16}  {}\n", utc_time(row.ts_s),
                     tools::printable(row.event), shown(row.subject), hash, shown(row.remote_addr),
                     tools::printable(row.detail.value_or(""), 1000));
}

}  // namespace

CommandEnd issue_token(TokenDesk& desk, const TokenRequest& request) {
  const auto fresh = prepare(desk, request, "");
  if (!fresh) return fresh.error();
  const store::TokenRow& row = fresh->row;
  if (const auto added = desk.file.insert(row, fresh->audit); !added) return refuse(added.error());
  if (request.json) {
    return {0,
            json_text({{"token", fresh->token},
                       {"subject", row.subject},
                       {"subject_hash12", or_null(row.subject_hash12)},
                       {"expires_at", or_null(row.expires_s)},
                       {"rate_per_sec", row.rate_per_s},
                       {"rate_burst", row.rate_burst}}),
            {}};
  }
  std::string out = fmt::format("  subject: {}\n", row.subject);
  if (row.subject_hash12) out += fmt::format("  prekey h12: {}\n", *row.subject_hash12);
  out += fmt::format("  rate: {} req/s  burst={}\n", Json(row.rate_per_s).dump(), row.rate_burst);
  out += fmt::format("  expires: {}\n\n", utc_time(row.expires_s));
  out += fmt::format("  copy the token now, it is not shown again:\n      {}\n\n", fresh->token);
  if (!row.note.empty()) out += fmt::format("  note: {}\n", tools::printable(row.note, 1000));
  return {0, std::move(out), {}};
}

CommandEnd list_tokens(TokenDesk& desk, const std::optional<std::string>& filter, bool include_revoked, bool json) {
  std::vector<store::TokenRow> tokens;
  const auto subject = filter ? access::parse_subject(*filter) : access::Subject{};
  if (subject) {
    const std::optional<std::string> text = filter ? std::optional(subject->text()) : std::nullopt;
    auto found = desk.file.list(text, include_revoked);
    if (!found) return refuse(found.error());
    tokens = std::move(*found);
  }
  const std::int64_t now_s = desk.clock.wall_s();
  if (json) {
    Json out = Json::array();
    for (const store::TokenRow& token : tokens) out.push_back(json_of(token, now_s));
    return {0, json_text(out), {}};
  }
  if (tokens.empty()) return {0, "(no tokens)\n", {}};
  std::string out = column_line({"HASH-PREFIX", "SUBJECT", "ISSUED", "EXPIRES", "REVOKED", "STATUS"});
  for (const store::TokenRow& token : tokens) {
    out += column_line({hash_prefix(token.hash, 16), token.subject, utc_time(token.issued_s), utc_time(token.expires_s),
                        utc_time(token.revoked_s), token.is_live(now_s) ? "live" : "inactive"});
  }
  return {0, std::move(out), {}};
}

CommandEnd revoke_token(TokenDesk& desk, const std::string& target) {
  if (const auto subject = access::parse_subject(target)) {
    const auto revoked = desk.file.revoke_subject(subject->text(), revocation(desk));
    if (!revoked) return refuse(revoked.error());
    if (*revoked != 0) {
      return {0, fmt::format("revoked {} token(s) for subject '{}'\n", *revoked, tools::printable(target)), {}};
    }
  }
  const CommandEnd none = refuse(k_exit_failed, fmt::format("no token of {} to revoke", tools::in_quotes(target)));
  if (!is_hex(target) || target.size() > k_hash_digits) return none;
  if (target.size() < k_prefix_digits_min) {
    return refuse(k_exit_usage, fmt::format("a hash prefix needs at least {} hex digits", k_prefix_digits_min));
  }
  const auto matches = desk.file.revoke_hash_prefix(lower(target), revocation(desk));
  if (!matches) return refuse(matches.error());
  if (matches->empty()) return none;
  if (matches->size() > 1) {
    return refuse(k_exit_usage, fmt::format("several tokens begin with {}: give more digits", target));
  }
  const store::TokenRow& token = matches->front();
  return {0, fmt::format("revoked token {}… (subject {})\n", hash_prefix(token.hash, 16), token.subject), {}};
}

CommandEnd rotate_token(TokenDesk& desk, const TokenRequest& request) {
  TokenRequest with_note = request;
  with_note.note = "rotation";
  const auto fresh = prepare(desk, with_note, ":rotate");
  if (!fresh) return fresh.error();
  const auto revoked = desk.file.replace_subject(fresh->row, fresh->audit);
  if (!revoked) return refuse(revoked.error());
  return {
      0,
      fmt::format("revoked {} old token(s) for '{}'\nnew token:\n  {}\n", *revoked, fresh->row.subject, fresh->token),
      {}};
}

CommandEnd show_audit(TokenDesk& desk, const std::optional<std::string>& event, std::int64_t rows_max, bool json) {
  if (rows_max < 1) return refuse(k_exit_usage, "--limit: must be 1 or more");
  const auto rows = desk.file.audit(event, static_cast<std::size_t>(rows_max));
  if (!rows) return refuse(rows.error());
  CommandEnd end;
  Json out = Json::array();
  for (const store::AuditRow& row : *rows) {
    if (!json) {
      end.out += line_of(row);
      continue;
    }
    out.push_back({{"ts", row.ts_s},
                   {"event", row.event},
                   {"token_hash", or_null(row.token_hash)},
                   {"subject", or_null(row.subject)},
                   {"remote_addr", or_null(row.remote_addr)},
                   {"detail", or_null(row.detail)}});
  }
  if (json) end.out = json_text(out);
  return end;
}

CommandEnd prune_audit(TokenDesk& desk, const std::string& older_than) {
  // So many in a transaction: the node, which shares the file, waits for one at most.
  constexpr std::size_t rows_max = 1000;
  const auto age_s = parse_duration(older_than);
  if (!age_s || *age_s == 0) {
    return refuse(k_exit_usage, fmt::format("--older-than: bad duration {}", tools::in_quotes(older_than)));
  }
  std::size_t removed = 0;
  for (std::size_t step = rows_max; step == rows_max; removed += step) {
    const auto pruned = desk.file.prune_audit(desk.clock.wall_s() - *age_s, rows_max);
    if (!pruned) return refuse(pruned.error());
    step = *pruned;
  }
  return {0, fmt::format("removed {} audit row(s)\n", removed), {}};
}

CommandEnd deny(TokenDesk& desk, const std::string& target) {
  const auto entry = denied_entry(target);
  if (!entry) return bad_entry(target);
  const auto added = desk.file.deny(*entry, desk.clock.wall_s());
  if (!added) return refuse(added.error());
  return {0, fmt::format("{} {}\n", *entry, *added ? "may no longer register" : "was denied before"), {}};
}

CommandEnd allow(TokenDesk& desk, const std::string& target) {
  const auto entry = denied_entry(target);
  if (!entry) return bad_entry(target);
  const auto removed = desk.file.allow(*entry);
  if (!removed) return refuse(removed.error());
  if (!*removed) return refuse(k_exit_failed, fmt::format("{} is not denied", *entry));
  return {0, fmt::format("{} may register again\n", *entry), {}};
}

CommandEnd list_denied(TokenDesk& desk) {
  const auto rows = desk.file.list_denied();
  if (!rows) return refuse(rows.error());
  std::string out;
  for (const store::DeniedRow& row : *rows) {
    out += fmt::format("{}  {}\n", utc_time(row.denied_s), tools::printable(row.entry));
  }
  return {0, out.empty() ? "(nobody is denied)\n" : std::move(out), {}};
}

}  // namespace dnsmesh::node_admin
