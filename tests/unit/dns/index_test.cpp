// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

std::set<std::string> texts(Bed& bed, std::string name, std::int64_t now_s = k_now_s) {
  std::set<std::string> out;
  for (const AnswerRecord& r : bed.ask_name(std::move(name), k_type_txt, Transport::tcp, now_s).answers)
    out.insert(r.text);
  return out;
}

using Texts = std::set<std::string>;

Found find(Bed& bed, std::string_view name) {
  const AnswerIndex::ReadGuard guard(bed.context.reader);
  return guard.find(wire_name(name));
}

}  // namespace

TEST_CASE("the values of every spelling are one RRset") {
  Bed bed;
  bed.put("Alice.mesh.test", "a");
  bed.put("alice.MESH.test", "b");
  bed.put("alice.mesh.test", "c");
  CHECK(texts(bed, "alice.mesh.test") == Texts{"a", "b", "c"});
}

TEST_CASE("a value at two spellings is answered once, lives to the later expiry, and stays until both are gone") {
  Bed bed;
  bed.put("Alice.mesh.test", "v", 100);
  bed.put("alice.mesh.test", "v", 50);
  CHECK(bed.ask_name("alice.mesh.test").answers.size() == 1);
  CHECK(bed.ask_name("alice.mesh.test").answers.at(0).ttl == 60);
  CHECK(texts(bed, "alice.mesh.test", k_now_s + 99) == Texts{"v"});
  bed.remove("Alice.mesh.test", "v");
  CHECK(texts(bed, "alice.mesh.test", k_now_s + 49) == Texts{"v"});
  CHECK(texts(bed, "alice.mesh.test", k_now_s + 50).empty());
  bed.remove("alice.mesh.test", "v");
  CHECK(find(bed, "alice.mesh.test").rrset == nullptr);
}

TEST_CASE("a refresh moves the expiry, also back") {
  Bed bed;
  bed.put("x.mesh.test", "v", 100);
  bed.put("x.mesh.test", "v", 200);
  CHECK(texts(bed, "x.mesh.test", k_now_s + 150) == Texts{"v"});
  bed.put("x.mesh.test", "v", 10);
  CHECK(texts(bed, "x.mesh.test", k_now_s + 10).empty());
}

TEST_CASE("what had expired when the index was filled is answered after the clock is set back") {
  Bed bed;
  bed.index.load({.name = "x.mesh.test", .value = "one", .expires_s = k_now_s - 60, .offer = {}});
  bed.index.load({.name = "x.mesh.test", .value = "two", .expires_s = k_now_s - 60, .offer = {}});
  CHECK(bed.ask_name("x.mesh.test").rcode == 3);
  CHECK(texts(bed, "x.mesh.test", k_now_s - 100) == Texts{"one", "two"});
}

TEST_CASE("removing what is not there changes nothing") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  bed.remove("x.mesh.test", "other");
  bed.remove("X.mesh.test", "v");
  bed.remove("y.mesh.test", "v");
  bed.remove("..", "v");
  CHECK(texts(bed, "x.mesh.test") == Texts{"v"});
}

TEST_CASE("names that are not DNS names are not in the index") {
  Bed bed(ZoneSettings{});
  const std::size_t before = bed.index.names();
  for (const std::string& name :
       {std::string("a..b"), std::string(64, 'a') + ".b", std::string(".b"), std::string("a\\")}) {
    bed.put(name, "v");
  }
  CHECK(bed.index.names() == before);
  // 127 labels of one octet are 253 characters and 255 octets on the wire.
  std::string longest = "a";
  for (int i = 1; i < 127; ++i) longest += ".a";
  bed.put(longest, "v");
  CHECK(texts(bed, longest) == Texts{"v"});
  bed.put(longest + ".a", "v");
  CHECK(bed.index.names() == before + 1 + limits::index_ancestor_labels_max + 1);  // and the root
}

TEST_CASE("escaped names are found by their octets") {
  Bed bed;
  bed.put("a\\.b\\032c.mesh.test", "v");
  CHECK(texts(bed, "a\\.b\\032c.mesh.test") == Texts{"v"});
  CHECK(texts(bed, "b\\032c.mesh.test").empty());
}

