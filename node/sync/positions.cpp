// SPDX-License-Identifier: Apache-2.0
#include "sync/positions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "base/limits.hpp"

namespace dnsmesh::sync {
namespace {

using Json = nlohmann::ordered_json;

Json with_owner(Json position, const Peer& owner, std::int64_t updated_s) {
  position["node"] = owner.node_id;
  position["synthetic"] = owner.synthetic_id;
  position["updated"] = updated_s;
  return position;
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// A whole number from 0, or -1.
std::int64_t number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return -1;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return -1;
  return std::max<std::int64_t>(found->get<std::int64_t>(), -1);
}

/// The object of a text whose peer goes on as `owner`.
std::optional<Json> object_for(std::string_view text, const Peer& owner) {
  auto object = parse_json(text, limits::json_depth_max);
  if (!object || !object->is_object()) return std::nullopt;
  const auto synthetic = object->find("synthetic");
  const bool was_synthetic = synthetic != object->end() && synthetic->is_boolean() && synthetic->get<bool>();
  if (!continues({text_in(*object, "node"), was_synthetic}, owner)) return std::nullopt;
  return std::move(*object);
}

}  // namespace

std::string write_position(const ClassicPosition& position, const Peer& owner, std::int64_t updated_s) {
  Json object;
  object["ts"] = position.wm.ts_ms;
  object["name"] = position.wm.name;
  object["hash"] = position.wm.hash;
  object["scanned"] = position.full_scan_s;
  return write_json(with_owner(std::move(object), owner, updated_s));
}

std::string write_position(const ExtendedPosition& position, const Peer& owner, std::int64_t updated_s) {
  Json object;
  object["epoch"] = write_epoch(position.epoch);
  object["rseq"] = position.rseq;
  return write_json(with_owner(std::move(object), owner, updated_s));
}

std::optional<ClassicPosition> read_classic_position(std::string_view text, const Peer& owner) {
  const auto object = object_for(text, owner);
  if (!object) return std::nullopt;
  const std::int64_t ts_ms = number_in(*object, "ts");
  if (ts_ms < 0) return std::nullopt;
  return ClassicPosition{.wm = {ts_ms, text_in(*object, "name"), text_in(*object, "hash")},
                         .full_scan_s = std::max<std::int64_t>(number_in(*object, "scanned"), 0)};
}

std::optional<ExtendedPosition> read_extended_position(std::string_view text, const Peer& owner) {
  const auto object = object_for(text, owner);
  if (!object) return std::nullopt;
  const auto epoch = parse_epoch(text_in(*object, "epoch"));
  const std::int64_t rseq = number_in(*object, "rseq");
  if (!epoch || rseq < 0) return std::nullopt;
  return ExtendedPosition{*epoch, rseq};
}

bool continues(const PositionOwner& earlier, const Peer& now) {
  return earlier.node_id == now.node_id || earlier.synthetic_id;
}

bool usable_watermark(const FeedPoint& wm, std::int64_t own_now_ms, std::int64_t peer_now_ms,
                      std::int64_t longest_ttl_s) {
  return wm.ts_ms <= std::max(own_now_ms, peer_now_ms) + limits::sync_future_ms_max &&
         wm.ts_ms >= own_now_ms - longest_ttl_s * 1000;
}

std::string describe(const ClassicPosition& position) {
  return fmt::format("{}:{}:{}", position.wm.ts_ms, position.wm.name, position.wm.hash);
}

std::string describe(const ExtendedPosition& position) {
  return fmt::format("{}:{}", write_epoch(position.epoch), position.rseq);
}

}  // namespace dnsmesh::sync
