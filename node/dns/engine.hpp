// SPDX-License-Identifier: Apache-2.0
// Request octets -> answer octets. No sockets, no threads, no wall clock, no heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.hpp"
#include "dns/answer_index.hpp"
#include "dns/counters.hpp"
#include "dns/resolve.hpp"
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

 private:
  std::uint64_t rotation_;
};

struct Answered {
  std::size_t octets = 0;     // 0: send nothing
  bool is_malformed = false;  // the request could not be parsed: a TCP connection ends here
};

class Engine {
 public:
  /// `zone` and `index` outlive the engine.
  Engine(const Zone& zone, const AnswerIndex& index) : zone_(zone), index_(index) {}

  /// Answers one message into `out`, which holds at least answer_octets_max(transport) octets. `now_s` is Unix time.
  /// Any thread, with a context of its own. Counts the outcome in the context.
  Answered answer(std::string_view message, Transport transport, std::int64_t now_s, QueryContext& context,
                  std::span<char> out) const;

  static constexpr std::size_t answer_octets_max(Transport transport) {
    return transport == Transport::udp ? limits::dns_udp_octets_max : limits::dns_message_octets_max;
  }

  const AnswerIndex& index() const { return index_; }

 private:
  const Zone& zone_;
  const AnswerIndex& index_;
};

}  // namespace dnsmesh::dns
