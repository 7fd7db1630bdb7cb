// SPDX-License-Identifier: Apache-2.0
#include "dns/render.hpp"

#include <algorithm>
#include <cassert>

#include "base/bytes.hpp"
#include "dns/edns.hpp"
#include "dns/writer.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::uint16_t k_question_pointer = 0xC000 + k_header_octets;
constexpr std::uint32_t k_soa_refresh_s = 3600;  // these three: spec/dns.md 2
constexpr std::uint32_t k_soa_retry_s = 600;
constexpr std::uint32_t k_soa_expire_s = 604800;

void write_record_head(WireWriter& writer, std::uint16_t type, std::uint16_t rclass, std::uint32_t ttl_s) {
  writer.u16(k_question_pointer);
  writer.u16(type);
  writer.u16(rclass);
  writer.u32(ttl_s);
}

/// Writes RDLENGTH behind the fact, since compression decides it.
template <class WriteRdata>
void write_rdata(WireWriter& writer, WriteRdata write) {
  const std::size_t length_at = writer.size();
  writer.u16(0);
  write();
  if (!writer.is_full()) writer.u16_at(length_at, static_cast<std::uint16_t>(writer.size() - length_at - 2));
}

void write_soa_fields(WireWriter& writer, const Message& query, const RenderInput& input, std::uint32_t ttl_s) {
  writer.u16(k_type_soa);
  writer.u16(k_class_in);
  writer.u32(ttl_s);
  write_rdata(writer, [&] {
    writer.name(input.zone.soa_mname.wire(), query.name.wire());
    writer.name(input.zone.soa_rname.wire(), query.name.wire());
    writer.u32(input.soa_serial);
    writer.u32(k_soa_refresh_s);
    writer.u32(k_soa_retry_s);
    writer.u32(k_soa_expire_s);
    writer.u32(input.zone.negative_ttl_s);
  });
}

/// One TTL for the RRset (RFC 2181 5.2): never beyond the life of its shortest-lived live value.
std::uint32_t txt_ttl_s(std::string_view owner, std::int64_t shortest_left_s, std::uint32_t zone_ttl_s) {
  std::int64_t ttl_s = std::min<std::int64_t>(zone_ttl_s, shortest_left_s);
  if (owner_shape(owner) != OwnerShape::ordinary) ttl_s = std::min(ttl_s, limits::dns_short_ttl_s_max);
  return static_cast<std::uint32_t>(std::max<std::int64_t>(ttl_s, 1));
}

/// The live values, starting at a place that differs from answer to answer: readers that take only the first few still
/// see all of them in time. Gives how many RRs there are.
std::uint16_t write_txt(WireWriter& writer, const Message& query, const RRset& rrset, const RenderInput& input) {
  std::int64_t shortest_left_s = limits::dns_ttl_s_max;
  for (std::size_t i = 0; i < rrset.size(); ++i) {
    const std::int64_t left_s = rrset.expires_s(i) - input.now_s;
    if (left_s > 0) shortest_left_s = std::min(shortest_left_s, left_s);
  }
  const std::uint32_t ttl_s = txt_ttl_s(query.name.wire(), shortest_left_s, input.zone.ttl_s);
  const std::size_t first = input.rotation % rrset.size();
  std::uint16_t written = 0;
  for (std::size_t k = 0; k < rrset.size() && !writer.is_full(); ++k) {
    const std::size_t i = first + k < rrset.size() ? first + k : first + k - rrset.size();
    if (rrset.expires_s(i) <= input.now_s) continue;
    const std::string_view rdata = rrset.rdata(i);
    write_record_head(writer, k_type_txt, k_class_in, ttl_s);
    writer.u16(static_cast<std::uint16_t>(rdata.size()));
    writer.bytes(rdata);
    ++written;
  }
  return written;
}

std::uint16_t write_address(WireWriter& writer, std::uint16_t type, std::string_view address, std::uint32_t ttl_s) {
  write_record_head(writer, type, k_class_in, ttl_s);
  writer.u16(static_cast<std::uint16_t>(address.size()));
  writer.bytes(address);
  return 1;
}

