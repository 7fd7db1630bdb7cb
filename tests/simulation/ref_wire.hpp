// SPDX-License-Identifier: Apache-2.0
// The classic JSON as an existing node reads and writes it (spec/anti-entropy.md 3 to 5). Written from that page alone,
// apart from the code under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ref_store.hpp"

namespace dnsmesh::simulation {

/// The query of a target, decoded; the first of repeated parameters wins.
std::optional<std::string> query_value(std::string_view target, std::string_view parameter);
std::string_view path_of(std::string_view target);

std::optional<RefStore::Position> parse_cursor(std::string_view text);
std::string write_cursor(const RefStore::Position& position);

std::string write_digest_page(const RefStore::Page& page, const RefStore::Position& after, std::int64_t now_s);
std::string write_pull_page(const std::vector<const RefRow*>& rows, std::int64_t now_s);
/// The names of a pull request; an HTTP status when it is refused.
struct PullRequest {
  int refused_status = 0;
  std::vector<std::string> names;
};
PullRequest parse_pull_request(const std::string& body, std::size_t body_bytes_max);
std::string write_pull_body(const std::vector<std::string>& names);

struct RefEntry {
  std::string name;
  std::string hash;
  std::int64_t ts_ms = 0;
  std::int64_t ttl_s = 0;
};
/// The entries of a digest answer that a reader keeps (3.3), and how many it drops; nothing when the answer is not one.
struct RefDigest {
  std::vector<RefEntry> entries;
  std::size_t dropped = 0;
};
std::optional<RefDigest> read_digest(const std::string& body, std::int64_t now_ms);

struct RefPulled {
  std::string name;
  std::string value;
  std::int64_t ttl_s = 0;
};
std::optional<std::vector<RefPulled>> read_pull(const std::string& body);
std::optional<std::string> read_manifest(const std::string& body);

/// The lowercase, slashless spelling by which endpoints are compared.
std::string ref_normalised(std::string endpoint);

}  // namespace dnsmesh::simulation
