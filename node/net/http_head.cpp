// SPDX-License-Identifier: Apache-2.0
#include "net/http_head.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "http/responses.hpp"

namespace dnsmesh::net {
namespace {

using http::Response;

constexpr std::array<std::string_view, 4> k_methods = {"GET", "HEAD", "POST", "DELETE"};

std::unexpected<Response> refuse(int status, std::string_view text) {
  return std::unexpected(http::json_error(status, text));
}
std::unexpected<Response> malformed() { return refuse(400, "bad request"); }

/// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    const char folded = fold_ascii(c);
    return (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z') || k_marks.contains(c);
  });
}

/// Optional white space (RFC 9110 5.6.3).
std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Is `wanted` (lower case) one of the list's comma-separated members?
bool lists(std::string_view list, std::string_view wanted) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (fold_ascii(trimmed(list.substr(0, comma))) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// Several lines of one header are one list (RFC 9110 5.3).
void append_to_list(std::string& list, std::string_view value) {
  if (!list.empty()) list += ',';
  list += value;
}

/// Splits at the first `separator`; nothing when there is none.
struct Halves {
  std::string_view before;
  std::string_view after;
};
std::optional<Halves> split(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return Halves{text.substr(0, at), text.substr(at + 1)};
}

/// `HTTP/1.x`; anything of the right shape with another major version is 505.
std::expected<bool, Response> is_http_1_0(std::string_view version) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return malformed();
  if (version[5] != '1') return refuse(505, "http version not supported");
  return version[7] == '0';
}

/// Takes scheme and authority off an absolute target, so that it routes like the usual form (RFC 9112 3.2.2).
bool take_authority(http::Request& request) {
  const std::string folded = fold_ascii(std::string_view(request.target).substr(0, 8));
  const std::size_t scheme = folded.starts_with("http://") ? 7 : folded == "https://" ? 8 : 0;
  if (scheme == 0) return true;
  const std::size_t path = request.target.find_first_of("/?", scheme);
  request.host = request.target.substr(scheme, path == std::string::npos ? path : path - scheme);
  request.target = path == std::string::npos ? "" : request.target.substr(path);
  if (!request.target.starts_with('/')) request.target.insert(0, 1, '/');
  // A bracketed IPv6 host is closed once and may only be followed by a port.
  const std::size_t open = request.host.find('[');
  const std::size_t close = request.host.find(']');
  if (open == std::string::npos && close == std::string::npos) return !request.host.empty();
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  return close + 1 == request.host.size() || request.host[close + 1] == ':';
}

void collapse_leading_slashes(std::string& target) {
  const std::size_t slashes = std::min(target.find_first_not_of('/'), target.size());
  if (slashes > 1) target.erase(0, slashes - 1);
}

struct RequestLine {
  http::Request request;
  bool http_1_0 = false;
};

std::expected<RequestLine, Response> read_request_line(std::string_view line) {
  const auto method = split(line, ' ');
  if (!method || !is_token(method->before)) return malformed();
  const auto target = split(method->after, ' ');
  if (!target || target->before.empty() || target->before.contains('\t')) return malformed();
  const auto http_1_0 = is_http_1_0(target->after);
  if (!http_1_0) return std::unexpected(http_1_0.error());
  RequestLine out;
  out.http_1_0 = *http_1_0;
  out.request.method = method->before;
  out.request.target = target->before;
  if (out.request.target.size() > limits::http_target_bytes_max) return refuse(414, "target too long");
  if (std::ranges::find(k_methods, method->before) == k_methods.end()) return refuse(501, "method not supported");
  return out;
}

/// What the header lines say about framing and the connection.
struct Headers {
  std::optional<std::string> host;
  std::optional<std::string> authorization;
  std::optional<std::string> content_length;
  std::string forwarded_for;
  std::string accept_encoding;
  bool content_length_twice = false;
  bool transfer_encoding = false;
  bool expects_continue = false;
  bool close = false;
  bool keep_alive = false;
};

/// False when a header that may stand once stands again.
bool take_once(std::optional<std::string>& slot, std::string_view value) {
  if (slot) return false;
  slot = value;
  return true;
}

std::expected<void, Response> read_header(std::string_view line, Headers& headers) {
  const auto halves = split(line, ':');
  // A folded line begins with a blank and a blank may not stand before the colon: neither leaves a token here.
  if (!halves || !is_token(halves->before)) return malformed();
  const std::string name = fold_ascii(halves->before);
  const std::string_view value = trimmed(halves->after);
  if (name == "host" && !take_once(headers.host, value)) return malformed();
  if (name == "authorization" && !take_once(headers.authorization, value)) return malformed();
  if (name == "content-length" && !take_once(headers.content_length, value)) headers.content_length_twice = true;
  if (name == "transfer-encoding") headers.transfer_encoding = true;
  if (name == "expect" && fold_ascii(value) == "100-continue") headers.expects_continue = true;
  if (name == "x-forwarded-for") append_to_list(headers.forwarded_for, value);
  if (name == "accept-encoding") append_to_list(headers.accept_encoding, value);
  if (name == "connection") {
    headers.close = headers.close || lists(value, "close");
    headers.keep_alive = headers.keep_alive || lists(value, "keep-alive");
  }
  return {};
}

