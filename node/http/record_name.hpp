// SPDX-License-Identifier: Apache-2.0
// The owner name in a record path (spec/http-api.md 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::http {

/// The name that the raw target names, as the client spelt it: percent-decoded, trimmed, without trailing dots; UTF-8,
/// may be empty or no valid name. Nothing when the target is not `/v1/records/<name>` with at most one slash behind it.
std::optional<std::string> record_name_in(std::string_view target);

/// The rule for writing: 1 to 253 characters; labels of 1 to 63 letters, digits and inner hyphens, each with at most
/// one leading underscore, which counts.
bool is_valid_record_name(std::string_view name);

}  // namespace dnsmesh::http
