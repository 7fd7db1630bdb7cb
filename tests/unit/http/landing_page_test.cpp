// SPDX-License-Identifier: Apache-2.0
#include "http/landing_page.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "http/fake_store.hpp"
#include "http/page_template.hpp"

using namespace dnsmesh;

namespace {

class Fixture {
 public:
  Fixture() {
    view.zone = "mesh.example";
    view.uptime_ms = [this] { return now_ms; };
    view.not_ready = [this] { return missing; };
  }

  /// A fresh page object, so that nothing is cached.
  std::string page(std::string host = "node.example") {
    http::LandingPage fresh(store, view, [this] { return offers; });
    return body(fresh, std::move(host));
  }
  static std::string body(http::LandingPage& page, std::string host = "node.example") {
    http::Request request;
    request.host = std::move(host);
    return page.answer(request).body;
  }

  test::FakeStore store;
  std::int64_t now_ms = 0;
  std::vector<std::string_view> missing;
  http::OfferCounts offers;
  http::NodeView view;
};

void publish(store::RecordStore& store, std::string value) {
  store::Batch batch;
  batch.operations.emplace_back(store::Put{.name = "a", .value = std::move(value), .offer = {}});
  REQUIRE(store::commit_and_wait(store, std::move(batch)).has_value());
}

}  // namespace

TEST_CASE("the page says who and how the node is, what to ask it, and leaves no place empty") {
  Fixture node;
  publish(node.store, "v");
  node.now_ms = (26 * 60 + 5) * 60000;
  const std::string page = node.page();
  for (const std::string_view part :
       {"<h1>https://node.example</h1>", "mesh.example", DNSMESH_VERSION, "<dd>1</dd>", "<dd>1 d 2 h</dd>", "Ready",
        "_dnsmesh-heartbeat.mesh.example", "_dnsmesh-seen.mesh.example", "href=\"/health\"", "href=\"/stats\"",
        "curl https://node.example/v1/records/hello.mesh.example", "kdig @node.example +short TXT hello.mesh.example",
        "DMP_HEARTBEAT_ENABLED", "DMP_HEARTBEAT_SELF_ENDPOINT", "DMP_HEARTBEAT_OPERATOR_KEY_PATH"}) {
    CAPTURE(part);
    CHECK(page.contains(part));
  }
  CHECK_FALSE(page.contains("{{"));
  CHECK_FALSE(page.contains("Not ready"));
}

TEST_CASE("the page loads nothing, runs nothing, and its policy allows its style sheet alone") {
  Fixture node;
  http::LandingPage page(node.store, node.view, [] { return http::OfferCounts{}; });
  const http::Response answer = page.answer({});
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/html; charset=utf-8");
  std::string headers;
  for (const auto& [name, value] : answer.headers) headers += name + ": " + value + "\n";
  const std::size_t begin = answer.body.find("<style>") + 7;
  const std::string style = answer.body.substr(begin, answer.body.find("</style>") - begin);
  CHECK(headers.contains("Cache-Control: public, max-age=30\n"));
  CHECK(headers.contains("X-Content-Type-Options: nosniff\n"));
  CHECK(headers.contains("Content-Security-Policy: default-src 'none'; style-src 'sha256-" +
                         base64_encode(view(crypto::sha256(style))) + "';"));
  for (const std::string_view banned : {"<script", " style=", " src=", "url(", "@import", "<link", " onclick"}) {
    CAPTURE(banned);
    CHECK_FALSE(answer.body.contains(banned));
  }
}

TEST_CASE("what a stranger puts into the Host header reaches the page only as a plain host") {
  Fixture node;
  for (const std::string host :
       {"\"><script>alert(1)</script>", "a;reboot", "$(id)", "a b", "{{zone}}", "a/b", "-p", "a:80x", "a:", "[::1",
        "[::1]x", "[javascript]", "user@host", "", "a:123456", "\x01\x7F\xFF"}) {
    CAPTURE(host);
    CHECK_FALSE(http::read_host(host).has_value());
    const std::string page = node.page(host);
    CHECK(page.contains("<h1>A node of the DNS mesh</h1>"));
    CHECK(page.contains("kdig @node.example.org "));
    CHECK_FALSE(page.contains("script>"));
    if (host.size() > 3) CHECK_FALSE(page.contains(host));
  }
  CHECK_FALSE(http::read_host(std::string(300, 'a')).has_value());
  CHECK(node.page("[2001:db8::1]:8053").contains("kdig @2001:db8::1 "));
  CHECK(node.page("[2001:db8::1]:8053").contains("curl http://[2001:db8::1]:8053/v1/"));
  CHECK(node.page("127.0.0.1:8053").contains("kdig @127.0.0.1 "));
}

