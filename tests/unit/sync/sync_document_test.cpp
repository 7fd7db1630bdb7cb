// SPDX-License-Identifier: Apache-2.0
// The examples of docs/protocol/sync.md are what this node reads and writes, byte for byte.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "sync/wire_server.hpp"

using namespace dnsmesh;

namespace {

constexpr std::int64_t k_now_s = 1795341751;
constexpr std::int64_t k_now_ms = k_now_s * 1000;

struct Example {
  std::string form;  // the word after `json` at the fence
  std::string text;
};

std::vector<Example> examples() {
  std::ifstream file(DNSMESH_DOCS "/protocol/sync.md");
  std::vector<Example> out;
  std::string form;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```json ")) {
      form = line.substr(8);
    } else if (line == "```") {
      form.clear();
    } else if (!form.empty()) {
      out.push_back({form, line});
    }
  }
  return out;
}

/// `<ts>:<name>:<hash>` where name and hash may be what no row has.
store::DigestCursor cursor_of(const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  return {std::stoll(text), text.substr(first + 1, last - first - 1), text.substr(last + 1)};
}

std::string digest(const std::string& text) {
  const auto read = sync::parse_digest_answer(text, 10).value();
  store::DigestPage page;
  for (const sync::DigestEntry& entry : read.entries) {
    store::Record& row = page.records.emplace_back();
    row.name = entry.name;
    row.value_hash = entry.hash;
    row.stored_ms = entry.ts_ms;
    row.expires_s = k_now_s + entry.ttl_s;
  }
  page.has_more = read.has_more;
  const bool legacy = text.contains("\\u00ff:g");
  return sync::write_digest_answer(page, cursor_of(legacy ? "99999999999999:\u00ff:g" : "0::"), k_now_s,
                                   read.extension);
}

std::vector<store::Record> rows_of(const std::vector<sync::PulledRecord>& records) {
  std::vector<store::Record> out;
  for (const sync::PulledRecord& record : records) {
    store::Record& row = out.emplace_back();
    row.name = record.name;
    row.value = record.value;
    row.expires_s = k_now_s + (record.ttl_ms + 999) / 1000;
  }
  return out;
}

std::string pulled(const std::string& text) {
  return sync::write_pull_answer(rows_of(sync::parse_pull_answer(text).value().records), k_now_s);
}

std::string get(const std::string& text) {
  const auto read = sync::parse_get_request(text).value();
  return read.ids.empty() ? sync::write_get_request(read.want) : sync::write_get_request_by_id(read.ids);
}

std::string got(const std::string& text) {
  const auto rows = rows_of(sync::parse_get_answer(text, 1).value().records);
  const store::Record* const row = &rows.at(0);
  return sync::write_get_answer({&row, 1}, k_now_ms + 500, 1000);
}

std::string manifest(const std::string& text) {
  return sync::write_manifest_answer({sync::parse_manifest_answer(text).value(),
                                      std::numeric_limits<std::uint64_t>::max(), 1900000000, "mesh.example.com"});
}

const std::map<std::string, std::function<std::string(const std::string&)>> k_again = {
    {"digest", digest},
    {"extended", digest},
    {"pull", [](const std::string& text) { return sync::write_pull_request(sync::parse_pull_request(text).value()); }},
    {"pulled", pulled},
    {"manifest", manifest},
    {"feed", [](const std::string& text) { return sync::write_feed_answer(sync::parse_feed_answer(text, 2).value()); }},
    {"get", get},
    {"got", got},
    {"hint", [](const std::string& text) { return sync::write_hint(sync::parse_hint(text).value()); }},
};

}  // namespace

TEST_CASE("what the document shows is read, and written again it is the same") {
  std::map<std::string, int> seen;
  for (const Example& example : examples()) {
    CAPTURE(example.form);
    REQUIRE(k_again.contains(example.form));
    CHECK(k_again.at(example.form)(example.text) == example.text);
    ++seen[example.form];
  }
  CHECK(seen.size() == k_again.size());
  CHECK(seen["digest"] == 3);
  CHECK(seen["get"] == 2);
}
