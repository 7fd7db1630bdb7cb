// SPDX-License-Identifier: Apache-2.0
// One client's connection: bytes in, one request at a time, bytes out, and the deadline it is under. It knows sockets
// but neither epoll nor routes; the front drives it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/limits.hpp"
#include "http/exchange.hpp"
#include "net/descriptor.hpp"
#include "net/http_head.hpp"

namespace dnsmesh::net {

/// How long a client may take; the defaults are the node's (limits.hpp), tests shorten them.
struct HttpDeadlines {
  int header_ms = limits::http_header_ms;
  int body_ms = limits::http_body_ms;
  int idle_ms = limits::http_idle_ms;
  int write_ms = limits::http_write_ms;
  int linger_ms = limits::http_linger_ms;
  int stop_ms = limits::stop_ms;
};

class HttpConnection {
 public:
  enum class State {
    reading,    // for a head or a body
    handling,   // a request was taken and not answered
    writing,    // an answer
    lingering,  // the answer is out and refused input is thrown away
    closed,     // nothing more will happen
  };

  /// What came of reading.
  struct Event {
    std::optional<http::Request> request;   // whole: answer it
    std::string forwarded_for;              // what the request says of whom it is for
    std::optional<http::Response> refusal;  // answer with this and close
  };

  /// `deadlines` and `body_bytes_max` must outlive it.
  HttpConnection(Descriptor socket, std::string peer_address, const HttpDeadlines& deadlines,
                 const http::BodyBound& body_bytes_max, std::int64_t now_ms);

  /// Takes what the socket has, at most one chunk; false when there was nothing. In `lingering` it is thrown away.
  bool receive(std::int64_t now_ms);
  /// The next whole request or refusal in what was received; both empty when more input is needed. Only in `reading`.
  Event next(std::int64_t now_ms);
  /// Begins to write the answer to the request taken or refused. Only in `reading` or `handling`.
  void answer(const http::Response& response, bool keep_alive, std::int64_t now_ms, std::int64_t now_s);
  /// Sends what the socket takes; when all is out, the connection reads again, lingers or closes.
  void send(std::int64_t now_ms);
  void close() { state_ = State::closed; }

  State state() const { return state_; }
  int socket() const { return socket_.get(); }
  const std::string& peer_address() const { return peer_address_; }
  /// Monotonic milliseconds at which the client has used up its time; nothing while it waits for us.
  std::optional<std::int64_t> deadline_ms() const { return deadline_ms_; }
  /// Part of a request is there: its client should hear that it was too slow.
  bool in_mid_request() const { return state_ == State::reading && (head_ || !input_.empty()); }
  /// Monotonic milliseconds since when it has waited for its client: for a whole request, or to read the answer;
  /// nothing while a request is handled.
  std::optional<std::int64_t> waiting_since_ms() const {
    return state_ == State::handling ? std::nullopt : std::optional(waiting_since_ms_);
  }
  /// Input or output to wait for.
  bool wants_read() const { return state_ == State::reading || state_ == State::lingering; }
  bool wants_write() const { return state_ == State::writing || output_sent_ < output_.size(); }
  /// Octets of memory that wait for the client to read.
  std::size_t unsent_bytes() const { return output_sent_ < output_.size() ? output_.size() : 0; }

 private:
  void begin_reading(std::int64_t now_ms);
  bool is_reading_head_request() const;
  bool send_some();

  Descriptor socket_;
  std::string peer_address_;
  const HttpDeadlines& deadlines_;
  const http::BodyBound& body_bytes_max_;
  State state_ = State::reading;
  std::optional<std::int64_t> deadline_ms_;
  std::int64_t waiting_since_ms_;

  std::string input_;
  HttpHeadReader head_reader_;
  std::optional<HttpHead> head_;  // complete; its body may not be
  bool input_ended_ = false;
  std::size_t discarded_bytes_ = 0;

  std::string output_;
  std::size_t output_sent_ = 0;
  bool head_only_ = false;   // the request is a HEAD
  bool may_stay_ = false;    // the request and the count of requests allow another one
  bool keep_alive_ = false;  // the answer being written said so
  bool unread_ = false;      // input was refused unread
  std::size_t requests_ = 0;
};

}  // namespace dnsmesh::net
