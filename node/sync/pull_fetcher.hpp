// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sync/page_fetcher.hpp"

namespace dnsmesh::sync {

/// Entries whose names go in one pull.
struct PullBatch {
  std::vector<std::string> names;  // distinct, in the order of the page
  std::vector<std::size_t> indices;
};

/// Splits entries so that a pull has at most 256 names and a body that existing nodes read (spec/anti-entropy.md 6.3).
std::vector<PullBatch> pull_batches(const OfferPage& page, const std::vector<std::size_t>& indices);

/// Fetches by name, as existing nodes give it (spec/anti-entropy.md 4): one pull after the other, and half the names
/// when an answer is too large (11).
class PullFetcher final : public PageFetcher {
 public:
  using PageFetcher::PageFetcher;

 protected:
  Task<bool> fetch(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) override;

 private:
  Task<bool> pull(std::shared_ptr<OfferPage> page, PullBatch batch, std::size_t answer_bytes_max);
  Task<bool> pull_smaller(std::shared_ptr<OfferPage> page, PullBatch batch, std::size_t answer_bytes_max);
  Task<bool> import(std::shared_ptr<OfferPage> page, PullBatch batch, PeerAnswer answer, std::int64_t sent_ms);
};

}  // namespace dnsmesh::sync
