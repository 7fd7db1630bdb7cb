// SPDX-License-Identifier: Apache-2.0
// https: whom a call trusts, and whom it does not.
#include "hostile_server.hpp"
#include "net/peer_client.hpp"
#include "peer_support.hpp"
#include "tls_peer.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

namespace {

PeerClientOptions trusting(const Certificate& certificate) {
  PeerClientOptions options = TestClient::quick();
  options.ca_file = certificate.certificate_file();
  return options;
}

}  // namespace

TEST_CASE("a certificate that nobody vouches for is refused before anything is sent") {
  const Certificate certificate("peer");
  TlsPeer peer(certificate, "secret");
  TestClient client;
  CHECK(client.error_of(TestClient::get(peer.endpoint())) == ErrorCode::sync_transport);
  CHECK(peer.requests() == 0);
}

TEST_CASE("the same certificate is trusted when it stands in the CA file") {
  const Certificate certificate("peer");
  TlsPeer peer(certificate, "secret");
  TestClient client(trusting(certificate));
  const auto answer = client.ask(TestClient::get(peer.endpoint()));
  REQUIRE_MESSAGE(answer.has_value(), answer.error().text);
  CHECK(answer->body == "secret");
}

TEST_CASE("a certificate for another host is refused although its issuer is trusted") {
  const Certificate certificate("peer");
  TlsPeer peer(certificate, "secret");
  TestClient client(trusting(certificate));
  std::string endpoint = peer.endpoint();
  endpoint.replace(endpoint.find("127.0.0.1"), 9, "localhost");
  CHECK(client.error_of(TestClient::get(endpoint)) == ErrorCode::sync_transport);
  CHECK(peer.requests() == 0);
}

TEST_CASE("TLS before 1.2 is refused") {
  const Certificate certificate("peer");
  TlsPeer old_peer(certificate, "secret", nullptr, TLS1_1_VERSION);
  TlsPeer peer(certificate, "secret", nullptr, TLS1_2_VERSION);
  TestClient client(trusting(certificate));
  CHECK(client.error_of(TestClient::get(old_peer.endpoint())) == ErrorCode::sync_transport);
  CHECK(client.ask(TestClient::get(peer.endpoint())).has_value());
}

TEST_CASE("https to a port that speaks plain HTTP is a broken answer") {
  HostileServer plain([](HostileConnection& connection) {
    connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    connection.wait_until_closed();
  });
  TestClient client;
  CHECK(client.error_of(TestClient::get(plain.endpoint("https"))) == ErrorCode::sync_transport);
}

TEST_CASE("a client certificate is shown to a peer that asks for one") {
  const Certificate certificate("peer");
  const Certificate ours("us");
  TlsPeer peer(certificate, "only for those we know", &ours);
  PeerClientOptions options = trusting(certificate);
  CHECK(TestClient(options).error_of(TestClient::get(peer.endpoint())) == ErrorCode::sync_transport);
  options.certificate_file = ours.certificate_file();
  options.key_file = ours.key_file();
  const auto answer = TestClient(options).ask(TestClient::get(peer.endpoint()));
  REQUIRE_MESSAGE(answer.has_value(), answer.error().text);
  CHECK(answer->body == "only for those we know");
}
