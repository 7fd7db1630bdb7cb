// SPDX-License-Identifier: Apache-2.0
// The metric families of user tokens, registration and TSIG keys. No label says who.
#pragma once

#include "app/key_parts.hpp"
#include "app/registration_parts.hpp"
#include "app/token_parts.hpp"
#include "base/metrics.hpp"

namespace dnsmesh::app {

/// Null for what this node does not have.
struct PeopleParts {
  TokenParts* tokens = nullptr;
  const RegistrationParts* registration = nullptr;
  KeyParts* keys = nullptr;
};

/// Every family, also one without samples. Any thread.
MetricsSnapshot people_metrics(const PeopleParts& parts);

}  // namespace dnsmesh::app
