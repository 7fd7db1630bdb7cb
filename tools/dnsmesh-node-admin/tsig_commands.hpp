// SPDX-License-Identifier: Apache-2.0
// `tsig`: the keys of DNS UPDATE, whose file the node may have open. No command prints or sets a secret: keys are
// minted by registration only (spec/registration.md 8).
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "dnsmesh-node-admin/command_end.hpp"
#include "store/token_file.hpp"
#include "store/tsig_file.hpp"

namespace dnsmesh::node_admin {

/// What a command works with, and what it leaves to be written into the audit log.
struct KeyDesk {
  store::TsigFile& file;
  const Clock& clock;
  std::vector<store::AuditRow> audit;
};

CommandEnd list_keys(const KeyDesk& desk);
/// Names are folded; the final dot may be left out.
CommandEnd show_key(const KeyDesk& desk, const std::string& name);
/// `target`: a key's name, else a subject.
CommandEnd revoke_key(KeyDesk& desk, const std::string& target);
/// Removes a revoked key, so that its holder may register again.
CommandEnd allow_key(const KeyDesk& desk, const std::string& name);
/// Removes a key that is not revoked: its secret is dead at once, and its holder registers for another.
CommandEnd rotate_key(KeyDesk& desk, const std::string& name);

}  // namespace dnsmesh::node_admin
