// SPDX-License-Identifier: Apache-2.0
#include "http/landing_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "http/access_words.hpp"
#include "http/cluster_report.hpp"
#include "http/node_table.hpp"
#include "http/page_template.hpp"
#include "http/status_routes.hpp"

namespace dnsmesh::http {
namespace {

/// Where no zone is served or the Host header cannot be used, commands show names that everybody knows as examples.
constexpr std::string_view k_zone_placeholder = "example.org";
constexpr std::string_view k_host_placeholder = "node.example.org";
constexpr std::uint16_t k_dns_port_usual = 53;

struct ReasonRow {
  ErrorCode code;
  std::string_view meaning;
};
constexpr std::array k_reasons = {
    ReasonRow{ErrorCode::record_unknown_type, "no record type that peers know"},
    ReasonRow{ErrorCode::record_prefix, "no record type that peers know"},
    ReasonRow{ErrorCode::record_reserved_owner, "the name is reserved for records of a type"},
    ReasonRow{ErrorCode::record_empty_value, "the value is empty"},
    ReasonRow{ErrorCode::record_owner_name, "the name is no owner name that peers take"},
    ReasonRow{ErrorCode::record_signature, "the signature does not verify"},
    ReasonRow{ErrorCode::record_expired, "the signed expiry has passed"},
    ReasonRow{ErrorCode::record_name_mismatch, "the record belongs to another name"},
};

std::string_view meaning_of(ErrorCode code) {
  const auto* const found = std::ranges::find(k_reasons, code, &ReasonRow::code);
  return found == k_reasons.end() ? "the record does not hold what its type asks for" : found->meaning;
}

std::string uptime_words(std::int64_t uptime_ms) {
  const std::int64_t minutes = uptime_ms / 60000;
  if (minutes < 1) return fmt::format("{} s", uptime_ms / 1000);
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 24 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / (24 * 60), minutes / 60 % 24);
}

std::string fact(std::string_view term, std::string_view value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", term, escape_html(value));
}

std::string not_offered_html(OfferCounts counts) {
  if (counts.empty()) return "<p class=\"note\">Nothing since the start: peers can take all that was published.</p>\n";
  std::ranges::sort(counts, std::ranges::greater{}, &OfferCounts::value_type::second);
  std::string rows;
  for (const auto& [code, count] : counts) {
    rows += fmt::format("<li><b>{}</b><code>{}</code> <span>{}</span></li>\n", count, escape_html(error_name(code)),
                        meaning_of(code));
  }
  return "<p class=\"note\">Published since the start and served, but peers would refuse it.</p>\n<ul>\n" + rows +
         "</ul>\n";
}

/// Allows the page's one style sheet by its hash, and nothing else.
std::string policy_for(std::string_view page) {
  constexpr std::string_view k_begin = "<style>";
  const std::size_t begin = page.find(k_begin) + k_begin.size();
  const std::string_view style = page.substr(begin, page.find("</style>") - begin);
  return fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      base64_encode(view(crypto::sha256(style))));
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}
bool is_address_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
}

/// A line of the command; nothing when no token is needed.
std::string token_line(std::string_view variable) {
  return variable.empty() ? std::string{} : fmt::format("     -H \"Authorization: Bearer ${}\" \\\n", variable);
}

std::string publish_command(std::string_view url, std::string_view variable) {
  return fmt::format("curl {} \\\n{}     -d '{}'", url, token_line(variable),
                     R"({"value": "hello, mesh", "ttl": 300})");
}

std::string read_command(std::string_view url, bool needs_token) {
  if (!needs_token) return fmt::format("curl {}", url);
  return fmt::format("curl -H \"Authorization: Bearer $DMP_OPERATOR_TOKEN\" \\\n     {}", url);
}

}  // namespace

std::optional<HostParts> read_host(std::string_view host) {
  constexpr std::size_t k_port_digits_max = 5;
  if (host.size() > limits::owner_name_bytes_max + 1 + k_port_digits_max) return std::nullopt;
  HostParts out{host, {}, false};
  std::string_view rest;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    out.address = host.substr(1, close - 1);
    rest = host.substr(close + 1);
    if (!std::ranges::all_of(out.address, is_address_character)) return std::nullopt;
  } else {
    out.address = host.substr(0, host.find(':'));
    rest = host.substr(out.address.size());
    if (!std::ranges::all_of(out.address, is_host_character) || out.address.starts_with('-')) return std::nullopt;
  }
  if (out.address.empty()) return std::nullopt;
  if (rest.empty()) return out;
  const std::string_view port = rest.substr(1);
  const bool is_port = rest.front() == ':' && !port.empty() && port.size() <= k_port_digits_max &&
                       std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_port) return std::nullopt;
  out.has_port = true;
  return out;
}

