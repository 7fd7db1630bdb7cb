// SPDX-License-Identifier: Apache-2.0
// The TSIG keys as the node has them: their file, the keys in memory, and the thread that sees what the admin program
// changed (spec/dns-update.md 5).
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "access/key_ring.hpp"
#include "base/error.hpp"
#include "store/tsig_file.hpp"

namespace dnsmesh::app {

/// Owned by the main thread; the ring may be asked by any.
class KeyParts {
 public:
  /// Errors: those of store::TsigFile::open.
  static Result<std::unique_ptr<KeyParts>> open(const std::string& path);
  ~KeyParts();
  KeyParts(const KeyParts&) = delete;
  KeyParts& operator=(const KeyParts&) = delete;

  access::KeyRing& ring() { return *ring_; }

 private:
  KeyParts(std::unique_ptr<store::TsigFile> file, std::unique_ptr<access::KeyRing> ring);
  void run();

  std::unique_ptr<store::TsigFile> file_;
  std::unique_ptr<access::KeyRing> ring_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::app
