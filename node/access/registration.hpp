// SPDX-License-Identifier: Apache-2.0
// Who registers, with what proof, and what they get: a bearer token, or a TSIG key (spec/registration.md 3 to 7). No
// bodies and no files here: HTTP brings the fields, and what is stored goes through RegistrationFiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/challenges.hpp"
#include "access/key_scope.hpp"
#include "access/subject.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace dnsmesh::access {

struct RegistrationPolicy {
  std::string node;                       // name that is signed; as the operator spells it
  std::string zone;                       // of minted keys: lower case, no final dot
  std::vector<std::string> domains = {};  // that may register, lower case; empty: all
  bool zone_only = false;                 // the subject's domain must be the zone
  KeyScope key_scope = KeyScope::standard;
  std::int64_t life_s = 7776000;  // of what is minted; 0: for ever
  double token_rate_per_s = 10;
  std::int64_t token_burst = 50;
};

/// The fields of a request as they came; nothing for one that is absent or no text.
struct RegistrationFields {
  std::optional<std::string> subject;
  std::optional<std::string> ed25519_spk;
  std::optional<std::string> challenge;
  std::optional<std::string> signature;
  std::optional<std::string> x25519_pub;  // the last two are for keys alone
  std::optional<std::string> x25519_pop;
};

/// A token as it is stored: its hash, never itself.
struct TokenGrant {
  std::string hash;
  std::string subject;
  std::string spk_hex;
  double rate_per_s = 0;
  std::int64_t burst = 0;
  std::int64_t issued_s = 0;
  std::optional<std::int64_t> expires_s;  // nothing: never
};

struct IssuedToken {
  std::string token;  // shown this once
  TokenGrant grant;
};

struct IssuedKey {
  std::string name;    // lower case, with final dot
  std::string secret;  // 32 octets
  std::vector<std::string> allowed_suffixes;
  std::string subject;
  std::string spk_hex;
  std::string x25519_hex;  // empty without a proof
  std::string zone;
  std::int64_t created_s = 0;
  std::int64_t expires_s = 0;  // 0: never
};

enum class TokenOutcome : std::uint8_t { stored, owned_by_other };
enum class KeyOutcome : std::uint8_t { stored, owned_by_other, revoked };

/// What happened to a key that was asked for with a good signature.
struct KeyEvent {
  std::string_view event;  // tsig_issued or tsig_rejected
  std::string_view subject;
  std::string_view remote_address;
  std::string_view detail;
};

/// The files behind it. Called by several threads at once; must not throw.
struct RegistrationFiles {
  /// Is the canonical subject, or the lower-case hex of a signing key, on the denylist?
  std::function<Result<bool>(std::string_view)> is_denied;
  /// A fresh token: the text that its holder will show.
  std::function<std::string()> new_token;
  /// Ownership and insertion as one step (section 6).
  std::function<Result<TokenOutcome>(const TokenGrant&, std::string_view remote_address)> store_token;
  /// The same for a key (section 7.5).
  std::function<Result<KeyOutcome>(const IssuedKey&)> store_key;
  std::function<void(const KeyEvent&)> note;
};

/// An answer other than 200; `text` is what a stranger is told.
struct Refusal {
  int status = 0;
  std::string text;
  std::string cause{};  // of a 500, for the log alone
};

/// Any thread. What is referred to must outlive it.
class Registration {
 public:
  Registration(RegistrationPolicy policy, RegistrationFiles files, const Clock& clock, Random& random);

  /// Refused while too many wait.
  std::expected<Challenge, Refusal> challenge();

  /// Challenges that wait to be used.
  std::size_t pending() const { return challenges_.pending(); }

  /// A token for who signed a challenge; every older one of the subject that was registered so ends.
  std::expected<IssuedToken, Refusal> issue_token(const RegistrationFields& fields, std::string_view remote_address);

  /// A TSIG key for who signed a challenge.
  std::expected<IssuedKey, Refusal> issue_key(const RegistrationFields& fields, std::string_view remote_address);

 private:
  struct Proven;
  std::expected<Proven, Refusal> prove(const RegistrationFields& fields);
  std::expected<void, Refusal> admit(const Proven& proven) const;
  std::expected<IssuedKey, Refusal> make_key(const Proven& proven, const RegistrationFields& fields);
  std::expected<IssuedKey, Refusal> mint(const Proven& proven, const RegistrationFields& fields);
  std::expected<void, Refusal> store_key(const IssuedKey& key) const;

  const RegistrationPolicy policy_;
  const RegistrationFiles files_;
  const Clock& clock_;
  Random& random_;
  Challenges challenges_;
};

}  // namespace dnsmesh::access
