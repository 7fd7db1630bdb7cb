// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::sync {

/// The parameters of a request target, read as existing nodes read them (spec/anti-entropy.md 3.1).
class Query {
 public:
  /// What follows the first `?` of the target. Borrowed: valid as long as the target lives.
  explicit Query(std::string_view target);

  /// The first value of a parameter that is not empty, decoded (`%41`, and `+` for a blank); nothing when there is
  /// none.
  std::optional<std::string> get(std::string_view name) const;

 private:
  std::string_view text_;
};

/// A target without its query.
std::string_view path_of(std::string_view target);

/// A decimal integer with or without a sign, saturated to what an int64 holds; nothing for any other text.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace dnsmesh::sync
