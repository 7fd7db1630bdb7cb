// SPDX-License-Identifier: Apache-2.0
// Makes a manifest: decides the key, the sequence number and the end of life, signs, and writes the files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "generate-cluster-manifest/arguments.hpp"

namespace dnsmesh::manifest_tool {

/// What the program says.
struct Report {
  std::string out;
  std::vector<std::string> warnings;  // one line each, to standard error
};

/// Checks everything, then writes the key file (a fresh key only) and the manifest. On an error, in one line, neither
/// file is changed and no folder is left.
Result<Report> issue(const IssueArguments& arguments, const Clock& clock, Random& random);

/// The sequence number after that of `old_manifest`, the content of an existing output file without the white space
/// around it. With a key the old one must verify under it, expired or not: a silent restart at 1 would be installed by
/// no node. Without, anything that has no sequence number to read gives 1. Errors: record_* as text in words;
/// config_bad_value when no number can follow.
Result<std::uint64_t> next_seq(std::string_view old_manifest, const crypto::PublicKey* operator_spk);

}  // namespace dnsmesh::manifest_tool
