// SPDX-License-Identifier: Apache-2.0
// TXT look-ups on one thread, many at a time: tries resolvers in their order, within their times (spec/heartbeat.md 5).
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "discovery/discovery.hpp"
#include "net/resolvers.hpp"
#include "net/socket.hpp"
#include "net/txt_look_up.hpp"

namespace dnsmesh::net {

struct TxtClientOptions {
  Resolvers resolvers;
  bool dnssec_required = false;  // take only answers that a resolver vouches for (AD), those without values too
};

/// All functions but wake() on one thread.
class TxtClient final : public discovery::TxtLookUps {
 public:
  /// The values at the owner, or lookup_timeout, lookup_failed, lookup_not_signed.
  using Done = std::function<void(std::uint64_t id, const Result<std::vector<std::string>>& values)>;

  /// `clock` and `random` must outlive it.
  TxtClient(TxtClientOptions options, const Clock& clock, Random& random);

  void start(std::uint64_t id, const std::string& owner) override;

  /// Waits until a look-up has ended, wake() was called, or `wait_ms` have passed, and calls `done` for each that has
  /// ended; `done` may start others.
  void turn(std::int64_t wait_ms, const Done& done);

  /// Ends the waiting of turn(). Any thread.
  void wake() const { wake_up_.notify(); }

 private:
  struct LookUp {
    std::uint64_t id = 0;
    std::string owner;
    std::int64_t ends_ms = 0;
    std::vector<std::size_t> order;  // resolvers still to be asked, the next one last
    std::size_t resolver = 0;        // asked now
    std::int64_t try_ends_ms = 0;
    std::optional<TxtTry> current;
    ErrorCode reason = ErrorCode::lookup_timeout;  // of the last try
  };

  std::vector<std::size_t> order_of_tries() const;
  bool try_next(LookUp& look_up);
  /// What the look-up ended with; nothing while it goes on.
  std::optional<Result<std::vector<std::string>>> advance(LookUp& look_up);
  void poll_sockets(std::int64_t wait_ms);
  void note_failure(LookUp& look_up, const TryOutcome& outcome);

  const TxtClientOptions options_;
  const Clock& clock_;
  Random& random_;
  WakeUp wake_up_;
  std::list<LookUp> look_ups_;
  std::vector<std::int64_t> demoted_until_ms_;  // one a resolver
  std::int64_t next_warning_ms_ = 0;
};

}  // namespace dnsmesh::net
