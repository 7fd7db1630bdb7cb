// SPDX-License-Identifier: Apache-2.0
// DNS over UDP: a thread that takes datagrams in batches, has the engine answer them, and sends the answers in one
// call.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/latency_histogram.hpp"
#include "base/random.hpp"
#include "dns/engine.hpp"
#include "net/socket.hpp"
#include "net/update_worker.hpp"

namespace dnsmesh::net {

/// A bound socket for DNS over UDP.
struct UdpSocket {
  Descriptor descriptor;
  bool is_wildcard = false;  // answers then need the queried address as their source
};

/// Binds `address`. The first socket of an address finds out whether another program has it (so it is bound alone and
/// opened to siblings afterwards); the siblings share the load. Error: net_bind.
enum class Sharing { first, sibling };
Result<UdpSocket> bind_udp(const SocketAddress& address, Sharing sharing);

/// One thread over one socket of each address.
class UdpListener {
 public:
  /// Starts the thread; `number` names it. Engine and clock outlive the listener, and `updates`, which takes UPDATEs
  /// when the engine leaves them, is stopped before it.
  UdpListener(std::vector<UdpSocket> sockets, const dns::Engine& engine, UpdateWorker* updates, const Clock& clock,
              Random& random, std::size_t number);
  UdpListener(const UdpListener&) = delete;
  UdpListener& operator=(const UdpListener&) = delete;
  ~UdpListener();
  /// Stops the thread, waits for it and closes the sockets. Idempotent; the counters stay readable.
  void stop();

  /// Any thread.
  const dns::Counters& counters() const { return context_.counters; }
  /// From taking a batch off the socket to the call that sent its answers, once for each query of the batch.
  LatencyTotals latency() const { return latency_.totals(); }

 private:
  class Batch;
  void run();
  /// Answers one batch; false when the socket had fewer datagrams than a batch holds.
  bool serve(const UdpSocket& socket);
  /// Hands the UPDATE at place `i` of the batch on; when that fails, its answer is SERVFAIL. Gives the octets of the
  /// answer that is there already.
  std::size_t hand_over(const UdpSocket& socket, std::size_t i, const dns::Arrival& arrival);

  std::vector<UdpSocket> sockets_;
  const dns::Engine& engine_;
  UpdateWorker* const updates_;
  const Clock& clock_;
  dns::QueryContext context_;
  LatencyHistogram latency_;
  std::unique_ptr<Batch> batch_;
  WakeUp stop_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace dnsmesh::net
