// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/positions.hpp"
#include "sync/pull_fetcher.hpp"

namespace dnsmesh::sync {

/// How a step of a pass ended.
enum class Step {
  more,       // another page is worth asking for now
  exhausted,  // the feed has been read to its end
  failed,     // a call or the store failed; nothing more in this pass
  changed,    // the peer speaks another mode than was thought, or has another database
};

/// Reads the classic feed of one peer (spec/anti-entropy.md 6.3): pages of its digest from the watermark on, a little
/// before it while it is fresh, and from the beginning about once an hour.
class ClassicReader {
 public:
  /// All must outlive it.
  ClassicReader(SyncContext& context, PeerState& peer, PeerCalls& calls, Importer& importer)
      : context_(context), peer_(peer), calls_(calls), importer_(importer), fetcher_(context, peer, calls, importer) {}

  /// The position before a restart, when there is one and it still holds (8.2).
  void load();
  void reset();

  void begin_pass();
  /// One page. `take_extension`: a peer that offers the extension is not read any further here (Step::changed).
  Task<Step> read_page(bool take_extension);
  /// After the feed was exhausted: what the pass owes.
  Task<bool> end_pass();

  /// What the peer said of itself in its last digest answer.
  const std::optional<Extension>& extension() const { return extension_; }
  const ClassicPosition& position() const { return position_; }
  /// The current pass has come past everything that it saw.
  bool contiguous() const { return contiguous_; }

 private:
  std::size_t page_rows(bool take_extension) const;
  Task<Step> import_page(DigestAnswer answer, std::int64_t sent_ms);
  std::shared_ptr<OfferPage> page_of(const std::vector<DigestEntry>& entries, std::int64_t sent_ms);
  std::optional<store::SetPosition> position_at(const std::vector<DigestEntry>& entries, std::size_t end);
  FeedPoint watermark_at(const std::vector<DigestEntry>& entries, std::size_t end) const;
  store::SetPosition stored(const ClassicPosition& position) const;
  bool still_usable() const;
  void believe_next_cursor(const std::string& body);

  SyncContext& context_;
  PeerState& peer_;
  PeerCalls& calls_;
  Importer& importer_;
  PullFetcher fetcher_;
  std::optional<Extension> extension_;

  ClassicPosition position_;
  FeedPoint written_;     // the watermark in the last batch
  bool resumed_ = false;  // loaded and not yet read from
  bool doubted_ = false;  // loaded and not yet held against the peer's clock
  std::int64_t full_scan_due_ms_ = 0;

  FeedPoint scan_;
  bool contiguous_ = true;
  bool full_scan_ = false;
  bool behind_ = false;  // the last page was full
  std::int64_t pass_began_ms_ = 0;
};

}  // namespace dnsmesh::sync
