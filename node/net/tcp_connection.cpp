// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/cursor.hpp"
#include "dns/wire.hpp"
#include "net/dns_log.hpp"

namespace dnsmesh::net {
namespace {

constexpr std::size_t k_prefix_octets = 2;  // RFC 1035 4.2.2

/// A quiet connection keeps no more memory than this for each direction.
constexpr std::size_t k_kept_octets = 4096;

void release_if_large(std::string& buffer) {
  if (buffer.empty() && buffer.capacity() > k_kept_octets) std::string().swap(buffer);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

TcpConnection::TcpConnection(Descriptor descriptor, const SocketAddress& peer, std::int64_t now_ms,
                             const TcpLimits& limits)
    : descriptor_(std::move(descriptor)),
      client_(client_key(peer)),
      address_(client_address(peer.storage)),
      quiet_until_ms_(now_ms + limits.first_message_ms) {}

bool TcpConnection::on_readable(const TcpService& service, std::int64_t now_ms, std::int64_t now_s) {
  const ssize_t got = recv(fd(), service.read_buffer.data(), service.read_buffer.size(), 0);
  if (got < 0) return would_block();
  if (got == 0) {
    is_ending_ = true;  // the client has asked everything; it may still wait for answers
  } else {
    if (in_.empty()) message_until_ms_ = now_ms + service.limits.message_ms;
    in_.append(service.read_buffer.data(), static_cast<std::size_t>(got));
  }
  return carry_on(service, now_ms, now_s);
}

bool TcpConnection::on_writable(const TcpService& service, std::int64_t now_ms, std::int64_t now_s) {
  return write_out(service, now_ms) && carry_on(service, now_ms, now_s);
}

bool TcpConnection::on_update_answered(const TcpService& service, std::string_view answer, std::int64_t now_ms,
                                       std::int64_t now_s) {
  --handed_over_;
  if (answer.empty()) {
    is_ending_ = true;
  } else {
    queue(answer);
  }
  return carry_on(service, now_ms, now_s);
}

void TcpConnection::queue(std::string_view answer) {
  has_answered_ = true;
  out_.push_back(static_cast<char>(answer.size() >> 8));
  out_.push_back(static_cast<char>(answer.size() & 0xFF));
  out_.append(answer);
}

bool TcpConnection::carry_on(const TcpService& service, std::int64_t now_ms, std::int64_t now_s) {
  answer_messages(service, now_ms, now_s);
  if (!write_out(service, now_ms)) return false;
  if (!is_ending_ || unsent_octets() > 0 || handed_over_ > 0) return true;
  // Octets that are never read would turn the close into a reset, which can overtake the last answer.
  shutdown(fd(), SHUT_WR);
  recv(fd(), service.read_buffer.data(), service.read_buffer.size(), MSG_DONTWAIT);
  return false;
}

void TcpConnection::answer_messages(const TcpService& service, std::int64_t now_ms, std::int64_t now_s) {
  std::string_view rest = in_;
  is_congested_ = false;
  while (!is_ending_) {
    ByteReader reader(rest);
    const std::size_t octets = reader.u16();
    if (!reader.ok()) break;
    if (octets < dns::k_header_octets) {
      is_ending_ = true;
      break;
    }
    const std::string_view message = reader.bytes(octets);
    if (!reader.ok()) break;
    is_congested_ = unsent_octets() >= service.limits.unsent_octets_max || has_many_handed_over();
    if (is_congested_) break;
    answer_one(service, message, now_ms, now_s);
    rest.remove_prefix(k_prefix_octets + octets);
    message_until_ms_ = now_ms + service.limits.message_ms;
  }
  in_.erase(0, is_ending_ ? in_.size() : in_.size() - rest.size());
  release_if_large(in_);
}

void TcpConnection::answer_one(const TcpService& service, std::string_view message, std::int64_t now_ms,
                               std::int64_t now_s) {
  const dns::Arrival arrival{dns::Transport::tcp, address_, now_s, now_ms, service.limits.idle_ms};
  dns::Answered answered = service.engine.answer(message, arrival, service.context, service.answer_buffer);
  if (answered.is_update) {
    if (service.hand_over(message, arrival)) {
      ++handed_over_;
      return;
    }
    answered.octets =
        service.engine.answer_update_later(message, arrival, service.context.counters, service.answer_buffer);
  }
  // Who asks too much, sends a response, or what cannot be parsed, has lost the framing or means ill.
  if (answered.octets == 0 || answered.is_malformed) is_ending_ = true;
  if (answered.is_malformed) log_malformed(address_, dns::Transport::tcp);
  if (answered.octets == 0) return;
  queue({service.answer_buffer.data(), answered.octets});
}

bool TcpConnection::write_out(const TcpService& service, std::int64_t now_ms) {
  if (unsent_octets() == 0) return true;
  const std::size_t was_unsent = unsent_octets();
  const ssize_t count = send(fd(), out_.data() + sent_octets_, was_unsent, MSG_NOSIGNAL);
  if (count < 0 && !would_block()) return false;
  const std::size_t sent = count > 0 ? static_cast<std::size_t>(count) : 0;
  sent_octets_ += sent;
  // What was waiting when the time began has to go within it, however slowly it is taken.
  if (overdue_octets_ <= sent) {
    overdue_octets_ = unsent_octets();
    write_until_ms_ = now_ms + service.limits.write_ms;
  } else {
    overdue_octets_ -= sent;
  }
  if (unsent_octets() == 0) {
    out_.clear();
    sent_octets_ = 0;
    release_if_large(out_);
    quiet_until_ms_ = now_ms + service.limits.idle_ms;
  }
  return true;
}

std::int64_t TcpConnection::deadline_ms() const {
  if (wants_write()) return write_until_ms_;
  // An UPDATE may be durable already: who sent it gets its answer, which always comes.
  if (handed_over_ > 0) return std::numeric_limits<std::int64_t>::max();
  if (in_.empty()) return quiet_until_ms_;
  return has_answered_ ? message_until_ms_ : std::min(message_until_ms_, quiet_until_ms_);
}

}  // namespace dnsmesh::net
