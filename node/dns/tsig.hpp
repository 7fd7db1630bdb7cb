// SPDX-License-Identifier: Apache-2.0
// TSIG (RFC 8945, spec/dns-update.md 3): who signed a message, and the signature under its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "access/key_ring.hpp"
#include "crypto/hmac.hpp"
#include "dns/name.hpp"
#include "dns/wire.hpp"

namespace dnsmesh::dns {

/// TSIG errors (RFC 8945 3).
enum class TsigError : std::uint16_t { none = 0, badsig = 16, badkey = 17, badtime = 18, badtrunc = 22 };

/// The TSIG RR of a request.
struct TsigRecord {
  Name key_name;        // folded
  Name algorithm_name;  // folded
  std::uint64_t time_signed_s = 0;
  std::uint16_t fudge_s = 0;
  std::string_view mac;  // borrowed from the message, as the next
  std::string_view other;
  std::uint16_t original_id = 0;
  std::size_t position = 0;  // where the RR begins in the message

  /// The name of the key as access::KeyRing::find wants it.
  std::string key_text() const { return name_to_text(key_name.wire()); }
};

enum class TsigFound {
  none,
  one,
  malformed,  // not last, two, class or TTL wrong, error field set, RDATA that is none: FORMERR
};

/// Looks for the TSIG RR of a request. Names may be compressed. A message that cannot be walked through is malformed.
TsigFound find_tsig(std::string_view message, TsigRecord& out);

/// What an answer needs of the request it answers; owns it all, so that the answer may come later. Any thread.
struct TsigContext {
  std::shared_ptr<const access::TsigKey> key;  // null when it is unknown
  Name key_name;
  Name algorithm_name;
  TsigError error = TsigError::none;
  std::uint64_t time_signed_s = 0;
  std::uint16_t fudge_s = 0;  // effective: at most limits::tsig_fudge_s_max
  std::uint16_t original_id = 0;
  crypto::Mac mac{};  // of the request, once it is verified
  std::size_t mac_octets = 0;

  std::string_view request_mac() const { return view(mac).substr(0, mac_octets); }
};

enum class TsigVerdict {
  verified,
  formerr,   // a MAC longer than its algorithm gives
  rejected,  // NOTAUTH; the reason is in the context
};

/// Checks `record`, which is of `message`, against the key of its name (null when there is none), and fills `out`. In
/// the order of RFC 8945 5.2: key and algorithm, MAC on the octets as they came, time.
TsigVerdict verify_tsig(std::string_view message, const TsigRecord& record, std::shared_ptr<const access::TsigKey> key,
                        std::int64_t now_s, TsigContext& out);

/// Octets that sign_answer adds at most: to be kept free in an answer.
std::size_t tsig_octets_max(const TsigContext& context);

/// Adds the TSIG RR to the answer in the first `size` octets of `buffer` and gives the new size, 0 when there is no
/// room. `question_name`: the folded name behind the header, to which the owner may point; empty without a question.
/// Unknown keys and wrong MACs get the RR with an empty MAC, as RFC 8945 5.3.2 says; so do short MACs, which prove
/// nothing.
std::size_t sign_answer(std::span<char> buffer, std::size_t size, const TsigContext& context,
                        std::string_view question_name, std::int64_t now_s);

/// The answer to a rejected request that existing nodes give: a header with NOTAUTH, no TSIG RR.
std::size_t write_tsig_stub(std::string_view request, std::span<char> buffer);

}  // namespace dnsmesh::dns
