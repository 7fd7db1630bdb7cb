// SPDX-License-Identifier: Apache-2.0
// What the log says of UPDATEs of strangers: the recipient and the rcode, rarely, and no value.
#include "net/update_log.hpp"

#include "../dns/update_support.hpp"
#include "../sync/log_lines.hpp"
#include "base/update_limits.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::dns::test;

TEST_CASE("claims are a line with recipient and rcode, once a minute for each recipient, and never a value") {
  UpdateBed bed({.rules = {.claims = {.per_recipient = {}}}});
  UpdateLog log(bed.clock);
  const dnsmesh::test::LogLines lines;
  const auto send = [&](const std::string& message) { log.write(*bed.carry_out(message)); };
  send(adding(claim()));
  CHECK(lines.count("UPDATE with claims for 02d449a31fbb: 1 added, noerror") == 1);
  send(adding(claim(3, 3600, 1)));
  CHECK(lines.count("02d449a31fbb") == 1);
  bed.clock.advance_ms(limits::claim_log_ms - 1);
  send(adding(claim(3, 3600, 2)));
  CHECK(lines.count("02d449a31fbb") == 1);
  bed.clock.advance_ms(1);
  send(adding(claim(3, 3600, 3)));
  CHECK(lines.count("02d449a31fbb") == 2);
  CHECK(lines.count("UPDATE") == 2);
  CHECK(lines.count("v=dmp1") == 0);
}

TEST_CASE("what strangers send in vain is no line") {
  UpdateBed bed;
  UpdateLog log(bed.clock);
  const dnsmesh::test::LogLines lines;
  for (const std::string& message : {adding("no claim"), adding("no claim", "claim-3.mb-0123456789ab.mesh.test"),
                                     adding("hello", "hello.mesh.test")}) {
    log.write(*bed.carry_out(message));
  }
  CHECK(lines.count("UPDATE") == 0);
}

TEST_CASE("no more recipients of claims are named in a minute than are remembered") {
  const ManualClock clock(0);
  UpdateLog log(clock);
  const dnsmesh::test::LogLines lines;
  for (std::size_t i = 0; i < limits::claim_log_recipients_max + 100; ++i) {
    dns::Update applied("", client_of("\x7f\0\0\1"sv));
    applied.result = {
        .rcode = dns::Rcode::noerror, .adds = 1, .recipient = std::to_string(100000000000U + i), .was_committed = true};
    log.write(applied);
  }
  CHECK(lines.count("UPDATE with claims for ") == limits::claim_log_recipients_max);
}
