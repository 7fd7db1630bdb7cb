// SPDX-License-Identifier: Apache-2.0
// The three routes of registration (spec/registration.md 2, 3, 6, 7): body in, body out; what is decided is
// access::Registration's.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "access/rate_limiter.hpp"
#include "access/registration.hpp"
#include "base/clock.hpp"
#include "http/route.hpp"

namespace dnsmesh::http {

/// Answers of one route with one status, since the start.
struct RegistrationCount {
  std::string_view route;  // challenge, confirm or tsig-confirm
  int status = 0;
  std::uint64_t count = 0;
};

/// One for each node that lets people register; without it its paths are answered 404 like any other. Any thread.
class RegistrationDoor {
 public:
  /// `rate` is of one address, for the three routes together. Without `offers_keys`, which needs DNS UPDATE, the route
  /// of TSIG keys is 404. References must outlive it.
  RegistrationDoor(access::Registration& registration, bool offers_keys, access::Rate rate, const Clock& clock);

  /// The routes; their handlers refer to this object.
  RouteTable routes();

  /// Every route with every status that it may have.
  std::vector<RegistrationCount> counts() const;

  /// Challenges that wait to be used.
  std::size_t pending() const { return registration_.pending(); }

 private:
  Response challenge(const Request& request);
  Response token(const Request& request);
  Response key(const Request& request);
  Response answer_to(const access::Refusal& refusal, std::string_view route, const Request& request);

  access::Registration& registration_;
  static constexpr std::size_t k_routes = 3;
  static constexpr std::array k_statuses = {200, 400, 401, 403, 409, 429, 500};
  void tally(std::size_t route, int status);

  const bool offers_keys_;
  access::RateLimiter by_address_;
  std::array<std::array<std::atomic<std::uint64_t>, k_statuses.size()>, k_routes> counts_{};
  std::atomic<bool> is_failing_{false};  // the last confirmation ended in a failure of ours, and the log says so
};

}  // namespace dnsmesh::http
