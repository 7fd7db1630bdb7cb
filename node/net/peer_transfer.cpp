// SPDX-License-Identifier: Apache-2.0
#include "net/peer_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"
#include "sync/peer.hpp"

namespace dnsmesh::net {
namespace {

constexpr const char* k_protocols = "http,https";
constexpr const char* k_user_agent = "User-Agent: dnsmesh-node/" DNSMESH_VERSION;

/// The request's URL as curl will call it; nothing when curl cannot read it.
CurlUrl url_of(const sync::PeerRequest& request) {
  CurlUrl url(curl_url());
  const std::string text = request.endpoint + request.target;
  const bool is_url =
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) == CURLUE_OK;
  return is_url ? std::move(url) : nullptr;
}

CurlList headers_of(const sync::PeerRequest& request) {
  CurlList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    static_cast<void>(list.release());
    list.reset(longer);
  };
  add(k_user_agent);
  add("Expect:");  // never wait for a peer's leave to send a body
  if (!request.token.empty()) add("Authorization: Bearer " + request.token);
  if (request.method == "POST") {
    add(request.content_type.empty() ? "Content-Type:" : "Content-Type: " + request.content_type);
  }
  return list;
}

ErrorCode error_code_of(CURLcode code, bool is_connected) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return ErrorCode::sync_unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return is_connected ? ErrorCode::sync_timeout : ErrorCode::sync_unreachable;
    case CURLE_URL_MALFORMAT:
      return ErrorCode::sync_endpoint;
    default:
      return ErrorCode::sync_transport;
  }
}

}  // namespace

Result<std::unique_ptr<PeerTransfer>> PeerTransfer::create(const PeerClientOptions& options, sync::PeerRequest request,
                                                           const Clock& clock) {
  if (const auto legal = sync::check_peer_endpoint(request.endpoint); !legal) return std::unexpected(legal.error());
  CurlUrl url = url_of(request);
  if (!url) return fail(ErrorCode::sync_endpoint, fmt::format("{} cannot be called", request.endpoint));
  std::unique_ptr<PeerTransfer> transfer(new PeerTransfer(clock));
  transfer->url_ = std::move(url);
  transfer->headers_ = headers_of(request);
  transfer->request_ = std::move(request);
  transfer->deadlines_ = options.deadlines;
  transfer->started_ms_ = clock.monotonic_ms();
  transfer->easy_.reset(curl_easy_init());
  transfer->set_up(options);
  return transfer;
}

void PeerTransfer::set_up(const PeerClientOptions& options) {
  const auto set = [easy = easy_.get()](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_CURLU, url_.get());
  set(CURLOPT_PROTOCOLS_STR, k_protocols);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // empty: not even what the environment says
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a slow resolver never holds the loop's thread
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_ERRORBUFFER, error_.data());
  if (request_.accepts_gzip) set(CURLOPT_ACCEPT_ENCODING, "gzip");
  if (request_.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // the file alone, not the system's store beside it
  }
  if (!options.certificate_file.empty()) {
    set(CURLOPT_SSLCERT, options.certificate_file.c_str());
    set(CURLOPT_SSLKEY, options.key_file.c_str());
  }
  set(CURLOPT_DNS_CACHE_TIMEOUT, limits::peer_address_age_s);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(deadlines_.connect_ms));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(deadlines_.call_ms + request_.wait_ms));
  set(CURLOPT_HEADERFUNCTION, &PeerTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &PeerTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
}

std::size_t PeerTransfer::on_header(const char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<PeerTransfer*>(self)->take_header({data, size * count}) ? size * count : 0;
}

std::size_t PeerTransfer::on_body(const char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<PeerTransfer*>(self)->take_body({data, size * count}) ? size * count : 0;
}

bool PeerTransfer::take_header(std::string_view line) {
  constexpr std::string_view k_date = "date:";
  if (!first_byte_ms_) first_byte_ms_ = clock_.monotonic_ms();
  header_bytes_ += line.size();
  ++header_lines_;
  if (header_bytes_ > limits::peer_header_bytes_max || header_lines_ > limits::peer_header_lines_max) {
    too_big_ = "header";
    return false;
  }
  if (fold_ascii(line.substr(0, k_date.size())) == k_date) {
    const std::string value(strip_ascii_whitespace(line.substr(k_date.size())));
    const time_t date_s = curl_getdate(value.c_str(), nullptr);
    answer_.date_s = date_s < 0 ? std::nullopt : std::optional<std::int64_t>(date_s);
  }
  return true;
}

bool PeerTransfer::take_body(std::string_view bytes) {
  if (answer_.body.size() + bytes.size() > request_.answer_bytes_max) {
    too_big_ = "body";
    return false;
  }
  answer_.body += bytes;
  return true;
}

curl_off_t PeerTransfer::count_of(CURLINFO what) const {
  curl_off_t count = 0;
  curl_easy_getinfo(easy_.get(), what, &count);
  return std::max<curl_off_t>(count, 0);
}

std::int64_t PeerTransfer::deadline_ms() const {
  if (!first_byte_ms_) return started_ms_ + deadlines_.first_byte_ms + request_.wait_ms;
  const std::int64_t received = count_of(CURLINFO_SIZE_DOWNLOAD_T) + static_cast<std::int64_t>(header_bytes_);
  return *first_byte_ms_ + std::max<std::int64_t>(deadlines_.slow_ms, received * 1000 / limits::peer_bytes_per_s_min);
}

Result<sync::PeerAnswer> PeerTransfer::outcome(CURLcode code) {
  if (too_big_ != nullptr)
    return fail(ErrorCode::sync_answer_too_big, fmt::format("the {} passes its bound", too_big_));
  if (code != CURLE_OK) {
    const char* text = error_.front() == '\0' ? curl_easy_strerror(code) : error_.data();
    return fail(error_code_of(code, count_of(CURLINFO_CONNECT_TIME_T) > 0), text);
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  const char* content_type = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type != nullptr) answer_.content_type = content_type;
  answer_.wire_bytes_received = static_cast<std::size_t>(count_of(CURLINFO_SIZE_DOWNLOAD_T)) + header_bytes_;
  long request_bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  answer_.wire_bytes_sent = static_cast<std::size_t>(request_bytes);
  // A long body goes out after the header and is not in that figure.
  if (answer_.wire_bytes_sent < request_.body.size()) answer_.wire_bytes_sent += request_.body.size();
  return std::move(answer_);
}

}  // namespace dnsmesh::net
