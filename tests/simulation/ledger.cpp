// SPDX-License-Identifier: Apache-2.0
#include "ledger.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "gunzip.hpp"
#include "ref_wire.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::size_t k_content_bytes_max = 16 << 20;
constexpr std::int64_t k_forever = std::numeric_limits<std::int64_t>::max();

struct Token {
  char kind = 0;  // 's' text, 'n' number, otherwise the character itself
  std::string_view text;

  std::int64_t number() const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc::result_out_of_range ? k_forever : value;
  }
};

/// The next token of a JSON text; kind 0 at its end. Escapes stay as they are: names that need them never replicate.
Token next_token(std::string_view& rest) {
  const std::size_t begin = rest.find_first_not_of(" \t\r\n,:");
  rest.remove_prefix(std::min(begin, rest.size()));
  if (rest.empty()) return {};
  std::size_t length = 1;
  if (rest.front() == '"') {
    while (length < rest.size() && rest[length] != '"') length += rest[length] == '\\' ? 2 : 1;
    length = std::min(length, rest.size());
    const Token token{'s', rest.substr(1, length - 1)};
    rest.remove_prefix(std::min(length + 1, rest.size()));
    return token;
  }
  const bool number = rest.front() == '-' || (rest.front() >= '0' && rest.front() <= '9');
  if (number) length = std::min(rest.find_first_of(" ,]}", 1), rest.size());
  const Token token{number ? 'n' : rest.front(), rest.substr(0, length)};
  rest.remove_prefix(length);
  return token;
}

std::string key_of(NodeIndex reader, std::string_view name, std::string_view hash_hex) {
  std::string key = std::to_string(reader) + ' ';
  key.append(name);
  key += '\0';
  key.append(hash_hex);
  return key;
}

/// Calls `listed(name, hash, ts, ttl)` for each object with a name and a hash.
template <class Listed>
void read_objects(std::string_view body, Listed&& listed) {
  std::string_view name;
  std::string_view hash;
  std::int64_t ts = 0;
  std::int64_t ttl = 0;
  for (Token token = next_token(body); token.kind != 0; token = next_token(body)) {
    if (token.kind == '{') name = hash = {};
    if (token.kind == '}' && !name.empty() && !hash.empty()) listed(name, hash, ts, ttl);
    if (token.kind == '}') name = hash = {};
    if (token.kind != 's') continue;
    const std::string_view before = body;
    if (token.text == "name")
      name = next_token(body).text;
    else if (token.text == "hash")
      hash = next_token(body).text;
    else if (token.text == "ts")
      ts = next_token(body).number();
    else if (token.text == "ttl")
      ttl = next_token(body).number();
    else
      body = before;
  }
}

/// Calls `listed(rseq, name, hash, ttl_ms)` for each array of the form of a feed entry.
template <class Listed>
void read_arrays(std::string_view body, Listed&& listed) {
  std::vector<Token> row;
  for (Token token = next_token(body); token.kind != 0; token = next_token(body)) {
    if (token.kind == '[') row.clear();
    if (token.kind == 's' || token.kind == 'n') row.push_back(token);
    if (token.kind != ']') continue;
    if (row.size() == 5 && row[2].kind == 's' && row[3].kind == 's') {
      listed(row[0].number(), row[2].text, row[3].text, row[4].number());
    }
    row.clear();
  }
}

std::int64_t member(std::string_view body, std::string_view name) {
  for (Token token = next_token(body); token.kind != 0; token = next_token(body)) {
    if (token.kind == 's' && token.text == name) return next_token(body).number();
  }
  return 0;
}

}  // namespace

void Ledger::note(NodeIndex reader, NodeIndex peer, std::string_view name, std::string_view hash_hex,
                  std::int64_t ttl_s) {
  const std::string of_peer = std::to_string(peer) + ' ';
  if (listed_by_.insert(of_peer + key_of(reader, name, hash_hex)).second) {
    listed_by_.insert(of_peer + key_of(reader, name, {}));
  }
  std::int64_t& longest = listed_.try_emplace(key_of(reader, name, hash_hex), 0).first->second;
  longest = std::max(longest, ttl_s);
}

