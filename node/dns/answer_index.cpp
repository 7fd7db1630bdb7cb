// SPDX-License-Identifier: Apache-2.0
#include "dns/answer_index.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace dnsmesh::dns {
namespace {

/// A stored name as the index sees it: the key, and its spelling when that differs from the key's own text.
struct StoredName {
  Name folded;
  std::string_view spelling;
};

std::optional<StoredName> read_stored_name(std::string_view stored_name) {
  std::optional<Name> name = Name::from_text(stored_name);
  if (!name) return std::nullopt;
  name->fold();
  return StoredName{*name, name_to_text(name->wire()) == stored_name ? std::string_view() : stored_name};
}

auto find_value(std::vector<IndexedValue>& values, std::string_view spelling, std::string_view rdata) {
  return std::ranges::find_if(values,
                              [&](const IndexedValue& v) { return v.spelling == spelling && v.rdata == rdata; });
}

std::size_t count_labels(std::string_view wire) {
  std::size_t count = 0;
  for (; wire.size() > 1; wire = parent_of(wire)) ++count;
  return count;
}

}  // namespace

AnswerIndex::AnswerIndex(const Clock& clock, Random& random, std::optional<Name> zone)
    : clock_(clock), zone_(zone), table_(reclaimer_, random), last_bump_s_(clock.wall_s()), serial_(last_bump_s_) {
  publish_sizes();
}

AnswerIndex::~AnswerIndex() {
  table_.for_each([](const NameNode& node) { delete node.rrset.load(); });
}

void AnswerIndex::load(const store::Record& record) {
  put(record.name, record.value, record.expires_s);
  reclaimer_.reclaim();
  publish_sizes();
}

void AnswerIndex::apply(std::span<const store::Change> changes) {
  for (const store::Change& change : changes) {
    if (change.kind == store::Change::Kind::put) {
      put(change.name, change.value, change.expires_s);
    } else {
      remove(change.name, change.value);
    }
    reclaimer_.reclaim();  // each change leaves a copy of its name's values behind
  }
  const std::int64_t now_s = clock_.wall_s();
  if (!changes.empty() && now_s != last_bump_s_) {
    last_bump_s_ = now_s;
    serial_.store(std::max(serial_.load() + 1, now_s));
  }
  publish_sizes();
}

Found AnswerIndex::ReadGuard::find(std::string_view folded_wire) const {
  const NameNode* node = reader_.index_.table_.find(folded_wire);
  if (node == nullptr) return {};
  return {node->rrset.load(), node->below_until_s.load(std::memory_order_relaxed)};
}

void AnswerIndex::put(std::string_view stored_name, std::string_view value, std::int64_t expires_s) {
  const std::optional<StoredName> name = read_stored_name(stored_name);
  if (!name) return;
  const std::string rdata = to_character_strings(value);
  NameNode& node = table_.find_or_add(name->folded.wire());
  const RRset* old = node.rrset.load();
  std::vector<IndexedValue> values = old == nullptr ? std::vector<IndexedValue>() : old->values();
  if (const auto known = find_value(values, name->spelling, rdata); known != values.end()) {
    known->expires_s = expires_s;
  } else {
    values.push_back({name->spelling, rdata, expires_s});
  }
  replace_rrset(node, RRset::make(std::move(values)));
}

void AnswerIndex::remove(std::string_view stored_name, std::string_view value) {
  const std::optional<StoredName> name = read_stored_name(stored_name);
  if (!name) return;
  NameNode* node = table_.find_mutable(name->folded.wire());
  if (node == nullptr || node->rrset.load() == nullptr) return;
  std::vector<IndexedValue> values = node->rrset.load()->values();
  const auto known = find_value(values, name->spelling, to_character_strings(value));
  if (known == values.end()) return;
  values.erase(known);
  replace_rrset(*node, values.empty() ? nullptr : RRset::make(std::move(values)));
}

void AnswerIndex::replace_rrset(NameNode& node, std::unique_ptr<const RRset> rrset) {
  const RRset* old = node.rrset.load();
  const RRset* fresh = rrset.release();
  rrset_bytes_ += fresh != nullptr ? fresh->bytes() : 0;
  rrset_bytes_ -= old != nullptr ? old->bytes() : 0;
  node.rrset.store(fresh);
  count_below(node.name(), old != nullptr, fresh);
  if (old != nullptr) reclaimer_.retire(old);
  remove_if_unused(node);
}

void AnswerIndex::count_below(std::string_view name, bool had_values, const RRset* rrset) {
  const bool in_zone = zone_ && is_at_or_under(name, zone_->wire());
  std::size_t labels = count_labels(name) - (in_zone ? count_labels(zone_->wire()) : 0);
  while (labels > 0) {
    name = parent_of(name);
    if (--labels > limits::index_ancestor_labels_max) continue;
    NameNode& ancestor = table_.find_or_add(name);
    if (rrset != nullptr && !had_values) ++ancestor.below_count;
    if (rrset == nullptr && had_values) --ancestor.below_count;
    const std::int64_t until_s = ancestor.below_until_s.load(std::memory_order_relaxed);
    if (ancestor.below_count == 0) {
      ancestor.below_until_s.store(0, std::memory_order_relaxed);
      remove_if_unused(ancestor);
    } else if (rrset != nullptr && rrset->latest_expiry_s() > until_s) {
      ancestor.below_until_s.store(rrset->latest_expiry_s(), std::memory_order_relaxed);
    }
  }
}

void AnswerIndex::remove_if_unused(NameNode& node) {
  if (node.rrset.load() == nullptr && node.below_count == 0) table_.remove(node);
}

void AnswerIndex::publish_sizes() {
  bytes_.store(table_.bytes() + rrset_bytes_, std::memory_order_relaxed);
  names_.store(table_.size(), std::memory_order_relaxed);
}

}  // namespace dnsmesh::dns
