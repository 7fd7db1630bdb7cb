// SPDX-License-Identifier: Apache-2.0
// One call to a peer while it runs: what curl is told of it, what it takes in, and when it has taken too long. A part
// of peer_client.cpp, which alone includes this (it brings curl's header).
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/peer_client.hpp"
#include "sync/transport.hpp"

namespace dnsmesh::net {

template <auto release>
struct CurlDeleter {
  template <class Handle>
  void operator()(Handle* handle) const {
    release(handle);
  }
};
using CurlEasy = std::unique_ptr<CURL, CurlDeleter<curl_easy_cleanup>>;
using CurlUrl = std::unique_ptr<CURLU, CurlDeleter<curl_url_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, CurlDeleter<curl_slist_free_all>>;

class PeerTransfer {
 public:
  /// Error: sync_endpoint. The transfer is not moved afterwards: curl holds its address.
  static Result<std::unique_ptr<PeerTransfer>> create(const PeerClientOptions& options, sync::PeerRequest request,
                                                      const Clock& clock);
  PeerTransfer(const PeerTransfer&) = delete;
  PeerTransfer& operator=(const PeerTransfer&) = delete;

  CURL* easy() const { return easy_.get(); }

  /// The moment from which on the call has taken too long unless more has come by then.
  std::int64_t deadline_ms() const;

  /// What came of it when curl ended it with `code`.
  Result<sync::PeerAnswer> outcome(CURLcode code);

 private:
  explicit PeerTransfer(const Clock& clock) : clock_(clock) {}

  void set_up(const PeerClientOptions& options);
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  static std::size_t on_header(const char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(const char* data, std::size_t size, std::size_t count, void* self);
  curl_off_t count_of(CURLINFO what) const;

  // Before easy_, which refers to them.
  sync::PeerRequest request_;
  CurlUrl url_;
  CurlList headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlEasy easy_;

  const Clock& clock_;
  sync::PeerAnswer answer_;
  PeerDeadlines deadlines_;
  std::int64_t started_ms_ = 0;
  std::optional<std::int64_t> first_byte_ms_;
  std::size_t header_bytes_ = 0;
  std::size_t header_lines_ = 0;
  const char* too_big_ = nullptr;  // what passed its bound
};

}  // namespace dnsmesh::net
