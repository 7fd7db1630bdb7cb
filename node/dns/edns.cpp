// SPDX-License-Identifier: Apache-2.0
#include "dns/edns.hpp"

#include "base/cursor.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::size_t k_option_head_octets = 4;

bool is_cookie_length(std::size_t octets) {
  return octets == k_client_cookie_octets || (octets >= k_cookie_octets_min && octets <= k_cookie_octets_max);
}

void write_option_head(WireWriter& writer, std::uint16_t code, std::size_t octets) {
  writer.u16(code);
  writer.u16(static_cast<std::uint16_t>(octets));
}

void write_number_option(WireWriter& writer, std::uint16_t code, std::uint16_t value) {
  write_option_head(writer, code, sizeof value);
  writer.u16(value);
}

}  // namespace

bool read_edns_options(std::string_view rdata, Edns& edns) {
  if (edns.version != 0) return true;  // the layout of later versions is not known
  bool is_well_formed = true;
  ByteReader reader(rdata);
  while (reader.remaining() > 0) {
    const std::uint16_t code = reader.u16();
    const std::string_view content = reader.bytes(reader.u16());
    if (!reader.ok()) break;
    if (code == k_option_nsid) edns.wants_nsid = true;
    if (code == k_option_tcp_keepalive) edns.wants_keepalive = true;
    if (code != k_option_cookie || !edns.cookie.empty()) continue;  // the first cookie counts (RFC 7873 5.2)
    is_well_formed = is_well_formed && is_cookie_length(content.size());
    if (is_well_formed) edns.cookie = content;
  }
  return is_well_formed && reader.at_end();
}

std::size_t OptPlan::octets() const {
  return k_opt_octets_min + (nsid.empty() ? 0 : k_option_head_octets + nsid.size()) +
         (cookie ? k_option_head_octets + k_cookie_octets : 0) +
         (keepalive_100ms ? k_option_head_octets + sizeof(std::uint16_t) : 0) +
         (extended_error ? k_option_head_octets + sizeof(std::uint16_t) : 0);
}

void write_opt(WireWriter& writer, const OptPlan& opt, const Edns& request, Rcode rcode) {
  writer.u8(0);
  writer.u16(k_type_opt);
  writer.u16(static_cast<std::uint16_t>(limits::dns_udp_octets_default));
  const std::uint32_t extended_rcode = static_cast<std::uint32_t>(rcode) >> 4;
  writer.u32(extended_rcode << 24 | (request.dnssec_ok ? k_edns_flag_dnssec_ok : 0));
  writer.u16(static_cast<std::uint16_t>(opt.octets() - k_opt_octets_min));
  if (!opt.nsid.empty()) {
    write_option_head(writer, k_option_nsid, opt.nsid.size());
    writer.bytes(opt.nsid);
  }
  if (opt.cookie) {
    write_option_head(writer, k_option_cookie, k_cookie_octets);
    writer.bytes(view(*opt.cookie));
  }
  if (opt.keepalive_100ms) write_number_option(writer, k_option_tcp_keepalive, *opt.keepalive_100ms);
  if (opt.extended_error) write_number_option(writer, k_option_ede, *opt.extended_error);
}

}  // namespace dnsmesh::dns
