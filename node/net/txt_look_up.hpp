// SPDX-License-Identifier: Apache-2.0
// One TXT look-up: its question, its socket, and which resolver is asked now. Not blocking; driven by TxtClient.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "dns/txt_question.hpp"
#include "net/descriptor.hpp"
#include "net/resolvers.hpp"

namespace dnsmesh::net {

/// What came of a try with one resolver.
struct TryOutcome {
  std::optional<std::vector<std::string>> values;  // the answer
  ErrorCode reason = ErrorCode::lookup_failed;     // why there is none
  bool resolver_is_down = false;                   // it did not answer at all
};

/// One try with one resolver: over UDP from a random port, then over TCP when the answer was cut or not like the
/// question. One thread.
class TxtTry {
 public:
  /// Begins. Fails at the next turn() when the socket cannot be had.
  TxtTry(const std::string& owner, const SocketAddress& resolver, bool dnssec_required, Random& random);

  /// To be waited on, with the events of poll(2); -1 when turn() is to be called at once.
  int fd() const { return socket_.get(); }
  short events() const { return wants_write_ ? k_write : k_read; }

  /// Does what the socket allows. Nothing: not finished yet.
  std::optional<TryOutcome> turn();

 private:
  static const short k_read;
  static const short k_write;

  bool open(int type);
  std::optional<TryOutcome> turn_udp();
  std::optional<TryOutcome> turn_tcp();
  std::optional<TryOutcome> ask_over_tcp();
  TryOutcome judge(dns::TxtAnswer answer) const;

  const SocketAddress resolver_;
  const bool dnssec_required_;
  std::optional<dns::TxtQuestion> question_;
  Descriptor socket_;
  bool is_tcp_ = false;
  bool wants_write_ = false;
  int strays_ = 0;
  std::string to_send_;
  std::string received_;
};

}  // namespace dnsmesh::net
