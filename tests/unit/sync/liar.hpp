// SPDX-License-Identifier: Apache-2.0
// A classic peer whose answers a test writes itself.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "worker_house.hpp"

namespace dnsmesh::test {

/// A row as it is listed and as it is pulled; the two may differ.
struct LiarRow {
  std::string name;
  std::string value;
  std::int64_t ts_ms = k_start_ms - 1000;
  std::int64_t ttl_s = 300;
  std::optional<std::string> pulled{};  // another value than was advertised
  std::optional<std::int64_t> pulled_ttl_s{};
  bool withheld = false;  // listed and never pulled
};

/// Answers digests with all `rows` beyond the cursor, in the order given, and pulls by name; every answer is `alive`.
class Liar {
 public:
  explicit Liar(FakePeer& peer) {
    peer.instead = [this](const sync::PeerRequest& request) { return answer(request); };
  }

  std::vector<LiarRow> rows;
  std::string next_cursor = "0::";
  bool has_more = false;
  bool ignore_cursor = false;
  std::string extra_pulled;  // more elements of every pull answer, with a comma in front
  std::optional<std::int64_t> date_s;
  std::vector<std::vector<std::string>> pulls;  // names asked for

 private:
  std::optional<sync::PeerAnswer> answer(const sync::PeerRequest& request) {
    sync::PeerAnswer given;
    given.status = 200;
    given.date_s = date_s;
    if (request.target.starts_with("/v1/sync/digest?cursor=")) {
      given.body = digest(request.target.substr(23));
    } else if (request.target == "/v1/sync/pull") {
      given.body = pull(request.body);
    } else {
      given.status = 404;
    }
    return given;
  }

  std::string digest(const std::string& cursor) const {
    const std::int64_t ts_ms = std::stoll(cursor);
    std::string name = cursor.substr(cursor.find(':') + 1);
    name.resize(name.find(':'));
    std::string out;
    for (const LiarRow& row : rows) {
      if (!ignore_cursor && std::pair(row.ts_ms, row.name) <= std::pair(ts_ms, name)) continue;
      if (!out.empty()) out += ", ";
      out += fmt::format(R"({{"name": "{}", "hash": "{}", "ts": {}, "ttl": {}}})", row.name, hash_of(row.value),
                         row.ts_ms, row.ttl_s);
    }
    return fmt::format(R"({{"records": [{}], "has_more": {}, "next_cursor": "{}"}})", out, has_more, next_cursor);
  }

  std::string pull(const std::string& body) {
    std::string out;
    std::vector<std::string>& names = pulls.emplace_back();
    for (const LiarRow& row : rows) {
      if (!body.contains(json_quote(row.name))) continue;
      names.push_back(row.name);
      if (row.withheld) continue;
      if (!out.empty()) out += ", ";
      out += fmt::format(R"({{"name": "{}", "value": {}, "ttl": {}}})", row.name,
                         json_quote(row.pulled.value_or(row.value)), row.pulled_ttl_s.value_or(row.ttl_s));
    }
    return fmt::format(R"({{"records": [{}{}]}})", out,
                       out.empty() && !extra_pulled.empty() ? extra_pulled.substr(1) : extra_pulled);
  }
};

}  // namespace dnsmesh::test
