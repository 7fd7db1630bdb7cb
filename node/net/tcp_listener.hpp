// SPDX-License-Identifier: Apache-2.0
// DNS over TCP: one thread that accepts, answers and ends connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/lock_guarded.hpp"
#include "base/random.hpp"
#include "dns/engine.hpp"
#include "net/socket.hpp"
#include "net/tcp_connection.hpp"
#include "net/update_worker.hpp"

namespace dnsmesh::net {

/// A listening socket. Error: net_bind.
Result<Descriptor> bind_tcp(const SocketAddress& address);

class TcpListener {
 public:
  /// Starts the thread. Engine and clock outlive the listener, and `updates`, which takes UPDATEs when the engine
  /// leaves them, is stopped before it.
  TcpListener(std::vector<Descriptor> sockets, const TcpLimits& limits, const dns::Engine& engine,
              UpdateWorker* updates, const Clock& clock, Random& random);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener() { stop(); }
  /// Stops the thread, waits for it, and closes sockets and connections. Idempotent; the counters stay readable.
  void stop();

  /// Any thread.
  const dns::Counters& counters() const { return context_.counters; }
  std::size_t connections() const { return connection_count_.load(std::memory_order_relaxed); }

 private:
  using Id = std::uint64_t;
  struct Entry {
    TcpConnection connection;
    std::int64_t deadline_ms;  // as it stands in deadlines_
    std::uint32_t events;      // as epoll has them
    std::list<Id>::iterator by_activity;
  };

  void run();
  void on_event(Id id, std::uint32_t events);
  bool serve_events(Id id, TcpConnection& connection, std::uint32_t events);
  /// Gives `use` what the connection needs, and what `use` returns.
  template <class Use>
  bool with_service(Id id, const Use& use);
  /// Answers to UPDATEs that have come; those of connections that are gone are dropped.
  void deliver_answers();
  void keep_or_remove(Id id, Entry& entry, bool goes_on);
  void accept_all(const Descriptor& listening);
  void admit(Descriptor descriptor, const SocketAddress& peer);
  /// Closes the connection that was idle longest, of `client` when given. False when there is none.
  bool close_oldest_idle(const std::uint64_t* client);
  void update(Id id, Entry& entry);
  void remove(Id id);
  void end_overdue();
  int wait_ms() const;
  void set_accepting(bool accepting);

  std::vector<Descriptor> sockets_;
  const TcpLimits limits_;
  const dns::Engine& engine_;
  UpdateWorker* const updates_;
  const Clock& clock_;
  dns::QueryContext context_;
  std::vector<char> read_buffer_;
  std::vector<char> answer_buffer_;
  WakeUp stop_;
  WakeUp mail_;
  LockGuarded<std::vector<std::pair<Id, std::string>>> answers_;  // to UPDATEs, by the update thread
  Descriptor epoll_;
  // The thread's own; ids below the number of listening sockets are theirs, the next two are the wake-ups'.
  std::unordered_map<Id, Entry> entries_;
  std::unordered_map<std::uint64_t, std::size_t> per_client_;
  std::set<std::pair<std::int64_t, Id>> deadlines_;
  std::list<Id> by_activity_;  // the longest quiet one first
  Id next_id_;
  std::int64_t paused_until_ms_ = 0;  // accepting; 0: not paused
  std::int64_t now_ms_ = 0;           // of this turn of the loop
  std::int64_t now_s_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::size_t> connection_count_{0};
  std::thread thread_;
};

}  // namespace dnsmesh::net
