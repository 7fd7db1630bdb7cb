// SPDX-License-Identifier: Apache-2.0
#include "dns/rate_limit.hpp"

#include <algorithm>
#include <span>

#include "base/cursor.hpp"
#include "base/limits.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::size_t k_ways = 8;  // places of one key: 128 octets, two cache lines
constexpr std::size_t k_sets = limits::dns_rate_keys_max / k_ways;
constexpr std::int64_t k_ns_per_ms = 1'000'000;
constexpr double k_ns_per_s = 1e9;

// What buckets of a prefix have, in buckets of an address (spec/dns.md 8).
constexpr std::int64_t k_prefix_share = 8;
constexpr std::int64_t k_error_share = 2;

// Bounds that keep sums of times far from overflow and a share of a unit above zero: a unit in eight nanoseconds to one
// in eleven days, thirty years to fill.
constexpr double k_unit_ns_min = k_prefix_share;
constexpr double k_unit_ns_max = 1e15;
constexpr double k_fill_ns_max = 1e18;

constexpr std::uint64_t k_ipv4_mark = std::uint64_t{1} << 63;
constexpr std::uint64_t k_ipv6_mark = std::uint64_t{1} << 62;
constexpr std::size_t k_ipv6_prefix_octets = 7;

/// An IPv4 address or an IPv6 /56; never 0.
std::uint64_t address_key(const ClientAddress& client) {
  ByteReader reader(client.view());
  if (!client.is_ipv6()) return k_ipv4_mark | reader.u32();
  return k_ipv6_mark | reader.u64() >> (64 - 8 * k_ipv6_prefix_octets);
}

/// An IPv4 /24 or an IPv6 /56.
std::uint64_t prefix_key(const ClientAddress& client) {
  const std::uint64_t key = address_key(client);
  return client.is_ipv6() ? key : key & ~std::uint64_t{0xFF};
}

/// Spreads keys over all bits (the finish of splitmix64).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9U;
  value = (value ^ value >> 27) * 0x94D049BB133111EBU;
  return value ^ value >> 31;
}

}  // namespace

BucketTable::BucketTable(std::uint64_t seed) : seed_(seed), buckets_(k_sets * k_ways) {}

/// The place of `key`. A new key takes the place that is full or will be first: a full bucket is the same as none, and
/// a flood of new keys pushes out its own before one that is throttled.
BucketTable::Bucket& BucketTable::bucket_of(std::uint64_t key) {
  const std::span<Bucket> set = std::span(buckets_).subspan(mix(key ^ seed_) % k_sets * k_ways, k_ways);
  Bucket* fullest = &set.front();
  for (Bucket& bucket : set) {
    if (bucket.key.load(std::memory_order_relaxed) == key) return bucket;
    if (bucket.full_ns.load(std::memory_order_relaxed) < fullest->full_ns.load(std::memory_order_relaxed)) {
      fullest = &bucket;
    }
  }
  fullest->key.store(key, std::memory_order_relaxed);
  fullest->full_ns.store(0, std::memory_order_relaxed);
  return *fullest;
}

bool BucketTable::take(std::uint64_t key, std::int64_t unit_ns, std::int64_t fill_ns, std::int64_t now_ns) {
  std::atomic<std::int64_t>& full = bucket_of(key).full_ns;
  std::int64_t full_ns = full.load(std::memory_order_relaxed);
  while (true) {
    // Never further away than an empty bucket, which a larger burst may have left behind.
    const std::int64_t before_ns = std::clamp(full_ns, now_ns, now_ns + fill_ns);
    const bool has_unit = before_ns + unit_ns <= now_ns + fill_ns;
    if (!has_unit && before_ns == full_ns) return false;
    const std::int64_t after_ns = has_unit ? before_ns + unit_ns : before_ns;
    if (full.compare_exchange_weak(full_ns, after_ns, std::memory_order_relaxed)) return has_unit;
  }
}

RateLimiter::RateLimiter(const RateSettings& settings, Random& random) : udp_(random), tcp_(random) { set(settings); }

void RateLimiter::set(const RateSettings& settings) {
  const bool limits = settings.per_s > 0 && settings.burst > 0;
  const double unit_ns = limits ? std::clamp(k_ns_per_s / settings.per_s, k_unit_ns_min, k_unit_ns_max) : 0;
  fill_ns_.store(static_cast<std::int64_t>(std::min(unit_ns * settings.burst, k_fill_ns_max)));
  unit_ns_.store(static_cast<std::int64_t>(unit_ns));
  exempts_loopback_.store(settings.exempts_loopback);
}

bool RateLimiter::is_free(const ClientAddress& client) const {
  return unit_ns_.load(std::memory_order_relaxed) == 0 ||
         (exempts_loopback_.load(std::memory_order_relaxed) && client.is_loopback());
}

bool RateLimiter::allow(Transport transport, const ClientAddress& client, std::int64_t now_ms) {
  if (is_free(client)) return true;
  const std::int64_t unit_ns = unit_ns_.load(std::memory_order_relaxed);
  const std::int64_t fill_ns = fill_ns_.load(std::memory_order_relaxed);
  const std::int64_t now_ns = now_ms * k_ns_per_ms;
  Tables& of = tables(transport);
  // The address first: one that is over its limit must not use up what its neighbours have.
  return of.addresses.take(address_key(client), unit_ns, fill_ns, now_ns) &&
         (client.is_ipv6() || of.prefixes.take(prefix_key(client), unit_ns / k_prefix_share, fill_ns, now_ns));
}

bool RateLimiter::allow_error(Transport transport, const ClientAddress& client, std::int64_t now_ms) {
  if (is_free(client)) return true;
  return tables(transport).errors.take(prefix_key(client), unit_ns_.load(std::memory_order_relaxed) / k_error_share,
                                       fill_ns_.load(std::memory_order_relaxed), now_ms * k_ns_per_ms);
}

}  // namespace dnsmesh::dns
