// SPDX-License-Identifier: Apache-2.0
#include "app/registration_options.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/option_ranges.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::app {
namespace {

/// `Example.com., example.org`: each trimmed, in lower case, without final dots; empty ones do not matter.
std::vector<std::string> domain_list(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    std::string domain = fold_ascii(strip_ascii_whitespace(entry));
    while (domain.ends_with('.')) domain.pop_back();
    if (!domain.empty()) out.push_back(std::move(domain));
  }
  return out;
}

constexpr std::array k_rows = {
    OptionRow{.name = "DMP_REGISTRATION_ENABLED",
              .section = Section::registration,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "People register themselves; needs the multi-tenant mode and DMP_NODE_HOSTNAME",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.enabled = std::get<bool>(v); }},
    OptionRow{.name = "DMP_REGISTRATION_ALLOWLIST",
              .section = Section::registration,
              .kind = Kind::text,
              .default_note = "every domain",
              .accepted = {.max = k_list_bytes_max},
              .help = "Domains whose subjects may register, separated by commas; their subdomains may not",
              .apply = [](NodeSettings& s,
                          const Value& v) { s.registration.domains = domain_list(std::get<std::string>(v)); }},
    OptionRow{.name = "DMP_REGISTRATION_ZONE_ONLY",
              .section = Section::registration,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Only subjects of the zone itself may register",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.zone_only = std::get<bool>(v); }},
    OptionRow{.name = "DMP_REGISTRATION_TOKEN_TTL_SECONDS",
              .section = Section::registration,
              .kind = Kind::integer,
              .default_text = "7776000",
              .accepted = {.max = k_count_max},
              .unit = "seconds",
              .help = "Life of the tokens and TSIG keys that are issued; 0 is for ever",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.life_s = std::get<std::int64_t>(v); }},
    OptionRow{.name = "DMP_REGISTRATION_ISSUED_RATE_PER_SEC",
              .section = Section::registration,
              .kind = Kind::number,
              .default_text = "10",
              .accepted = {.max = k_rate_max},
              .unit = "requests per second",
              .help = "Requests of an issued token",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.issued_rate_per_s = std::get<double>(v); }},
    OptionRow{
        .name = "DMP_REGISTRATION_ISSUED_RATE_BURST",
        .section = Section::registration,
        .kind = Kind::integer,
        .default_text = "50",
        .accepted = {.max = k_count_max},
        .unit = "requests",
        .help = "Requests of an issued token at once",
        .apply = [](NodeSettings& s, const Value& v) { s.registration.issued_burst = std::get<std::int64_t>(v); }},
    OptionRow{.name = "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC",
              .section = Section::registration,
              .kind = Kind::number,
              .default_text = "0.001388888888888889",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "requests per second",
              .help = "Registration requests of one address; a registration costs two; 0 or less removes the limit",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.rate_per_s = std::get<double>(v); }},
    OptionRow{.name = "DMP_REGISTRATION_ENDPOINT_RATE_BURST",
              .section = Section::registration,
              .kind = Kind::number,
              .default_text = "5",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "requests",
              .help = "Registration requests of one address at once; 0 or less removes the limit",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.burst = std::get<double>(v); }},
    OptionRow{.name = "DMP_TSIG_TIGHT_SCOPE",
              .section = Section::registration,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Issued TSIG keys may write their holder's names alone",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.tight_scope = std::get<bool>(v); }},
    OptionRow{.name = "DMP_TSIG_LOOSE_SCOPE",
              .section = Section::registration,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Issued TSIG keys may write the whole zone; wins over the tight scope",
              .apply = [](NodeSettings& s, const Value& v) { s.registration.loose_scope = std::get<bool>(v); }},
};

}  // namespace

std::span<const OptionRow> registration_options() { return k_rows; }

}  // namespace dnsmesh::app
