// SPDX-License-Identifier: Apache-2.0
// The published cases of anti-entropy, with outcomes taken from existing nodes; where the folder is, see
// vectors_test.cpp.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "sync/pair_set.hpp"
#include "sync/peer.hpp"
#include "sync/wire.hpp"

using namespace dnsmesh;
using Json = nlohmann::ordered_json;

namespace {

/// How far ahead of the reader's clock an entry may be; the worker's rule, part of "kept" in the cases.
constexpr std::int64_t k_future_ms = 60000;

const char* first_set(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : std::getenv(fallback);
}

/// Nothing when the default folder is not there.
std::optional<Json> cases() {
  const char* folder = first_set("DNSMESH_SPEC_VECTORS", "DNSMESH_SPEC_VECTORS_DEFAULT");
  const std::filesystem::path path = std::filesystem::path(folder == nullptr ? "" : folder) / "anti_entropy.json";
  std::ifstream in(path, std::ios::binary);
  if (!in.good()) {
    REQUIRE_MESSAGE(std::getenv("DNSMESH_SPEC_VECTORS") == nullptr, path.string());
    MESSAGE("the specification's vectors are not here");
    return std::nullopt;
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto parsed = parse_json(text, 16);
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

bool is_kept(const Json& entry, std::int64_t now_ms) {
  const Json body = {{"records", Json::array({entry})}, {"has_more", false}, {"next_cursor", "0::"}};
  const auto page = sync::parse_digest_answer(write_json(body), 1);
  REQUIRE(page.has_value());
  CHECK(page->entries.size() + page->malformed == 1);
  return !page->entries.empty() && page->entries[0].replicable && page->entries[0].ts_ms <= now_ms + k_future_ms;
}

void check_cursor(const Json& row) {
  const auto cursor = sync::parse_cursor(row["cursor"].get<std::string>());
  const Json& wanted = row["parsed"];
  // Existing nodes parse a position of 64 bits and then fail on it; here it is refused at once.
  const bool usable = !wanted.is_null() && wanted[0].get<std::uint64_t>() <= std::uint64_t{1} << 62;
  REQUIRE(cursor.has_value() == usable);
  if (!usable) return;
  CHECK(cursor->stored_ms == wanted[0].get<std::int64_t>());
  CHECK(cursor->name == wanted[1].get<std::string>());
  CHECK(cursor->hash == wanted[2].get<std::string>());
}

}  // namespace

TEST_CASE("digest entries, cursors and ids are judged as existing nodes judge them") {
  const auto vectors = cases();
  if (!vectors) return;
  int rows = 0;
  for (const Json& row : (*vectors)["digest_entry_kept"]) {
    CAPTURE(write_json(row));
    CHECK(is_kept(row["entry"], (*vectors)["now_ms"].get<std::int64_t>()) == row["kept"].get<bool>());
    ++rows;
  }
  for (const Json& row : (*vectors)["server_cursor"]) {
    CAPTURE(write_json(row));
    check_cursor(row);
    ++rows;
  }
  for (const Json& row : (*vectors)["reconcile_id"]) {
    const auto id = sync::pair_id({row["name"].get<std::string>(), crypto::sha256(row["value"].get<std::string>())});
    CHECK(to_hex(view(id)) == row["id"].get<std::string>());
    ++rows;
  }
  for (const Json& row : (*vectors)["synthetic_peer_id"]) {
    CAPTURE(write_json(row));
    CHECK(sync::synthetic_node_id(row["url"].get<std::string>()) == row["id"].get<std::string>());
    ++rows;
  }
  CHECK(rows > 70);
}
