// SPDX-License-Identifier: Apache-2.0
#include "app/key_parts.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/update_limits.hpp"

namespace dnsmesh::app {

Result<std::unique_ptr<KeyParts>> KeyParts::open(const std::string& path) {
  auto file = store::TsigFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  auto ring = access::KeyRing::open(**file);
  if (!ring) return std::unexpected(std::move(ring.error()));
  return std::unique_ptr<KeyParts>(new KeyParts(std::move(*file), std::move(*ring)));
}

KeyParts::KeyParts(std::unique_ptr<store::TsigFile> file, std::unique_ptr<access::KeyRing> ring)
    : file_(std::move(file)), ring_(std::move(ring)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "keys");
}

KeyParts::~KeyParts() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void KeyParts::run() {
  bool has_failed = false;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, limits::tsig_refresh_interval, [this] { return stopping_; })) {
    lock.unlock();
    const auto refreshed = ring_->refresh();
    // Said once: a file that cannot be read stays so for long.
    if (!refreshed && !std::exchange(has_failed, true)) {
      log::warning(log::k_dns, fmt::format("the TSIG keys cannot be read again, so a revocation made by the admin "
                                           "program does not count yet: {}",
                                           refreshed.error().text));
    }
    if (refreshed && std::exchange(has_failed, false)) log::info(log::k_dns, "the TSIG keys can be read again");
    lock.lock();
  }
}

}  // namespace dnsmesh::app
