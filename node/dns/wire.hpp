// SPDX-License-Identifier: Apache-2.0
// The numbers and fixed layouts of a DNS message (RFC 1035 4.1, RFC 6891).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cursor.hpp"

namespace dnsmesh::dns {

inline constexpr std::size_t k_header_octets = 12;

enum class Opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5 };

enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,  // these five: RFC 2136 2.2
  yxrrset = 7,
  nxrrset = 8,
  notauth = 9,
  notzone = 10,
  badvers = 16,  // extended, as the next: the upper eight bits travel in OPT
  badcookie = 23,
};

// TYPE and CLASS stay numbers: both are open sets, and a question may hold any value.
inline constexpr std::uint16_t k_type_a = 1;
inline constexpr std::uint16_t k_type_ns = 2;
inline constexpr std::uint16_t k_type_soa = 6;
inline constexpr std::uint16_t k_type_txt = 16;
inline constexpr std::uint16_t k_type_aaaa = 28;
inline constexpr std::uint16_t k_type_opt = 41;
inline constexpr std::uint16_t k_type_meta_first = 128;  // RFC 6895 3.1: Q and meta types
inline constexpr std::uint16_t k_type_tsig = 250;
inline constexpr std::uint16_t k_type_ixfr = 251;
inline constexpr std::uint16_t k_type_axfr = 252;
inline constexpr std::uint16_t k_type_any = 255;

inline constexpr std::uint16_t k_class_in = 1;
inline constexpr std::uint16_t k_class_chaos = 3;
inline constexpr std::uint16_t k_class_none = 254;
inline constexpr std::uint16_t k_class_any = 255;

inline constexpr std::uint16_t k_option_nsid = 3;
inline constexpr std::uint16_t k_option_cookie = 10;
inline constexpr std::uint16_t k_option_tcp_keepalive = 11;
inline constexpr std::uint16_t k_option_ede = 15;

// Extended DNS errors (RFC 8914 4).
inline constexpr std::uint16_t k_ede_other = 0;
inline constexpr std::uint16_t k_ede_not_ready = 14;
inline constexpr std::uint16_t k_ede_prohibited = 18;
inline constexpr std::uint16_t k_ede_not_authoritative = 20;

inline constexpr std::uint16_t k_flag_response = 0x8000;
inline constexpr std::uint16_t k_flag_authoritative = 0x0400;
inline constexpr std::uint16_t k_flag_truncated = 0x0200;
inline constexpr std::uint16_t k_flag_recursion_desired = 0x0100;
inline constexpr std::uint16_t k_opcode_mask = 0x7800;
inline constexpr std::uint32_t k_edns_flag_dnssec_ok = 0x8000;

struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t question_count = 0;
  std::uint16_t answer_count = 0;
  std::uint16_t authority_count = 0;
  std::uint16_t additional_count = 0;

  bool is_response() const { return (flags & k_flag_response) != 0; }
  Opcode opcode() const { return static_cast<Opcode>((flags & k_opcode_mask) >> 11); }
};

/// Reads the first 12 octets; all zero when there are fewer (the reader then has its error set).
inline Header read_header(ByteReader& reader) {
  Header header;
  header.id = reader.u16();
  header.flags = reader.u16();
  header.question_count = reader.u16();
  header.answer_count = reader.u16();
  header.authority_count = reader.u16();
  header.additional_count = reader.u16();
  return header;
}

}  // namespace dnsmesh::dns
