// SPDX-License-Identifier: Apache-2.0
#include "app/update_options.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "app/option_ranges.hpp"

namespace dnsmesh::app {
namespace {

constexpr std::array k_rows = {
    OptionRow{.name = "DMP_DNS_UPDATE_ENABLED",
              .section = Section::update,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Takes DNS UPDATE for the served zone, signed with a TSIG key; off, every UPDATE is refused",
              .apply = [](NodeSettings& s, const Value& v) { s.update.enabled = std::get<bool>(v); }},
    OptionRow{.name = "DMP_TSIG_DB_PATH",
              .section = Section::update,
              .kind = Kind::path,
              .default_note = "DMP_DB_PATH with _tsig before its extension",
              .accepted = {.max = k_path_bytes_max},
              .help = "With DNS UPDATE: database of TSIG keys; missing directories are made, for this user alone",
              .apply = [](NodeSettings& s, const Value& v) { s.update.key_path = std::get<std::string>(v); }},
    OptionRow{.name = "DMP_DNS_TSIG_ERROR_RR",
              .section = Section::update,
              .kind = Kind::flag,
              .default_text = "1",
              .help = "A refused signature is answered with a TSIG record that says why; off: with a bare header",
              .apply = [](NodeSettings& s, const Value& v) { s.update.tsig_error_rr = std::get<bool>(v); }},
    OptionRow{.name = "DMP_DNS_UPDATE_VERIFY",
              .section = Section::update,
              .kind = Kind::flag,
              .default_text = "1",
              .help = "Signed UPDATEs with a record of a known type that does not verify are refused",
              .apply = [](NodeSettings& s, const Value& v) { s.update.verify_known_types = std::get<bool>(v); }},
    OptionRow{.name = "DMP_CLAIM_PROVIDER",
              .section = Section::update,
              .kind = Kind::flag,
              .default_text = "1",
              .help = "With DNS UPDATE: takes claims, the pointers of a first contact, for anybody and without a key",
              .apply = [](NodeSettings& s, const Value& v) { s.update.claim_provider = std::get<bool>(v); }},
    OptionRow{.name = "DMP_RECEIVER_CLAIM_NOTIFICATIONS",
              .section = Section::update,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "With DNS UPDATE and without DMP_CLAIM_PROVIDER: takes claims for those who hold a TSIG key here",
              .apply = [](NodeSettings& s, const Value& v) { s.update.claims_for_registered = std::get<bool>(v); }},
    OptionRow{.name = "DMP_CLAIM_MAX_TTL",
              .section = Section::update,
              .kind = Kind::integer,
              .default_text = "86400",
              .accepted = {.min = k_no_min, .max = k_count_max},
              .unit = "seconds",
              .help = "Longest life of a claim, and how far ahead its signed end may lie; 0 or less removes the bound",
              .alias = "DMP_CLAIM_MAX_AGE_SECONDS",
              .apply = [](NodeSettings& s, const Value& v) { s.update.claim_ttl_s_max = std::get<std::int64_t>(v); }},
    OptionRow{.name = "DMP_CLAIM_RATE_PER_USER_PER_SEC",
              .section = Section::update,
              .kind = Kind::number,
              .default_text = "0.5",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "claims per second",
              .help = "Claims that are taken for one recipient; 0 or less removes the limit",
              .apply = [](NodeSettings& s, const Value& v) { s.update.claim_rate_per_s = std::get<double>(v); }},
    OptionRow{.name = "DMP_CLAIM_RATE_BURST",
              .section = Section::update,
              .kind = Kind::number,
              .default_text = "30",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "claims",
              .help = "Claims that are taken for one recipient at once; 0 or less removes the limit",
              .apply = [](NodeSettings& s, const Value& v) { s.update.claim_burst = std::get<double>(v); }},
};

}  // namespace

std::span<const OptionRow> update_options() { return k_rows; }

}  // namespace dnsmesh::app
