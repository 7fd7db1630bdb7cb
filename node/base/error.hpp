// SPDX-License-Identifier: Apache-2.0
// Errors and results. A function that can fail for a reason outside this program returns Result<T>; `assert` is for our
// own faults. A code belongs to a family (the part of its name before the first underscore), has a stable name for
// logs, metrics and tests, and a test that produces it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace dnsmesh {

enum class ErrorCode : std::uint8_t {
  // record: the first failing step of a record check (spec/records.md 1.9)
  record_prefix,
  record_oversize,
  record_base64,
  record_short,
  record_length,
  record_key_arg,
  record_signature,
  record_body_short,
  record_body_magic,
  record_body_truncated,
  record_body_trailing,
  record_body_name,
  record_body_count,
  record_body_node,
  record_body_entry,
  record_body_duplicate,
  record_body_utf8,
  record_body_range,
  record_body_endpoint,
  record_body_version,
  record_body_versions,
  record_body_subject_type,
  record_body_subject,
  record_body_keys_equal,
  record_body_reason,
  record_body_time_order,
  record_body_domain,
  record_body_unwrap,
  record_key_mismatch,
  record_subject_mismatch,
  record_name_mismatch,
  record_expired,
  record_exp_too_far,
  record_ts_skew,
  record_ts_future,
  record_stale,
  // record: what peers could never accept although the text may be fine (spec/anti-entropy.md 3.3 and 7, gate 4)
  record_unknown_type,
  record_reserved_owner,
  record_empty_value,
  record_owner_name,
  // record: a builder refuses these inputs (spec/records.md, "Issue")
  record_issue_refused,

  // store: a commit was refused; nothing was written
  store_values_full,  // the name holds as many values as the door allows
  store_rrset_full,   // the RRset would not fit a DNS answer (spec/dns.md 6)
  // store: a commit failed; nothing was written
  store_disk_full,
  store_io,
  store_busy,  // the queue of waiting batches is full
  store_closed,
  // store: the connection broke after the commit was sent; callers treat it as "retry"
  store_unknown,
  // store: a file cannot be opened
  store_in_use,
  store_corrupt,
  store_newer_schema,
  store_unusable,  // path, permission, or not a database at all

  // config: start stops with exit status 2
  config_bad_value,
  config_unknown_key,
  config_file,
  config_refused,  // values that are fine alone but not together

  // json: a body or line that is not what it should be
  json_syntax,
  json_depth,
  json_members,
  json_type,

  // key: a key file or key text
  key_file,

  // net: sockets
  net_bind,
  net_io,

  // sync: a call to a peer
  sync_endpoint,  // an URL that must not be called
  sync_unreachable,
  sync_timeout,
  sync_answer_too_big,
  sync_transport,  // the connection broke, or what came was not HTTP
  sync_cancelled,
  sync_malformed,  // what a peer sent is not what the protocol says
  // sync: a manifest that verifies and still must not name our peers (spec/anti-entropy.md 9.5)
  sync_manifest_nodes,
  sync_manifest_endpoint,

  // lookup: a question to DNS that got no answer
  lookup_timeout,
  lookup_failed,      // every resolver refused, failed, or sent what is no answer
  lookup_not_signed,  // DNSSEC is demanded and the resolver did not vouch for the answer

  count_
};

struct Error {
  ErrorCode code{};
  std::string text;  // for the operator; never shown raw to a stranger
};

template <class T>
using Result = std::expected<T, Error>;

/// The stable name of a code, for logs, metrics and the conformance tool: `prefix`, `body:magic`, `store-disk-full`.
std::string_view error_name(ErrorCode code);

/// An error ready to be returned from a function that gives any Result<T>.
inline std::unexpected<Error> fail(ErrorCode code, std::string text = {}) {
  return std::unexpected<Error>(Error{code, std::move(text)});
}

}  // namespace dnsmesh
