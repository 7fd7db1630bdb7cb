// SPDX-License-Identifier: Apache-2.0
#include "app/registration_parts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "access/token.hpp"

namespace dnsmesh::app {
namespace {

access::KeyScope key_scope(const RegistrationSettings& settings) {
  if (settings.loose_scope) return access::KeyScope::loose;
  return settings.tight_scope ? access::KeyScope::tight : access::KeyScope::standard;
}

std::optional<std::string> not_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(std::string(text));
}

store::TokenRow row_of(const access::TokenGrant& grant) {
  store::TokenRow row;
  row.hash = grant.hash;
  row.subject = grant.subject;
  row.rate_per_s = grant.rate_per_s;
  row.rate_burst = grant.burst;
  row.issued_s = grant.issued_s;
  row.expires_s = grant.expires_s;
  row.issuer = "self-service";
  row.registered_spk = grant.spk_hex;
  return row;
}

store::TsigKeyRow row_of(const access::IssuedKey& key) {
  store::TsigKeyRow row;
  row.name = key.name;
  row.secret = key.secret;
  row.allowed_suffixes = key.allowed_suffixes;
  row.created_s = key.created_s;
  row.expires_s = key.expires_s;
  row.subject = key.subject;
  row.registered_spk = key.spk_hex;
  row.registered_x25519_pub = key.x25519_hex;
  return row;
}

access::KeyOutcome outcome_of(store::MintOutcome outcome) {
  switch (outcome) {
    case store::MintOutcome::minted:
      return access::KeyOutcome::stored;
    case store::MintOutcome::owned_by_other:
      return access::KeyOutcome::owned_by_other;
    case store::MintOutcome::revoked:
      return access::KeyOutcome::revoked;
  }
  std::unreachable();
}

access::RegistrationFiles files_of(TokenParts& tokens, access::KeyRing* keys, const Clock& clock, Random& random) {
  access::RegistrationFiles out;
  out.is_denied = [&tokens](std::string_view who) { return tokens.file().is_denied(who); };
  out.new_token = [&random] { return access::new_token(random); };
  out.store_token = [&tokens](const access::TokenGrant& grant,
                              std::string_view remote_address) -> Result<access::TokenOutcome> {
    const auto outcome = tokens.file().register_self_service(row_of(grant), grant.issued_s, not_empty(remote_address));
    if (!outcome) return std::unexpected(outcome.error());
    return outcome->is_taken ? access::TokenOutcome::owned_by_other : access::TokenOutcome::stored;
  };
  if (keys != nullptr) {
    out.store_key = [keys](const access::IssuedKey& key) -> Result<access::KeyOutcome> {
      const auto outcome = keys->mint(row_of(key), key.created_s);
      if (!outcome) return std::unexpected(outcome.error());
      return outcome_of(*outcome);
    };
  }
  out.note = [&tokens, &clock](const access::KeyEvent& event) {
    tokens.audit().add({clock.wall_s(), std::string(event.event), std::nullopt, not_empty(event.subject),
                        not_empty(event.remote_address), not_empty(event.detail)});
  };
  return out;
}

}  // namespace

access::RegistrationPolicy registration_policy(const NodeSettings& settings) {
  const RegistrationSettings& registration = settings.registration;
  access::RegistrationPolicy out;
  out.node = registration.node;
  out.zone = settings.dns.zone;
  out.domains = registration.domains;
  out.zone_only = registration.zone_only;
  out.key_scope = key_scope(registration);
  out.life_s = registration.life_s;
  out.token_rate_per_s = registration.issued_rate_per_s;
  out.token_burst = registration.issued_burst;
  return out;
}

std::optional<http::RegistrationFacts> registration_facts(const NodeSettings& settings) {
  const RegistrationSettings& registration = settings.registration;
  if (!registration.is_open(settings.http.auth_mode)) return std::nullopt;
  return http::RegistrationFacts{settings.update.enabled, registration.domains, registration.zone_only,
                                 registration.life_s};
}

std::unique_ptr<RegistrationParts> RegistrationParts::create(const NodeSettings& settings, TokenParts* tokens,
                                                             access::KeyRing* keys, const Clock& clock,
                                                             Random& random) {
  if (tokens == nullptr || !settings.registration.is_open(settings.http.auth_mode)) return nullptr;
  return std::unique_ptr<RegistrationParts>(
      new RegistrationParts(settings, files_of(*tokens, keys, clock, random), keys != nullptr, clock, random));
}

RegistrationParts::RegistrationParts(const NodeSettings& settings, access::RegistrationFiles files, bool offers_keys,
                                     const Clock& clock, Random& random)
    : registration_(registration_policy(settings), std::move(files), clock, random),
      door_(registration_, offers_keys, {settings.registration.rate_per_s, settings.registration.burst}, clock) {}

}  // namespace dnsmesh::app
