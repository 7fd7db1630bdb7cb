// SPDX-License-Identifier: Apache-2.0
// What the signature of a request says: found, checked against the keys, and the answer that it earns
// (spec/dns-update.md 3). Signed messages alone come here; it may use the heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "access/key_ring.hpp"
#include "dns/counters.hpp"
#include "dns/render.hpp"
#include "dns/tsig.hpp"

namespace dnsmesh::dns {

struct Signature {
  enum class State : std::uint8_t {
    none,
    malformed,  // FORMERR
    rejected,   // NOTAUTH; the reason is in the context
    verified,
  };
  State state = State::none;
  TsigContext context;  // when rejected or verified

  bool is_verified() const { return state == State::verified; }
  bool is_rejected() const { return state == State::rejected; }
};

/// Checks the signature of a request. Any thread.
Signature check_signature(std::string_view message, const access::KeyRing& keys, std::int64_t now_s);

/// Under what a rejected request is counted beside Outcome::tsig_failed.
Outcome outcome_of(TsigError error);

/// render() with the TSIG RR behind: the answer to a request that is verified or rejected. When header, question and
/// OPT leave no room for it, the question and the options go; nothing is written when even that is too large, which
/// only names that no key has can make it.
Rendered render_signed(const Message& query, const Plan& plan, const RenderInput& input, const TsigContext& signer,
                       std::span<char> out);

}  // namespace dnsmesh::dns
