// SPDX-License-Identifier: Apache-2.0
#include "net/udp_listener.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "net/dns_log.hpp"

namespace dnsmesh::net {
namespace {

/// Batches of one socket before the others and the stop flag get their turn.
constexpr int k_batches_per_turn = 8;

int set_option(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof value); }

/// Fragments and path MTU answers are left out of it: answers are small, and a forged ICMP must not shrink them
/// (RFC 9715).
void set_options(int fd, int family, bool is_wildcard) {
  set_option(fd, SOL_SOCKET, SO_RCVBUF, limits::dns_socket_buffer_bytes);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, limits::dns_socket_buffer_bytes);
  if (family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    if (is_wildcard) set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  } else {
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
    if (is_wildcard) set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  }
}

/// Makes the control data of a received datagram fit for its answer: the same local address, but the route is the
/// system's choice. A link-local address means nothing without its interface.
void clear_interface(msghdr& header) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    }
  }
}

// Room for either family's packet info.
using Control = std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))>;

/// Where the answer to a datagram goes, and from which local address.
struct WayBack {
  int fd = -1;
  sockaddr_storage address{};
  socklen_t address_octets = 0;
  alignas(cmsghdr) Control control{};
  std::size_t control_octets = 0;

  /// Never waits; what the system does not take is lost, as datagrams may be.
  void send(std::string_view answer) {
    if (answer.empty()) return;
    std::string octets(answer);
    iovec output{octets.data(), octets.size()};
    msghdr header{&address, address_octets, &output, 1, nullptr, 0, 0};
    if (control_octets > 0) {
      header.msg_control = control.data();
      header.msg_controllen = control_octets;
      clear_interface(header);
    }
    sendmsg(fd, &header, MSG_DONTWAIT);
  }
};

}  // namespace

Result<UdpSocket> bind_udp(const SocketAddress& address, Sharing sharing) {
  UdpSocket made{Descriptor(socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                 address.is_wildcard()};
  const int fd = made.descriptor.get();
  if (fd < 0) return bind_error("open a UDP socket for", address, errno);
  set_options(fd, address.family(), made.is_wildcard);
  if (address.family() == AF_INET6 && set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) {
    return bind_error("set up UDP on", address, errno);
  }
  const auto share = [&] { return set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0; };
  if (sharing == Sharing::sibling && !share()) return bind_error("share UDP on", address, errno);
  if (bind(fd, address.raw(), address.size) != 0) return bind_error("listen for UDP on", address, errno);
  if (sharing == Sharing::first && !share()) return bind_error("share UDP on", address, errno);
  return made;
}

/// The buffers of one thread, used again for every batch.
class UdpListener::Batch {
 public:
  static constexpr std::size_t k_count = limits::dns_batch_messages;

  /// Gives how many datagrams came; 0 when there are none.
  std::size_t receive(const UdpSocket& socket) {
    for (std::size_t i = 0; i < k_count; ++i) {
      received_[i].msg_hdr = {&addresses_[i], sizeof(sockaddr_storage), &inputs_[i], 1, nullptr, 0, 0};
      inputs_[i] = {in_.data() + i * limits::dns_udp_receive_octets, limits::dns_udp_receive_octets};
      if (!socket.is_wildcard) continue;
      received_[i].msg_hdr.msg_control = controls_[i].data();
      received_[i].msg_hdr.msg_controllen = controls_[i].size();
    }
    const int count = recvmmsg(socket.descriptor.get(), received_.data(), k_count, MSG_DONTWAIT, nullptr);
    answer_count_ = 0;
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  std::string_view request(std::size_t i) const {
    return {in_.data() + i * limits::dns_udp_receive_octets, received_[i].msg_len};
  }

  const sockaddr_storage& sender(std::size_t i) const { return addresses_[i]; }

  /// Where the answer to request `i` goes.
  std::span<char> answer_space(std::size_t i) {
    return std::span(out_).subspan(i * limits::dns_udp_octets_max, limits::dns_udp_octets_max);
  }

  /// How a later answer to request `i` of `socket` finds its sender.
  WayBack way_back(const UdpSocket& socket, std::size_t i) const {
    const msghdr& header = received_[i].msg_hdr;
    WayBack back{.fd = socket.descriptor.get(), .address = addresses_[i], .address_octets = header.msg_namelen};
    if (socket.is_wildcard) {
      back.control = controls_[i];
      back.control_octets = header.msg_controllen;
    }
    return back;
  }

  /// Queues `octets` of the answer space of request `i` for its sender.
  void add_answer(std::size_t i, std::size_t octets) {
    msghdr& header = answers_[answer_count_].msg_hdr;
    header = received_[i].msg_hdr;
    header.msg_flags = 0;
    if (header.msg_controllen == 0) header.msg_control = nullptr;
    if (header.msg_control != nullptr) clear_interface(header);
    outputs_[answer_count_] = {answer_space(i).data(), octets};
    header.msg_iov = &outputs_[answer_count_];
    ++answer_count_;
  }

  /// Sends what was queued; counts the calls, and what the system would not take. It never waits: a full send buffer
  /// must not stop the queries of others.
  void send(const UdpSocket& socket, dns::Counters& counters) {
    std::size_t done = 0;
    while (done < answer_count_) {
      const int count =
          sendmmsg(socket.descriptor.get(), &answers_[done], static_cast<unsigned>(answer_count_ - done), MSG_DONTWAIT);
      counters.add(dns::Outcome::send_calls);
      if (count <= 0) counters.add(dns::Outcome::dropped_unsent);  // the first of the rest is the one that failed
      done += count > 0 ? static_cast<std::size_t>(count) : 1;
    }
  }

 private:
  std::array<mmsghdr, k_count> received_{};
  std::array<mmsghdr, k_count> answers_{};
  std::array<iovec, k_count> inputs_{};
  std::array<iovec, k_count> outputs_{};
  std::array<sockaddr_storage, k_count> addresses_{};
  alignas(cmsghdr) std::array<Control, k_count> controls_{};
  std::vector<char> in_ = std::vector<char>(k_count * limits::dns_udp_receive_octets);
  std::vector<char> out_ = std::vector<char>(k_count * limits::dns_udp_octets_max);
  std::size_t answer_count_ = 0;
};

UdpListener::UdpListener(std::vector<UdpSocket> sockets, const dns::Engine& engine, UpdateWorker* updates,
                         const Clock& clock, Random& random, std::size_t number)
    : sockets_(std::move(sockets)),
      engine_(engine),
      updates_(updates),
      clock_(clock),
      context_(engine.index(), random),
      batch_(std::make_unique<Batch>()),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), fmt::format("dns-{}", number).c_str());
}

