// SPDX-License-Identifier: Apache-2.0
#include "http/node_table.hpp"

#include <doctest/doctest.h>

using namespace dnsmesh;
using namespace dnsmesh::http;

namespace {

constexpr std::int64_t k_now_s = 1'700'000'000;

store::SeenRow row(std::string endpoint, std::int64_t ts_s) {
  store::SeenRow out;
  out.operator_spk_hex = std::string(60, 'b') + "1234";
  out.endpoint = std::move(endpoint);
  out.version = "2.0";
  out.ts_s = ts_s;
  return out;
}

HeartbeatFacts facts(std::vector<store::SeenRow> seen) {
  return {"https://own.example", std::string(64, 'a'), "1.0", k_now_s, std::move(seen)};
}

}  // namespace

TEST_CASE("the page has a row for this node as of now, and one for each other, the newest first") {
  store::SeenRow own_copy = row("https://own.example", k_now_s - 5000);
  own_copy.operator_spk_hex = std::string(64, 'a');
  const std::string html =
      nodes_html(facts({row("https://old.example", k_now_s - 7200), row("https://new.example", k_now_s - 90), own_copy,
                        row("https://sibling.example", k_now_s + 60)}));
  const auto place = [&](std::string_view part) { return html.find(part); };
  CHECK(place("0s ago") < place("https://own.example"));
  CHECK(place("https://own.example") < place("https://sibling.example"));
  CHECK(place("https://sibling.example") < place("https://new.example"));
  CHECK(place("https://new.example") < place("https://old.example"));
  CHECK(html.contains("<b class=\"good\">1m ago"));
  CHECK(html.contains("<b class=\"bad\">2h ago"));
  CHECK(html.contains("bbbbbbbb…1234"));
  CHECK(html.contains("sources: 1"));
  CHECK(html.find("1h ago") == std::string::npos);  // a peer's older copy of this node
}

TEST_CASE("an age is rounded down, and fresh below an hour") {
  const auto shown = [](std::int64_t age_s, std::string_view words) {
    return nodes_html(facts({row("https://x.example", k_now_s - age_s)})).contains(words);
  };
  CHECK(shown(59, "good\">59s ago"));
  CHECK(shown(3599, "good\">59m ago"));
  CHECK(shown(3600, "bad\">1h ago"));
  CHECK(shown(86399, "bad\">23h ago"));
  CHECK(shown(86400, "bad\">1d ago"));
}

TEST_CASE("no text of a heartbeat becomes markup or a link that runs") {
  store::SeenRow hostile = row("javascript:alert(1)", k_now_s);
  hostile.version = "<script>";
  const std::string html = nodes_html(facts({hostile, row("https://x\"><i>", k_now_s)}));
  CHECK_FALSE(html.contains("href=\"javascript"));
  CHECK_FALSE(html.contains("<script>"));
  CHECK_FALSE(html.contains("<i>"));
  CHECK(html.contains("href=\"https://x&#34;&#62;"));
}

TEST_CASE("without heartbeats the page says how they are switched on") {
  const std::string html = nodes_html(std::nullopt);
  for (const std::string_view name :
       {"DMP_HEARTBEAT_ENABLED", "DMP_HEARTBEAT_SELF_ENDPOINT", "DMP_HEARTBEAT_OPERATOR_KEY_PATH"}) {
    CHECK(html.contains(name));
  }
}
