// SPDX-License-Identifier: Apache-2.0
#include "sync/peer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/limits.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;

namespace {

struct Listed {
  std::vector<Peer> peers;
  std::vector<std::string> problems;
};
Listed listed(std::string_view list, std::string_view self_id = "", std::string_view self_endpoint = "") {
  Listed out;
  out.peers = peers_of_list(list, self_id, self_endpoint, out.problems);
  return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("ids made from URLs are those of existing nodes") {
  struct Row {
    const char* url;
    const char* id;
  };
  for (const Row& row :
       {Row{"http://dnsmesh-node-b:8053", "dnsmesh-n-69b63b"},
        Row{"https://node2.example.com:8053", "node2.exa-2cf35f"}, Row{"http://10.0.0.7:8053/dmp", "10.0.0.7-cffd99"},
        Row{"http://[::1]:8053", "::1-e15502"}, Row{"HTTP://Node-B:8053", "node-b-251b2a"},
        Row{"http://node-b:8053", "node-b-251b2a"}, Row{"http://b", "b-1f867f"}, Row{"https://b", "b-1f867f"},
        Row{"http://127.0.0.1:18101", "127.0.0.1-0fd001"}, Row{"https://b/x", "b-5e7c13"},
        Row{"http://b:80", "b-d8b6bb"}, Row{"http://user@b:1", "b-34340f"}, Row{"b:8053", "b:8053-56d494"}}) {
    CAPTURE(row.url);
    CHECK(synthetic_node_id(row.url) == row.id);
  }
  CHECK(synthetic_node_id("http://b/x//") == synthetic_node_id("http://b/x"));
  CHECK(synthetic_node_id("http://b:08053") == synthetic_node_id("http://b:8053"));
  CHECK(synthetic_node_id("").starts_with("peer-"));
}

TEST_CASE("an endpoint is the same whatever its case and trailing slashes, and nothing else is folded") {
  CHECK(normalised_endpoint("HTTP://A:8053/Path//") == "http://a:8053/path");
  CHECK(normalised_endpoint("http://a:80") != normalised_endpoint("http://a"));
  CHECK(normalised_endpoint("") == "");
}

TEST_CASE("URLs of peers are absolute http or https URLs with a host") {
  for (const char* url : {"http://a", "https://a/", "HTTPS://A.example:8053", "http://a:1", "http://a:65535",
                          "http://10.0.0.7:8053/dmp/x", "http://[::1]:8053", "http://[2001:db8::1]", "http://a_b-c",
                          "http://a/%41@b:c;d,e", "http://a.", "http://a//"}) {
    CAPTURE(url);
    CHECK(check_peer_endpoint(url).has_value());
  }
}

TEST_CASE("a URL that must not be called is refused with the reason") {
  struct Row {
    std::string url;
    const char* reason;
  };
  const std::string nul("http://a\0b", 10);
  for (const Row& row : {Row{"", "http: or https:"},
                         Row{"a:8053", "http: or https:"},
                         Row{"//a", "http: or https:"},
                         Row{"file:///etc/passwd", "http: or https:"},
                         Row{"ftp://a", "http: or https:"},
                         Row{"gopher://a", "http: or https:"},
                         Row{" http://a", "http: or https:"},
                         Row{"http:a", "no host"},
                         Row{"http:/a", "no host"},
                         Row{"http://", "no host"},
                         Row{"http://:80", "no host"},
                         Row{"http:///x", "no host"},
                         Row{"http://[]", "no host"},
                         Row{"http://user@a", "user info"},
                         Row{"http://user:pw@a", "user info"},
                         Row{"http://@a", "user info"},
                         Row{"http://a@b@c", "user info"},
                         Row{"http://a?", "query"},
                         Row{"http://a/x?y", "query"},
                         Row{"http://a#", "fragment"},
                         Row{"http://a#@b", "fragment"},
                         Row{"http://a:", "port"},
                         Row{"http://a:0", "port"},
                         Row{"http://a:65536", "port"},
                         Row{"http://a:+80", "port"},
                         Row{"http://a:8 0", "port"},
                         Row{"http://a:80:80", "port"},
                         Row{"http://a:99999999999999999999", "port"},
                         Row{"http://::1", "no host"},
                         Row{"http://[::1", "host is neither"},
                         Row{"http://[::1]x", "host is neither"},
                         Row{"http://[::1]80", "host is neither"},
                         Row{"http://[::1%25eth0]", "host is neither"},
                         Row{"http://[10.0.0.7]", "host is neither"},
                         Row{"http://[a]", "host is neither"},
                         Row{"http://a b", "host is neither"},
                         Row{"http://a\tb", "host is neither"},
                         Row{"http://a\nb", "host is neither"},
                         Row{"http://a\x7F", "host is neither"},
                         Row{nul, "host is neither"},
                         Row{"http://a%41", "host is neither"},
                         Row{"http://a\\b", "host is neither"},
                         Row{"http://a,b", "host is neither"},
                         Row{"http://\xC3\xA9.test", "host is neither"},
                         Row{"http://.", "host is neither"},
                         Row{"http://" + std::string(limits::owner_name_bytes_max + 1, 'a'), "host is neither"},
                         Row{"http://a/ b", "path"},
                         Row{"http://a/\r\nHost: b", "path"},
                         Row{"http://a/%4", "path"},
                         Row{"http://a/%zz", "path"},
                         Row{"http://a/\\", "path"},
                         Row{"http://a/\xC3\xA9", "path"}}) {
    CAPTURE(row.url);
    const auto checked = check_peer_endpoint(row.url);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == ErrorCode::sync_endpoint);
    CHECK(contains(checked.error().text, row.reason));
  }
}

TEST_CASE("a URL may be as long as the limit and no longer") {
  std::string url = "http://a/";
  url.append(limits::peer_endpoint_bytes_max - url.size(), 'x');
  CHECK(check_peer_endpoint(url).has_value());
  CHECK_FALSE(check_peer_endpoint(url + "x").has_value());
}

TEST_CASE("the list of peers is trimmed, and empty, repeated and own entries are dropped") {
  const auto [peers, problems] =
      listed(" http://b:8053/ ,, http://b:8053,HTTP://B:8053,\thttps://c , HTTP://a:8053//", "", "http://A:8053");
  CHECK(problems.empty());
  CHECK(peers == std::vector<Peer>{{"b-" + synthetic_node_id("http://b:8053").substr(2), "http://b:8053", true},
                                   {synthetic_node_id("https://c"), "https://c", true}});
  CHECK(listed("").peers.empty());
  CHECK(listed(" , ,").peers.empty());
  CHECK(listed("http://b", synthetic_node_id("http://b")).peers.empty());
}

TEST_CASE("an entry that cannot be called is dropped with a line that shows no secret, the others stay") {
  const auto [peers, problems] = listed("http://u:secret@b,http://c/?token=secret,file:///x,http://d");
  REQUIRE(peers.size() == 1);
  CHECK(peers[0].endpoint == "http://d");
  REQUIRE(problems.size() == 3);
  CHECK(contains(problems[0], "user info"));
  CHECK(contains(problems[1], "query"));
  for (const std::string& problem : problems) CHECK_FALSE(contains(problem, "secret"));
}

TEST_CASE("F46: of two URLs with one id the second is refused with an error line") {
  const auto [peers, problems] = listed("http://b,https://b,http://c");
  REQUIRE(peers.size() == 2);
  CHECK(peers[0].endpoint == "http://b");
  CHECK(peers[1].endpoint == "http://c");
  REQUIRE(problems.size() == 1);
  CHECK(contains(problems[0], "https://b"));
  CHECK(contains(problems[0], "b-1f867f"));
}

TEST_CASE("F39: nodes that were given the same id are told apart by their URLs") {
  const auto [peers, problems] = listed("http://b:1,http://b:2,http://b:1/x");
  CHECK(problems.empty());
  REQUIRE(peers.size() == 3);
  CHECK(peers[0].node_id != peers[1].node_id);
  CHECK(peers[0].node_id != peers[2].node_id);
}

TEST_CASE("as many peers as a manifest can name are taken from the list, and no more") {
  std::string list;
  for (std::size_t i = 0; i < limits::sync_peers_max; ++i) list += "http://n" + std::to_string(i) + ",";
  CHECK(listed(list).problems.empty());
  const auto [peers, problems] = listed(list + "http://one-more");
  CHECK(peers.size() == limits::sync_peers_max);
  CHECK(problems.size() == 1);
}
