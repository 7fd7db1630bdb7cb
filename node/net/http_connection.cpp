// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>

#include "net/http_message.hpp"

namespace dnsmesh::net {
namespace {

/// One call's worth: a usual request in one, and small enough for a stack.
constexpr std::size_t k_receive_bytes = 16384;
/// A kept connection that waits gives back a buffer larger than this.
constexpr std::size_t k_idle_buffer_bytes_max = 4096;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

HttpConnection::HttpConnection(Descriptor socket, std::string peer_address, const HttpDeadlines& deadlines,
                               const http::BodyBound& body_bytes_max, std::int64_t now_ms)
    : socket_(std::move(socket)),
      peer_address_(std::move(peer_address)),
      deadlines_(deadlines),
      body_bytes_max_(body_bytes_max),
      deadline_ms_(now_ms + deadlines.header_ms),
      waiting_since_ms_(now_ms),
      head_reader_(body_bytes_max) {}

bool HttpConnection::receive(std::int64_t now_ms) {
  std::array<char, k_receive_bytes> chunk;
  const ssize_t size = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
  if (size < 0 && !would_block(errno)) close();
  if (size < 0) return false;
  if (size == 0) {
    // A client may end its side and still read answers: requests that are already here are served.
    input_ended_ = true;
    if (state_ == State::lingering) close();
    return false;
  }
  if (state_ == State::lingering) {
    discarded_bytes_ += static_cast<std::size_t>(size);
    if (discarded_bytes_ > limits::http_linger_bytes_max) close();
    return true;
  }
  if (input_.empty() && !head_ && requests_ > 0) deadline_ms_ = now_ms + deadlines_.header_ms;
  input_.append(chunk.data(), static_cast<std::size_t>(size));
  return true;
}

HttpConnection::Event HttpConnection::next(std::int64_t now_ms) {
  assert(state_ == State::reading);
  if (!head_) {
    auto read = head_reader_.read(input_);
    if (!read) {
      unread_ = true;
      return {{}, {}, std::move(read.error())};
    }
    if (*read) {
      head_ = std::move(**read);
      input_.erase(0, head_->head_bytes);
      deadline_ms_ = now_ms + deadlines_.body_ms;
      if (head_->wants_continue && input_.size() < head_->body_bytes) {
        output_ += k_http_continue;
        send_some();
      }
    }
  }
  if (!head_ || input_.size() < head_->body_bytes) {
    if (input_ended_) close();
    return {};
  }
  http::Request request = std::move(head_->request);
  request.body = input_.substr(0, head_->body_bytes);
  request.peer_address = peer_address_;
  input_.erase(0, head_->body_bytes);
  unread_ = request.body_too_large;
  head_only_ = request.method == "HEAD";
  may_stay_ = head_->keep_alive && ++requests_ < limits::http_requests_per_connection_max;
  std::string forwarded_for = std::move(head_->forwarded_for);
  head_.reset();
  state_ = State::handling;
  deadline_ms_.reset();
  return {std::move(request), std::move(forwarded_for), {}};
}

void HttpConnection::answer(const http::Response& response, bool keep_alive, std::int64_t now_ms, std::int64_t now_s) {
  assert(state_ == State::reading || state_ == State::handling);
  if (state_ == State::reading) head_only_ = is_reading_head_request();
  keep_alive_ = keep_alive && may_stay_;
  output_ += write_answer(response, {keep_alive_, head_only_}, now_s);
  state_ = State::writing;
  deadline_ms_ = now_ms + deadlines_.write_ms;
  waiting_since_ms_ = now_ms;
}

/// Of a request that is refused or too slow all that counts is how it begins: the client of a HEAD reads no body, so
/// one would look like the next answer to it (RFC 9110 9.3.2).
bool HttpConnection::is_reading_head_request() const {
  if (head_) return head_->request.method == "HEAD";
  std::string_view begin = input_;
  if (begin.starts_with("\r\n")) begin.remove_prefix(2);
  return begin.starts_with("HEAD ");
}

bool HttpConnection::send_some() {
  while (output_sent_ < output_.size()) {
    const ssize_t size =
        ::send(socket_.get(), output_.data() + output_sent_, output_.size() - output_sent_, MSG_NOSIGNAL);
    if (size < 0) {
      if (!would_block(errno)) close();
      return false;
    }
    output_sent_ += static_cast<std::size_t>(size);
  }
  output_.clear();
  output_sent_ = 0;
  return true;
}

void HttpConnection::send(std::int64_t now_ms) {
  if (!send_some() || state_ != State::writing) return;
  if (keep_alive_) return begin_reading(now_ms);
  if (!unread_ && input_.empty()) return close();
  ::shutdown(socket_.get(), SHUT_WR);
  state_ = State::lingering;
  deadline_ms_ = now_ms + deadlines_.linger_ms;
}

void HttpConnection::begin_reading(std::int64_t now_ms) {
  state_ = State::reading;
  waiting_since_ms_ = now_ms;
  head_reader_ = HttpHeadReader(body_bytes_max_);
  head_only_ = false;
  may_stay_ = false;
  deadline_ms_ = now_ms + (input_.empty() ? deadlines_.idle_ms : deadlines_.header_ms);
  if (input_.capacity() > k_idle_buffer_bytes_max && input_.empty()) input_ = {};
  if (output_.capacity() > k_idle_buffer_bytes_max) output_ = {};
}

}  // namespace dnsmesh::net
