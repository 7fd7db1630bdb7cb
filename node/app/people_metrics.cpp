// SPDX-License-Identifier: Apache-2.0
#include "app/people_metrics.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace dnsmesh::app {
namespace {

using Samples = std::vector<MetricSample>;

MetricSample labelled(std::string name, std::string_view value, std::uint64_t count) {
  return {{{std::move(name), std::string(value)}}, static_cast<double>(count)};
}

Samples decisions(const access::UserTokens& users) {
  Samples out;
  for (std::size_t i = 0; i < access::k_token_event_count; ++i) {
    const auto event = static_cast<access::TokenEvent>(i);
    out.push_back(labelled("outcome", access::token_event_name(event), users.count(event)));
  }
  return out;
}

Samples dropped(const access::AuditLog& audit) {
  return {labelled("reason", "rate", audit.dropped_for_rate()), labelled("reason", "room", audit.dropped_for_room())};
}

Samples answers(const http::RegistrationDoor& door) {
  Samples out;
  for (const http::RegistrationCount& row : door.counts()) {
    out.push_back({{{"route", std::string(row.route)}, {"status", fmt::format("{}", row.status)}},
                   static_cast<double>(row.count)});
  }
  return out;
}

Samples one(std::size_t value) { return {{{}, static_cast<double>(value)}}; }

}  // namespace

MetricsSnapshot people_metrics(const PeopleParts& parts) {
  const auto& [tokens, registration, keys] = parts;
  return {
      {"dmp_token_requests_total", MetricType::counter, "Writes over HTTP with a user token, by what became of them.",
       tokens != nullptr ? decisions(tokens->users()) : Samples{}},
      {"dmp_audit_dropped_total", MetricType::counter, "Rows that the audit trail lacks, by reason.",
       tokens != nullptr ? dropped(tokens->audit()) : Samples{}},
      {"dmp_registration_requests_total", MetricType::counter, "Requests of registration by route and status.",
       registration != nullptr ? answers(registration->door()) : Samples{}},
      {"dmp_registration_challenges", MetricType::gauge, "Challenges that wait to be signed.",
       registration != nullptr ? one(registration->door().pending()) : Samples{}},
      {"dmp_tsig_keys", MetricType::gauge, "TSIG keys in memory, those that are over too.",
       keys != nullptr ? one(keys->ring().size()) : Samples{}},
  };
}

}  // namespace dnsmesh::app
