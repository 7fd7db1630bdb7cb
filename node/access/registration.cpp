// SPDX-License-Identifier: Apache-2.0
// The numbers are the checks of the tables of spec/registration.md 6 and 7.
#include "access/registration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "access/ceremony.hpp"
#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {

struct Registration::Proven {
  Subject subject;
  crypto::PublicKey spk{};
  Challenge challenge;
};

namespace {

constexpr std::string_view k_owned =
    "subject already has a live token; re-registration must be signed with the previously-registered Ed25519 key";
constexpr std::string_view k_not_admitted = "subject not in registration allowlist";
constexpr std::string_view k_too_many = "registration rate limit exceeded";

std::unexpected<Refusal> refuse(int status, std::string_view text) {
  return std::unexpected(Refusal{status, std::string(text)});
}

std::unexpected<Refusal> internal_error(Error error) {
  return std::unexpected(Refusal{500, "internal error", std::move(error.text)});
}

/// `size` octets from hex of either case.
template <std::size_t N>
std::expected<ByteArray<N>, Refusal> octets_of(std::string_view field, std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return refuse(400, fmt::format("{}: not valid hex", field));
  if (bytes->size() != N) return refuse(400, fmt::format("{}: expected {} bytes, got {}", field, N, bytes->size()));
  return to_array<N>(*bytes);
}

/// The first required field that is not there (check 1).
std::optional<std::string_view> missing_field(const RegistrationFields& fields) {
  struct Row {
    std::string_view name;
    const std::optional<std::string>& value;
  };
  for (const Row& row : {Row{"subject", fields.subject}, Row{"ed25519_spk", fields.ed25519_spk},
                         Row{"challenge", fields.challenge}, Row{"signature", fields.signature}}) {
    if (!row.value || row.value->empty()) return row.name;
  }
  return std::nullopt;
}

/// When something that begins now ends; nothing: never. The life is not negative.
std::optional<std::int64_t> end_of(std::int64_t now_s, std::int64_t life_s) {
  if (life_s == 0) return std::nullopt;
  if (life_s > std::numeric_limits<std::int64_t>::max() - now_s) return std::nullopt;
  return now_s + life_s;
}

/// The X25519 key whose possession was proven (checks 7 to 9); nothing for one without a proof, which old clients send.
std::expected<std::optional<ByteArray<32>>, Refusal> proven_x25519(const Challenge& challenge, std::string_view subject,
                                                                   const RegistrationFields& fields) {
  const std::string_view key_hex = fields.x25519_pub ? strip_ascii_whitespace(*fields.x25519_pub) : std::string_view{};
  if (key_hex.empty()) return std::nullopt;
  const auto key = octets_of<32>("x25519_pub", key_hex);
  if (!key) return std::unexpected(key.error());
  if (!fields.x25519_pop || fields.x25519_pop->empty()) return std::nullopt;
  const auto proof = octets_of<32>("x25519_pop", *fields.x25519_pop);
  if (!proof) return std::unexpected(proof.error());
  if (!verify_possession(challenge, subject, *key, *proof)) {
    return refuse(401, "x25519_pop verification failed: registrant did not prove possession of the claimed X25519 key");
  }
  return *key;
}

}  // namespace

Registration::Registration(RegistrationPolicy policy, RegistrationFiles files, const Clock& clock, Random& random)
    : policy_(std::move(policy)),
      files_(std::move(files)),
      clock_(clock),
      random_(random),
      challenges_(clock, random) {}

std::expected<Challenge, Refusal> Registration::challenge() {
  auto challenge = challenges_.issue(policy_.node);
  if (!challenge) return refuse(429, k_too_many);
  return std::move(*challenge);
}

/// Checks 1 to 5. Whoever has not signed learns nothing about subjects or who may register.
std::expected<Registration::Proven, Refusal> Registration::prove(const RegistrationFields& fields) {
  if (const auto missing = missing_field(fields)) {
    return refuse(400, fmt::format("missing or non-string field: {}", *missing));
  }
  auto subject = parse_subject(*fields.subject);
  if (!subject) return refuse(400, fmt::format("subject invalid: {}", subject.error()));
  const auto spk = octets_of<32>("ed25519_spk", *fields.ed25519_spk);
  if (!spk) return std::unexpected(spk.error());
  const auto signature = octets_of<64>("signature", *fields.signature);
  if (!signature) return std::unexpected(signature.error());
  const auto nonce = octets_of<32>("challenge", *fields.challenge);
  if (!nonce) return std::unexpected(nonce.error());
  auto challenge = challenges_.take(*fields.challenge);
  if (!challenge) return refuse(400, "challenge expired or unknown");
  if (!verify_signature(*challenge, subject->text(), *spk, *signature)) {
    return refuse(401, "signature verification failed");
  }
  return Proven{std::move(*subject), *spk, std::move(*challenge)};
}

