// SPDX-License-Identifier: Apache-2.0
// Response rate limiting (spec/dns.md 8): token buckets by source, so that the node is of no use for attacks that
// reflect on forged addresses. Tables of fixed size, shared by all dns threads: the kernel spreads one client's sockets
// over them, so a table a thread would multiply its rate.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "dns/client_address.hpp"
#include "dns/transport.hpp"

namespace dnsmesh::dns {

struct RateSettings {
  double per_s = 0;  // rate or burst of zero or less switches every limit off
  double burst = 0;
  bool exempts_loopback = false;
};

/// Buckets by key without locks and without allocation. A bucket is one number, the time at which it is full again; a
/// request moves it by the time that one unit takes to come back. When two threads take the same place for new keys, a
/// unit may be counted to the wrong one.
class BucketTable {
 public:
  /// `seed` keeps a stranger from choosing addresses that share places.
  explicit BucketTable(std::uint64_t seed);
  /// Takes one unit, which comes back in `unit_ns`, from a bucket that fills from empty in `fill_ns`. False when less
  /// than a unit is there; what is there stays. `now_ns` is monotonic. Precondition: `key` is not 0. Any thread.
  bool take(std::uint64_t key, std::int64_t unit_ns, std::int64_t fill_ns, std::int64_t now_ns);

 private:
  struct Bucket {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> full_ns{0};
  };
  Bucket& bucket_of(std::uint64_t key);

  const std::uint64_t seed_;
  std::vector<Bucket> buckets_;
};

/// Any thread.
class RateLimiter {
 public:
  RateLimiter(const RateSettings& settings, Random& random);

  /// Other settings; buckets keep what they have, up to the new burst.
  void set(const RateSettings& settings);

  /// Takes a unit for a message: of the address (IPv4) or /56 (IPv6), and of the IPv4 /24, which has eight times as
  /// much. False: over the limit.
  bool allow(Transport transport, const ClientAddress& client, std::int64_t now_ms);
  /// Takes a unit for an answer with another rcode than NOERROR and NXDOMAIN: of the /24 or /56, which has a quarter of
  /// what the /24 has for messages. False: over the limit.
  bool allow_error(Transport transport, const ClientAddress& client, std::int64_t now_ms);

 private:
  struct Tables {
    explicit Tables(Random& random) : addresses(random.u64()), prefixes(random.u64()), errors(random.u64()) {}
    BucketTable addresses;
    BucketTable prefixes;
    BucketTable errors;
  };
  Tables& tables(Transport transport) { return transport == Transport::udp ? udp_ : tcp_; }
  bool is_free(const ClientAddress& client) const;

  Tables udp_;
  Tables tcp_;
  std::atomic<std::int64_t> unit_ns_{0};  // of an address; 0: no limit
  std::atomic<std::int64_t> fill_ns_{0};
  std::atomic<bool> exempts_loopback_{false};
};

}  // namespace dnsmesh::dns
