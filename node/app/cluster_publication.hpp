// SPDX-License-Identifier: Apache-2.0
// The cluster file's manifest becomes a record (spec/configuration.md 4): at start and again at SIGHUP.
#pragma once

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::app {

/// Publishes the manifest of the configured file at `cluster.<name>`, folded, and at its own spelling when that
/// differs, to live until its `exp`; with a pinned key only when no other manifest that verifies there has its `seq` or
/// a higher one. A missing file is normal; every other fault is one warning and changes nothing.
/// Waits for the commit.
void publish_cluster_file(const ClusterSettings& settings, store::RecordStore& store, const Clock& clock);

}  // namespace dnsmesh::app
