// SPDX-License-Identifier: Apache-2.0
// The page that a browser gets (spec/http-api.md 3.4): what this node is, how it is, and how to try it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/lock_guarded.hpp"
#include "http/exchange.hpp"
#include "http/node_view.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// Published pairs that peers are not offered, by reason.
using OfferCounts = std::vector<std::pair<ErrorCode, std::uint64_t>>;

struct HostParts;

/// Any thread. The store must outlive it.
class LandingPage {
 public:
  LandingPage(const store::RecordStore& store, NodeView view, std::function<OfferCounts()> offers_refused);

  /// The page as the host of the request's Host header. Everything but the host is up to limits::landing_page_age_ms
  /// old.
  Response answer(const Request& request);

 private:
  /// The page of all hosts: what depends on the host is still to be filled in.
  struct Draft {
    std::int64_t made_ms = 0;
    std::string text;
  };

  std::string draft();
  std::string render() const;
  std::string identity_for(const std::optional<HostParts>& host) const;

  const store::RecordStore& store_;
  const NodeView view_;
  const std::function<OfferCounts()> offers_refused_;
  const std::string content_security_policy_;
  std::string self_endpoint_;  // set at construction; empty when heartbeats are off
  LockGuarded<std::optional<Draft>> draft_;
};

/// The host of a Host header as commands can use it: letters, digits, dots, hyphens and a port, or an IPv6 literal in
/// brackets. Nothing for anything else: a stranger chose the text, and a reader will paste it into a shell.
struct HostParts {
  std::string_view text;     // whole
  std::string_view address;  // without port and brackets
  bool has_port = false;
};
std::optional<HostParts> read_host(std::string_view host);

}  // namespace dnsmesh::http
