// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/dns_lookup.hpp"

#include <fmt/format.h>
#include <ldns/ldns.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "base/bytes.hpp"
#include "base/limits.hpp"

namespace dnsmesh::record_tool {
namespace {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using OwnedRdf = std::unique_ptr<ldns_rdf, Releaser<ldns_rdf_deep_free>>;
using OwnedPacket = std::unique_ptr<ldns_pkt, Releaser<ldns_pkt_free>>;
using OwnedResolver = std::unique_ptr<ldns_resolver, Releaser<ldns_resolver_deep_free>>;
using OwnedAddresses = std::unique_ptr<addrinfo, Releaser<freeaddrinfo>>;
using OwnedRrList = std::unique_ptr<ldns_rr_list, Releaser<ldns_rr_list_deep_free>>;

/// The first address of the host as ldns wants it.
Result<OwnedRdf> address_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return fail(ErrorCode::config_bad_value, fmt::format("server {}: {}", host, gai_strerror(error)));
  }
  const OwnedAddresses addresses(found);
  sockaddr_storage address{};
  std::memcpy(&address, found->ai_addr, std::min<std::size_t>(found->ai_addrlen, sizeof address));
  OwnedRdf rdf(ldns_sockaddr_storage2rdf(&address, nullptr));
  if (!rdf) return fail(ErrorCode::config_bad_value, fmt::format("server {} has no usable address", host));
  return rdf;
}

Result<OwnedResolver> resolver_for(const DnsServer& server) {
  auto address = address_of(server.host);
  if (!address) return std::unexpected(address.error());
  OwnedResolver resolver(ldns_resolver_new());
  if (!resolver || ldns_resolver_push_nameserver(resolver.get(), address->get()) != LDNS_STATUS_OK) {
    return fail(ErrorCode::net_io, "no resolver could be made");
  }
  constexpr timeval patience{3, 0};
  ldns_resolver_set_port(resolver.get(), server.port);
  ldns_resolver_set_timeout(resolver.get(), patience);
  ldns_resolver_set_retry(resolver.get(), 2);
  ldns_resolver_set_edns_udp_size(resolver.get(), limits::dns_udp_octets_default);
  // Falling back is done here, on truncation alone; ldns would also ask again without EDNS.
  ldns_resolver_set_fallback(resolver.get(), false);
  ldns_resolver_set_igntc(resolver.get(), true);
  return resolver;
}

Result<OwnedPacket> ask(ldns_resolver* resolver, const ldns_rdf* name, bool over_tcp) {
  ldns_resolver_set_usevc(resolver, over_tcp);
  ldns_pkt* answer = nullptr;
  const ldns_status status = ldns_resolver_send(&answer, resolver, name, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_IN, LDNS_RD);
  OwnedPacket packet(answer);
  if (status != LDNS_STATUS_OK || !packet) {
    return fail(ErrorCode::net_io, fmt::format("no answer: {}", ldns_get_errorstr_by_id(status)));
  }
  return packet;
}

/// The character-strings of one TXT RR, joined.
std::string value_of(const ldns_rr* rr) {
  std::string value;
  for (std::size_t i = 0; i < ldns_rr_rd_count(rr); ++i) {
    const ldns_rdf* rdf = ldns_rr_rdf(rr, i);
    const std::string_view octets = view(ldns_rdf_data(rdf), ldns_rdf_size(rdf));
    value += octets.substr(std::min<std::size_t>(1, octets.size()));
  }
  return value;
}

}  // namespace

Result<std::vector<std::string>> lookup_txt(std::string_view name, const DnsServer& server) {
  const OwnedRdf owner(ldns_dname_new_frm_str(std::string(name).c_str()));
  if (!owner) return fail(ErrorCode::config_bad_value, fmt::format("{} is not a DNS name", name));
  auto resolver = resolver_for(server);
  if (!resolver) return std::unexpected(resolver.error());
  auto answer = ask(resolver->get(), owner.get(), false);
  if (answer && ldns_pkt_tc(answer->get())) answer = ask(resolver->get(), owner.get(), true);
  if (!answer) return std::unexpected(answer.error());
  const ldns_pkt_rcode rcode = ldns_pkt_get_rcode(answer->get());
  if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
    const ldns_lookup_table* word = ldns_lookup_by_id(ldns_rcodes, static_cast<int>(rcode));
    return fail(ErrorCode::net_io, fmt::format("the server answered {}", word ? word->name : "an unknown rcode"));
  }
  const OwnedRrList rrs(ldns_pkt_rr_list_by_type(answer->get(), LDNS_RR_TYPE_TXT, LDNS_SECTION_ANSWER));
  std::vector<std::string> values;
  for (std::size_t i = 0; rrs && i < ldns_rr_list_rr_count(rrs.get()); ++i) {
    values.push_back(value_of(ldns_rr_list_rr(rrs.get(), i)));
  }
  return values;
}

}  // namespace dnsmesh::record_tool
