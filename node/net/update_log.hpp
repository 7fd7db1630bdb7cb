// SPDX-License-Identifier: Apache-2.0
// What the log says of UPDATEs: who changed how much and with which rcode, never a value (spec/dns-update.md 7 and 9).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "dns/updater.hpp"

namespace dnsmesh::net {

/// One thread.
class UpdateLog {
 public:
  explicit UpdateLog(const Clock& clock) : clock_(clock) {}

  void write(const dns::Update& update);

 private:
  bool is_due(const std::string& recipient);

  const Clock& clock_;
  std::unordered_map<std::string, std::int64_t> logged_ms_;  // by recipient of claims
  bool has_told_of_foreign_text_ = false;
};

}  // namespace dnsmesh::net