TEST_CASE("descendants are counted up to the zone, and ancestors go with the last of them") {
  Bed bed;
  const std::size_t before = bed.index.names();
  bed.put("a.b.c.mesh.test", "1", 100);
  bed.put("a.b.c.mesh.test", "2", 200);
  bed.put("z.c.mesh.test", "3", 50);
  CHECK(find(bed, "b.c.mesh.test").below_until_s == k_now_s + 200);
  CHECK(find(bed, "c.mesh.test").below_until_s == k_now_s + 200);
  CHECK(find(bed, "mesh.test").below_until_s == k_now_s + 200);
  CHECK(find(bed, "test").below_until_s == 0);
  bed.remove("a.b.c.mesh.test", "2");
  bed.remove("a.b.c.mesh.test", "1");
  CHECK_FALSE(find(bed, "b.c.mesh.test").has_live_below(k_now_s));
  CHECK(find(bed, "c.mesh.test").has_live_below(k_now_s));
  bed.remove("z.c.mesh.test", "3");
  CHECK_FALSE(find(bed, "c.mesh.test").has_live_below(k_now_s));
  CHECK(bed.index.names() == before);
}

TEST_CASE("ancestors are known up to 16 labels below the zone, or below the root outside of it") {
  const auto labels = [](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "a.";
    return out;
  };
  for (const std::string_view top : {"mesh.test", "other"}) {
    CAPTURE(top);
    Bed bed;
    const std::string tail(top);
    const std::size_t deepest = limits::index_ancestor_labels_max - (top == "other" ? 1 : 0);
    bed.put(labels(deepest + 1) + "b." + tail, "v");
    CHECK(texts(bed, labels(deepest + 1) + "b." + tail) == Texts{"v"});
    CHECK(find(bed, labels(deepest - 1) + "b." + tail).has_live_below(k_now_s));
    CHECK_FALSE(find(bed, labels(deepest) + "b." + tail).has_live_below(k_now_s));
    bed.remove(labels(deepest + 1) + "b." + tail, "v");
    CHECK(bed.index.names() == 0);
  }
}

TEST_CASE("a record takes less than 7 KB beside its value, whatever its name is") {
  constexpr std::size_t k_records = 700;
  constexpr std::size_t k_bytes_max = 7 * 1024;
  const auto padded = [](std::size_t number, std::size_t octets) {
    const std::string digits = std::to_string(number);
    return digits + std::string(octets - digits.size(), 'x');
  };
  for (const bool is_wide : {false, true}) {
    CAPTURE(is_wide);
    Bed bed;
    const std::size_t before = bed.index.bytes();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < k_records; ++i) {
      // Nothing is shared but the root, and the longest or the most labels are next to it.
      const std::string wide = "." + padded(i, 63) + "." + padded(i, 63);
      std::string name = (is_wide ? wide : std::string()) + "." + padded(i, is_wide ? 63 : 4);
      while (name.size() < 252) name.insert(0, ".a");
      names.push_back(name.substr(1));
      bed.put(names.back(), "v");
    }
    REQUIRE(texts(bed, names.front()) == Texts{"v"});
    CHECK((bed.index.bytes() - before) / k_records < k_bytes_max);
    for (const std::string& name : names) bed.remove(name, "v");
    CHECK(bed.index.names() == 0);
  }
}

TEST_CASE("a name keeps its values when its descendants go, and the other way round") {
  Bed bed;
  bed.put("a.mesh.test", "1");
  bed.put("b.a.mesh.test", "2");
  bed.remove("b.a.mesh.test", "2");
  CHECK(texts(bed, "a.mesh.test") == Texts{"1"});
  bed.put("b.a.mesh.test", "2");
  bed.remove("a.mesh.test", "1");
  CHECK(texts(bed, "b.a.mesh.test") == Texts{"2"});
  CHECK(bed.ask_name("a.mesh.test").rcode == 0);
}

TEST_CASE("memory is counted up and down") {
  Bed bed;
  const std::size_t before = bed.index.bytes();
  bed.put("x.mesh.test", std::string(1000, 'v'));
  CHECK(bed.index.bytes() > before + 1000);
  bed.remove("x.mesh.test", std::string(1000, 'v'));
  CHECK(bed.index.bytes() == before);
}