LandingPage::LandingPage(const store::RecordStore& store, NodeView view, std::function<OfferCounts()> offers_refused)
    : store_(store),
      view_(std::move(view)),
      offers_refused_(std::move(offers_refused)),
      content_security_policy_(policy_for(landing_page_template())) {
  if (const auto heartbeats = view_.heartbeats()) self_endpoint_ = heartbeats->endpoint;
}

std::string LandingPage::render() const {
  const std::vector<std::string_view> missing = not_ready(store_, view_);
  const AccessWords words = access_words(view_.auth_mode, view_.registration);
  std::string facts;
  if (const auto count = store_.live_count()) facts += fact("Live records", fmt::format("{}", *count));
  facts += fact("Zone", view_.zone.empty() ? "none" : view_.zone);
  facts += fact("Up for", uptime_words(view_.uptime_ms()));
  facts += fact("Version", DNSMESH_VERSION);
  const std::optional<HeartbeatFacts> heartbeats = view_.heartbeats();
  if (heartbeats) facts += fact("Operator key", heartbeats->operator_spk_hex);
  const std::string state =
      missing.empty() ? "Ready" : escape_html(fmt::format("Not ready: {}", fmt::join(missing, ", ")));
  const std::string not_offered = not_offered_html(offers_refused_());
  return fill_in(landing_page_template(), {{"state_class", missing.empty() ? "good" : "bad"},
                                           {"state", state},
                                           {"facts", facts},
                                           {"writers", words.writers},
                                           {"not_offered", not_offered},
                                           {"cluster", cluster_html(view_.cluster())},
                                           {"heartbeats", nodes_html(heartbeats)},
                                           {"registration", words.title},
                                           {"registration_note", words.note_html}});
}

std::string LandingPage::draft() {
  const std::int64_t now_ms = view_.uptime_ms();
  return draft_.with([&](std::optional<Draft>& draft) {
    if (!draft || now_ms - draft->made_ms >= limits::landing_page_age_ms) draft = Draft{now_ms, render()};
    return draft->text;
  });
}

/// The public URL when the node knows it; else the host that the request names.
std::string LandingPage::identity_for(const std::optional<HostParts>& host) const {
  if (!self_endpoint_.empty()) return self_endpoint_;
  return host ? fmt::format("https://{}", host->text) : std::string("A node of the DNS mesh");
}

Response LandingPage::answer(const Request& request) {
  const auto host = read_host(request.host);
  const HostParts shown = host.value_or(HostParts{k_host_placeholder, k_host_placeholder, false});
  // The usual port is reached through a proxy that adds TLS; another one is the node's own, which speaks plain HTTP.
  const std::string base_url = fmt::format("{}://{}", shown.has_port ? "http" : "https", shown.text);
  const std::string identity = identity_for(host);
  const std::string zone = escape_html(view_.zone.empty() ? k_zone_placeholder : std::string_view(view_.zone));
  const std::string kdig = view_.dns_port == k_dns_port_usual
                               ? fmt::format("kdig @{}", shown.address)
                               : fmt::format("kdig @{} -p {}", shown.address, view_.dns_port);
  const AccessWords words = access_words(view_.auth_mode, view_.registration);
  const std::string name = fmt::format("{}.{}", words.label, zone);
  const std::string url = fmt::format("{}/v1/records/{}", base_url, name);
  return {200,
          "text/html; charset=utf-8",
          fill_in(draft(), {{"identity", escape_html(identity)},
                            {"publish", publish_command(url, words.variable)},
                            {"read", read_command(url, view_.reads_need_token)},
                            {"name", name},
                            {"kdig", kdig},
                            {"zone", zone}}),
          {{"Cache-Control", "public, max-age=30"},
           {"Content-Security-Policy", content_security_policy_},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace dnsmesh::http
