// SPDX-License-Identifier: Apache-2.0
// The two key files of an operator. They hold the same kind of 32 bytes and give different keys (spec/records.md 15.1):
// the manifest's file holds an X25519 value from which the Ed25519 seed is derived, the heartbeat's the seed itself.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

/// The key file of a manifest (spec/records.md 15.3): comments, `operator_seed_hex=`, `operator_public_hex=`. Secret:
/// write it with mode 0600.
std::string render_operator_key_file(const ByteArray<32>& x);

/// True when the secret of such a file may be in `content`, however damaged the file is.
bool holds_operator_seed(std::string_view content);

/// The signing key of such a file. Blank and `#` lines are skipped, a line may end in CR. Errors: key_file when the
/// seed is missing, when a line is of another form, is not 64 hex characters or repeats a key (with the line's number,
/// from 1), or when the public key stated is not the seed's.
Result<crypto::SigningKey> parse_operator_key_file(std::string_view content);

/// The signing key of a heartbeat key file (spec/records.md 15.2): 32 raw bytes, or 64 hex characters, ASCII white
/// space around it ignored. Errors: key_file, which says so when the file is a manifest's key file.
Result<crypto::SigningKey> parse_heartbeat_key_file(std::string_view content);

}  // namespace dnsmesh::record