std::optional<std::int64_t> Ledger::listed_ttl_s(NodeIndex reader, std::string_view name,
                                                 std::string_view hash_hex) const {
  const auto found = listed_.find(key_of(reader, name, hash_hex));
  if (found == listed_.end()) return std::nullopt;
  return found->second;
}

bool Ledger::listed_by(NodeIndex reader, NodeIndex peer, std::string_view name, std::string_view hash_hex) const {
  return listed_by_.contains(std::to_string(peer) + ' ' + key_of(reader, name, hash_hex));
}

void Ledger::answered(NodeIndex reader, NodeIndex peer, const NetRequest& request, const NetAnswer& answer,
                      std::int64_t now_ms) {
  if (answer.status != 200) return;
  if (answer.gzipped) {
    auto content = gunzip(answer.body, k_content_bytes_max);
    if (!content) return;  // cut on its way
    NetAnswer plain = answer;
    plain.body = *std::move(content);
    plain.gzipped = false;
    return answered(reader, peer, request, plain, now_ms);
  }
  if (honest_.contains(peer)) listings_.answered(reader, peer, request, answer.body, now_ms);
  Reach& reach = reach_[{reader, peer}];
  const std::string_view path = path_of(request.target);
  if (path == "/v1/sync/digest") {
    reach.rseq = std::max(reach.rseq, member(answer.body, "high"));
    read_objects(answer.body, [&](std::string_view name, std::string_view hash, std::int64_t ts, std::int64_t ttl) {
      reach.entry_ts_ms = std::max(reach.entry_ts_ms, ts);
      note(reader, peer, name, hash, ttl);
    });
  } else if (path == "/v1/sync/x1/feed") {
    reach.rseq = std::max({reach.rseq, member(answer.body, "high"), member(answer.body, "next")});
    read_arrays(answer.body, [&](std::int64_t rseq, std::string_view name, std::string_view hash, std::int64_t ttl_ms) {
      reach.rseq = std::max(reach.rseq, rseq);
      note(reader, peer, name, hash, ttl_ms == k_forever ? k_forever : ttl_ms / 1000 + 1);
    });
  } else if (path == "/v1/sync/x1/reconcile") {
    reach.reconciliation += answer.body;
  } else if (path == "/v1/sync/x1/get") {
    take_ids(reader, peer, request, answer);
  }
}

/// A get by ids: the reconciliation listed the id, the answer says the life.
void Ledger::take_ids(NodeIndex reader, NodeIndex peer, const NetRequest& request, const NetAnswer& answer) {
  const auto asked = nlohmann::json::parse(request.body, nullptr, false);
  const auto given = nlohmann::json::parse(answer.body, nullptr, false);
  if (!asked.is_object() || !asked.contains("ids") || !given.is_object() || !given.contains("r")) return;
  const std::string& listed = reach_[{reader, peer}].reconciliation;
  for (const auto& row : given["r"]) {
    if (!row.is_array() || row.size() != 3 || !row[0].is_string() || !row[1].is_string() ||
        !row[2].is_number_integer()) {
      continue;
    }
    const std::string name = row[0];
    const crypto::Hash256 hash = crypto::sha256(row[1].get<std::string>());
    const crypto::Hash256 id = crypto::sha256(name + std::string(1, '\0') + std::string(view(hash)));
    const bool wanted = std::ranges::find(asked["ids"], nlohmann::json(to_hex(view(id)))) != asked["ids"].end();
    if (wanted && listed.find(view(id)) != std::string::npos) {
      note(reader, peer, name, to_hex(view(hash)), row[2].get<std::int64_t>() / 1000 + 1);
    }
  }
}

}  // namespace dnsmesh::simulation