TEST_CASE("text in the page is escaped, values make no places, and unknown places stay") {
  CHECK(http::escape_html("a<b>&\"'{{x}}\n") == "a&#60;b&#62;&#38;&#34;&#39;&#123;&#123;x&#125;&#125;\n");
  CHECK(http::fill_in("{{a}}-{{b}}-{{a}}{{c}} {{", {{"a", "{{b}}"}, {"b", ""}}) == "{{b}}--{{b}}{{c}} {{");
  Fixture node;
  node.view.zone = "<i>zone</i>";
  CHECK_FALSE(node.page().contains("<i>zone"));
  node.view.zone.clear();
  CHECK(node.page().contains("_dnsmesh-seen.example.org"));
}

TEST_CASE("the DNS port is named when it is not the usual one") {
  Fixture node;
  node.view.dns_port = 5353;
  CHECK(node.page().contains("kdig @node.example -p 5353 +short"));
}

TEST_CASE("what is missing and what peers are not offered is shown") {
  Fixture node;
  CHECK(node.page().contains("Nothing since the start"));
  node.missing = {"index", "stopping"};
  node.store.health_now.writable = false;
  node.offers = {{ErrorCode::record_unknown_type, 3}, {ErrorCode::record_signature, 40}};
  const std::string page = node.page();
  CHECK(page.contains("Not ready: store_write, index, stopping"));
  CHECK(page.contains("<b>3</b><code>unknown-type</code>"));
  CHECK(page.find("signature") < page.find("unknown-type"));
}

TEST_CASE("a count that cannot be read is left out") {
  Fixture node;
  CHECK(node.page().contains("Live records"));
  node.store.unreadable = true;
  CHECK_FALSE(node.page().contains("Live records"));
  CHECK(node.page().contains("store_read"));
}

TEST_CASE("the page says who may publish") {
  Fixture node;
  CHECK(node.page().contains("<b>Open</b>"));
  CHECK_FALSE(node.page().contains("Authorization"));
  node.view.auth_mode = access::AuthMode::legacy;
  CHECK(node.page().contains("<b>Legacy</b>"));
  CHECK(node.page().contains("-H \"Authorization: Bearer $DMP_OPERATOR_TOKEN\""));
  node.view.auth_mode = access::AuthMode::multi_tenant;
  CHECK(node.page().contains("<b>Multi-tenant, closed</b>"));
  CHECK(node.page().contains("records/dmp.alice.mesh.example \\\n     -H \"Authorization: Bearer $TOKEN\""));
  CHECK(node.page().contains("nobody can register here"));
}

TEST_CASE("the page says how to register, for what, who may, and how long it lives") {
  Fixture node;
  node.view.auth_mode = access::AuthMode::multi_tenant;
  http::RegistrationFacts& facts = node.view.registration.emplace();
  facts.life_s = 7776000 + 86399;
  CHECK(node.page().contains("<b>Self-service, without DNS UPDATE</b>"));
  CHECK(node.page().contains("There is no allowlist"));
  CHECK(node.page().contains("Tokens live 90 days."));
  facts.offers_keys = true;
  facts.domains = {"mesh.example", "<b>other</b>"};
  const std::string page = node.page();
  CHECK(page.contains("<b>Self-service, with TSIG keys</b>"));
  CHECK(page.contains("<code>mesh.example</code>, <code>&#60;b&#62;other&#60;/b&#62;</code>."));
  CHECK(page.contains("Tokens and keys live 90 days."));
  CHECK_FALSE(page.contains("no allowlist"));
  facts.zone_only = true;
  CHECK(node.page().contains("Subjects of the zone of this node alone"));
  for (const auto& [life_s, words] :
       {std::pair{std::int64_t{0}, "do not end"}, std::pair{std::int64_t{86399}, "less than a day"},
        std::pair{std::int64_t{86400}, "live 1 day."}}) {
    facts.life_s = life_s;
    CHECK(node.page().contains(words));
  }
}

TEST_CASE("where reading needs the operator token the command of the page has it") {
  Fixture node;
  CHECK(node.page().contains("\ncurl https://node.example/v1/records/hello.mesh.example</pre>"));
  node.view.reads_need_token = true;
  CHECK(
      node.page().contains("curl -H \"Authorization: Bearer $DMP_OPERATOR_TOKEN\" \\\n     https://node.example/v1/"));
}

TEST_CASE("the page is made anew only after some seconds, for whichever host") {
  Fixture node;
  http::LandingPage page(node.store, node.view, [] { return http::OfferCounts{}; });
  CHECK(Fixture::body(page).contains("<dd>0</dd>"));
  publish(node.store, "v");
  node.now_ms = limits::landing_page_age_ms - 1;
  CHECK(Fixture::body(page, "other.example").contains("<dd>0</dd>"));
  CHECK(Fixture::body(page, "other.example").contains("https://other.example"));
  node.now_ms = limits::landing_page_age_ms;
  CHECK(Fixture::body(page).contains("<dd>1</dd>"));
}
