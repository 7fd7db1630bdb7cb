// SPDX-License-Identifier: Apache-2.0
#include "dns/zone.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace dnsmesh::dns {
namespace {

std::unexpected<Error> bad(std::string_view what, std::string_view text) {
  return fail(ErrorCode::config_bad_value, fmt::format("{} \"{}\" is not usable", what, text));
}

/// Nothing when `text` is empty.
Result<std::optional<Name>> optional_name(std::string_view what, std::string_view text) {
  while (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  std::optional<Name> name = Name::from_text(text);
  if (!name) return bad(what, text);
  name->fold();
  return name;
}

template <std::size_t N>
Result<std::optional<ByteArray<N>>> optional_address(int family, std::string_view what, const std::string& text) {
  if (text.empty()) return std::nullopt;
  ByteArray<N> address;
  if (inet_pton(family, text.c_str(), address.data()) != 1) return bad(what, text);
  return address;
}

std::optional<Name> hostmaster_of(std::string_view apex) {
  Name name;
  bool fits = name.append_label("hostmaster");
  for (; fits && apex.size() > 1; apex = parent_of(apex)) fits = name.append_label(first_label(apex));
  return fits && name.append_label({}) ? std::optional(name) : std::nullopt;
}

Result<void> set_names(const ZoneSettings& settings, Zone& zone) {
  auto apex = optional_name("served zone", settings.served_zone);
  if (!apex) return std::unexpected(apex.error());
  auto ns = optional_name("apex NS", settings.apex_ns);
  if (!ns) return std::unexpected(ns.error());
  auto rname = optional_name("SOA RNAME", settings.apex_soa_rname);
  if (!rname) return std::unexpected(rname.error());
  zone.apex = *apex;
  if (!zone.apex) return {};
  zone.ns = *ns;
  if (!*rname) *rname = hostmaster_of(zone.apex->wire());
  if (!*rname) return bad("served zone", settings.served_zone);
  zone.soa_mname = zone.ns.value_or(*zone.apex);
  zone.soa_rname = **rname;
  return {};
}

}  // namespace

Result<Zone> make_zone(const ZoneSettings& settings) {
  Zone zone;
  if (auto named = set_names(settings, zone); !named) return std::unexpected(named.error());
  auto a = optional_address<4>(AF_INET, "apex A", settings.apex_a);
  if (!a) return std::unexpected(a.error());
  auto aaaa = optional_address<16>(AF_INET6, "apex AAAA", settings.apex_aaaa);
  if (!aaaa) return std::unexpected(aaaa.error());
  zone.a = *a;
  zone.aaaa = *aaaa;
  zone.ttl_s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(settings.answer_ttl_s, 0, limits::dns_ttl_s_max));
  zone.negative_ttl_s = static_cast<std::uint32_t>(std::min<std::int64_t>(zone.ttl_s, limits::dns_negative_ttl_s_max));
  constexpr auto k_least = static_cast<std::int64_t>(limits::dns_udp_octets_plain);
  constexpr auto k_most = static_cast<std::int64_t>(limits::dns_udp_octets_max);
  if (settings.udp_octets_max < k_least || settings.udp_octets_max > k_most) {
    return bad("UDP answer size", fmt::to_string(settings.udp_octets_max));
  }
  zone.udp_octets_max = static_cast<std::size_t>(settings.udp_octets_max);
  for (const std::string* text : {&settings.version, &settings.hostname, &settings.nsid}) {
    if (text->size() > limits::dns_identity_bytes_max) return bad("identity text", *text);
  }
  zone.version = settings.version;
  zone.hostname = settings.hostname;
  zone.nsid = settings.nsid;
  return zone;
}

}  // namespace dnsmesh::dns
