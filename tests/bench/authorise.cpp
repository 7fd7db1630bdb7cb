// SPDX-License-Identifier: Apache-2.0
// What authorising one write costs, with few users and with many, each with a token and a TSIG key.
//
//   authorise FOLDER [DECISIONS]
//
// CPU time of the calling thread, so that what else runs on the machine counts less. Users are asked in an order that
// no cache foresees.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access.hpp"
#include "access/audit_log.hpp"
#include "access/key_ring.hpp"
#include "access/key_scope.hpp"
#include "access/name_scope.hpp"
#include "access/token.hpp"
#include "access/user_tokens.hpp"
#include "base/hex.hpp"

using namespace dnsmesh;

namespace {

constexpr std::int64_t k_now_s = 1'700'000'000;

double thread_cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <class T>
T or_die(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().text);
  std::exit(1);
}

void fill(const std::string& path, const std::string& rows) {
  sqlite3* file = nullptr;
  const std::string sql = "PRAGMA synchronous = OFF; BEGIN;" + rows + "COMMIT;";
  if (sqlite3_open(path.c_str(), &file) != SQLITE_OK ||
      sqlite3_exec(file, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fmt::print(stderr, "{}\n", sqlite3_errmsg(file));
    std::exit(1);
  }
  sqlite3_close(file);
}

struct User {
  access::Subject subject;
  std::string header;      // of HTTP
  std::string token_name;  // what the token may write
  std::string key;
  std::string key_name;  // what the key may write, below the last of its entries without a star
};

/// Users 0 to `count`, in both files.
std::vector<User> make_users(std::size_t count, const std::string& tokens, const std::string& keys, Random& random) {
  std::vector<User> out;
  std::string token_rows;
  std::string key_rows;
  for (std::size_t i = 0; i < count; ++i) {
    User user;
    user.subject = {fmt::format("user{}", i), "mesh.example"};
    const std::string token = access::new_token(random);
    user.header = "Bearer " + token;
    user.token_name = fmt::format("dmp.user{}.mesh.example", i);
    crypto::PublicKey spk{};
    random.fill(spk);
    const std::string name = access::key_name(user.subject, spk, "mesh.example").value();
    user.key = name.substr(0, name.size() - 1);
    user.key_name = access::identity_suffixes(user.subject, "mesh.example").back();
    const auto scope = access::allowed_suffixes(user.subject, spk, spk, "mesh.example", access::KeyScope::standard);
    token_rows += fmt::format(
        "INSERT INTO tokens (token_hash, subject, subject_type, rate_per_sec, rate_burst, issued_at, registered_spk) "
        "VALUES ('{}', '{}', 1, 1e9, 1000000000, 1, '{}');",
        access::token_hash(token), user.subject.text(), to_hex(view(spk)));
    key_rows += fmt::format(
        "INSERT INTO tsig_keys (name, secret, allowed_suffixes, created_at, subject, registered_spk, "
        "registered_x25519_pub) VALUES ('{}', x'{}', '{}', 1, '{}', '{}', '{}');",
        name, to_hex(view(spk)), fmt::join(scope, "\n"), user.subject.text(), to_hex(view(spk)), to_hex(view(spk)));
    out.push_back(std::move(user));
  }
  fill(tokens, token_rows);
  fill(keys, key_rows);
  return out;
}

/// CPU of one call, in microseconds; a call that is refused ends the program.
double cost(std::size_t calls, const std::function<bool(std::size_t)>& call) {
  for (std::size_t i = 0; i < calls / 10; ++i) call(i);  // caches and buckets are filled
  const double start = thread_cpu_us();
  for (std::size_t i = 0; i < calls; ++i) {
    if (call(i)) continue;
    fmt::print(stderr, "a user was refused\n");
    std::exit(1);
  }
  return (thread_cpu_us() - start) / static_cast<double>(calls);
}

void measure(const std::filesystem::path& folder, std::size_t users_count, std::size_t calls) {
  std::filesystem::create_directories(folder);
  const std::string tokens_path = folder / "tokens.db";
  const std::string keys_path = folder / "tsig.db";
  ManualClock clock(k_now_s * 1000);
  SeededRandom random(users_count);
  const auto tokens = or_die(store::TokenFile::open(tokens_path));
  const auto keys = or_die(store::TsigFile::open(keys_path));
  const std::vector<User> users = make_users(users_count, tokens_path, keys_path, random);
  access::AuditLog audit(*tokens, clock, 0);
  access::UserTokens user_tokens(*tokens, audit, clock);
  access::Access door({access::AuthMode::multi_tenant, "operator", {10, 100}}, clock, &user_tokens);
  const double load_start = thread_cpu_us();
  const auto ring = or_die(access::KeyRing::open(*keys));
  const double load_us = thread_cpu_us() - load_start;
  const auto user_at = [&](std::size_t i) -> const User& { return users[i * 7919 % users.size()]; };

  const double token_us = cost(calls, [&](std::size_t i) {
    const User& user = user_at(i);
    // Every user comes from an address of its own, whose bucket is full again by then.
    if (i % 64 == 0) clock.advance_ms(1000);
    const std::string address = fmt::format("10.{}.{}.{}", i / 65536 % 256, i / 256 % 256, i % 256);
    const auto decision = door.decide({address, user.header}, access::Operation::publish, user.token_name);
    return decision.verdict == access::Verdict::allowed && door.spend(decision);
  });
  const double key_us = cost(calls, [&](std::size_t i) {
    const User& user = user_at(i);
    const auto key = ring->find(user.key, k_now_s);
    return key != nullptr && access::may_delete(key->scope, user.key_name);
  });
  store::TsigKeyRow fresh;
  fresh.name = "fresh.mesh.example.";
  fresh.secret = std::string(32, 's');
  fresh.allowed_suffixes = {"fresh.mesh.example"};
  fresh.subject = "fresh@mesh.example";
  const double mint_start = thread_cpu_us();
  or_die(ring->mint(fresh, k_now_s));
  fmt::print("{:>8}  {:>14.2f}  {:>14.2f}  {:>14.1f}  {:>16.1f}\n", users_count, token_us, key_us,
             (thread_cpu_us() - mint_start) / 1000, load_us / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: authorise FOLDER [DECISIONS]\n");
    return 2;
  }
  const std::size_t calls = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100000;
  fmt::print("CPU      token, us/write  TSIG key, us/write  registering a key, ms  reading all keys, ms\n");
  for (const std::size_t users : {10UL, 1000UL, 10000UL, 100000UL}) {
    measure(std::filesystem::path(argv[1]) / fmt::format("{}", users), users, calls);
  }
  return 0;
}
