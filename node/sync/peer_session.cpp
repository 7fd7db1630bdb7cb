// SPDX-License-Identifier: Apache-2.0
#include "sync/peer_session.hpp"

#include <algorithm>
#include <utility>

namespace dnsmesh::sync {

PeerSession::PeerSession(SyncContext& context, Peer peer, bool manifest_only, bool load)
    : context_(context),
      state_{.peer = peer,
             .key = normalised_endpoint(peer.endpoint),
             .manifest_only = manifest_only,
             .quarantine = QuarantineTable(normalised_endpoint(peer.endpoint))},
      calls_(context, state_),
      importer_(context, state_),
      classic_(context, state_, calls_, importer_),
      extended_(context, state_, calls_, importer_),
      waker_(context.loop),
      hint_waker_(context.loop) {
  state_.status.node_id = state_.peer.node_id;
  state_.status.endpoint = state_.peer.endpoint;
  state_.status.state = "waiting";
  if (load) {
    importer_.reload_quarantine();
    classic_.load();
    if (context_.options.extended) extended_.load();
  }
  publish_status(context_, state_);
}

void PeerSession::start() {
  run_task_ = run();
  run_task_.start();
}

void PeerSession::become(Peer peer, bool manifest_only, bool reset) {
  state_.peer = std::move(peer);
  state_.manifest_only = manifest_only;
  state_.status.node_id = state_.peer.node_id;
  reset_asked_ = reset_asked_ || reset;
  publish_status(context_, state_);
  waker_.wake();
}

Task<> PeerSession::run() {
  // Peers do not all come at the same moment after a start (6.3).
  const std::int64_t first_ms = std::min<std::int64_t>(1000, context_.options.interval_ms);
  const auto delay_ms = static_cast<std::int64_t>(context_.random.below(static_cast<std::uint64_t>(first_ms) + 1));
  co_await sleep_for(context_.loop, delay_ms);
  while (true) {
    const std::int64_t began_ms = context_.monotonic_ms();
    co_await tick();
    publish_status(context_, state_);
    const std::int64_t wait_ms = pause_ms(began_ms);
    co_await waker_.sleep(wait_ms);
    // A hint or a new name ends a pause, never a back-off.
    const std::int64_t back_off_ms = state_.back_off.wait_ms(context_.monotonic_ms());
    if (back_off_ms > 0) co_await sleep_for(context_.loop, back_off_ms);
  }
}

std::int64_t PeerSession::pause_ms(std::int64_t began_ms) const {
  const std::int64_t now_ms = context_.monotonic_ms();
  const std::int64_t interval_ms =
      context_.options.interval_ms * (state_.manifest_only ? limits::sync_manifest_only_intervals : 1);
  std::int64_t wait_ms = std::max<std::int64_t>(began_ms + interval_ms - now_ms, 0);
  // A request that the peer has held, or that brought news, is followed by the next.
  const bool held = now_ms - began_ms >= std::min(interval_ms, limits::sync_feed_wait_ms_max) / 2;
  const bool reads_on = state_.status.mode == Mode::extended && long_wait_ && !state_.manifest_only;
  if (reads_on && (held || extended_.wrote())) wait_ms = 0;
  wait_ms = std::max(wait_ms, context_.paused_until_ms - now_ms);
  return std::max(wait_ms, state_.back_off.wait_ms(now_ms));
}

Task<> PeerSession::tick() {
  context_.published->with([](Published& published) { ++published.ticks; });
  if (std::exchange(reset_asked_, false)) {
    classic_.reset();
    extended_.reset();
    set_mode(Mode::unknown);
  }
  if (gossip_due()) co_await gossip();
  if (state_.manifest_only || state_.back_off.wait_ms(context_.monotonic_ms()) > 0) co_return;
  if (context_.paused_until_ms > context_.monotonic_ms()) co_return;
  Step step = Step::changed;
  // A peer that is met, or has another database, is read in another way next.
  for (int turn = 0; turn < 3 && step == Step::changed; ++turn) {
    if (may_be_extended() && extended_.positioned()) {
      auto read = co_await read_extended();
      step = read;
    } else {
      auto read = co_await read_classic();
      step = read;
    }
  }
  if (gossip_due()) co_await gossip();  // an extended peer has shown a higher manifest
}

bool PeerSession::may_be_extended() const {
  return context_.options.extended && context_.monotonic_ms() >= classic_until_ms_;
}

/// The loop of spec/anti-entropy.md 6.3. A peer that turns out to be one of ours is met, and read as such next.
Task<Step> PeerSession::read_classic() {
  classic_.begin_pass();
  Step step = Step::more;
  while (step == Step::more) {
    auto read = co_await classic_.read_page(may_be_extended());
    step = read;
    if (step == Step::more) {
      show(step, true);
      if (gossip_due()) co_await gossip();
    }
  }
  if (step == Step::changed) {
    auto met = co_await meet();
    co_return met;
  }
  set_mode(Mode::classic);
  if (step == Step::exhausted) {
    auto ended = co_await classic_.end_pass();
    if (!ended) step = Step::failed;
  }
  show(step, classic_.contiguous());
  state_.status.position = describe(classic_.position());
  co_return step;
}

Task<Step> PeerSession::meet() {
  set_mode(Mode::extended);
  auto met = co_await extended_.meet(*classic_.extension());
  if (met) {
    send_owed_hint();
    co_return Step::changed;
  }
  if (extended_.take_unsupported()) {
    classic_until_ms_ = context_.monotonic_ms() + limits::sync_classic_fallback_ms;
    set_mode(Mode::classic);
    co_return Step::changed;
  }
  show(Step::failed, true);
  co_return Step::failed;
}

Task<Step> PeerSession::read_extended() {
  set_mode(Mode::extended);
  auto compared = co_await extended_.reconcile_when_due();
  Step step = compared ? Step::more : Step::failed;
  if (compared) extended_.begin_pass();
  std::int64_t wait_ms =
      long_wait_ ? std::min(context_.options.interval_ms, limits::sync_feed_wait_ms_max) : std::int64_t{0};
  while (step == Step::more) {
    auto read = co_await extended_.read_page(std::exchange(wait_ms, 0));
    step = read;
    if (step == Step::more || step == Step::exhausted) send_owed_hint();
    if (step == Step::more) {
      show(step, true);
      if (gossip_due()) co_await gossip();
    }
  }
  if (extended_.take_unsupported()) {
    classic_until_ms_ = context_.monotonic_ms() + limits::sync_classic_fallback_ms;
    set_mode(Mode::classic);
    co_return Step::changed;
  }
  if (step == Step::exhausted) {
    auto ended = co_await extended_.end_pass();
    if (!ended) step = Step::failed;
  }
  long_wait_ = step == Step::exhausted && extended_.contiguous();
  if (extended_.positioned()) state_.status.position = describe(*extended_.position());
  show(step, extended_.contiguous());
  co_return step;
}

bool PeerSession::gossip_due() const {
  if (!context_.gossip || !context_.gossip->take || context_.monotonic_ms() < gossip_due_ms_) return false;
  if (state_.manifest_only || state_.status.mode != Mode::extended) return true;
  return state_.manifest_seq > context_.gossip->best_seq();  // an absent seq is below every other
}

/// Fetches the peer's manifest. Whatever comes of it, the data part goes on (9.5, F13). What takes it may replace the
/// peers and so end this session: it is called in a task of its own.
Task<> PeerSession::gossip() {
  const std::int64_t period_ms = std::max(context_.options.interval_ms, limits::sync_gossip_ms_min);
  gossip_due_ms_ = context_.monotonic_ms() + period_ms;
  Call request;
  request.kind = CallKind::manifest;
  request.target = "/v1/sync/cluster-manifest";
  request.answer_bytes_max = limits::sync_manifest_bytes_max;
  auto result = co_await calls_.call(std::move(request));
  if (!result.answer || result.answer->status != 200) co_return;
  auto wire = parse_manifest_answer(result.answer->body);
  if (!wire) co_return;
  context_.loop.post(
      [weak = std::weak_ptr(context_.gossip), manifest = std::move(*wire), from = state_.peer.node_id]() {
        if (const auto gossip = weak.lock()) gossip->take(manifest, from);
      });
}

void PeerSession::set_mode(Mode mode) {
  if (state_.status.mode == mode) return;
  state_.status.mode = mode;
  const bool extended = mode == Mode::extended;
  state_.budget.set(extended ? limits::sync_extended_per_s : limits::sync_classic_per_s,
                    extended ? limits::sync_extended_burst : limits::sync_classic_burst);
  long_wait_ = false;
  if (extended) {
    state_.status.lag_s.reset();
    hint_owed_ = true;  // what was written before the two had met was announced to nobody
    return;
  }
  state_.status.backlog.reset();
  context_.published->with([&](Published& published) {
    std::erase_if(published.epoch_peers, [&](const auto& shown) { return shown.second == state_.key; });
  });
}

/// The words of the status table.
void PeerSession::show(Step step, bool contiguous) {
  if (step == Step::failed) {
    if (state_.status.state != "refused" && state_.status.state != "unreachable") state_.status.state = "behind";
  } else {
    state_.status.state = step == Step::exhausted && contiguous ? "current" : "behind";
  }
  if (step == Step::exhausted && state_.status.mode == Mode::classic) state_.status.lag_s = 0;
  publish_status(context_, state_);
}

void PeerSession::send_hint() {
  hint_owed_ = true;
  if (std::exchange(hint_waits_, false)) hint_waker_.wake();
  send_owed_hint();
}

bool PeerSession::hint_due() const {
  return hint_owed_ && state_.status.mode == Mode::extended && !state_.manifest_only &&
         state_.back_off.wait_ms(context_.monotonic_ms()) == 0;
}

void PeerSession::send_owed_hint() {
  if (!hint_due() || !hint_task_.done()) return;
  hint_task_ = run_hint();
  hint_task_.start();
}

/// A peer that has not met us yet answers 404; by the second time it has.
Task<> PeerSession::run_hint() {
  bool repeated = false;
  while (hint_due()) {
    hint_owed_ = false;
    const store::Epoch own = context_.store.epoch();
    Hint hint;
    hint.node = context_.options.node_id;
    hint.epoch = {own.id, own.boot};
    hint.high = own.high;
    if (context_.gossip && context_.gossip->best_seq) hint.manifest_seq = context_.gossip->best_seq();
    Call request;
    request.kind = CallKind::hint;
    request.target = "/v1/sync/x1/hint";
    request.body = write_hint(hint);
    request.content_type = "application/json";
    request.answer_bytes_max = limits::sync_extended_bytes_max;
    auto result = co_await calls_.call(std::move(request));
    if (result.answer || std::exchange(repeated, true)) continue;
    hint_waits_ = true;
    co_await hint_waker_.sleep(limits::sync_hint_repeat_ms);
    repeated =
        std::exchange(hint_waits_, false);  // what is new since then is sent at once, and has its own second time
    hint_owed_ = true;
  }
}

}  // namespace dnsmesh::sync
