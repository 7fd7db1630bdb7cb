// SPDX-License-Identifier: Apache-2.0
// Signs DNS messages as a client does (RFC 8945), by a computation that is not the node's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cursor.hpp"
#include "crypto/hmac.hpp"
#include "dns/name.hpp"
#include "dns/wire.hpp"

namespace dnsmesh::dns::test {

/// A key as its owner has it.
struct Signer {
  std::string name = "alice.mesh.test";
  std::string secret = std::string(32, 'k');
  crypto::HmacHash hash = crypto::HmacHash::sha256;
  std::string algorithm = "hmac-sha256";
  std::int64_t time_s = 1700000000;
  std::uint16_t fudge_s = 300;
  std::size_t mac_octets = 32;
};

inline std::string wire_of(std::string_view text) { return std::string(Name::from_text(text).value().wire()); }

/// The TSIG RR for `message` (RFC 8945 4.3), independent of dns/tsig.cpp. `request_mac`: of the request, when
/// the message is an answer.
inline std::string tsig_rr(std::string_view message, const Signer& signer, std::string_view request_mac = {}) {
  const std::string name = wire_of(signer.name);
  const std::string algorithm = wire_of(signer.algorithm);
  const std::string times = ByteWriter()
                                .u16(static_cast<std::uint16_t>(signer.time_s >> 32))
                                .u32(static_cast<std::uint32_t>(signer.time_s))
                                .u16(signer.fudge_s)
                                .take();
  std::string prefix;
  if (!request_mac.empty()) {
    prefix = ByteWriter().u16(static_cast<std::uint16_t>(request_mac.size())).bytes(request_mac).take();
  }
  const std::string variables =
      ByteWriter().bytes(name).u16(k_class_any).u32(0).bytes(algorithm).bytes(times).u16(0).u16(0).take();
  const std::string_view parts[] = {prefix, message, variables};
  const crypto::Mac mac = crypto::hmac(signer.hash, signer.secret, parts);
  const std::string_view sent = view(mac).substr(0, signer.mac_octets);
  const std::string rdata = ByteWriter()
                                .bytes(algorithm)
                                .bytes(times)
                                .u16(static_cast<std::uint16_t>(sent.size()))
                                .bytes(sent)
                                .bytes(message.substr(0, 2))
                                .u16(0)
                                .u16(0)
                                .take();
  return ByteWriter()
      .bytes(name)
      .u16(k_type_tsig)
      .u16(k_class_any)
      .u32(0)
      .u16(static_cast<std::uint16_t>(rdata.size()))
      .bytes(rdata)
      .take();
}

inline std::string with_additional(std::string message, std::string_view record) {
  const std::uint16_t count = ByteReader(std::string_view(message).substr(10)).u16();
  message.replace(10, 2, ByteWriter().u16(static_cast<std::uint16_t>(count + 1)).take());
  return message.append(record);
}

inline std::string signed_by(const Signer& signer, const std::string& message) {
  return with_additional(message, tsig_rr(message, signer));
}

}  // namespace dnsmesh::dns::test
