// SPDX-License-Identifier: Apache-2.0
#include "http/registration_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "access/address_key.hpp"
#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr int k_ceremony_version = 1;
constexpr std::string_view k_challenge = "/v1/registration/challenge";
constexpr std::string_view k_confirm = "/v1/registration/confirm";
constexpr std::string_view k_tsig_confirm = "/v1/registration/tsig-confirm";
/// In the order of the routes, as a label of metrics.
constexpr std::array<std::string_view, 3> k_route_names = {"challenge", "confirm", "tsig-confirm"};

std::optional<std::string> text_at(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

/// No body counts as an empty object.
std::expected<access::RegistrationFields, Response> read_fields(const Request& request) {
  const auto refused = [] { return std::unexpected(json_error(400, "invalid body")); };
  if (request.body_too_large) return refused();
  if (request.body.empty()) return access::RegistrationFields{};
  const auto object = parse_json(request.body, limits::json_depth_max);
  if (!object || !object->is_object()) return refused();
  return access::RegistrationFields{
      .subject = text_at(*object, "subject"),
      .ed25519_spk = text_at(*object, "ed25519_spk"),
      .challenge = text_at(*object, "challenge"),
      .signature = text_at(*object, "signature"),
      .x25519_pub = text_at(*object, "x25519_pub"),
      .x25519_pop = text_at(*object, "x25519_pop"),
  };
}

Json challenge_body(const access::Challenge& challenge) {
  return {
      {"challenge", to_hex(view(challenge.nonce))},
      {"node", challenge.node},
      {"expires_at", challenge.expires_s},
      {"server_x25519_pub", to_hex(view(crypto::x25519_public(challenge.x25519_private)))},
      {"version", k_ceremony_version},
  };
}

Json token_body(const access::IssuedToken& issued) {
  const access::TokenGrant& grant = issued.grant;
  return {
      {"token", issued.token},
      {"subject", grant.subject},
      {"expires_at", grant.expires_s ? Json(*grant.expires_s) : Json(nullptr)},
      {"rate_per_sec", grant.rate_per_s},
      {"rate_burst", grant.burst},
  };
}

Json key_body(const access::IssuedKey& key) {
  return {
      {"tsig_key_name", key.name},       {"tsig_secret_hex", to_hex(key.secret)},
      {"tsig_algorithm", "hmac-sha256"}, {"allowed_suffixes", key.allowed_suffixes},
      {"subject", key.subject},          {"zone", key.zone},
      {"expires_at", key.expires_s},
  };
}

}  // namespace

RegistrationDoor::RegistrationDoor(access::Registration& registration, bool offers_keys, access::Rate rate,
                                   const Clock& clock)
    : registration_(registration), offers_keys_(offers_keys), by_address_(rate, clock) {}

RouteTable RegistrationDoor::routes() {
  const auto limited = [this](std::size_t route, Response (RegistrationDoor::*answer)(const Request&)) -> Handler {
    return [this, route, answer](const Request& request, Responder respond) {
      Response response = by_address_.allow(access::address_key(request.peer_address))
                              ? (this->*answer)(request)
                              : json_error(429, "registration rate limit exceeded");
      tally(route, response.status);
      respond(std::move(response));
    };
  };
  const Handler no_keys = [](const Request&, Responder respond) {
    respond(json_error(404, "tsig registration disabled"));
  };
  return {
      {"GET", k_challenge, k_challenge, limited(0, &RegistrationDoor::challenge)},
      {"POST", R"(/v1/registration/confirm(\?.*)?)", k_confirm, limited(1, &RegistrationDoor::token)},
      {"POST", R"(/v1/registration/tsig-confirm(\?.*)?)", k_tsig_confirm,
       offers_keys_ ? limited(2, &RegistrationDoor::key) : no_keys},
  };
}

void RegistrationDoor::tally(std::size_t route, int status) {
  const auto* const found = std::ranges::find(k_statuses, status);
  if (found == k_statuses.end()) return;
  counts_[route][static_cast<std::size_t>(found - k_statuses.begin())].fetch_add(1, std::memory_order_relaxed);
}

std::vector<RegistrationCount> RegistrationDoor::counts() const {
  std::vector<RegistrationCount> out;
  for (std::size_t route = 0; route < k_routes; ++route) {
    for (std::size_t i = 0; i < k_statuses.size(); ++i) {
      out.push_back({k_route_names[route], k_statuses[i], counts_[route][i].load(std::memory_order_relaxed)});
    }
  }
  return out;
}

/// What a series of failures costs the log is one line: strangers may cause the requests.
Response RegistrationDoor::answer_to(const access::Refusal& refusal, std::string_view route, const Request& request) {
  if (refusal.status == 500 && !is_failing_.exchange(true)) {
    log::error(log::k_http, fmt::format("registration failed: route={} remote={}: {}", route,
                                        request.peer_address.empty() ? "-" : request.peer_address,
                                        refusal.cause.empty() ? refusal.text : refusal.cause));
  }
  return json_error(refusal.status, refusal.text);
}

Response RegistrationDoor::challenge(const Request& request) {
  const auto challenge = registration_.challenge();
  if (!challenge) return answer_to(challenge.error(), k_challenge, request);
  return json_response(200, write_json(challenge_body(*challenge)));
}

Response RegistrationDoor::token(const Request& request) {
  const auto fields = read_fields(request);
  if (!fields) return fields.error();
  const auto issued = registration_.issue_token(*fields, request.peer_address);
  if (!issued) return answer_to(issued.error(), k_confirm, request);
  is_failing_ = false;
  return json_response(200, write_json(token_body(*issued)));
}

Response RegistrationDoor::key(const Request& request) {
  const auto fields = read_fields(request);
  if (!fields) return fields.error();
  const auto key = registration_.issue_key(*fields, request.peer_address);
  if (!key) return answer_to(key.error(), k_tsig_confirm, request);
  is_failing_ = false;
  return json_response(200, write_json(key_body(*key)));
}

}  // namespace dnsmesh::http
