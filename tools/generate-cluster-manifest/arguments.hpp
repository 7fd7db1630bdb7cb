// SPDX-License-Identifier: Apache-2.0
// The command line of generate-cluster-manifest (spec/records.md 15.3).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "crypto/ed25519.hpp"
#include "record/cluster_manifest.hpp"

namespace dnsmesh::manifest_tool {

/// Exit status of everything that does not succeed.
inline constexpr int k_exit_failed = 2;

struct IssueArguments {
  std::string cluster_name = "mesh.local";
  std::string manifest_out;
  std::optional<std::string> operator_key_out;  // exactly one of the two keys is given
  std::optional<std::string> operator_key_in;
  std::vector<record::ClusterNode> nodes;
  std::optional<std::uint64_t> seq;  // not given: one above the manifest that is there
  std::int64_t exp_days = 365;
  bool force = false;  // an existing key file may be replaced
};

struct ShowArguments {
  std::string file;
};

struct VerifyArguments {
  std::string file;
  crypto::PublicKey operator_spk{};
  std::optional<std::string> cluster_name;
};

using Command = std::variant<IssueArguments, ShowArguments, VerifyArguments>;

/// The program ends without a command: it was asked for help, or the command line is wrong.
struct CommandEnd {
  int status = 0;
  std::string out;  // to standard output
  std::string err;  // to standard error; one line, but for a call without any argument, which gets the help
};

/// `arguments` as main got them, the program's name first.
std::expected<Command, CommandEnd> parse_arguments(std::span<const char* const> arguments);

}  // namespace dnsmesh::manifest_tool
