// SPDX-License-Identifier: Apache-2.0
// The store against a map: the input is a list of operations, three octets each.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/memory_store.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

constexpr std::size_t k_operations_max = 200;

/// Expiry by name and value; a pair lives while its expiry lies ahead.
using Model = std::map<std::pair<std::string, std::string>, std::int64_t>;

class Run {
 public:
  void step(unsigned what, unsigned which, unsigned amount) {
    const std::string name = "n" + std::to_string(which % 4);
    const std::string value = "v" + std::to_string(which / 4 % 4);
    switch (what % 5) {
      case 0:
        return put(name, value, amount + 1, store::TtlRule::last_write_wins);
      case 1:
        return put(name, value, amount + 1, store::TtlRule::never_shorten);
      case 2:
        return remove(name, which >= 128 ? std::optional(value) : std::nullopt);
      case 3:
        return clock_.advance_ms(amount * 250);
      default:
        return static_cast<void>(store_->sweep_expired(amount + 1));
    }
  }

  void compare() const {
    std::int64_t live = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const std::string name = "n" + std::to_string(i);
      std::vector<std::string> expected;
      for (const auto& [pair, expires_s] : model_) {
        if (pair.first == name && expires_s > clock_.wall_s()) expected.push_back(pair.second);
      }
      std::vector<std::string> found;
      const auto records = store_->values_at(name);
      require(records.has_value(), "a store in memory can be read");
      for (const store::Record& record : *records) {
        found.push_back(record.value);
        require(record.expires_s == model_.at({record.name, record.value}), "a record ends when the model says");
      }
      std::ranges::sort(found);
      require(found == expected, "a name has the values of the model");
      live += static_cast<std::int64_t>(found.size());
    }
    const auto page = store_->changes(0, 10000);
    require(page && std::cmp_equal(page->records.size(), live), "the change feed has every live record once");
  }

 private:
  void put(const std::string& name, const std::string& value, std::int64_t ttl_s, store::TtlRule rule) {
    store::Put put;
    put.name = name;
    put.value = value;
    put.ttl_s = ttl_s;
    put.ttl_rule = rule;
    store::Batch batch;
    batch.operations.emplace_back(std::move(put));
    require(store::commit_and_wait(*store_, std::move(batch)).has_value(), "a put is taken");
    std::int64_t& expires_s = model_[{name, value}];
    const bool is_live = expires_s > clock_.wall_s();
    const std::int64_t wanted_s = clock_.wall_s() + ttl_s;
    expires_s = rule == store::TtlRule::never_shorten && is_live ? std::max(expires_s, wanted_s) : wanted_s;
  }

  void remove(const std::string& name, const std::optional<std::string>& value) {
    store::Batch batch;
    batch.operations.emplace_back(store::Delete{name, value, 0});
    require(store::commit_and_wait(*store_, std::move(batch)).has_value(), "a delete is taken");
    std::erase_if(model_, [&](const auto& entry) {
      return entry.first.first == name && (!value || entry.first.second == *value);
    });
  }

  ManualClock clock_{1700000000000};
  SeededRandom random_{1};
  std::unique_ptr<store::RecordStore> store_ = store::make_memory_store(clock_, random_);
  Model model_;
};

}  // namespace

void store_model(std::string_view input) {
  Run run;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  for (std::size_t i = 0; i + 2 < input.size() && i < 3 * k_operations_max; i += 3) {
    run.step(octet(i), octet(i + 1), octet(i + 2));
    run.compare();
  }
}

}  // namespace dnsmesh::fuzz
