// SPDX-License-Identifier: Apache-2.0
#include "access/user_tokens.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "access/name_class.hpp"
#include "access/token.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {
namespace {

/// Why the token's holder is not the owner of the name; empty when it is.
std::string mismatch(const ClassifiedName& name, const store::TokenRow& token) {
  const std::string_view subject = token.subject;
  const std::string_view user = subject.substr(0, subject.find('@'));
  const std::string_view domain = user.size() < subject.size() ? subject.substr(user.size() + 1) : std::string_view{};
  switch (name.rule) {
    case OwnerRule::subject: {
      const std::string wanted = fmt::format("{}@{}", name.user, name.domain);
      return subject == wanted ? "" : fmt::format("subject mismatch: want {}", wanted);
    }
    case OwnerRule::id16:
    case OwnerRule::prekeys: {
      const bool is_owner = domain == name.domain && crypto::sha256_hex(user).starts_with(name.hash);
      const std::string_view kind = name.rule == OwnerRule::id16 ? "id16" : "prekeys";
      return is_owner ? "" : fmt::format("hashed-namespace mismatch: want #{}:{}@{}", kind, name.hash, name.domain);
    }
    case OwnerRule::subject_hash12:
    case OwnerRule::none:
      break;
  }
  return token.subject_hash12 == name.hash ? "" : fmt::format("subject_hash12 mismatch: want #{}", name.hash);
}

}  // namespace

std::string_view token_event_name(TokenEvent event) {
  constexpr std::array<std::string_view, k_token_event_count> k_names = {
      "allowed",  "throttled", "malformed", "unknown",       "over",
      "reserved", "no_name",   "not_owner", "shared_delete", "unavailable"};
  return k_names[static_cast<std::size_t>(event)];
}

UserTokens::UserTokens(const store::TokenFile& file, AuditLog& audit, const Clock& clock)
    : file_(file), audit_(audit), clock_(clock), by_token_({}, clock) {}

void UserTokens::tally(TokenEvent event) {
  counts_[static_cast<std::size_t>(event)].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t UserTokens::count(TokenEvent event) const {
  return counts_[static_cast<std::size_t>(event)].load(std::memory_order_relaxed);
}

TokenDecision UserTokens::refuse(TokenEvent why, std::string_view address, std::string detail,
                                 const store::TokenRow* known) {
  tally(why);
  store::AuditRow row{clock_.wall_s(), "rejected", {}, {}, std::string(address), std::move(detail)};
  if (known != nullptr) {
    row.token_hash = known->hash;
    row.subject = known->subject;
  }
  audit_.add(std::move(row));
  return {};
}

TokenDecision UserTokens::decide(std::string_view token, std::string_view address, bool is_delete,
                                 std::string_view owner_name) {
  if (!is_token_shaped(token)) {
    tally(TokenEvent::malformed);
    return {};
  }
  const auto found = file_.find(token_hash(token));
  if (!found) {
    tally(TokenEvent::unavailable);
    return {TokenVerdict::unavailable, {}};
  }
  if (!*found) return refuse(TokenEvent::unknown, address, "no such token");
  const store::TokenRow& row = **found;
  if (!row.is_live(clock_.wall_s())) return refuse(TokenEvent::over, address, "token expired or revoked");
  const ClassifiedName name = classify_name(owner_name);
  switch (name.name_class) {
    case NameClass::operator_only:
      return refuse(TokenEvent::reserved, address, fmt::format("operator-only scope: {}", name.reason));
    case NameClass::unknown:
      return refuse(TokenEvent::no_name, address, fmt::format("unknown scope: {}", name.reason));
    case NameClass::owner:
      if (auto detail = mismatch(name, row); !detail.empty()) {
        return refuse(TokenEvent::not_owner, address, std::move(detail), &row);
      }
      break;
    case NameClass::shared:
      if (is_delete) return refuse(TokenEvent::shared_delete, address, "shared-pool delete refused");
      break;
  }
  tally(TokenEvent::allowed);
  const Rate rate{row.rate_per_s, static_cast<double>(row.rate_burst)};
  return {TokenVerdict::allowed,
          {row.hash, row.subject, std::string(address), rate, name.name_class == NameClass::shared}};
}

bool UserTokens::spend(const TokenUse& use) {
  if (by_token_.allow(use.hash, use.rate)) return true;
  tally(TokenEvent::throttled);
  note("throttled", use);
  return false;
}

void UserTokens::note_used(const TokenUse& use) { note("used", use); }

void UserTokens::note(std::string event, const TokenUse& use) {
  store::AuditRow row{clock_.wall_s(), std::move(event), {}, {}, use.address, "shared-pool"};
  if (!use.is_shared) {
    row.token_hash = use.hash;
    row.subject = use.subject;
    row.detail = "owner-exclusive";
  }
  audit_.add(std::move(row));
}

}  // namespace dnsmesh::access
