// SPDX-License-Identifier: Apache-2.0
#include "net/http_router.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "http/responses.hpp"

namespace dnsmesh::net {
namespace {

/// A request in memory; what the library writes is dropped, since the front writes all answers.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view input) : input_(input) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override {
    const std::size_t taken = std::min(size, input_.size());
    std::memcpy(out, input_.data(), taken);
    input_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* /*bytes*/, size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return -1; }

 private:
  std::string_view input_;
};

/// An octet that is encoded becomes three, and the library takes a line with method, blanks and version no longer than
/// this.
constexpr std::size_t k_line_rest_bytes = 32;
static_assert(3 * limits::http_target_bytes_max + k_line_rest_bytes <= CPPHTTPLIB_REQUEST_URI_MAX_LENGTH);

/// Routes match the raw target, the library matches what it has decoded: encoded once more, the one becomes the other.
std::string encoded(std::string_view target) {
  std::string out;
  for (const char c : target) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7F && c != '%' && c != '?' && c != '#') {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", octet);
    }
  }
  return out;
}

}  // namespace

class HttpRouter::Server final : public httplib::Server {
 public:
  explicit Server(const http::RouteTable& routes) {
    for (const http::Route& route : routes) {
      const std::string pattern(route.pattern);
      auto handler = [this, handle = route.handler](const httplib::Request&, httplib::Response&) {
        // Taken before the call: a handler that raises has its responder answered by then.
        handle(*request_, *std::exchange(respond_, std::nullopt));
      };
      if (route.method == "GET") Get(pattern, std::move(handler));
      if (route.method == "POST") Post(pattern, std::move(handler));
      if (route.method == "DELETE") Delete(pattern, std::move(handler));
    }
  }

  void run(const http::Request& request, http::Responder respond) {
    request_ = &request;
    respond_.emplace(std::move(respond));
    const std::string input = fmt::format("{} {} HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                                          request.method, encoded(request.target));
    MemoryStream stream(input);
    bool closed = false;
    process_request(stream, true, closed, nullptr);
    if (respond_) (*respond_)(http::json_error(404, "not found"));
    respond_.reset();
  }

 private:
  const http::Request* request_ = nullptr;
  std::optional<http::Responder> respond_;
};

HttpRouter::HttpRouter(const http::RouteTable& routes) : server_(std::make_unique<Server>(routes)) {}
HttpRouter::~HttpRouter() = default;

void HttpRouter::handle(const http::Request& request, http::Responder respond) {
  server_->run(request, std::move(respond));
}

}  // namespace dnsmesh::net