UdpListener::~UdpListener() { stop(); }

void UdpListener::stop() {
  if (!thread_.joinable()) return;
  is_stopping_.store(true);
  stop_.notify();
  thread_.join();
  sockets_.clear();
}

void UdpListener::run() {
  std::vector<pollfd> waits{{stop_.fd(), POLLIN, 0}};
  for (const UdpSocket& socket : sockets_) waits.push_back({socket.descriptor.get(), POLLIN, 0});
  while (!is_stopping_.load()) {
    if (poll(waits.data(), waits.size(), -1) < 0) continue;  // EINTR
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (waits[i + 1].revents == 0) continue;
      for (int turn = 0; turn < k_batches_per_turn && serve(sockets_[i]); ++turn) {
      }
    }
  }
}

bool UdpListener::serve(const UdpSocket& socket) {
  const std::size_t count = batch_->receive(socket);
  context_.counters.add(dns::Outcome::receive_calls);
  if (count == 0) return false;
  const std::int64_t begin_us = clock_.monotonic_us();
  dns::Arrival arrival{.transport = dns::Transport::udp, .now_s = clock_.wall_s(), .now_ms = begin_us / 1000};
  for (std::size_t i = 0; i < count; ++i) {
    arrival.client = client_address(batch_->sender(i));
    const dns::Answered answered = engine_.answer(batch_->request(i), arrival, context_, batch_->answer_space(i));
    if (answered.is_malformed) log_malformed(arrival.client, dns::Transport::udp);
    const std::size_t octets = answered.is_update ? hand_over(socket, i, arrival) : answered.octets;
    if (octets > 0) batch_->add_answer(i, octets);
  }
  batch_->send(socket, context_.counters);
  latency_.add(clock_.monotonic_us() - begin_us, count);
  return count == Batch::k_count;
}

std::size_t UdpListener::hand_over(const UdpSocket& socket, std::size_t i, const dns::Arrival& arrival) {
  const std::string_view message = batch_->request(i);
  UpdateJob job{std::string(message), arrival,
                [back = batch_->way_back(socket, i)](std::string_view answer) mutable { back.send(answer); }};
  if (updates_ != nullptr && updates_->take(std::move(job))) return 0;
  return engine_.answer_update_later(message, arrival, context_.counters, batch_->answer_space(i));
}

}  // namespace dnsmesh::net