/// Check 6, and the denylist.
std::expected<void, Refusal> Registration::admit(const Proven& proven) const {
  const std::string& domain = proven.subject.domain;
  if (!policy_.domains.empty() && std::ranges::find(policy_.domains, domain) == policy_.domains.end()) {
    return refuse(403, k_not_admitted);
  }
  if (policy_.zone_only && domain != policy_.zone) return refuse(403, k_not_admitted);
  for (const std::string& who : {proven.subject.text(), to_hex(view(proven.spk))}) {
    const auto denied = files_.is_denied(who);
    if (!denied) return internal_error(denied.error());
    if (*denied) return refuse(403, k_not_admitted);
  }
  return {};
}

std::expected<IssuedToken, Refusal> Registration::issue_token(const RegistrationFields& fields,
                                                              std::string_view remote_address) {
  const auto proven = prove(fields);
  if (!proven) return std::unexpected(proven.error());
  if (const auto admitted = admit(*proven); !admitted) return std::unexpected(admitted.error());
  IssuedToken issued;
  issued.token = files_.new_token();
  const std::int64_t now_s = clock_.wall_s();
  issued.grant = {crypto::sha256_hex(issued.token), proven->subject.text(), to_hex(view(proven->spk)),
                  policy_.token_rate_per_s,         policy_.token_burst,    now_s,
                  end_of(now_s, policy_.life_s)};
  const auto outcome = files_.store_token(issued.grant, remote_address);
  if (!outcome) return internal_error(outcome.error());
  if (*outcome == TokenOutcome::owned_by_other) return refuse(409, k_owned);
  return issued;
}

/// Checks 7 to 11: the key as it is to be stored.
std::expected<IssuedKey, Refusal> Registration::make_key(const Proven& proven, const RegistrationFields& fields) {
  const auto x25519 = proven_x25519(proven.challenge, proven.subject.text(), fields);
  if (!x25519) return std::unexpected(x25519.error());
  if (policy_.zone.empty()) return refuse(500, "could not derive TSIG scope from subject + zone");
  auto name = key_name(proven.subject, proven.spk, policy_.zone);
  if (!name) return refuse(400, "subject local part too long for TSIG key label (max 47 chars)");
  ByteArray<32> secret;
  random_.fill(secret);
  IssuedKey key;
  key.name = std::move(*name);
  key.secret = view(secret);
  key.allowed_suffixes = allowed_suffixes(proven.subject, proven.spk, *x25519, policy_.zone, policy_.key_scope);
  key.subject = proven.subject.text();
  key.spk_hex = to_hex(view(proven.spk));
  if (*x25519) key.x25519_hex = to_hex(view(**x25519));
  key.zone = policy_.zone;
  key.created_s = clock_.wall_s();
  key.expires_s = end_of(key.created_s, policy_.life_s).value_or(0);
  return key;
}

/// Check 12, and that a revoked key stays so until the operator lifts it.
std::expected<void, Refusal> Registration::store_key(const IssuedKey& key) const {
  const auto outcome = files_.store_key(key);
  if (!outcome) return internal_error(outcome.error());
  switch (*outcome) {
    case KeyOutcome::stored:
      return {};
    case KeyOutcome::owned_by_other:
      return refuse(409, k_owned);
    case KeyOutcome::revoked:
      return refuse(403, k_not_admitted);
  }
  std::unreachable();
}

std::expected<IssuedKey, Refusal> Registration::mint(const Proven& proven, const RegistrationFields& fields) {
  if (const auto admitted = admit(proven); !admitted) return std::unexpected(admitted.error());
  auto key = make_key(proven, fields);
  if (!key) return key;
  if (const auto stored = store_key(*key); !stored) return std::unexpected(stored.error());
  return key;
}

std::expected<IssuedKey, Refusal> Registration::issue_key(const RegistrationFields& fields,
                                                          std::string_view remote_address) {
  const auto proven = prove(fields);
  if (!proven) return std::unexpected(proven.error());
  auto key = mint(*proven, fields);
  const std::string subject = proven->subject.text();
  const std::string_view detail = key ? key->name : key.error().text;
  files_.note(KeyEvent{key ? "tsig_issued" : "tsig_rejected", subject, remote_address, detail});
  return key;
}

}  // namespace dnsmesh::access
