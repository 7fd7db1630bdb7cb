// SPDX-License-Identifier: Apache-2.0
#include "app/token_parts.hpp"

#include <utility>

namespace dnsmesh::app {

TokenParts::TokenParts(std::unique_ptr<store::TokenFile> file, std::int64_t audit_retention_days, const Clock& clock)
    : file_(std::move(file)), audit_(*file_, clock, audit_retention_days), users_(*file_, audit_, clock) {}

Result<std::unique_ptr<TokenParts>> TokenParts::open(const std::string& path, std::int64_t audit_retention_days,
                                                     const Clock& clock) {
  auto file = store::TokenFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  return std::unique_ptr<TokenParts>(new TokenParts(std::move(*file), audit_retention_days, clock));
}

}  // namespace dnsmesh::app
