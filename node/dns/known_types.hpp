// SPDX-License-Identifier: Apache-2.0
// May a key publish this value? A record of a known type that no peer and no reader would accept is refused at once
// (spec/dns-update.md 4, "known types"); every other text is the user's own affair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/ed25519.hpp"
#include "record/offer.hpp"

namespace dnsmesh::dns {

struct KnownTypes {
  bool verify = true;                                            // DMP_DNS_UPDATE_VERIFY
  std::optional<crypto::PublicKey> operator_key = std::nullopt;  // pinned
  std::string base_domain = {};  // of the cluster, lower case, without a final dot; empty: none
};

/// `offer` is what record::judge_offer says of the pair: whoever is that strict has checked the signature already. Any
/// thread; no I/O.
bool is_acceptable(std::string_view owner, std::string_view value, const record::Offer& offer, std::int64_t now_s,
                   const KnownTypes& rules);

}  // namespace dnsmesh::dns
