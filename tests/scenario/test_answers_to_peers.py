"""What a real node answers to a peer that reads it as existing nodes do, and as extended ones do."""
import gzip
import http.client
import json
import threading
import urllib.parse

import pytest

import mesh

TOKEN = "0123456789abcdef0123456789abcdef"
PEER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def node(make_node):
    return make_node(environment={"DMP_SYNC_PEER_TOKEN": TOKEN, "DMP_HTTP_RATE": "0"}).start()


def get(node, path, headers=None):
    status, body = node.request("GET", path, headers={**PEER, **(headers or {})})
    assert status == 200, body
    return json.loads(body)


def walk(node, cursor="0::", limit=7):
    """Reads the classic feed to its end: strictly greater than the last entry seen, colons as they are."""
    seen = []
    while True:
        page = get(node, f"/v1/sync/digest?cursor={cursor}&limit={limit}")
        for entry in page["records"]:
            cursor = f"{entry['ts']}:{entry['name']}:{entry['hash']}"
            seen.append(entry)
        if not page["has_more"]:
            return seen, cursor


def test_a_reader_that_walks_while_others_write_misses_nothing(node):
    writers, each = 4, 50

    def write(writer):
        for number in range(each):
            assert node.publish(f"w{writer}.test", f"value {number}") == 201

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen, cursor = walk(node)
    while any(thread.is_alive() for thread in threads):
        more, cursor = walk(node, cursor)
        seen += more
    more, cursor = walk(node, cursor)
    seen += more
    assert len({(entry["name"], entry["hash"]) for entry in seen}) == writers * each
    order = [(entry["ts"], entry["name"], entry["hash"]) for entry in seen]
    assert order == sorted(set(order))


def test_a_pull_gives_every_value_at_a_name(node):
    for value in ("v1", "v2", "caf\u00e9"):
        assert node.publish("a.test", value) == 201
    status, body = node.request("POST", "/v1/sync/pull", {"names": ["a.test.", "none.test"]}, PEER)
    assert status == 200
    assert [record["value"] for record in json.loads(body)["records"]] == ["v1", "v2", "caf\u00e9"]


def test_a_pull_of_256_long_names_is_taken(node):
    names = [f"{number:0>250}" for number in range(256)]
    assert node.request("POST", "/v1/sync/pull", {"names": names}, PEER) == (200, '{"records": []}')


def test_a_page_is_compressed_for_who_takes_it(node):
    for number in range(30):
        assert node.publish(f"n{number}.test", "v") == 201
    connection = http.client.HTTPConnection("127.0.0.1", node.http_port, timeout=20)
    connection.request("GET", "/v1/sync/x1/feed", headers={**PEER, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.read()))["e"]) == 30
    connection.close()


class Waiting:
    """A reader of the change feed that waits at the end of it."""

    def __init__(self, node):
        feed = get(node, "/v1/sync/x1/feed")
        after = urllib.parse.quote(f"{feed['epoch']}:{feed['high']}")
        self.connection = http.client.HTTPConnection("127.0.0.1", node.http_port, timeout=60)
        self.connection.request("GET", f"/v1/sync/x1/feed?after={after}&wait=25000", headers=PEER)


    def answer(self):
        return json.loads(self.connection.getresponse().read())


def test_a_reader_that_waits_hears_of_a_publish(node):
    waiting = Waiting(node)
    assert node.publish("a.test", "v") == 201
    assert [entry[2] for entry in waiting.answer()["e"]] == ["a.test"]


def test_a_node_that_stops_answers_who_waits(node):
    waiting = Waiting(node)
    status, seconds = node.stop()
    assert status == 0
    assert seconds < 10  # not the 25 s that the reader asked for
    answer = waiting.answer()
    assert answer["e"] == [] and not answer["reset"]
