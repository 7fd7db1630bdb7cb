// SPDX-License-Identifier: Apache-2.0
// Calls to peers over libcurl, many at once on one thread, within the rules of spec/anti-entropy.md 11: http and https
// alone, no redirect followed, no proxy, no credentials but the request's token, TLS from 1.2 with verification,
// deadlines for each part of a call, caps on what is taken in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "sync/transport.hpp"

namespace dnsmesh::net {

/// In milliseconds, see limits.hpp; a test sets shorter ones.
struct PeerDeadlines {
  int connect_ms = limits::peer_connect_ms;
  int first_byte_ms = limits::peer_first_byte_ms;
  int call_ms = limits::peer_call_ms;
  int slow_ms = limits::peer_slow_ms;
};

struct PeerClientOptions {
  std::string ca_file;           // PEM; empty: what the system trusts
  std::string certificate_file;  // PEM, shown to peers that ask for one; empty: none
  std::string key_file;          // PEM, of the certificate
  PeerDeadlines deadlines;
};

/// All functions but wake() belong to the thread that drives it (SyncLoop's). The process has to ignore SIGPIPE, which
/// TLS raises when a peer has gone.
class PeerClient final : public sync::Transport {
 public:
  /// Reads no file but to see that it can be read. Errors: config_file, net_io. `clock` must outlive it.
  static Result<std::unique_ptr<PeerClient>> create(const PeerClientOptions& options, const Clock& clock);
  ~PeerClient() override;

  void call(sync::PeerRequest request, sync::PeerCallback done) override;
  void cancel_all() override;

  /// Moves the calls on and tells of those that ended; waits for something to do at most `wait_ms`, for ever below 0.
  void turn(std::int64_t wait_ms);

  /// Ends the wait of a turn, of this or of the next. Any thread.
  void wake();

  std::size_t calls_in_flight() const;

 private:
  struct Parts;
  explicit PeerClient(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace dnsmesh::net
