// SPDX-License-Identifier: Apache-2.0
#include "sync/status.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace dnsmesh;

TEST_CASE("every result that a record can have is named, each with a name of its own") {
  std::set<std::string> names;
  for (int result = 0; result < static_cast<int>(sync::RecordResult::count_); ++result) {
    names.emplace(sync::record_result_name(static_cast<sync::RecordResult>(result)));
  }
  CHECK(names.size() == static_cast<std::size_t>(sync::RecordResult::count_));
  CHECK_FALSE(names.contains(""));
  CHECK(names.contains("hash_mismatch"));
}
