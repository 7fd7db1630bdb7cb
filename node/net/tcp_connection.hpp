// SPDX-License-Identifier: Apache-2.0
// One DNS connection over TCP: framing, answers waiting to be written, and when it must end (spec/dns.md 9). It reads
// and writes its descriptor but waits for nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "dns/engine.hpp"
#include "net/socket.hpp"

namespace dnsmesh::net {

/// The bounds of DNS over TCP; the defaults are what a node runs with.
struct TcpLimits {
  int first_message_ms = limits::dns_tcp_first_message_ms;
  int idle_ms = limits::dns_tcp_idle_ms;
  int message_ms = limits::dns_tcp_message_ms;
  int write_ms = limits::dns_tcp_write_ms;
  std::size_t connections_max = limits::dns_tcp_connections_max;
  std::size_t connections_per_client_max = limits::dns_tcp_connections_per_address_max;
  std::size_t unsent_octets_max = limits::dns_tcp_unsent_octets_max;
};

/// What all connections of a thread share.
struct TcpService {
  const dns::Engine& engine;
  dns::QueryContext& context;
  const TcpLimits& limits;
  std::span<char> read_buffer;    // for one read
  std::span<char> answer_buffer;  // for one answer
  /// Takes an UPDATE that the engine left; its answer comes by on_update_answered(). False: it must come again later.
  const std::function<bool(std::string_view message, const dns::Arrival& arrival)>& hand_over;
};

class TcpConnection {
 public:
  TcpConnection(Descriptor descriptor, const SocketAddress& peer, std::int64_t now_ms, const TcpLimits& limits);

  /// Reads once, answers every whole message, writes what the socket takes. `now_ms` is monotonic, `now_s` Unix time.
  /// False: the connection is over.
  [[nodiscard]] bool on_readable(const TcpService& service, std::int64_t now_ms, std::int64_t now_s);
  /// Writes on, and goes back to waiting messages when there is room again. False: the connection is over.
  [[nodiscard]] bool on_writable(const TcpService& service, std::int64_t now_ms, std::int64_t now_s);

  /// Sends the answer to an UPDATE that was handed over, in whatever order they come; an empty one ends the connection
  /// as any message without an answer does. False: the connection is over.
  [[nodiscard]] bool on_update_answered(const TcpService& service, std::string_view answer, std::int64_t now_ms,
                                        std::int64_t now_s);

  /// Reading stops while too much is unsent or handed over, and behind the end of the requests.
  bool wants_read() const { return !is_ending_ && !is_congested_; }
  bool wants_write() const { return unsent_octets() > 0 || (is_congested_ && !has_many_handed_over()); }
  /// No message begun, nothing unsent or handed over: may be closed when room is needed.
  bool is_idle() const { return in_.empty() && unsent_octets() == 0 && handed_over_ == 0; }
  /// Monotonic milliseconds at which it has to end.
  std::int64_t deadline_ms() const;

  int fd() const { return descriptor_.get(); }
  /// What client_key() gives for its peer.
  std::uint64_t client() const { return client_; }

 private:
  bool has_many_handed_over() const { return handed_over_ >= limits::dns_tcp_updates_waiting_max; }
  void queue(std::string_view answer);
  std::size_t unsent_octets() const { return out_.size() - sent_octets_; }
  void answer_messages(const TcpService& service, std::int64_t now_ms, std::int64_t now_s);
  void answer_one(const TcpService& service, std::string_view message, std::int64_t now_ms, std::int64_t now_s);
  [[nodiscard]] bool write_out(const TcpService& service, std::int64_t now_ms);
  [[nodiscard]] bool carry_on(const TcpService& service, std::int64_t now_ms, std::int64_t now_s);

  Descriptor descriptor_;
  const std::uint64_t client_;
  const dns::ClientAddress address_;
  std::string in_;   // octets of messages that are not answered yet
  std::string out_;  // answers with their length prefixes
  std::size_t sent_octets_ = 0;
  std::size_t handed_over_ = 0;  // UPDATEs whose answers are still to come
  bool is_ending_ = false;       // nothing more is read; it ends when all is sent
  bool is_congested_ = false;    // whole messages wait because too much is unsent or handed over
  bool has_answered_ = false;
  // Monotonic ends; each counts only in its state.
  std::int64_t quiet_until_ms_;        // the first message, later the idle time
  std::int64_t message_until_ms_ = 0;  // while a message is incomplete
  std::int64_t write_until_ms_ = 0;    // while octets are unsent, or answers wait for room
  std::size_t overdue_octets_ = 0;     // of the unsent ones, those that must go by then
};

}  // namespace dnsmesh::net
