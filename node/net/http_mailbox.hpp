// SPDX-License-Identifier: Apache-2.0
// Where answers wait for the front: any thread puts them in, the front's thread takes them out.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "base/lock_guarded.hpp"
#include "http/exchange.hpp"
#include "net/descriptor.hpp"

namespace dnsmesh::net {

/// Names a connection for the life of the server; never used twice.
using ConnectionId = std::uint64_t;

struct Answer {
  ConnectionId connection = 0;
  http::Response response;
};

/// Bounded by the connections: each has at most one request unanswered.
class HttpMailbox {
 public:
  /// Error: net_io when the system has no descriptor left.
  static Result<std::shared_ptr<HttpMailbox>> create();
  explicit HttpMailbox(Descriptor event) : event_(std::move(event)) {}

  /// Any thread; never blocks. An answer to a connection that is gone is dropped by the front.
  void post(Answer answer);
  /// Makes the front look although there is no answer.
  void wake();

  /// All that is there. The front's thread.
  std::vector<Answer> take();
  /// Readable when there is something to take.
  int event() const { return event_.get(); }

 private:
  Descriptor event_;
  LockGuarded<std::vector<Answer>> answers_;
};

/// The responder of a connection's present request: posts the one answer, or 503 when it goes without one.
http::Responder make_responder(std::shared_ptr<HttpMailbox> mailbox, ConnectionId connection);

}  // namespace dnsmesh::net
