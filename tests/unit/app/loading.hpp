// SPDX-License-Identifier: Apache-2.0
// Loading of settings in tests: without files, and with shapes that are quick to check.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "app/load_settings.hpp"

namespace dnsmesh::app {

inline Result<std::string> no_files(const std::string& path) {
  return fail(ErrorCode::config_file, path + ": none here");
}

inline std::expected<Loaded, std::vector<Error>> load(const Environment& environment, const std::string& file = {}) {
  std::optional<ConfigText> text;
  if (!file.empty()) text = ConfigText{"node.env", file};
  return load_settings(environment, text, no_files);
}

/// The settings that must come out of it; fails the test otherwise.
inline Loaded loaded(const Environment& environment, const std::string& file = {}) {
  auto result = load(environment, file);
  for (const Error& error : result ? std::vector<Error>{} : result.error()) MESSAGE(error.text);
  REQUIRE(result.has_value());
  return std::move(*result);
}

/// The faults that must come out of it.
inline std::vector<Error> faults(const Environment& environment, const std::string& file = {}) {
  auto result = load(environment, file);
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

/// The texts that hold `part`.
inline std::size_t count_with(const std::vector<std::string>& texts, const std::string& part) {
  std::size_t count = 0;
  for (const std::string& text : texts) count += text.find(part) != std::string::npos ? 1U : 0U;
  return count;
}

}  // namespace dnsmesh::app