TEST_CASE("the index agrees with a map through growth and removals") {
  Bed bed;
  SeededRandom random(42);
  std::map<std::string, Texts> model;
  for (int step = 0; step < 12000; ++step) {
    const std::string name = "n" + std::to_string(random.below(2500)) + ".mesh.test";
    const std::string value = "v" + std::to_string(random.below(3));
    if (random.below(3) > 0) {
      bed.put(name, value);
      model[name].insert(value);
    } else {
      bed.remove(name, value);
      model[name].erase(value);
    }
  }
  std::size_t with_values = 0;
  for (int i = 0; i < 2500; ++i) {
    const std::string name = "n" + std::to_string(i) + ".mesh.test";
    with_values += model[name].empty() ? 0 : 1;
    REQUIRE(texts(bed, name) == model[name]);
  }
  CHECK(bed.index.names() == with_values + 1);  // and the zone above them
  for (const auto& [name, values] : model) {
    for (const std::string& value : values) bed.remove(name, value);
  }
  CHECK(bed.index.names() == 0);
}

TEST_CASE("an object that a reader may hold is not freed before it leaves") {
  static std::atomic<int> alive{0};
  struct Counted {
    Counted() { ++alive; }
    ~Counted() { --alive; }
  };
  EpochReclaimer reclaimer;
  const std::size_t early = reclaimer.take_slot();
  const std::size_t late = reclaimer.take_slot();
  CHECK(early != late);
  reclaimer.enter(early);
  reclaimer.retire(new Counted);
  reclaimer.reclaim();
  CHECK(alive == 1);
  reclaimer.enter(late);  // came after the retirement: it does not hold the first one back
  reclaimer.retire(new Counted);
  reclaimer.reclaim();
  CHECK(alive == 2);
  reclaimer.leave(early);
  reclaimer.reclaim();
  CHECK(alive == 1);
  reclaimer.leave(late);
  reclaimer.reclaim();
  CHECK(alive == 0);
  reclaimer.give_back_slot(early);
  CHECK(reclaimer.take_slot() == early);
}

TEST_CASE("readers see whole RRsets while the writer changes, grows and empties the index") {
  Bed bed;
  constexpr unsigned k_names = 600;
  constexpr int k_changes = 4000;
  const auto name_of = [](std::uint64_t i) { return "n" + std::to_string(i) + ".mesh.test"; };
  // Present all the time, at a name of its own.
  bed.put("fixed.mesh.test", "fixed");
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<int> answered{0};
  const auto read = [&](std::uint64_t seed) {
    SeededRandom random(seed);
    QueryContext context(bed.index, random);
    std::string out(65535, '\0');
    const std::string fixed = query("fixed.mesh.test");
    while (!done) {
      const std::string name = name_of(random.below(k_names));
      const std::string asked = query(name);
      const std::size_t size =
          bed.engine.answer(asked, {.transport = Transport::tcp, .now_s = k_now_s}, context, out).octets;
      const std::string_view answer(out.data(), size);
      // Every value is the name, a character and padding of its own kind: foreign or torn octets would show.
      if (answer.size() > asked.size() && answer[7] > 0) {
        ++answered;
        if (answer.find(name) == std::string_view::npos) ++wrong;
      }
      if (bed.engine.answer(fixed, {.transport = Transport::tcp, .now_s = k_now_s}, context, out).octets !=
          fixed.size() + 12 + 6)
        ++wrong;
    }
  };
  std::thread first(read, 1);
  std::thread second(read, 2);
  SeededRandom random(3);
  for (int i = 0; i < k_changes; ++i) {
    const std::string name = name_of(random.below(k_names));
    const std::string value = name + std::string(1 + random.below(3), static_cast<char>('a' + random.below(3)));
    if (random.below(5) < 3) {
      bed.put(name, value);
    } else {
      bed.remove(name, value);
    }
  }
  while (answered == 0) std::this_thread::yield();
  done = true;
  first.join();
  second.join();
  CHECK(wrong == 0);
  CHECK(answered > 0);
}