std::uint16_t write_answers(WireWriter& writer, const Message& query, const Plan& plan, const RenderInput& input) {
  const Zone& zone = input.zone;
  std::uint16_t count = 0;
  if (plan.soa) {
    writer.u16(k_question_pointer);
    write_soa_fields(writer, query, input, zone.ttl_s);
    ++count;
  }
  if (plan.ns) {
    write_record_head(writer, k_type_ns, k_class_in, zone.ttl_s);
    write_rdata(writer, [&] { writer.name(zone.ns->wire(), query.name.wire()); });
    ++count;
  }
  if (plan.a) count += write_address(writer, k_type_a, view(*zone.a), zone.ttl_s);
  if (plan.aaaa) count += write_address(writer, k_type_aaaa, view(*zone.aaaa), zone.ttl_s);
  if (plan.txt != nullptr) count += write_txt(writer, query, *plan.txt, input);
  if (!plan.chaos_text.empty()) {
    write_record_head(writer, k_type_txt, k_class_chaos, 0);
    write_rdata(writer, [&] {
      writer.u8(static_cast<std::uint8_t>(plan.chaos_text.size()));
      writer.bytes(plan.chaos_text);
    });
    ++count;
  }
  return count;
}

std::uint16_t write_authority(WireWriter& writer, const Message& query, const Plan& plan, const RenderInput& input) {
  if (!plan.soa_in_authority) return 0;
  std::int64_t ttl_s = input.zone.negative_ttl_s;
  if (owner_shape(query.name.wire()) == OwnerShape::polled) {
    ttl_s = std::min(ttl_s, limits::dns_negative_ttl_polled_s_max);
  }
  writer.name(input.zone.apex->wire(), query.name.wire());
  write_soa_fields(writer, query, input, static_cast<std::uint32_t>(ttl_s));
  return 1;
}

}  // namespace

std::size_t answer_limit(const Message& query, const RenderInput& input) {
  if (input.transport == Transport::tcp) return limits::dns_message_octets_max;
  if (!query.edns) return limits::dns_udp_octets_plain;
  return std::min(std::max<std::size_t>(query.edns->payload_octets, limits::dns_udp_octets_plain),
                  input.zone.udp_octets_max);
}

OptPlan opt_for(const Message& query, const Plan& plan, const RenderInput& input) {
  OptPlan opt;
  if (query.edns->wants_nsid) opt.nsid = input.zone.nsid;
  if (query.edns->wants_keepalive) opt.keepalive_100ms = input.keepalive_100ms;
  opt.cookie = input.cookie;
  opt.extended_error = plan.extended_error;
  return opt;
}

Rendered render(const Message& query, const Plan& plan, const RenderInput& input, std::span<char> out) {
  const std::size_t limit = answer_limit(query, input) - input.kept_octets;
  assert(limit <= out.size());
  static_assert(k_header_octets + limits::wire_name_octets_max + 4 + k_opt_octets_max <= limits::dns_udp_octets_plain);
  WireWriter writer(out, limit);
  if (query.edns) writer.set_limit(limit - opt_for(query, plan, input).octets());

  const std::string_view question = plan.with_question ? query.question : std::string_view();
  for (std::size_t i = 0; i < k_header_octets; i += 2) writer.u16(0);
  writer.bytes(question);
  const std::size_t sections_at = writer.size();
  std::uint16_t answer_count = write_answers(writer, query, plan, input);
  std::uint16_t authority_count = write_authority(writer, query, plan, input);

  Rendered rendered{0, plan.rcode, plan.truncated};
  Plan sent = plan;
  if (writer.is_full()) {
    writer.rewind(sections_at);
    answer_count = authority_count = 0;
    rendered.is_truncated = input.transport == Transport::udp;
    if (!rendered.is_truncated) sent = error_plan(Rcode::servfail, k_ede_other);
  }
  writer.set_limit(limit);
  if (query.edns) write_opt(writer, opt_for(query, sent, input), *query.edns, sent.rcode);
  assert(!writer.is_full());

  const auto copied = static_cast<std::uint16_t>(query.header.flags & (k_opcode_mask | k_flag_recursion_desired));
  writer.u16_at(0, query.header.id);
  writer.u16_at(2, static_cast<std::uint16_t>(
                       copied | k_flag_response | (sent.authoritative ? k_flag_authoritative : 0) |
                       (rendered.is_truncated ? k_flag_truncated : 0) | (static_cast<unsigned>(sent.rcode) & 0xF)));
  writer.u16_at(4, question.empty() ? 0 : 1);
  writer.u16_at(6, answer_count);
  writer.u16_at(8, authority_count);
  writer.u16_at(10, query.edns ? 1 : 0);
  rendered.octets = writer.size();
  rendered.rcode = sent.rcode;
  return rendered;
}

}  // namespace dnsmesh::dns
