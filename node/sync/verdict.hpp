// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/ed25519.hpp"
#include "sync/verifier.hpp"

namespace dnsmesh::sync {

/// Both halves of a verdict with one signature check: what record::sync_accepts and record::judge_offer say one after
/// the other. Any thread; no I/O.
Verdict verdict_of(std::string_view name, std::string_view value, std::int64_t now_s,
                   const std::optional<crypto::PublicKey>& operator_key);

}  // namespace dnsmesh::sync
