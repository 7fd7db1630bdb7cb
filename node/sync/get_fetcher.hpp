// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "sync/page_fetcher.hpp"

namespace dnsmesh::sync {

/// Fetches by pair or id from a node of ours (spec/anti-entropy.md 15.3): several gets in flight, so that one is on its
/// way while another is verified and a third is written.
class GetFetcher final : public PageFetcher {
 public:
  using PageFetcher::PageFetcher;

  /// Fetches and imports the pairs with these ids, which a reconciliation found. False when some may still be missing.
  Task<bool> fetch_ids(std::vector<crypto::Hash256> ids);
  /// Ids whose pairs came and were not taken, or are held although they are not offered: asking again is vain.
  std::vector<crypto::Hash256> take_vain_ids() { return std::exchange(vain_ids_, {}); }

  /// The peer answered that it does not know the call (15.1).
  bool unsupported() const { return unsupported_; }
  void expect_support() { unsupported_ = false; }

 protected:
  Task<bool> fetch(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) override;

 private:
  Task<bool> get(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices);
  Task<bool> get_ids(std::vector<crypto::Hash256> ids);
  Task<CallResult> call_get(std::string body);
  Task<bool> import_found(GetAnswer answer, std::vector<crypto::Hash256> asked, std::int64_t sent_ms);

  std::vector<crypto::Hash256> vain_ids_;
  bool unsupported_ = false;
};

}  // namespace dnsmesh::sync
