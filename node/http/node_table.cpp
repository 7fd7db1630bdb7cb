// SPDX-License-Identifier: Apache-2.0
#include "http/node_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/utf8.hpp"
#include "http/page_template.hpp"

namespace dnsmesh::http {
namespace {

constexpr std::int64_t k_fresh_s = 3600;

/// Eight digits, and four from the end, of what is longer than 16.
std::string short_key(std::string_view key) {
  constexpr std::size_t k_head = 8;
  constexpr std::size_t k_tail = 4;
  constexpr std::size_t k_whole_max = 16;
  if (key.size() <= k_whole_max) return std::string(key);
  return fmt::format("{}…{}", key.substr(0, k_head), key.substr(key.size() - k_tail));
}

std::string age_words(std::int64_t age_s) {
  if (age_s < 60) return fmt::format("{}s ago", age_s);
  if (age_s < 3600) return fmt::format("{}m ago", age_s / 60);
  if (age_s < 86400) return fmt::format("{}h ago", age_s / 3600);
  return fmt::format("{}d ago", age_s / 86400);
}

/// The endpoint as a link where it is one that a browser may follow: whoever sent the heartbeat chose the text.
std::string endpoint_html(std::string_view endpoint) {
  const std::string text = escape_html(endpoint);
  const std::string folded = fold_ascii(endpoint.substr(0, 8));
  if (!folded.starts_with("http://") && !folded.starts_with("https://")) return fmt::format("<code>{}</code>", text);
  return fmt::format("<a href=\"{0}\" rel=\"nofollow noopener\"><code>{0}</code></a>", text);
}

std::string row_html(const store::SeenRow& row, std::int64_t now_s, std::string_view note) {
  // The clock of another node may be ahead.
  const std::int64_t age_s = row.ts_s < now_s ? now_s - row.ts_s : 0;
  return fmt::format(
      "<li><b class=\"{}\">{}</b>{} <span><code title=\"{}\">{}</code>, version {}, sources: 1{}</span></li>\n",
      age_s < k_fresh_s ? "good" : "bad", age_words(age_s), endpoint_html(row.endpoint),
      escape_html(row.operator_spk_hex), escape_html(short_key(row.operator_spk_hex)),
      escape_html(row.version.empty() ? "unknown" : row.version), note);
}

}  // namespace

std::string nodes_html(const std::optional<HeartbeatFacts>& facts) {
  if (!facts) {
    return "<p>This node exchanges no heartbeats, so it has no list of peers.</p>\n"
           "<p class=\"note\">The settings of the heartbeat layer are <code>DMP_HEARTBEAT_ENABLED</code>,\n"
           "<code>DMP_HEARTBEAT_SELF_ENDPOINT</code> and <code>DMP_HEARTBEAT_OPERATOR_KEY_PATH</code>.</p>\n";
  }
  store::SeenRow self;
  self.endpoint = facts->endpoint;
  self.operator_spk_hex = facts->operator_spk_hex;
  self.version = facts->version;
  self.ts_s = facts->now_s;
  std::vector<store::SeenRow> others = facts->seen;
  std::erase_if(others, [&](const store::SeenRow& row) {
    return row.endpoint == self.endpoint && row.operator_spk_hex == self.operator_spk_hex;
  });
  std::ranges::stable_sort(others, std::ranges::greater{}, &store::SeenRow::ts_s);
  std::string out = "<ul>\n" + row_html(self, facts->now_s, ", this node");
  for (const store::SeenRow& row : others) out += row_html(row, facts->now_s, "");
  return out + "</ul>\n";
}

}  // namespace dnsmesh::http
