// SPDX-License-Identifier: Apache-2.0
// In open mode strangers may write at a cluster's names: what they write costs little and hides nothing.
#include <thread>

#include "base/limits.hpp"
#include "cluster_support.hpp"
#include "sync/manifest_judge.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using namespace dnsmesh::sync::testing;

namespace {

/// Looks like a manifest of the operator up to its signature, another text for each number.
std::string almost(std::uint64_t number) {
  const auto& form = record::k_cluster_manifest_form;
  std::string blob = record::open_text(form, manifest(1'000'000 + number)).value();
  blob.back() = static_cast<char>(blob.back() ^ 1);
  return std::string(form.prefix) + base64_encode(blob);
}

std::size_t burst() { return static_cast<std::size_t>(limits::manifest_checks_burst); }
std::size_t a_second() { return static_cast<std::size_t>(limits::manifest_checks_per_s); }

}  // namespace

TEST_CASE("only so many signatures are checked at once and then a second, each text once, and the rest is put off") {
  ManualClock clock(k_now_s * 1000);
  ManifestJudge judge(k_operator.public_key(), clock);
  const auto judged = [&](std::size_t from, std::size_t count) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) done += judge.judge(almost(from + i), "mesh.test").has_value() ? 1 : 0;
    return done;
  };
  CHECK(judged(0, burst() + 50) == burst());
  CHECK(judged(0, burst()) == burst());
  CHECK(judged(burst(), 1) == 0);
  clock.advance_ms(1000);
  CHECK(judged(burst(), a_second() + 10) == a_second());
  clock.advance_ms(3'600'000);
  CHECK(judged(10'000, burst() + 50) == burst());
}

TEST_CASE("what can be told without a signature is told without one") {
  ManualClock clock(k_now_s * 1000);
  ManifestJudge judge(k_operator.public_key(), clock);
  for (std::size_t i = 0; i < burst(); ++i) judge.judge(almost(i), "mesh.test");
  CHECK_FALSE(judge.judge(manifest(1), "mesh.test").has_value());
  const auto reason = [&](const std::string& text) {
    const auto verdict = judge.judge(text, "mesh.test");
    REQUIRE(verdict.has_value());
    return verdict->error().code;
  };
  CHECK(reason("v=dmp1;t=cluster;AAAA") == ErrorCode::record_short);
  CHECK(reason(manifest(Sample{.seq = 1, .key = k_stranger})) == ErrorCode::record_key_mismatch);
  CHECK(reason(manifest(Sample{.seq = 1, .cluster = "other.test"})) == ErrorCode::record_name_mismatch);
  CHECK(reason(manifest(Sample{.seq = 1, .exp = 1})) == ErrorCode::record_expired);
  CHECK(reason(manifest(Sample{.seq = 1, .exp = UINT64_MAX})) == ErrorCode::record_exp_too_far);
}

TEST_CASE("a text is counted once, however often it is looked at") {
  ManualClock clock(k_now_s * 1000);
  ManifestJudge judge(k_operator.public_key(), clock);
  CHECK(judge.count("x", "signature"));
  CHECK_FALSE(judge.count("x", "signature"));
  CHECK(judge.count("y", "signature"));
  CHECK(judge.counted() == std::vector<std::pair<std::string, std::uint64_t>>{{"signature", 2}});
}

TEST_CASE("changes at other names, of other texts and of lower seqs ask for no look") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.settle();
  const auto asked = [&](const std::string& name, const std::string& value) {
    node.cluster->changed(name, value);
    const std::int64_t before_ms = node.clock.monotonic_ms();
    node.put(manifest(Sample{.seq = 5, .nodes = {testing::node("x")}}), "unrelated.test");
    node.loop.run_until_idle();
    const bool due = node.loop.next_due_ms().has_value();
    node.settle();
    CHECK(node.clock.monotonic_ms() >= before_ms);
    return due;
  };
  node.cluster->changed("cluster.mesh.test", manifest(6));  // the look that the next ones would have to wait for
  node.loop.run_until_idle();
  CHECK_FALSE(asked("cluster.other.test", manifest(6)));
  CHECK_FALSE(asked("mesh.test", manifest(6)));
  CHECK_FALSE(asked("cluster.mesh.test", "text"));
  CHECK_FALSE(asked("cluster.mesh.test", "v=dmp1;t=cluster;AAAA"));
  CHECK_FALSE(asked("cluster.mesh.test", manifest(4)));
}

TEST_CASE("however many changes come, the store is looked at ten times a second at most") {
  ClusterNode node;
  node.start();
  node.settle();
  std::size_t turns = 0;
  for (int burst = 0; burst < 20; ++burst) {
    for (int i = 0; i < 100; ++i) node.cluster->changed("cluster.mesh.test", almost(static_cast<std::uint64_t>(i)));
    node.loop.run_until_idle();
    turns += node.loop.next_due_ms().has_value() ? 1 : 0;
    node.loop.advance_ms(10);
  }
  CHECK(turns > 0);
  CHECK_FALSE(node.applied().has_value());
  node.settle();
  CHECK_FALSE(node.loop.next_due_ms().has_value());
}

TEST_CASE("a genuine manifest behind a flood of texts that look like one is found, later") {
  for (const bool named : {true, false}) {
    CAPTURE(named);
    ClusterNode node;
    if (!named) node.options.base_domain.clear();
    node.start();
    for (std::size_t i = 0; i < burst() + 2 * a_second(); ++i) node.put(almost(i));
    node.put(manifest(5));
    node.loop.run_until_idle();
    node.loop.advance_ms(10'000);
    CHECK(node.applied() == 5);
    CHECK_FALSE(node.loop.next_due_ms().has_value());
    CHECK(node.rejected("signature") == burst() + 2 * a_second());
  }
}

TEST_CASE("texts at the cluster's name that look like manifests are counted by reason") {
  ClusterNode node;
  node.start();
  node.put(almost(1));
  node.put(almost(2));
  node.put("v=dmp1;t=cluster;AAAA");
  node.put("anything");
  node.pass_s(60);
  node.pass_s(60);
  CHECK(node.rejected("signature") == 2);
  CHECK(node.rejected("short") == 1);
  CHECK(node.view().rejected.size() == 2);
}

TEST_CASE("other threads may tell of changes and read the view while the loop works") {
  ClusterNode node;
  node.start();
  const std::string wire = manifest(1'000);
  const std::string junk = almost(1);
  std::uint64_t seen = 0;
  {
    const std::jthread teller([&] {
      for (int i = 0; i < 300; ++i) node.cluster->changed("cluster.mesh.test", i % 2 == 0 ? wire : junk);
    });
    const std::jthread reader([&] {
      for (int i = 0; i < 300; ++i) seen = std::max(seen, node.cluster->view()->applied_seq.value_or(0));
    });
    for (std::uint64_t seq = 1; seq <= 30; ++seq) node.gossip(manifest(seq));
  }
  node.settle();
  CHECK(node.applied() == 30);
  CHECK(seen <= 30);
}
