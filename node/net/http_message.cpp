// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace dnsmesh::net {
namespace {

struct ReasonRow {
  int status;
  std::string_view reason;
};
constexpr std::array k_reasons = {
    ReasonRow{200, "OK"},
    ReasonRow{201, "Created"},
    ReasonRow{204, "No Content"},
    ReasonRow{400, "Bad Request"},
    ReasonRow{401, "Unauthorized"},
    ReasonRow{403, "Forbidden"},
    ReasonRow{404, "Not Found"},
    ReasonRow{408, "Request Timeout"},
    ReasonRow{411, "Length Required"},
    ReasonRow{413, "Content Too Large"},
    ReasonRow{414, "URI Too Long"},
    ReasonRow{429, "Too Many Requests"},
    ReasonRow{431, "Request Header Fields Too Large"},
    ReasonRow{500, "Internal Server Error"},
    ReasonRow{501, "Not Implemented"},
    ReasonRow{502, "Bad Gateway"},
    ReasonRow{503, "Service Unavailable"},
    ReasonRow{505, "HTTP Version Not Supported"},
};

/// A status without a row gets no words, which RFC 9112 4 allows.
std::string_view reason_of(int status) {
  for (const ReasonRow& row : k_reasons) {
    if (row.status == status) return row.reason;
  }
  return {};
}

}  // namespace

std::string http_date(std::int64_t unix_s) {
  constexpr std::array k_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", k_days[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday, k_months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string write_answer(const http::Response& response, AnswerFraming framing, std::int64_t now_s) {
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status), http_date(now_s));
  const auto into = std::back_inserter(out);
  if (!response.content_type.empty()) fmt::format_to(into, "Content-Type: {}\r\n", response.content_type);
  if (response.status != 204) fmt::format_to(into, "Content-Length: {}\r\n", response.body.size());
  for (const auto& [name, value] : response.headers) fmt::format_to(into, "{}: {}\r\n", name, value);
  fmt::format_to(into, "Connection: {}\r\n\r\n", framing.keep_alive ? "keep-alive" : "close");
  if (!framing.head_only) out += response.body;
  return out;
}

}  // namespace dnsmesh::net
