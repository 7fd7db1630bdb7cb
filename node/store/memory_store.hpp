// SPDX-License-Identifier: Apache-2.0
// The record store in memory: the twin of SqliteStore for tests and the simulation.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::store {

/// A store without a thread: commit() applies the batch, tells the listener and calls back before it returns, so a
/// simulation stays deterministic. `clock` must outlive it; `random` is used only here.
std::unique_ptr<RecordStore> make_memory_store(const Clock& clock, Random& random);

/// A copy of a store of make_memory_store, as the file would be opened again after a stop at this moment: the boot
/// counter is one higher, stamps and numbers go on, there is no listener. The original stays as it is, so a copy of a
/// copy can stand for an old backup.
std::unique_ptr<RecordStore> reopened(const RecordStore& memory_store, const Clock& clock, Random& random);

/// The same as a database of its own: another epoch id, the first boot.
std::unique_ptr<RecordStore> with_new_epoch(const RecordStore& memory_store, const Clock& clock, Random& random);

}  // namespace dnsmesh::store
