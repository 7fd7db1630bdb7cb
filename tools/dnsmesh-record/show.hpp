// SPDX-License-Identifier: Apache-2.0
// `dnsmesh-record show`: explains records on a terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::record_tool {

inline constexpr std::string_view k_program = "dnsmesh-record";

/// Exit status when the command line, the server or the output is at fault.
inline constexpr int k_exit_fault = 2;

/// One line on standard error; gives k_exit_fault.
int complain(std::string_view why);

struct ShowOptions {
  std::string target;                   // a record's text, `-` for standard input, or with `dns_name` the server
  std::optional<std::string> dns_name;  // ask the server for the records at this name
  std::optional<std::string> key_hex;   // the signer of a prekey, cluster manifest or bootstrap record
};

/// Prints the explanation on standard output. Exit status: 0 when every record is valid, 1 when one is not, cannot be
/// checked, or none was found, 2 when the command line, the server or the output is at fault.
int show(const ShowOptions& options);

}  // namespace dnsmesh::record_tool
