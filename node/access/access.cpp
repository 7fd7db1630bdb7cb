// SPDX-License-Identifier: Apache-2.0
#include "access/access.hpp"

#include "access/address_key.hpp"
#include "access/name_scope.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::string_view k_bearer = "Bearer ";

/// Only `open` lets others than the operator write; a read needs the token wherever one is configured.
bool is_open_to_all(const Policy& policy, Operation operation) {
  return operation == Operation::read ? policy.operator_token.empty() : policy.mode == AuthMode::open;
}

}  // namespace

bool is_bearer(std::string_view authorization, std::string_view token) {
  if (token.empty() || !authorization.starts_with(k_bearer)) return false;
  return crypto::equal_secret(authorization.substr(k_bearer.size()), token);
}

Access::Access(Policy policy, const Clock& clock, UserTokens* tokens, const KeyRing* keys, Rate per_key)
    : clock_(clock),
      tokens_(tokens),
      keys_(keys),
      by_address_(policy.rate, clock),
      by_key_(per_key, clock),
      policy_(std::make_shared<const Policy>(std::move(policy))) {}

Decision Access::decide(const Requester& who, Operation operation, std::string_view owner_name) {
  if (!who.tsig_key.empty()) return decide_for_key(who.tsig_key, operation, owner_name);
  if (!allows_request(who.address)) return {Verdict::throttled, false, {}};
  const auto policy = policy_.with([](const auto& current) { return current; });
  if (is_open_to_all(*policy, operation)) return {Verdict::allowed, operation != Operation::read, {}};
  if (is_bearer(who.authorization, policy->operator_token)) return {Verdict::allowed, true, {}};
  const bool may_be_user = policy->mode == AuthMode::multi_tenant && operation != Operation::read;
  return may_be_user ? decide_for_user(who, operation, owner_name) : Decision{};
}

Decision Access::decide_for_user(const Requester& who, Operation operation, std::string_view owner_name) {
  if (tokens_ == nullptr || !who.authorization.starts_with(k_bearer)) return {};
  TokenDecision user = tokens_->decide(who.authorization.substr(k_bearer.size()), who.address,
                                       operation == Operation::remove, owner_name);
  if (user.verdict == TokenVerdict::unavailable) return {Verdict::unavailable, false, {}};
  if (user.verdict == TokenVerdict::unauthorised) return {};
  const bool may_delete = !user.use.is_shared;
  return {Verdict::allowed, may_delete, std::move(user.use)};
}

Decision Access::decide_for_key(std::string_view tsig_key, Operation operation, std::string_view owner_name) const {
  const auto key = keys_ == nullptr ? nullptr : keys_->find(tsig_key, clock_.wall_s());
  if (key == nullptr) return {};
  if (may_delete(key->scope, owner_name)) return {Verdict::allowed, true, {}};
  const bool may_write = operation == Operation::publish && may_add(key->scope, owner_name);
  return {may_write ? Verdict::allowed : Verdict::unauthorised, false, {}};
}

bool Access::spend(const Decision& decision) { return !decision.token || tokens_->spend(*decision.token); }

void Access::note_used(const Decision& decision) {
  if (decision.token) tokens_->note_used(*decision.token);
}

bool Access::is_operator(std::string_view authorization) const {
  const auto policy = policy_.with([](const auto& current) { return current; });
  return is_bearer(authorization, policy->operator_token);
}

bool Access::allows_request(std::string_view address) { return by_address_.allow(address_key(address)); }

bool Access::allows_operator(std::string_view authorization) const {
  const auto policy = policy_.with([](const auto& current) { return current; });
  return policy->operator_token.empty() || is_bearer(authorization, policy->operator_token);
}

void Access::set_policy(Policy policy) {
  by_address_.set_rate(policy.rate);
  policy_.with([&](auto& current) { current = std::make_shared<const Policy>(std::move(policy)); });
}

}  // namespace dnsmesh::access
