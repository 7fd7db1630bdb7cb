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
  send(adding("no claim"));
  CHECK(lines.count("02d449a31fbb") == 1);
  send(adding("no claim", "claim-3.mb-0123456789ab.mesh.test"));
  CHECK(lines.count("UPDATE with claims for 0123456789ab: 1 added, refused") == 1);
  bed.clock.advance_ms(limits::claim_log_ms - 1);
  send(adding(claim(3, 3600, 2)));
  CHECK(lines.count("02d449a31fbb") == 1);
  bed.clock.advance_ms(1);
  send(adding("no claim"));
  CHECK(lines.count("UPDATE with claims for 02d449a31fbb: 1 added, refused") == 1);
  // What is sent to no mailbox is no line at all.
  send(adding("hello", "hello.mesh.test"));
  CHECK(lines.count("UPDATE") == 3);
  CHECK(lines.count("v=dmp1") + lines.count("no claim") + lines.count("hello") == 0);
}

TEST_CASE("invented recipients of claims make no more lines in a minute than are remembered") {
  UpdateBed bed({.rules = {.claims = {.for_everybody = false}}});
  UpdateLog log(bed.clock);
  const dnsmesh::test::LogLines lines;
  for (std::size_t i = 0; i < limits::claim_log_recipients_max + 100; ++i) {
    const std::string digits = std::to_string(100000000000U + i);
    log.write(*bed.carry_out(adding(claim(), "claim-3.mb-" + digits + ".mesh.test")));
  }
  CHECK(lines.count("UPDATE with claims for ") == limits::claim_log_recipients_max);
}
