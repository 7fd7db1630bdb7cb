// SPDX-License-Identifier: Apache-2.0
#include "sync/reconcile_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>

#include "base/cursor.hpp"
#include "sync/reconcile.hpp"
#include "sync/varint.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::size_t k_id_octets = crypto::Hash256{}.size();
/// A bound is a time octet, a length octet and at most a whole id.
constexpr std::size_t k_bound_octets_max = 2 + k_id_octets;
/// The largest claim without its payload: a skipped range before it, its bound, its mode, the length of its list.
constexpr std::size_t k_claim_octets_max = k_bound_octets_max + 1 + k_bound_octets_max + 1 + 3;
/// The claim about the rest, with a skipped range before it.
constexpr std::size_t k_rest_octets = k_bound_octets_max + 1 + 2 + 1 + Fingerprint{}.size();

std::unexpected<Error> malformed(std::string_view what, std::size_t at) {
  return fail(ErrorCode::sync_malformed, fmt::format("reconciliation message: {} at octet {}", what, at));
}

/// The upper end of the next range; nothing for infinity.
Result<std::optional<crypto::Hash256>> read_bound(ByteReader& reader) {
  const std::size_t at = reader.position();
  const auto time = read_varint(reader);
  const auto length = read_varint(reader);
  if (!time || !length) return malformed("bad bound", at);
  if (*time > 1) return malformed("a timestamp", at);
  if (*length > k_id_octets || (*time == 0 && *length != 0)) return malformed("bound too long", at);
  const std::string_view prefix = reader.bytes(static_cast<std::size_t>(*length));
  if (!reader.ok()) return malformed("truncated bound", at);
  if (*time == 0) return std::nullopt;
  crypto::Hash256 bound{};
  std::ranges::transform(prefix, bound.begin(), [](char octet) { return static_cast<unsigned char>(octet); });
  return bound;
}

Result<std::string_view> read_ids(ByteReader& reader, const IdRange& range) {
  const std::size_t at = reader.position();
  const auto count = read_varint(reader);
  if (!count || *count > reader.remaining() / k_id_octets) return malformed("bad id list", at);
  const std::string_view ids = reader.bytes(static_cast<std::size_t>(*count) * k_id_octets);
  std::string_view before;
  for (std::size_t offset = 0; offset < ids.size(); offset += k_id_octets) {
    const std::string_view id = ids.substr(offset, k_id_octets);
    if (id < view(range.lower) || (range.upper && id >= view(*range.upper))) return malformed("foreign id", at);
    if (offset > 0 && id <= before) return malformed("unsorted ids", at);
    before = id;
  }
  return ids;
}

Result<RangeClaim> read_claim(ByteReader& reader, const crypto::Hash256& lower) {
  const std::size_t at = reader.position();
  auto upper = read_bound(reader);
  if (!upper) return std::unexpected(std::move(upper.error()));
  if (*upper && **upper <= lower) return malformed("unsorted bound", at);
  RangeClaim claim{.range = {.lower = lower, .upper = *upper}};
  const auto mode = read_varint(reader);
  if (mode == 0U) return claim;
  if (mode == 1U) {
    claim.mode = RangeMode::fingerprint;
    const std::string_view fingerprint = reader.bytes(Fingerprint{}.size());
    if (!reader.ok()) return malformed("truncated fingerprint", at);
    claim.fingerprint = to_array<Fingerprint{}.size()>(fingerprint);
    return claim;
  }
  if (mode != 2U) return malformed("unknown mode", at);
  claim.mode = RangeMode::ids;
  const auto ids = read_ids(reader, claim.range);
  if (!ids) return std::unexpected(ids.error());
  claim.ids = *ids;
  return claim;
}

}  // namespace

std::size_t count_of(const RangeClaim& claim) { return claim.ids.size() / k_id_octets; }

crypto::Hash256 id_of(const RangeClaim& claim, std::size_t place) {
  return to_array<k_id_octets>(claim.ids.substr(place * k_id_octets, k_id_octets));
}

Result<std::vector<RangeClaim>> parse_reconcile_message(std::string_view message) {
  if (message.size() > k_reconcile_frame_bytes_max) return malformed("too long", message.size());
  ByteReader reader(message);
  if (reader.u8() != k_reconcile_version) return malformed("unknown version", 0);
  std::vector<RangeClaim> claims;
  std::optional<crypto::Hash256> lower = crypto::Hash256{};
  while (!reader.at_end()) {
    if (!lower) return malformed("a range after the last", reader.position());
    auto claim = read_claim(reader, *lower);
    if (!claim) return std::unexpected(std::move(claim.error()));
    lower = claim->range.upper;
    claims.push_back(*std::move(claim));
  }
  return claims;
}

void ReconcileWriter::bound(const std::optional<crypto::Hash256>& upper) {
  if (!upper) {
    out_.append(2, '\0');
    return;
  }
  // What a reader takes for zeros is left out.
  std::size_t length = upper->size();
  while (length > 0 && (*upper)[length - 1] == 0) --length;
  out_.push_back('\x01');
  append_varint(out_, length);
  out_.append(view(*upper).substr(0, length));
}

void ReconcileWriter::begin_claim(const IdRange& range, RangeMode mode) {
  if (range.lower != reached_) {
    bound(range.lower);
    out_.push_back(static_cast<char>(RangeMode::skip));
  }
  bound(range.upper);
  out_.push_back(static_cast<char>(mode));
  if (range.upper) reached_ = *range.upper;
}

bool ReconcileWriter::fingerprint(const IdRange& range, const Fingerprint& fingerprint) {
  if (out_.size() + k_claim_octets_max + fingerprint.size() + k_rest_octets > frame_bytes_max_) return false;
  begin_claim(range, RangeMode::fingerprint);
  out_.append(view(fingerprint));
  return true;
}

std::size_t ReconcileWriter::ids_room() const {
  const std::size_t taken = out_.size() + k_claim_octets_max + k_rest_octets;
  return taken < frame_bytes_max_ ? (frame_bytes_max_ - taken) / k_id_octets : 0;
}

void ReconcileWriter::ids(const IdRange& range, std::span<const crypto::Hash256> ids) {
  assert(ids.size() <= ids_room());
  begin_claim(range, RangeMode::ids);
  append_varint(out_, ids.size());
  for (const crypto::Hash256& id : ids) out_.append(view(id));
}

void ReconcileWriter::rest(const crypto::Hash256& lower, const Fingerprint& fingerprint) {
  begin_claim({.lower = lower, .upper = {}}, RangeMode::fingerprint);
  out_.append(view(fingerprint));
}

}  // namespace dnsmesh::sync
