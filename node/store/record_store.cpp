// SPDX-License-Identifier: Apache-2.0
#include "store/record_store.hpp"

#include <future>
#include <utility>

namespace dnsmesh::store {

CommitFailure classify(ErrorCode code) {
  switch (code) {
    case ErrorCode::store_values_full:
    case ErrorCode::store_rrset_full:
      return CommitFailure::refused;
    case ErrorCode::store_unknown:
      return CommitFailure::unknown;
    default:
      return CommitFailure::failed;
  }
}

Result<Receipt> commit_and_wait(RecordStore& store, Batch batch) {
  std::promise<Result<Receipt>> outcome;
  std::future<Result<Receipt>> waiting = outcome.get_future();
  store.commit(std::move(batch), [&outcome](Result<Receipt> result) { outcome.set_value(std::move(result)); });
  return waiting.get();
}

}  // namespace dnsmesh::store
