// SPDX-License-Identifier: Apache-2.0
#include "record/cluster_file.hpp"

#include <doctest/doctest.h>

#include "record/cluster_manifest.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
const std::vector<ClusterPeer> k_both = {{"a", "http://a:8053/"}, {"b", "HTTP://B"}};

std::string manifest_text(std::uint64_t exp = k_now + 500) {
  const ClusterManifest manifest{
      "Mesh.test", k_key.public_key(), 4, exp, {{"a", "http://a:8053/", "a:53"}, {"b", "HTTP://B", {}}}};
  return issue_cluster_manifest(manifest, k_key).value();
}

std::string wire_json(std::string_view wire) { return R"({"wire": ")" + std::string(wire) + R"("})"; }

}  // namespace

TEST_CASE("peers are read from all three forms, white space around them ignored") {
  CHECK(cluster_file_peers("\n " + manifest_text() + "\xC2\xA0\n", "", "") == k_both);
  CHECK(cluster_file_peers(wire_json(manifest_text()), "", "") == k_both);
  CHECK(cluster_file_peers(R"({"nodes": [{"node_id": "a", "http_endpoint": "http://a:8053/"},
    {"node_id": "b", "http_endpoint": "HTTP://B", "more": 1}]})",
                           "", "") == k_both);
}

TEST_CASE("peers need no valid signature and no life, and the prefix inside JSON is not looked at") {
  const std::string text = manifest_text(0);
  std::string forged = text;
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  CHECK(cluster_file_peers(forged, "", "") == k_both);
  CHECK(cluster_file_peers(wire_json("x=dmp1;t=cluster;" + text.substr(17)), "", "") == k_both);
  CHECK(cluster_file_peers(wire_json("\xC3\xA9=dmp1;t=cluster;" + text.substr(17)), "", "") == k_both);
  CHECK(cluster_file_peers("x=dmp1;t=cluster;" + text.substr(17), "", "").empty());
}

TEST_CASE("what cannot be read names no peers, and bad entries are skipped") {
  for (const std::string& content :
       {std::string(), std::string("{"), std::string("[]"), std::string("7"), std::string("{}"),
        std::string(R"({"nodes": 7})"), std::string("v=dmp1;t=cluster;AAAA"), wire_json("short"),
        wire_json(manifest_text() + "\\n")}) {
    CAPTURE(content);
    CHECK(cluster_file_peers(content, "", "").empty());
  }
  CHECK(cluster_file_peers(R"({"nodes": [1, {"node_id": 1, "http_endpoint": "x"}, {"node_id": "x"}, null,
    {"node_id": "b", "http_endpoint": "HTTP://B"}]})",
                           "", "") == std::vector<ClusterPeer>{k_both[1]});
}

TEST_CASE("a file's form is told by what it is, not by whether it parses") {
  for (const std::string& content :
       {" " + manifest_text(), wire_json(manifest_text()), wire_json("x"), std::string("v=dmp1;t=cluster;AAAA"),
        std::string(R"({"nodes": [], "wire": ""})")}) {
    CAPTURE(content);
    CHECK(cluster_file_form(content) == ClusterFileForm::manifest);
  }
  CHECK(cluster_file_form(R"( {"nodes": []})") == ClusterFileForm::nodes);
  for (const std::string_view content : {"", "{", "[]", "{}", R"({"nodes": 7})", R"({"wire": 7})", "v=dmp1;t=claim;"}) {
    CAPTURE(content);
    CHECK(cluster_file_form(content) == ClusterFileForm::none);
  }
}

TEST_CASE("we are not our own peer, by id or by endpoint without case and trailing slashes") {
  CHECK(cluster_file_peers(manifest_text(), "a", "") == std::vector<ClusterPeer>{k_both[1]});
  CHECK(cluster_file_peers(manifest_text(), "A", "") == k_both);
  CHECK(cluster_file_peers(manifest_text(), "", "HTTP://A:8053//") == std::vector<ClusterPeer>{k_both[1]});
  CHECK(cluster_file_peers(manifest_text(), "a", "http://b/").empty());
}

TEST_CASE("a pinned key decides what a file publishes") {
  const auto published = cluster_file_publication(" " + manifest_text(), k_key.public_key(), k_now_s);
  REQUIRE(published.has_value());
  CHECK(published->owner_name == "cluster.Mesh.test");
  CHECK(published->text == manifest_text());
  CHECK(published->ttl_s == 500);
  CHECK(cluster_file_publication(wire_json(manifest_text()), k_key.public_key(), k_now_s)->text == manifest_text());
  CHECK(code_of(cluster_file_publication(manifest_text(), key_of(2).public_key(), k_now_s)) == "signature");
  CHECK(code_of(cluster_file_publication(manifest_text(), k_key.public_key(), k_now_s + 501)) == "expired");
  CHECK(cluster_file_publication(manifest_text(), k_key.public_key(), k_now_s + 500)->ttl_s == 1);
}

TEST_CASE("without a pinned key name and end are taken unverified") {
  std::string forged = manifest_text();
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  CHECK(cluster_file_publication(forged, std::nullopt, k_now_s)->owner_name == "cluster.Mesh.test");
  CHECK(cluster_file_publication(manifest_text(1), std::nullopt, k_now_s)->ttl_s == 1);
  CHECK(cluster_file_publication(manifest_text(UINT64_MAX), std::nullopt, k_now_s)->ttl_s == INT64_MAX - k_now_s);
  CHECK(code_of(cluster_file_publication("{}", std::nullopt, k_now_s)) == "prefix");
}
