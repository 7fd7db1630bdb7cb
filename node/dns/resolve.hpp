// SPDX-License-Identifier: Apache-2.0
// Question -> what to answer (spec/dns.md 3 and 4), before a single octet is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dns/answer_index.hpp"
#include "dns/message.hpp"
#include "dns/transport.hpp"
#include "dns/wire.hpp"
#include "dns/zone.hpp"

namespace dnsmesh::dns {

/// An answer as a plan. The RRset is borrowed from the read guard.
struct Plan {
  Rcode rcode = Rcode::noerror;
  bool authoritative = false;
  bool with_question = true;
  bool truncated = false;  // says no more than that the client shall come over TCP
  // RRsets of the answer section; the owner is the question's name
  const RRset* txt = nullptr;
  bool soa = false;
  bool ns = false;
  bool a = false;
  bool aaaa = false;
  std::string_view chaos_text;  // one TXT of class CH
  bool soa_in_authority = false;
  std::optional<std::uint16_t> extended_error;  // sent when the request has EDNS
};

/// A refusal or error: no RRs, AA clear.
inline Plan error_plan(Rcode rcode, std::optional<std::uint16_t> extended_error = std::nullopt) {
  Plan plan;
  plan.rcode = rcode;
  plan.extended_error = extended_error;
  return plan;
}

/// Answers an ordinary query with exactly one question. An index that is incomplete gives SERVFAIL where a complete one
/// would say that there is nothing.
Plan resolve(const Message& query, Transport transport, std::int64_t now_s, const Zone& zone, const AnswerIndex& index,
             const AnswerIndex::ReadGuard& guard);

}  // namespace dnsmesh::dns
