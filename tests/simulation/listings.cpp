// SPDX-License-Identifier: Apache-2.0
#include "listings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ref_wire.hpp"

namespace dnsmesh::simulation {
namespace {

using Json = nlohmann::json;

/// Existing nodes may hold what nobody can read any more: such entries give no position (3.3).
constexpr std::int64_t k_ttl_s_max = 2147483648;

template <class Position>
std::vector<ListedPair> slice(const std::map<Position, ListedPair>& rows, const Position& from, const Position& to) {
  std::vector<ListedPair> out;
  for (auto at = rows.upper_bound(from); at != rows.end() && !(to < at->first); ++at) out.push_back(at->second);
  return out;
}

/// Forgets the rows after `from` up to `to`.
template <class Position>
void forget(std::map<Position, ListedPair>& rows, const Position& from, const Position& to) {
  for (auto at = rows.upper_bound(from); at != rows.end() && !(to < at->first);) at = rows.erase(at);
}

}  // namespace

void Listings::answered(NodeIndex reader, NodeIndex peer, const NetRequest& request, const std::string& body,
                        std::int64_t now_ms) {
  const std::string_view path = path_of(request.target);
  if (path == "/v1/sync/digest") take_digest(feeds_[{reader, peer}], request, body, now_ms);
  if (path == "/v1/sync/x1/feed") take_changes(feeds_[{reader, peer}], request, body, now_ms);
}

void Listings::take_digest(Feed& feed, const NetRequest& request, const std::string& body, std::int64_t now_ms) {
  const Json page = Json::parse(body, nullptr, false);
  const auto from = parse_cursor(query_value(request.target, "cursor").value_or("0::"));
  if (page.is_discarded() || !from) return;
  std::vector<std::pair<RefStore::Position, ListedPair>> rows;
  for (const Json& row : page.at("records")) {
    const auto ttl_s = row.at("ttl").get<std::int64_t>();
    if (ttl_s > k_ttl_s_max) continue;
    ListedPair pair{row.at("name"), row.at("hash"), now_ms + ttl_s * 1000};
    const RefStore::Position place{row.at("ts").get<std::int64_t>(), pair.name, pair.hash_hex};
    rows.emplace_back(place, std::move(pair));
  }
  if (!page.at("has_more").get<bool>()) {
    feed.classic.erase(feed.classic.upper_bound(*from), feed.classic.end());
  } else if (!rows.empty()) {
    forget(feed.classic, *from, rows.back().first);
  }
  feed.classic.insert(rows.begin(), rows.end());
}

void Listings::take_changes(Feed& feed, const NetRequest& request, const std::string& body, std::int64_t now_ms) {
  const Json page = Json::parse(body, nullptr, false);
  if (page.is_discarded() || page.at("reset").get<bool>()) return;
  if (feed.epoch != page.at("epoch").get<std::string>()) {
    feed.epoch = page.at("epoch");
    feed.changes.clear();
  }
  const std::string after = query_value(request.target, "after").value_or("");
  const std::int64_t from = std::atoll(after.substr(after.rfind(':') + 1).c_str());
  forget(feed.changes, from, page.at("next").get<std::int64_t>());
  for (const Json& row : page.at("e")) {
    if (row.at(1) != 0) continue;  // a tombstone
    const std::int64_t ttl_ms = row.at(4).get<std::int64_t>();
    if (ttl_ms > k_ttl_s_max * 1000) continue;
    feed.changes[row.at(0).get<std::int64_t>()] = {row.at(2), row.at(3), now_ms + ttl_ms};
  }
}

std::vector<ListedPair> Listings::between(NodeIndex reader, NodeIndex peer, const RefStore::Position& from,
                                          const RefStore::Position& to) const {
  const auto found = feeds_.find({reader, peer});
  return found == feeds_.end() ? std::vector<ListedPair>() : slice(found->second.classic, from, to);
}

std::vector<ListedPair> Listings::between(NodeIndex reader, NodeIndex peer, const std::string& epoch, std::int64_t from,
                                          std::int64_t to) const {
  const auto found = feeds_.find({reader, peer});
  if (found == feeds_.end() || found->second.epoch != epoch) return {};
  return slice(found->second.changes, from, to);
}

}  // namespace dnsmesh::simulation
