// SPDX-License-Identifier: Apache-2.0
#include "record/bootstrap_record.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "record/hostname.hpp"
#include "record/refuse.hpp"
#include "record/signed_list.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPBS01";
constexpr std::size_t k_blob_bytes_min = 71;

Result<BootstrapEntry> read_entry(ByteReader& reader) {
  BootstrapEntry entry;
  entry.priority = reader.u16();
  const std::string_view wire_domain = reader.bytes(reader.u8());
  const std::string_view spk = reader.bytes(crypto::PublicKey{}.size());
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  auto domain = signed_name(wire_domain);
  if (!domain) return fail(ErrorCode::record_body_entry);
  entry.cluster_base_domain = std::move(*domain);
  entry.operator_spk = to_array<32>(spk);
  return entry;
}

bool has_entry(const std::vector<BootstrapEntry>& entries, const BootstrapEntry& wanted) {
  return std::ranges::any_of(entries, [&](const BootstrapEntry& entry) {
    return entry.priority == wanted.priority &&
           fold_ascii(entry.cluster_base_domain) == fold_ascii(wanted.cluster_base_domain);
  });
}

void sort_by_priority(std::vector<BootstrapEntry>& entries) {
  std::ranges::stable_sort(entries, {}, &BootstrapEntry::priority);
}

/// The entries as they are signed: each domain checked and without its trailing dot, no pair twice, by priority.
Result<std::vector<BootstrapEntry>> issuable(const std::vector<BootstrapEntry>& entries) {
  if (entries.empty() || entries.size() > k_bootstrap_entries_max) {
    return refuse("a bootstrap record has 1 to {} entries, not {}", k_bootstrap_entries_max, entries.size());
  }
  std::vector<BootstrapEntry> out;
  for (const BootstrapEntry& entry : entries) {
    auto domain = signed_name(entry.cluster_base_domain);
    if (!domain) {
      return refuse("a cluster base domain must be a DNS name of 1 to {} bytes", k_signed_name_bytes_max);
    }
    BootstrapEntry ready{entry.priority, std::move(*domain), entry.operator_spk};
    if (has_entry(out, ready)) {
      return refuse("{} stands twice under priority {}", ready.cluster_base_domain, ready.priority);
    }
    out.push_back(std::move(ready));
  }
  sort_by_priority(out);
  return out;
}

}  // namespace

Result<BootstrapRecord> parse_bootstrap_record(std::string_view text, std::string_view signer_spk, std::int64_t now_s,
                                               std::optional<std::string_view> expected_user_domain) {
  const auto body = open_signed_list(k_bootstrap_record_form, text, signer_spk);
  if (!body) return std::unexpected(body.error());
  auto record = parse_bootstrap_record_body(*body);
  if (!record) return record;
  const ListHead head{record->seq, record->exp, record->signer_spk, record->user_domain};
  if (auto held = check_list_head(head, signer_spk, now_s, expected_user_domain); !held) {
    return std::unexpected(held.error());
  }
  return record;
}

Result<BootstrapRecord> read_bootstrap_record(std::string_view text) {
  const auto blob = open_text(k_bootstrap_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  return parse_bootstrap_record_body(split_signature(*blob).body);
}

Result<BootstrapRecord> parse_bootstrap_record_body(std::string_view body) {
  ByteReader reader(body);
  auto head = read_list_head(reader, k_magic);
  if (!head) return std::unexpected(head.error());
  BootstrapRecord record{std::move(head->name), head->spk, head->seq, head->exp, {}};
  const std::uint8_t entry_count = reader.u8();
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (entry_count == 0 || entry_count > k_bootstrap_entries_max) return fail(ErrorCode::record_body_count);
  for (int i = 0; i < entry_count; ++i) {
    auto entry = read_entry(reader);
    if (!entry) return std::unexpected(entry.error());
    if (has_entry(record.entries, *entry)) return fail(ErrorCode::record_body_duplicate);
    record.entries.push_back(std::move(*entry));
  }
  if (!reader.at_end()) return fail(ErrorCode::record_body_trailing);
  sort_by_priority(record.entries);
  return record;
}

Result<std::string> issue_bootstrap_record(const BootstrapRecord& record, const crypto::SigningKey& key) {
  const ListHead head{record.seq, record.exp, record.signer_spk, record.user_domain};
  auto writer = write_list_head(head, k_magic, key, "user domain");
  if (!writer) return std::unexpected(writer.error());
  const auto entries = issuable(record.entries);
  if (!entries) return std::unexpected(entries.error());
  writer->u8(static_cast<std::uint8_t>(entries->size()));
  for (const BootstrapEntry& entry : *entries) {
    writer->u16(entry.priority);
    writer->u8(static_cast<std::uint8_t>(entry.cluster_base_domain.size())).bytes(entry.cluster_base_domain);
    writer->bytes(view(entry.operator_spk));
  }
  return seal_signed(k_bootstrap_record_form, writer->view(), key);
}

}  // namespace dnsmesh::record
