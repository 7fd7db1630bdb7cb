// SPDX-License-Identifier: Apache-2.0
// Standard output that does not fail unnoticed: a full disk behind `> file` is a failure of the program.
#pragma once

#include <string_view>

namespace dnsmesh::tools {

/// Writes `text` and flushes it. False when it could not be written; then one line on standard error says so.
bool write_out(std::string_view program, std::string_view text);

/// The line of write_out, for those who write by other means; the reason is taken from errno.
void complain_of_output(std::string_view program);

}  // namespace dnsmesh::tools
