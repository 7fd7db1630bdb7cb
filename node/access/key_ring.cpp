// SPDX-License-Identifier: Apache-2.0
#include "access/key_ring.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::size_t k_hash12_chars = 12;
constexpr std::int64_t k_never = std::numeric_limits<std::int64_t>::max();

std::string_view without_final_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string_view first_label(std::string_view name) { return name.substr(0, name.find('.')); }

/// The name without its first label; empty when it has no other.
std::string_view parent_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

/// True for labels of 1 to 63 octets that fit a DNS message together. An escape counts as it
/// is written: minted names have none.
bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > limits::owner_name_bytes_max) return false;
  while (true) {
    const std::string_view label = first_label(name);
    if (label.empty() || label.size() > limits::label_bytes_max) return false;
    if (label.size() == name.size()) return true;
    name = parent_of(name);
    if (name.empty()) return false;
  }
}

/// The zones directly under which `entry` authorises mailboxes; unused places are empty. No zone has a star.
std::array<std::string_view, 3> mailbox_zones(std::string_view entry) {
  std::array<std::string_view, 3> zones{entry.contains('*') ? std::string_view() : entry, {}, {}};
  const std::string_view rest = parent_of(entry);
  if (entry.starts_with("mb-")) zones[1] = rest;
  if ((entry.starts_with("slot-") || entry.starts_with("claim-")) && rest.starts_with("mb-"))
    zones[2] = parent_of(rest);
  return zones;
}

/// The 12 hex characters of `mb-<hash12>.<zone>`; nothing for another entry.
std::optional<std::string_view> literal_hash(std::string_view entry) {
  const std::string_view label = first_label(entry);
  if (!label.starts_with("mb-") || label.size() != 3 + k_hash12_chars) return std::nullopt;
  const std::string_view hash = label.substr(3);
  if (hash.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return hash;
}

/// The hash of the user who proved to have an X25519 key; nothing when none is stored.
std::optional<std::string> proven_hash(const store::TsigKeyRow& row) {
  const std::optional<std::string> key = from_hex(row.registered_x25519_pub);
  if (!key || key->size() != 32) return std::nullopt;
  return crypto::sha256_hex(view(crypto::sha256(*key))).substr(0, k_hash12_chars);
}

std::optional<TsigKey> key_of(store::TsigKeyRow row) {
  const std::optional<TsigAlgorithm> algorithm = tsig_algorithm_of(row.algorithm);
  std::string name = fold_ascii(without_final_dot(row.name));
  if (!algorithm || row.secret.empty() || !is_dns_name(name)) return std::nullopt;
  return TsigKey{.name = std::move(name),
                 .algorithm = *algorithm,
                 .secret = std::move(row.secret),
                 .scope = std::move(row.allowed_suffixes),
                 .subject = std::move(row.subject),
                 .expires_s = row.expires_s};
}

bool is_live(std::int64_t expires_s, std::int64_t now_s) { return expires_s == 0 || expires_s > now_s; }

/// Finds by a view without making a string.
struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

std::string recipient_key(std::string_view hash12, std::string_view zone) {
  return std::string(hash12).append(".").append(zone);
}

}  // namespace

struct KeyRing::Snapshot {
  ByText<std::shared_ptr<const TsigKey>> keys;
  /// `<hash12>.<zone>` -> when the last key behind it is over.
  ByText<std::int64_t> recipients;

  void add_recipient(std::string_view hash12, std::string_view zone, std::int64_t expires_s) {
    std::int64_t& until_s = recipients[recipient_key(hash12, zone)];
    until_s = std::max(until_s, expires_s == 0 ? k_never : expires_s);
  }

  void add_recipients(const store::TsigKeyRow& row) {
    const std::optional<std::string> hash = proven_hash(row);
    for (const std::string& spelled : row.allowed_suffixes) {
      const std::string entry = fold_ascii(without_final_dot(spelled));
      if (const auto literal = literal_hash(entry)) add_recipient(*literal, parent_of(entry), row.expires_s);
      if (!hash) continue;
      for (const std::string_view zone : mailbox_zones(entry)) {
        if (!zone.empty()) add_recipient(*hash, zone, row.expires_s);
      }
    }
  }
};

KeyRing::KeyRing(store::TsigFile& file) : file_(file), snapshot_(std::make_shared<const Snapshot>()) {}
KeyRing::~KeyRing() = default;

Result<std::unique_ptr<KeyRing>> KeyRing::open(store::TsigFile& file) {
  std::unique_ptr<KeyRing> ring(new KeyRing(file));
  if (auto read = ring->refresh(); !read) return std::unexpected(read.error());
  return ring;
}

std::shared_ptr<const KeyRing::Snapshot> KeyRing::snapshot() const {
  return snapshot_.with([](const std::shared_ptr<const Snapshot>& held) { return held; });
}

std::shared_ptr<const TsigKey> KeyRing::find(std::string_view folded_name, std::int64_t now_s) const {
  const std::shared_ptr<const Snapshot> now = snapshot();
  const auto found = now->keys.find(without_final_dot(folded_name));
  if (found == now->keys.end() || !is_live(found->second->expires_s, now_s)) return nullptr;
  return found->second;
}

std::set<std::string> KeyRing::registered_recipients(std::string_view zone, std::int64_t now_s) const {
  const std::string wanted = fold_ascii(without_final_dot(zone));
  std::set<std::string> out;
  for (const auto& [key, until_s] : snapshot()->recipients) {
    if (until_s > now_s && std::string_view(key).substr(k_hash12_chars + 1) == wanted)
      out.insert(key.substr(0, k_hash12_chars));
  }
  return out;
}

bool KeyRing::is_registered_recipient(std::string_view hash12, std::string_view zone, std::int64_t now_s) const {
  const std::shared_ptr<const Snapshot> now = snapshot();
  const auto found = now->recipients.find(recipient_key(hash12, fold_ascii(without_final_dot(zone))));
  return found != now->recipients.end() && found->second > now_s;
}

Result<store::MintOutcome> KeyRing::mint(store::TsigKeyRow row, std::int64_t now_s) {
  const std::scoped_lock lock(reading_);
  auto outcome = file_.mint(std::move(row), now_s);
  if (!outcome || *outcome != store::MintOutcome::minted) return outcome;
  if (auto reloaded = reload(); !reloaded) {
    data_version_ = -1;  // our own changes do not move it: the next refresh reads again
    return std::unexpected(reloaded.error());
  }
  return outcome;
}

Result<bool> KeyRing::refresh() {
  const std::scoped_lock lock(reading_);
  const Result<std::int64_t> version = file_.data_version();
  if (!version) return std::unexpected(version.error());
  if (*version == data_version_) return false;
  if (auto reloaded = reload(); !reloaded) return std::unexpected(reloaded.error());
  // Of before the list: what changed between the two is seen the next time.
  data_version_ = *version;
  return true;
}

Result<void> KeyRing::reload() {
  auto rows = file_.list();
  if (!rows) return std::unexpected(rows.error());
  auto fresh = std::make_shared<Snapshot>();
  for (store::TsigKeyRow& row : *rows) {
    if (row.revoked) continue;
    fresh->add_recipients(row);
    if (auto key = key_of(std::move(row))) {
      auto shared = std::make_shared<const TsigKey>(*std::move(key));
      fresh->keys.insert_or_assign(shared->name, shared);
    }
  }
  snapshot_.with([&fresh](std::shared_ptr<const Snapshot>& held) { held = std::move(fresh); });
  return {};
}

std::size_t KeyRing::size() const { return snapshot()->keys.size(); }

}  // namespace dnsmesh::access
