// SPDX-License-Identifier: Apache-2.0
#include "dns/claim_gate.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "record/claim_record.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::string_view k_claim_label = "claim-";
constexpr std::string_view k_mailbox_label = "mb-";
constexpr std::size_t k_recipient_digits = 12;

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

char slot_digit(std::string_view owner_wire) { return first_label(owner_wire)[k_claim_label.size()]; }

/// The body of a claim whose signature nobody has checked.
std::optional<record::ClaimRecord> unchecked_claim(std::string_view value) {
  const auto blob = record::open_text(record::k_claim_record_form, value);
  if (!blob || blob->size() <= record::k_signature_bytes) return std::nullopt;
  auto claim = record::parse_claim_record_body(record::split_signature(*blob).body);
  if (!claim) return std::nullopt;
  return std::move(*claim);
}

/// An IPv4 /24 or an IPv6 /56.
std::string prefix_of(const ClientAddress& client) {
  return std::string(client.view().substr(0, client.is_ipv6() ? 7 : 3));
}

std::string row_key(std::string_view name, std::string_view value) {
  std::string text(name);
  text += '\0';
  text += value;
  return std::string(view(crypto::sha256(text)).substr(0, 16));
}

struct Held {
  std::int64_t stored_ms;
  std::string name;
  std::string value;
};

/// What `sender` has at a recipient; `mailbox` is `.mb-<12 hex>.<zone>`.
Result<std::vector<Held>> held_by(const crypto::PublicKey& sender, std::string_view mailbox,
                                  const store::RecordStore& store) {
  std::vector<Held> out;
  for (unsigned slot = 0; slot <= record::k_slot_max; ++slot) {
    std::string name(k_claim_label);
    name += static_cast<char>('0' + slot);
    name += mailbox;
    const auto rows = store.values_at(name);
    if (!rows) return std::unexpected(rows.error());
    for (const store::Record& row : *rows) {
      const auto claim = unchecked_claim(row.value);
      if (claim && claim->sender_spk == sender) out.push_back({row.stored_ms, name, row.value});
    }
  }
  return out;
}

}  // namespace

std::string_view claim_recipient(std::string_view owner_wire, std::string_view zone_wire) {
  const std::string_view claim = first_label(owner_wire);
  if (claim.size() != k_claim_label.size() + 1 || !claim.starts_with(k_claim_label)) return {};
  if (claim.back() < '0' || claim.back() > '9') return {};
  const std::string_view mailbox_name = parent_of(owner_wire);
  const std::string_view mailbox = first_label(mailbox_name);
  if (mailbox.size() != k_mailbox_label.size() + k_recipient_digits || !mailbox.starts_with(k_mailbox_label)) return {};
  const std::string_view recipient = mailbox.substr(k_mailbox_label.size());
  return is_hex(recipient) && parent_of(mailbox_name) == zone_wire ? recipient : std::string_view();
}

ClaimGate::ClaimGate(ClaimSettings settings, const Zone& zone, const Clock& clock, IsRegistered is_registered)
    : settings_(settings),
      zone_(zone),
      clock_(clock),
      is_registered_(std::move(is_registered)),
      recipients_(settings.per_recipient, clock),
      sources_({limits::claim_source_rate_per_s, limits::claim_source_burst}, clock) {}

Rcode ClaimGate::admit(std::vector<UpdateOperation>& operations, const ClientAddress& client) {
  if (operations.empty() || (!settings_.for_everybody && !settings_.for_registered)) return Rcode::refused;
  // Within one message nothing is evicted, so it must not pass the bound of its sender by itself.
  if (operations.size() > limits::claims_per_sender_max) return Rcode::refused;
  const std::int64_t now_s = clock_.wall_s();
  const std::string prefix = prefix_of(client);
  for (UpdateOperation& operation : operations) {
    if (const Rcode rcode = admit_one(operation, prefix, now_s); rcode != Rcode::noerror) return rcode;
  }
  return has_room(operations, now_s) ? Rcode::noerror : Rcode::servfail;
}

