// SPDX-License-Identifier: Apache-2.0
#include "net/update_worker.hpp"

#include <pthread.h>

#include <utility>

#include "base/limits.hpp"
#include "base/update_limits.hpp"

namespace dnsmesh::net {

/// An UPDATE from when it is taken until it is answered.
struct UpdateWorker::Task {
  explicit Task(UpdateJob job)
      : update(std::move(job.message), job.arrival.client), arrival(job.arrival), reply(std::move(job.reply)) {
    dns::TsigRecord record;
    is_signed = dns::find_tsig(update.message, record) == dns::TsigFound::one;
  }

  dns::Update update;
  dns::Arrival arrival;
  std::move_only_function<void(std::string_view answer)> reply;
  bool is_signed = false;      // by whomever; nothing is checked yet
  std::size_t operations = 0;  // that are under way
};

struct UpdateWorker::Finished {
  std::unique_ptr<Task> task;
  Result<store::Receipt> receipt;
};

UpdateWorker::UpdateWorker(dns::Updater& updater, const dns::Engine& engine, const Clock& clock)
    : updater_(updater),
      engine_(engine),
      clock_(clock),
      answer_buffer_(limits::dns_message_octets_max),
      log_(clock),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "update");
}

UpdateWorker::~UpdateWorker() { stop(); }

bool UpdateWorker::take(UpdateJob job) {
  auto task = std::make_unique<Task>(std::move(job));
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopping_ || tasks_.size() >= limits::dns_updates_waiting_max) return false;
    if (!task->is_signed && unsigned_waiting_ >= limits::dns_updates_unsigned_waiting_max) return false;
    if (!task->is_signed) ++unsigned_waiting_;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void UpdateWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool UpdateWorker::has_next() const {
  if (tasks_.empty()) return false;
  if (first_waits_) return in_flight_ == 0;
  return in_flight_ < limits::dns_updates_in_flight_max &&
         operations_in_flight_ < limits::dns_update_operations_in_flight_max;
}

void UpdateWorker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return !finished_.empty() || has_next() || is_done(); });
    std::vector<Finished> finished = std::exchange(finished_, {});
    std::unique_ptr<Task> next;
    if (finished.empty() && has_next()) {
      next = std::move(tasks_.front());
      tasks_.pop_front();
      if (!next->is_signed) --unsigned_waiting_;
    } else if (finished.empty()) {
      return;
    }
    lock.unlock();
    for (Finished& done : finished) {
      --in_flight_;
      operations_in_flight_ -= done.task->operations;
      updater_.finish(done.task->update, done.receipt);
      answer(*done.task);
    }
    if (next != nullptr) advance(std::move(next));
    lock.lock();
  }
}

void UpdateWorker::advance(std::unique_ptr<Task> task) {
  const dns::Updater::Step step = updater_.step(task->update, in_flight_ == 0);
  first_waits_ = step == dns::Updater::Step::wait;
  switch (step) {
    case dns::Updater::Step::wait: {
      const std::scoped_lock lock(mutex_);
      if (!task->is_signed) ++unsigned_waiting_;
      tasks_.push_front(std::move(task));
      break;
    }
    case dns::Updater::Step::commit:
      commit(std::move(task));
      break;
    case dns::Updater::Step::answer:
      answer(*task);
      break;
  }
}

void UpdateWorker::commit(std::unique_ptr<Task> task) {
  ++in_flight_;
  task->operations = task->update.batch.operations.size();
  operations_in_flight_ += task->operations;
  store::Batch batch = std::move(task->update.batch);
  updater_.store().commit(std::move(batch), [this, task = std::move(task)](Result<store::Receipt> receipt) mutable {
    const std::scoped_lock lock(mutex_);
    finished_.push_back({std::move(task), std::move(receipt)});
    wake_.notify_one();  // under the lock: without it the worker might be gone already
  });
}

void UpdateWorker::answer(Task& task) {
  const dns::Update& update = task.update;
  task.arrival.now_s = clock_.wall_s();
  task.arrival.now_ms = clock_.monotonic_ms();
  const std::size_t octets =
      engine_.answer_update(update.message, update.result.rcode, update.signature, task.arrival, answer_buffer_);
  count(task, octets > 0);
  task.reply({answer_buffer_.data(), octets});
  log_.write(update);
}

void UpdateWorker::count(const Task& task, bool was_sent) {
  const dns::Signature& signature = task.update.signature;
  dns::Counters& counters =
      counters_[task.arrival.transport == dns::Transport::tcp][signature.state != dns::Signature::State::none];
  if (task.update.result.is_replay) counters.add(dns::Outcome::replayed);
  if (signature.is_rejected()) counters.add(dns::outcome_of(signature.context.error));
  if (!was_sent) {
    counters.add(dns::Outcome::rate_limited);
  } else {
    counters.add(signature.is_rejected() ? dns::Outcome::tsig_failed : dns::outcome_of(task.update.result.rcode));
  }
}

dns::CounterTotals UpdateWorker::totals(dns::Transport transport) const {
  const auto& blocks = counters_[transport == dns::Transport::tcp];
  const std::array all = {&blocks[0], &blocks[1]};
  return dns::sum(all);
}

dns::CounterTotals UpdateWorker::totals(bool is_signed) const {
  const std::array all = {&counters_[0][is_signed], &counters_[1][is_signed]};
  return dns::sum(all);
}

}  // namespace dnsmesh::net
