// SPDX-License-Identifier: Apache-2.0
#include "app/known_names.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace dnsmesh::app;

TEST_CASE("a name belongs to one class") {
  CHECK(classify_name("DMP_HTTP_PORT") == NameClass::option);
  CHECK(classify_name("DMP_HTTP_TOKEN") == NameClass::option);
  CHECK(classify_name("DMP_OPERATOR_TOKEN_FILE") == NameClass::option);
  CHECK(classify_name("DMP_CLUSTER_MANIFEST_PATH") == NameClass::option);
  CHECK(classify_name("DMP_SYNC_PEERS") == NameClass::option);
  CHECK(classify_name("DMP_SYNC_INTERVAL_SECONDS") == NameClass::option);
  CHECK(classify_name("DMP_SYNC_PEER_TOKEN_FILE") == NameClass::option);
  CHECK(classify_name("DMP_HEARTBEAT_PUBLIC_SEED_URLS") == NameClass::known_later);
  CHECK(classify_name("DMP_DNS_UPDATE_ENABLED") == NameClass::option);
  CHECK(classify_name("DMP_PASSPHRASE") == NameClass::foreign);
  CHECK(classify_name("DMP_HEARTBEAT_RETENTION_HOURS") == NameClass::foreign);
  CHECK(classify_name("DMP_IMAGE_TAG") == NameClass::foreign);
  CHECK(classify_name("DMP_HTTP_PORT_FILE") == NameClass::unknown);
  CHECK(classify_name("dmp_http_port") == NameClass::unknown);
  CHECK(classify_name("DMP_") == NameClass::unknown);
  CHECK(classify_name("") == NameClass::unknown);
  std::set<std::string_view> names;
  for (const std::string_view name : known_later_names()) {
    CAPTURE(name);
    CHECK(classify_name(name) == NameClass::known_later);
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("the distance of two names counts edits and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "ac") == 1);
  CHECK(edit_distance("abc", "abxc") == 1);
  CHECK(edit_distance("abc", "axc") == 1);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest name is found up to three edits away and not beyond") {
  CHECK(nearest_name("DMP_HTP_PORT") == "DMP_HTTP_PORT");
  CHECK(nearest_name("DMP_HTTP_PROT") == "DMP_HTTP_PORT");
  CHECK(nearest_name("DMP_HTTP_TOKNE") == "DMP_HTTP_TOKEN");
  CHECK(nearest_name("DMP_OPERATOR_TOKEN_FILES") == "DMP_OPERATOR_TOKEN_FILE");
  CHECK(nearest_name("DMP_SYNC_PEER") == "DMP_SYNC_PEERS");
  CHECK(nearest_name("DMP_LOG_LEVELxyz") == "DMP_LOG_LEVEL");
  CHECK_FALSE(nearest_name("DMP_LOG_LEVELwxyz").has_value());
  CHECK_FALSE(nearest_name("DMP_SOMETHING_ELSE").has_value());
  CHECK_FALSE(nearest_name(std::string(100000, 'x')).has_value());
}
