// SPDX-License-Identifier: Apache-2.0
#include "sync/verdict.hpp"

namespace dnsmesh::sync {

Verdict verdict_of(std::string_view name, std::string_view value, std::int64_t now_s,
                   const std::optional<crypto::PublicKey>& operator_key) {
  const record::Offer offer = record::judge_offer(name, value, now_s, operator_key);
  if (!offer.reason) return {{}, offer};
  // A name that may not be offered is judged before its value, which has then not been looked at yet.
  if (*offer.reason == ErrorCode::record_owner_name) {
    return {record::sync_accepts(name, value, now_s, operator_key), offer};
  }
  return {fail(*offer.reason), offer};
}

}  // namespace dnsmesh::sync
