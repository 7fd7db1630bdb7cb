// SPDX-License-Identifier: Apache-2.0
#include "access/challenges.hpp"

#include <utility>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/registration_limits.hpp"

namespace dnsmesh::access {

void Challenges::drop_expired(Pending& pending, std::int64_t now_ms) {
  while (!pending.by_expiry.empty() && pending.by_expiry.front().expires_ms <= now_ms) {
    pending.by_nonce.erase(pending.by_expiry.front().nonce_hex);
    pending.by_expiry.pop_front();
  }
}

std::optional<Challenge> Challenges::issue(std::string_view node) {
  return pending_.with([&](Pending& pending) -> std::optional<Challenge> {
    const std::int64_t now_ms = clock_.monotonic_ms();
    const std::int64_t wall_ms = clock_.wall_ms();
    drop_expired(pending, now_ms);
    if (pending.by_expiry.size() >= limits::challenges_pending_max) return std::nullopt;
    Challenge challenge;
    random_.fill(challenge.nonce);
    random_.fill(challenge.x25519_private);
    challenge.node = node;
    challenge.expires_s = clock_.wall_s() + limits::challenge_life_s;
    const std::int64_t life_ms = challenge.expires_s * 1000 - wall_ms;
    pending.by_expiry.push_back({to_hex(view(challenge.nonce)), now_ms + life_ms, challenge});
    const auto entry = std::prev(pending.by_expiry.end());
    pending.by_nonce.emplace(entry->nonce_hex, entry);
    return challenge;
  });
}

std::optional<Challenge> Challenges::take(std::string_view nonce_hex) {
  return pending_.with([&](Pending& pending) -> std::optional<Challenge> {
    drop_expired(pending, clock_.monotonic_ms());
    const auto found = pending.by_nonce.find(nonce_hex);
    if (found == pending.by_nonce.end()) return std::nullopt;
    const auto entry = found->second;
    const bool usable = clock_.monotonic_ms() < entry->expires_ms;
    std::optional<Challenge> out;
    if (usable) out = std::move(entry->challenge);
    pending.by_nonce.erase(found);
    pending.by_expiry.erase(entry);
    return out;
  });
}

std::size_t Challenges::pending() const {
  return pending_.with([](const Pending& pending) { return pending.by_expiry.size(); });
}

}  // namespace dnsmesh::access