Rcode ClaimGate::admit_one(UpdateOperation& operation, std::string_view prefix, std::int64_t now_s) {
  if (operation.kind != UpdateOperation::Kind::add) return Rcode::refused;
  const std::string_view recipient = claim_recipient(operation.owner_wire, zone_.apex->wire());
  if (recipient.empty()) return Rcode::refused;
  if (!settings_.for_everybody && !is_registered_(recipient)) return Rcode::refused;
  const auto claim = unchecked_claim(operation.value);
  if (!claim || '0' + claim->slot != slot_digit(operation.owner_wire)) return Rcode::refused;
  // A forged claim costs its network a unit before it costs us the check of a signature.
  if (!sources_.allow(prefix)) return Rcode::servfail;
  if (!record::parse_claim_record(operation.value, now_s)) return Rcode::refused;
  const std::int64_t left_s = static_cast<std::int64_t>(claim->exp) - now_s;  // 1 to 30 days, as the parser holds
  const std::int64_t ttl_s_max =
      settings_.ttl_s_max > 0 ? settings_.ttl_s_max : std::numeric_limits<std::int64_t>::max();
  if (left_s > ttl_s_max) return Rcode::refused;
  if (!recipients_.allow(recipient)) return Rcode::servfail;
  operation.life_s = std::min({operation.ttl_s, ttl_s_max, left_s});
  return Rcode::noerror;
}

bool ClaimGate::has_room(const std::vector<UpdateOperation>& operations, std::int64_t now_s) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(operations, [&](const UpdateOperation& operation) {
    return !live_.contains(row_key(operation.owner, operation.value));
  }));
  if (count == 0 || live_.size() + count <= limits::claims_max) return true;
  if (swept_s_ != now_s) {  // a full table is looked through once a second at most
    swept_s_ = now_s;
    std::erase_if(live_, [&](const auto& entry) { return entry.second <= now_s; });
  }
  return live_.size() + count <= limits::claims_max;
}

Result<std::vector<store::Delete>> ClaimGate::evictions(const std::vector<UpdateOperation>& admitted,
                                                        const store::RecordStore& store) const {
  // By sender and recipient: the pairs that this message writes.
  std::map<std::pair<crypto::PublicKey, std::string>, std::set<std::pair<std::string, std::string>>> written;
  for (const UpdateOperation& operation : admitted) {
    const auto claim = unchecked_claim(operation.value);
    if (!claim) continue;
    const std::string mailbox = operation.owner.substr(k_claim_label.size() + 1);
    written[{claim->sender_spk, mailbox}].emplace(operation.owner, operation.value);
  }
  std::vector<store::Delete> out;
  for (const auto& [who, pairs] : written) {
    auto held = held_by(who.first, who.second, store);
    if (!held) return std::unexpected(held.error());
    std::erase_if(*held, [&](const Held& row) { return pairs.contains({row.name, row.value}); });
    std::ranges::sort(*held, {}, &Held::stored_ms);
    const std::size_t total = held->size() + pairs.size();
    const std::size_t surplus = total > limits::claims_per_sender_max ? total - limits::claims_per_sender_max : 0;
    for (std::size_t i = 0; i < std::min(surplus, held->size()); ++i) {
      out.push_back({.name = (*held)[i].name, .value = (*held)[i].value});
    }
  }
  return out;
}

void ClaimGate::load(const store::Record& record) {
  if (live_.size() >= limits::claims_max) return;
  auto name = Name::from_text(record.name);
  if (!name) return;
  name->fold();
  if (claim_recipient(name->wire(), zone_.apex->wire()).empty() || !unchecked_claim(record.value)) return;
  live_[row_key(name_to_text(name->wire()), record.value)] = record.expires_s;
}

void ClaimGate::stored(const std::vector<UpdateOperation>& admitted, const std::vector<store::Delete>& evicted) {
  const std::int64_t now_s = clock_.wall_s();
  for (const store::Delete& gone : evicted) live_.erase(row_key(gone.name, *gone.value));
  for (const UpdateOperation& operation : admitted) {
    std::int64_t& until_s = live_[row_key(operation.owner, operation.value)];
    until_s = std::max(until_s, now_s + operation.life_s);
  }
}

}  // namespace dnsmesh::dns
