// SPDX-License-Identifier: Apache-2.0
// The three routes of registration (spec/registration.md 2, 3, 6, 7): body in, body out; what is decided is
// access::Registration's.
#pragma once

#include <atomic>
#include <string_view>

#include "access/rate_limiter.hpp"
#include "access/registration.hpp"
#include "base/clock.hpp"
#include "http/route.hpp"

namespace dnsmesh::http {

/// One for each node that lets people register; without it its paths are answered 404 like any other. Any thread.
class RegistrationDoor {
 public:
  /// `rate` is of one address, for the three routes together. Without `offers_keys`, which needs DNS UPDATE, the route
  /// of TSIG keys is 404. References must outlive it.
  RegistrationDoor(access::Registration& registration, bool offers_keys, access::Rate rate, const Clock& clock);

  /// The routes; their handlers refer to this object.
  RouteTable routes();

  /// For later requests.
  void set_rate(access::Rate rate) { by_address_.set_rate(rate); }

 private:
  Response challenge(const Request& request);
  Response token(const Request& request);
  Response key(const Request& request);
  Response answer_to(const access::Refusal& refusal, std::string_view route, const Request& request);

  access::Registration& registration_;
  const bool offers_keys_;
  access::RateLimiter by_address_;
  std::atomic<bool> is_failing_{false};  // the last confirmation ended in a failure of ours, and the log says so
};

}  // namespace dnsmesh::http
