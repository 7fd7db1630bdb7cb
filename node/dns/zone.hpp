// SPDX-License-Identifier: Apache-2.0
// The served zone: what the operator set, and the same in the form that answers need (spec/dns.md 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "dns/name.hpp"

namespace dnsmesh::dns {

/// As configured; empty texts are "not set" (spec/configuration.md, the DMP_DNS_ settings).
struct ZoneSettings {
  std::string served_zone = {};
  std::string apex_a = {};
  std::string apex_aaaa = {};
  std::string apex_ns = {};
  std::string apex_soa_rname = {};
  std::int64_t answer_ttl_s = 60;
  std::int64_t udp_octets_max = limits::dns_udp_octets_default;
  std::string version = {};   // version.bind and version.server
  std::string hostname = {};  // hostname.bind and id.server
  std::string nsid = {};
};

/// Checked and prepared; immutable while the engine uses it.
struct Zone {
  std::optional<Name> apex;  // folded; nothing when no zone is served
  std::optional<ByteArray<4>> a;
  std::optional<ByteArray<16>> aaaa;
  std::optional<Name> ns;  // without it none is made up: the operator should hear a warning once
  Name soa_mname;          // these two are made up from the apex when not set; used only with an apex
  Name soa_rname;
  std::uint32_t ttl_s = 0;
  std::uint32_t negative_ttl_s = 0;  // also the SOA's MINIMUM
  std::size_t udp_octets_max = 0;
  std::string version;
  std::string hostname;
  std::string nsid;
};

/// Error: config_bad_value, naming the setting's meaning and its text.
Result<Zone> make_zone(const ZoneSettings& settings);

}  // namespace dnsmesh::dns
