// SPDX-License-Identifier: Apache-2.0
// Request octets -> answer octets. No sockets, no threads, no wall clock, no heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "access/key_ring.hpp"
#include "base/random.hpp"
#include "dns/answer_index.hpp"
#include "dns/client_address.hpp"
#include "dns/cookie.hpp"
#include "dns/counters.hpp"
#include "dns/rate_limit.hpp"
#include "dns/render.hpp"
#include "dns/resolve.hpp"
#include "dns/signature.hpp"
#include "dns/zone.hpp"

namespace dnsmesh::dns {

/// What one dns thread keeps between queries. Made and used by that thread; its counters may be read by any.
class QueryContext {
 public:
  QueryContext(const AnswerIndex& index, Random& random) : reader(index), rotation_(random.u64()) {}

  AnswerIndex::Reader reader;
  Counters counters;

  /// The next draw for the order of values: spread evenly, not secret.
  std::uint64_t next_rotation() {
    rotation_ = rotation_ * 6364136223846793005U + 1442695040888963407U;
    return rotation_ >> 33;
  }

  /// True for every second one of the refused queries over UDP (spec/dns.md 8).
  bool next_slips() { return ++refused_ % 2 == 0; }

 private:
  std::uint64_t rotation_;
  std::uint64_t refused_ = 0;
};

/// How, from where and when a message came.
struct Arrival {
  Transport transport = Transport::udp;
  ClientAddress client = {};
  std::int64_t now_s = 0;   // Unix time
  std::int64_t now_ms = 0;  // monotonic
  int tcp_idle_ms = 0;      // TCP: how long a connection may be idle
};

struct Answered {
  std::size_t octets = 0;     // 0: send nothing; a TCP connection ends here, too
  bool is_malformed = false;  // the request could not be parsed: a TCP connection ends here
  bool is_update = false;     // an UPDATE that the caller has to hand on; nothing was written or counted
};

class Engine {
 public:
  /// `zone`, `index` and `limiter` outlive the engine; without a limiter nothing is refused for its rate. `secret`
  /// signs cookies until others are set.
  Engine(const Zone& zone, const AnswerIndex& index, const CookieSecret& secret, RateLimiter* limiter = nullptr)
      : zone_(zone), index_(index), secrets_(secret), limiter_(limiter) {}

  /// Answers one message into `out`, which holds at least answer_octets_max(arrival.transport) octets. Any thread, with
  /// a context of its own. Counts the outcome in the context.
  Answered answer(std::string_view message, const Arrival& arrival, QueryContext& context, std::span<char> out) const;

  /// Writes the answer to an UPDATE that answer() left to its caller, signed as `signature` allows, or nothing (0) to a
  /// sender whose errors are over the limit. Room as for answer(). Any thread.
  std::size_t answer_update(std::string_view message, Rcode rcode, const Signature& signature, const Arrival& arrival,
                            std::span<char> out) const;

  /// The same for an UPDATE that nobody can look at now: SERVFAIL, or what its signature gets. Counts the outcome.
  std::size_t answer_update_later(std::string_view message, const Arrival& arrival, Counters& counters,
                                  std::span<char> out) const;

  /// From now on UPDATEs are left to the caller of answer(). Before the first answer.
  void leave_updates() { leaves_updates_ = true; }

  /// From now on signatures are checked against `keys`, which outlive the engine; without keys every signed message
  /// gets NOTAUTH as a bare header, and so do rejected ones without `explains` (`DMP_DNS_TSIG_ERROR_RR`). Before the
  /// first answer.
  void check_signatures(const access::KeyRing& keys, bool explains) {
    keys_ = &keys;
    explains_ = explains;
  }

  /// Any thread, one at a time; answers go on meanwhile.
  void set_cookie_secrets(const CookieSecret& signs, const CookieSecret& also_accepted) {
    secrets_.set(signs, also_accepted);
  }

  static constexpr std::size_t answer_octets_max(Transport transport) {
    return transport == Transport::udp ? limits::dns_udp_octets_max : limits::dns_message_octets_max;
  }

  const AnswerIndex& index() const { return index_; }

 private:
  Answered refuse(Message& message, const Arrival& arrival, QueryContext& context, std::span<char> out) const;
  /// From the plan on, for a request within its rate.
  Answered carry_out(Message& message, Fault fault, const Arrival& arrival, RateLimiter* limiter,
                     const Signature* signature, QueryContext& context, std::span<char> out) const;
  Answered answer_signed(std::string_view octets, Message& message, Fault fault, const Arrival& arrival,
                         RateLimiter* limiter, QueryContext& context, std::span<char> out) const;
  std::size_t reject_signature(std::string_view octets, const Message& message, const TsigContext& signer,
                               const Arrival& arrival, std::span<char> out) const;
  Signature signature_of(std::string_view octets, std::int64_t now_s) const;
  bool is_verified(std::string_view octets, std::int64_t now_s) const;
  RenderInput render_input(const Message& message, const Arrival& arrival) const;

  const Zone& zone_;
  const AnswerIndex& index_;
  CookieSecrets secrets_;
  RateLimiter* const limiter_;
  bool leaves_updates_ = false;
  const access::KeyRing* keys_ = nullptr;
  bool explains_ = true;
};

}  // namespace dnsmesh::dns
