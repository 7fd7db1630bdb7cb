// SPDX-License-Identifier: Apache-2.0
// Registration as the node has it: its policy from the settings, what it issues in the files of tokens and keys
// (spec/registration.md).
#pragma once

#include <memory>
#include <optional>

#include "access/key_ring.hpp"
#include "access/registration.hpp"
#include "app/settings.hpp"
#include "app/token_parts.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/access_words.hpp"
#include "http/registration_routes.hpp"

namespace dnsmesh::app {

/// What the settings say of who may register and what they get.
access::RegistrationPolicy registration_policy(const NodeSettings& settings);

/// What the landing page tells of it; nothing when nobody can register.
std::optional<http::RegistrationFacts> registration_facts(const NodeSettings& settings);

/// Owned by the main thread; its routes are called by workers.
class RegistrationParts {
 public:
  /// Null when nobody can register, as without `tokens`: its routes do not exist then. Without `keys` the route of
  /// TSIG keys does not. All references and pointers must outlive it.
  static std::unique_ptr<RegistrationParts> create(const NodeSettings& settings, TokenParts* tokens,
                                                   access::KeyRing* keys, const Clock& clock, Random& random);

  http::RouteTable routes() { return door_.routes(); }

  /// For metrics.
  const http::RegistrationDoor& door() const { return door_; }

 private:
  RegistrationParts(const NodeSettings& settings, access::RegistrationFiles files, bool offers_keys, const Clock& clock,
                    Random& random);

  access::Registration registration_;
  http::RegistrationDoor door_;
};

}  // namespace dnsmesh::app