/// Digits and nothing else. A number too long to matter becomes one that is beyond every cap.
std::optional<std::size_t> read_length(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::size_t value = 0;
  for (const char c : text) value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(c - '0'), 1U << 30);
  return value;
}

/// The declared length of the body; 0 without one.
std::expected<std::size_t, Response> declared_length(const Headers& headers) {
  if (headers.transfer_encoding) {
    return headers.content_length ? malformed() : refuse(411, "length required");
  }
  if (!headers.content_length) return 0;
  const auto length = read_length(*headers.content_length);
  if (!length || headers.content_length_twice) return refuse(400, "invalid body");
  return *length;
}

/// `text` is the head from the request line to the last header's CRLF.
std::expected<HttpHead, Response> parse(std::string_view text, const http::BodyBound& body_bytes_max) {
  std::size_t end = text.find("\r\n");
  auto line = read_request_line(text.substr(0, end));
  if (!line) return std::unexpected(line.error());
  Headers headers;
  for (text.remove_prefix(end + 2); !text.empty(); text.remove_prefix(end + 2)) {
    end = text.find("\r\n");
    if (const auto read = read_header(text.substr(0, end), headers); !read) return std::unexpected(read.error());
  }
  HttpHead head;
  head.request = std::move(line->request);
  head.request.host = headers.host.value_or("");
  head.forwarded_for = std::move(headers.forwarded_for);
  head.request.authorization = headers.authorization.value_or("");
  head.request.accept_encoding = std::move(headers.accept_encoding);
  const auto length = declared_length(headers);
  if (!length) return std::unexpected(length.error());
  if (!take_authority(head.request)) return malformed();
  collapse_leading_slashes(head.request.target);
  head.request.body_too_large = *length > (body_bytes_max ? body_bytes_max(head.request) : limits::http_body_bytes_max);
  head.body_bytes = head.request.body_too_large ? 0 : *length;
  // After a body that is not read nobody knows where the next request would begin.
  const bool wants_more = line->http_1_0 ? headers.keep_alive && !headers.close : !headers.close;
  head.keep_alive = wants_more && !head.request.body_too_large;
  head.wants_continue = headers.expects_continue && !line->http_1_0 && head.body_bytes > 0;
  return head;
}

}  // namespace

std::expected<std::optional<HttpHead>, Response> HttpHeadReader::read(std::string_view input) {
  for (; scanned_ < input.size(); ++scanned_) {
    const auto octet = static_cast<unsigned char>(input[scanned_]);
    const bool after_cr = scanned_ > 0 && input[scanned_ - 1] == '\r';
    if (after_cr != (octet == '\n')) return malformed();  // a bare CR or LF
    if ((octet < 0x20 && octet != '\t' && octet != '\r' && octet != '\n') || octet == 0x7F) return malformed();
    if (lines_ == 0 && scanned_ - line_start_ > limits::http_request_line_bytes_max + 1) {
      return refuse(414, "request line too long");
    }
    if (lines_ > 0 && scanned_ - headers_start_ > limits::http_header_bytes_max + 1) {
      return refuse(431, "headers too large");
    }
    if (octet != '\n') continue;
    const auto ended = end_line(scanned_ - 1);
    if (!ended) return std::unexpected(ended.error());
    if (*ended == LineEnd::more) continue;
    auto head = parse(input.substr(start_, scanned_ - 1 - start_), *body_bytes_max_);
    if (!head) return std::unexpected(head.error());
    head->head_bytes = scanned_ + 1;
    return std::optional(std::move(*head));
  }
  return std::nullopt;
}

std::expected<HttpHeadReader::LineEnd, Response> HttpHeadReader::end_line(std::size_t line_end) {
  const bool empty = line_end == line_start_;
  line_start_ = line_end + 2;
  if (empty && lines_ > 0) return LineEnd::head_complete;
  if (empty) {
    // One empty line before a request is allowed: old clients send it after a body (RFC 9112 2.2).
    if (start_ > 0) return malformed();
    start_ = line_start_;
    return LineEnd::more;
  }
  if (lines_++ == 0) headers_start_ = line_start_;
  if (lines_ > limits::http_header_lines_max + 1) return refuse(431, "too many headers");
  return LineEnd::more;
}

}  // namespace dnsmesh::net
