// SPDX-License-Identifier: Apache-2.0
#include "http/access_words.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/page_template.hpp"

namespace dnsmesh::http {
namespace {

constexpr std::int64_t k_day_s = 86400;
constexpr std::string_view k_users_write =
    "This node takes records from holders of a token, at the names that are theirs.";

std::string who_words(const RegistrationFacts& facts) {
  if (facts.zone_only) return "Subjects of the zone of this node alone may register.";
  if (facts.domains.empty()) return "There is no allowlist: subjects of every domain may register.";
  std::string out = "Subjects of these domains may register";
  std::string_view before = ": ";
  for (const std::string& domain : facts.domains) {
    out += fmt::format("{}<code>{}</code>", std::exchange(before, ", "), escape_html(domain));
  }
  return out + ".";
}

std::string life_words(std::string_view what, std::int64_t life_s) {
  if (life_s == 0) return fmt::format("{} do not end by themselves.", what);
  const std::int64_t days = life_s / k_day_s;
  if (days == 0) return fmt::format("{} live less than a day.", what);
  return fmt::format("{} live {} {}.", what, days, days == 1 ? "day" : "days");
}

std::string self_service_html(const RegistrationFacts& facts) {
  const std::string_view given = facts.offers_keys ? "a token for HTTP, and a TSIG key for DNS UPDATE"
                                                   : "a token for HTTP; DNS UPDATE is off, so there are no TSIG keys";
  return fmt::format(
      "Whoever signs a challenge with an Ed25519 key gets {}. {} {} It begins with "
      "<code>/v1/registration/challenge</code>.",
      given, who_words(facts), life_words(facts.offers_keys ? "Tokens and keys" : "Tokens", facts.life_s));
}

}  // namespace

AccessWords access_words(access::AuthMode mode, const std::optional<RegistrationFacts>& facts) {
  switch (mode) {
    case access::AuthMode::open:
      return {"Open", "There is nothing to register for: everybody may publish and delete over HTTP.",
              "This node takes records from everybody.", "hello", ""};
    case access::AuthMode::legacy:
      return {"Legacy",
              "Nobody can register: only the operator, who holds the token, may publish and delete over HTTP.",
              "This node takes records from its operator alone; the command needs the operator token.", "hello",
              "DMP_OPERATOR_TOKEN"};
    case access::AuthMode::multi_tenant:
      break;
  }
  if (!facts) {
    return {"Multi-tenant, closed", "Users publish with tokens that the operator hands out; nobody can register here.",
            k_users_write, "dmp.alice", "TOKEN"};
  }
  return {facts->offers_keys ? "Self-service, with TSIG keys" : "Self-service, without DNS UPDATE",
          self_service_html(*facts), k_users_write, "dmp.alice", "TOKEN"};
}

}  // namespace dnsmesh::http
