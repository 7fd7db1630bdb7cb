"""What strangers, wrong tokens and lying peers can do to a real node: next to nothing."""
import hashlib
import http.server
import json
import threading
import time

import pytest

import cluster
import mesh

TOKEN = "0123456789abcdef0123456789abcdef"
ROUTES = [("GET", "/v1/sync/digest"), ("POST", "/v1/sync/pull"), ("GET", "/v1/sync/cluster-manifest")]


def sha(value):
    return hashlib.sha256(value.encode()).hexdigest()


def name_of(label):
    return f"{label}.{mesh.ZONE}"


def entry(name, value, ttl=3600, at_ms=None):
    return {"name": name, "hash": sha(value), "ts": at_ms or int(time.time() * 1000), "ttl": ttl}


class FakePeer:
    """An HTTP server in place of a peer. `answers` maps a path to a function of (method, path, body) that gives (status,
    body or bytes, headers)."""

    def __init__(self, answers):
        self.requests = requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                requests.append((self.command, self.path, self.headers.get("Authorization")))
                function = answers.get(self.path.split("?")[0])
                status, content, headers = function(self.command, self.path, body) if function else (404, {}, {})
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                try:
                    self.send_response(status)
                    for key, value in {"Content-Length": str(len(data)), **headers}.items():
                        self.send_header(key, value)
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((cluster.loopback_address(), 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://{}:{}".format(*self.server.server_address)

    def asked(self, path):
        return [request for request in self.requests if request[1].startswith(path)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def fake_peer():
    peers = []

    def make(answers):
        peers.append(FakePeer(answers))
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


def feeding(records, values, next_cursor="0::", has_more=False):
    """The answers of a peer that lists `records` and gives `values`."""
    return {
        "/v1/sync/digest": lambda *_: (200, {"records": records, "has_more": has_more, "next_cursor": next_cursor}, {}),
        "/v1/sync/pull": lambda *_: (200, {"records": values}, {}),
        "/v1/sync/cluster-manifest": lambda *_: (204, b"", {}),
    }


def reader_of(make_node, peers, environment=None):
    return make_node(environment={
        "DMP_SYNC_PEERS": ",".join(peer.url for peer in peers), "DMP_SYNC_PEER_TOKEN": TOKEN, "DMP_SYNC_INTERVAL": "0.2",
        "DMP_NODE_ID": "node-a", **(environment or {})}).start()


def honest_beside(fake_peer, label="honest"):
    """A peer with one good record: when the reader has it, it lives and reads although another peer lies."""
    good = entry(name_of(label), "good")
    return fake_peer(feeding([good], [{"name": good["name"], "value": "good", "ttl": 3600}]))


@pytest.mark.parametrize("method,path", ROUTES)
@pytest.mark.parametrize("header", [None, "Bearer wrong", f"bearer {TOKEN}", f"Bearer  {TOKEN}", f"Bearer {TOKEN[:-1]}"])
def test_without_the_token_the_sync_routes_say_403(make_node, method, path, header):
    node = make_node(environment={"DMP_SYNC_PEER_TOKEN": TOKEN}).start()
    status, text = node.request(method, path, "{}" if method == "POST" else None,
                                {"Authorization": header} if header else {})
    assert (status, json.loads(text)) == (403, {"error": "forbidden"})


@pytest.mark.parametrize("method,path", ROUTES)
def test_a_node_without_a_token_answers_403_to_everybody(make_node, method, path):
    node = make_node().start()
    body = "{}" if method == "POST" else None
    assert node.request(method, path, body, {"Authorization": "Bearer "})[0] == 403
    assert node.request(method, path, body)[0] == 403


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(make_node, fake_peer):
    thief = fake_peer({})
    target = {"Location": thief.url + "/v1/sync/digest"}
    fake = fake_peer({path: lambda *_: (302, {}, target) for _, path in ROUTES})
    honest = honest_beside(fake_peer)
    node = reader_of(make_node, [fake, honest])
    mesh.wait_until(lambda: "good" in node.resolve(name_of("honest")), "the honest peer is read")
    mesh.wait_until(lambda: len(fake.asked("/v1/sync/digest")) >= 2, "the other was asked again")
    assert all(token == f"Bearer {TOKEN}" for _, _, token in fake.requests)
    assert thief.requests == []


def test_a_value_that_does_not_have_the_advertised_hash_is_refused_and_the_rest_goes_on(make_node, fake_peer):
    lie, truth = entry(name_of("lie"), "advertised"), entry(name_of("truth"), "true")
    liar = fake_peer(feeding([lie, truth], [{"name": lie["name"], "value": "delivered", "ttl": 60},
                                            {"name": truth["name"], "value": "true", "ttl": 60}]))
    node = reader_of(make_node, [liar])
    mesh.wait_until(lambda: "true" in node.resolve(truth["name"]), "the true record of the same page arrives")
    assert node.read(lie["name"]) == []


@pytest.mark.parametrize("next_cursor", ["99999999999999::", "0::", "garbage", ""])
def test_a_made_up_next_cursor_moves_nothing(make_node, fake_peer, next_cursor):
    first = entry(name_of("first"), "v")
    records, values = [first], [{"name": first["name"], "value": "v", "ttl": 60}]
    fake = fake_peer(feeding(records, values, next_cursor, has_more=True))
    node = reader_of(make_node, [fake])
    mesh.wait_until(lambda: "v" in node.resolve(first["name"]), "the first record arrives")
    # A later row, far below what the peer claimed to have shown.
    second = entry(name_of("second"), "v")
    values.append({"name": second["name"], "value": "v", "ttl": 60})
    records.append(second)
    mesh.wait_until(lambda: "v" in node.resolve(second["name"]), "the row behind it arrives too")
    asked = [path for _, path, _ in fake.asked("/v1/sync/digest")]
    assert not any("99999999999999" in path or "garbage" in path for path in asked)


def test_a_record_that_nobody_asked_for_is_refused(make_node, fake_peer):
    asked = entry(name_of("asked"), "v")
    pushy = fake_peer(feeding([asked], [{"name": name_of("pushed"), "value": "v", "ttl": 60},
                                        {"name": asked["name"], "value": "v", "ttl": 60}]))
    node = reader_of(make_node, [pushy])
    mesh.wait_until(lambda: "v" in node.resolve(asked["name"]), "the record that was asked for arrives")
    assert node.read(name_of("pushed")) == []


def test_a_lifetime_beyond_reason_is_cut(make_node, fake_peer):
    forever = entry(name_of("forever"), "v", ttl=2147483648)
    fake = fake_peer(feeding([forever], [{"name": forever["name"], "value": "v", "ttl": 10**18}]))
    node = reader_of(make_node, [fake], {"DMP_SYNC_MAX_TTL": "1000"})
    mesh.wait_until(lambda: "v" in node.resolve(forever["name"]), "the record arrives")
    _, text = node.request("POST", "/v1/sync/pull", {"names": [forever["name"]]}, {"Authorization": f"Bearer {TOKEN}"})
    assert 0 < json.loads(text)["records"][0]["ttl"] <= 1000


GARBAGE = {
    "no JSON": (200, b"<html>", {}),
    "records is no list": (200, {"records": 7}, {}),
    "an object of objects": (200, b'{"a":' * 5000 + b"1" + b"}" * 5000, {}),
    "entries of every wrong type": (200, {"records": [
        None, 7, [], {}, {"name": 1, "hash": "x", "ts": "y", "ttl": True},
        {"name": "a.test", "hash": "A" * 64, "ts": 1.5, "ttl": 60}, {"name": "a.test", "hash": "a" * 64, "ts": -1, "ttl": 60},
        {"name": "", "hash": "a" * 64, "ts": 1, "ttl": 60}, {"name": "b" * 254, "hash": "a" * 64, "ts": 1, "ttl": 60},
        {"name": "a.test", "hash": "a" * 64, "ts": 2**70, "ttl": 60}], "has_more": True, "next_cursor": "x"}, {}),
    "100 MB": (200, b"[" + b"1," * 50_000_000, {}),
    "500": (500, {"error": "?"}, {}),
    "429": (429, {"error": "rate limit exceeded"}, {}),
    "403": (403, {"error": "forbidden"}, {}),
    "a body that breaks off": (200, b"{", {"Content-Length": "1000"}),
    "no length at all": (200, b"{}", {"Content-Length": "nonsense"}),
}


@pytest.mark.parametrize("garbage", GARBAGE, ids=list(GARBAGE))
def test_a_peer_that_answers_garbage_harms_neither_the_node_nor_other_peers(make_node, fake_peer, garbage):
    bad = fake_peer({path: lambda *_: GARBAGE[garbage] for _, path in ROUTES})
    honest = honest_beside(fake_peer)
    node = reader_of(make_node, [bad, honest])
    mesh.wait_until(lambda: bad.asked("/v1/sync/digest"), "the bad peer was asked")
    mesh.wait_until(lambda: "good" in node.resolve(name_of("honest")), "the honest peer is read")
    assert node.request("GET", "/health")[0] == 200
    assert node.publish(name_of("own"), "v") == 201
    assert node.stop()[0] == 0


def test_a_peer_that_never_ends_its_answer_holds_up_nobody_and_no_stop(make_node, fake_peer):
    release = threading.Event()

    def drip(*_):
        release.wait(60 * mesh.SLOWNESS)
        return 200, {}, {}

    slow = fake_peer({path: drip for _, path in ROUTES})
    node = reader_of(make_node, [slow, honest_beside(fake_peer)])
    try:
        mesh.wait_until(lambda: slow.asked("/v1/sync/digest"), "the slow peer was asked")
        mesh.wait_until(lambda: "good" in node.resolve(name_of("honest")), "the honest peer is read")
        status, seconds = node.stop()
        assert status == 0 and seconds < 3 * mesh.SLOWNESS
    finally:
        release.set()


def test_more_bad_rows_than_fit_in_a_pull_do_not_keep_good_rows_away(make_node, fake_peer):
    now = int(time.time() * 1000)
    bad = [entry(name_of(f"bad-{number:03}"), "claimed", at_ms=now - 10_000 + number) for number in range(300)]
    good = entry(name_of("good"), "v", at_ms=now)
    values = [{"name": record["name"], "value": "other", "ttl": 60} for record in bad]
    values.append({"name": good["name"], "value": "v", "ttl": 60})
    fake = fake_peer(feeding(bad + [good], values))
    node = reader_of(make_node, [fake])
    mesh.wait_until(lambda: "v" in node.resolve(good["name"]), "the good row behind 300 bad ones arrives", 30)
