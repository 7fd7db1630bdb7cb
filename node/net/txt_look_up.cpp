// SPDX-License-Identifier: Apache-2.0
#include "net/txt_look_up.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/cursor.hpp"
#include "base/discovery_limits.hpp"

namespace dnsmesh::net {
namespace {

constexpr std::size_t k_message_octets_max = 65535;
constexpr std::size_t k_prefix_octets = 2;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

TryOutcome down() { return {std::nullopt, ErrorCode::lookup_failed, true}; }
TryOutcome refused() { return {std::nullopt, ErrorCode::lookup_failed, false}; }

}  // namespace

const short TxtTry::k_read = POLLIN;
const short TxtTry::k_write = POLLOUT;

TxtTry::TxtTry(const std::string& owner, const SocketAddress& resolver, bool dnssec_required, Random& random)
    : resolver_(resolver),
      dnssec_required_(dnssec_required),
      question_(dns::make_txt_question(owner,
                                       dnssec_required ? limits::lookup_udp_octets_dnssec : limits::lookup_udp_octets,
                                       dnssec_required, random)) {
  // A connected socket takes datagrams of the resolver's address alone, on a port that the kernel picks at random.
  if (!question_ || !open(SOCK_DGRAM)) return;
  const std::string& message = question_->message;
  if (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) socket_.reset();
}

bool TxtTry::open(int type) {
  socket_ = Descriptor(::socket(resolver_.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.is_open()) return false;
  if (::connect(socket_.get(), resolver_.raw(), resolver_.size) == 0 || errno == EINPROGRESS) return true;
  socket_.reset();
  return false;
}

std::optional<TryOutcome> TxtTry::turn() {
  if (!question_) return refused();
  if (!socket_.is_open()) return down();
  return is_tcp_ ? turn_tcp() : turn_udp();
}

std::optional<TryOutcome> TxtTry::turn_udp() {
  std::array<char, limits::lookup_udp_octets_dnssec> buffer;
  while (strays_ < limits::lookup_strays_max) {
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && would_block()) return std::nullopt;
    if (size < 0) return down();  // the port is closed
    auto answer = dns::read_txt_answer(*question_, {buffer.data(), static_cast<std::size_t>(size)});
    switch (answer.outcome) {
      case dns::TxtOutcome::stray:
        ++strays_;
        break;
      case dns::TxtOutcome::other_case:
      case dns::TxtOutcome::truncated:
        return ask_over_tcp();
      case dns::TxtOutcome::failed:
        return refused();
      case dns::TxtOutcome::answered:
        return judge(std::move(answer));
    }
  }
  return refused();
}

std::optional<TryOutcome> TxtTry::ask_over_tcp() {
  is_tcp_ = true;
  if (!open(SOCK_STREAM)) return down();
  ByteWriter framed;
  framed.u16(static_cast<std::uint16_t>(question_->message.size())).bytes(question_->message);
  to_send_ = framed.take();
  wants_write_ = true;
  return std::nullopt;
}

std::optional<TryOutcome> TxtTry::turn_tcp() {
  while (!to_send_.empty()) {
    const ssize_t sent = ::send(socket_.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
    if (sent < 0 && (would_block() || errno == ENOTCONN)) return std::nullopt;
    if (sent < 0) return down();
    to_send_.erase(0, static_cast<std::size_t>(sent));
  }
  wants_write_ = false;
  std::array<char, 4096> buffer;
  while (true) {
    if (received_.size() >= k_prefix_octets) {
      const std::size_t size = ByteReader(received_).u16();
      if (received_.size() >= k_prefix_octets + size) {
        auto answer = dns::read_txt_answer(*question_, std::string_view(received_).substr(k_prefix_octets, size));
        return judge(std::move(answer));
      }
    }
    if (received_.size() > k_prefix_octets + k_message_octets_max) return refused();
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && would_block()) return std::nullopt;
    if (size <= 0) return down();
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

/// Over a connection the case of the name need not prove anything.
TryOutcome TxtTry::judge(dns::TxtAnswer answer) const {
  constexpr std::uint16_t k_nxdomain = 3;
  const bool is_answer =
      answer.outcome == dns::TxtOutcome::answered ||
      (answer.outcome == dns::TxtOutcome::other_case && (answer.rcode == 0 || answer.rcode == k_nxdomain));
  if (!is_answer) return refused();
  if (dnssec_required_ && !answer.is_authenticated) return {std::nullopt, ErrorCode::lookup_not_signed, false};
  return {std::move(answer.values), ErrorCode::lookup_failed, false};
}

}  // namespace dnsmesh::net
