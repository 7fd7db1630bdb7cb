// SPDX-License-Identifier: Apache-2.0
#include "dns/message.hpp"

namespace dnsmesh::dns {
namespace {

/// A ByteReader over `octets` that stands at `position`.
ByteReader reader_at(std::string_view octets, std::size_t position) {
  ByteReader reader(octets);
  reader.bytes(position);
  return reader;
}

bool read_question(std::string_view octets, std::size_t& position, Message& out) {
  const std::size_t start = position;
  Name name;
  if (!read_name(octets, position, name)) return false;
  ByteReader reader = reader_at(octets, position);
  const std::uint16_t type = reader.u16();
  const std::uint16_t qclass = reader.u16();
  if (!reader.ok()) return false;
  position = reader.position();
  if (!out.question.empty()) return true;
  out.question = octets.substr(start, position - start);
  out.name = name;
  out.name.fold();
  out.type = type;
  out.qclass = qclass;
  return true;
}

Fault read_opt(const Name& owner, const RecordFields& fields, bool is_additional, Message& out) {
  const bool is_first = !out.edns.has_value();
  Edns edns;
  edns.payload_octets = fields.rclass;
  edns.version = static_cast<std::uint8_t>(fields.ttl >> 16);
  edns.dnssec_ok = (fields.ttl & k_edns_flag_dnssec_ok) != 0;
  const bool is_well_formed = read_edns_options(fields.rdata, edns);
  if (is_first) out.edns = edns;
  return is_first && is_additional && owner.wire().size() == 1 && is_well_formed ? Fault::none : Fault::edns;
}

}  // namespace

bool read_record(std::string_view octets, std::size_t& position, Name& owner, RecordFields& fields) {
  if (!read_name(octets, position, owner)) return false;
  ByteReader reader = reader_at(octets, position);
  fields.type = reader.u16();
  fields.rclass = reader.u16();
  fields.ttl = reader.u32();
  fields.rdata = reader.bytes(reader.u16());
  position = reader.position();
  return reader.ok();
}

Fault parse_message(std::string_view octets, Message& out) {
  std::size_t position = k_header_octets;
  for (unsigned i = 0; i < out.header.question_count; ++i) {
    if (!read_question(octets, position, out)) return Fault::syntax;
  }
  const unsigned before_additional = unsigned{out.header.answer_count} + out.header.authority_count;
  const unsigned records = before_additional + out.header.additional_count;
  Fault fault = Fault::none;
  Name owner;
  for (unsigned i = 0; i < records; ++i) {
    RecordFields fields;
    if (!read_record(octets, position, owner, fields)) return Fault::syntax;
    if (fields.type == k_type_tsig) out.has_tsig = true;
    if (fields.type != k_type_opt) continue;
    if (read_opt(owner, fields, i >= before_additional, out) != Fault::none) fault = Fault::edns;
  }
  return position == octets.size() ? fault : Fault::syntax;
}

}  // namespace dnsmesh::dns
