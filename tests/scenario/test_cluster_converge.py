"""Three real nodes become and stay equal: over hints and polls, through kills, beside a node that speaks classic only."""
import hashlib
import os
import sqlite3
import threading
import time

import pytest

import mesh
from quorum_client import QuorumClient

WRITERS = 4
WRITE_SECONDS = float(os.environ.get("DNSMESH_WRITE_SECONDS", "10"))
CLASSIC = {"DMP_SYNC_EXTENDED": "0"}


def name_of(label):
    return f"{label}.{mesh.ZONE}"


def rows_of(node):
    """The live pairs in a stopped node's file, with our own hash of each value."""
    with sqlite3.connect(f"file:{node.database}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT name, value FROM records WHERE expires_at > ?", (int(time.time()),))
        return {(name, hashlib.sha256(value.encode()).hexdigest()) for name, value in rows}


@pytest.mark.parametrize("environment", [{}, CLASSIC], ids=["extended", "classic"])
def test_what_is_published_at_any_node_is_answered_by_all(make_cluster, environment):
    nodes = make_cluster(environment=environment).start()
    for node in nodes:
        assert node.publish(name_of(f"at-{node.node_id}"), f"value of {node.node_id}") == 201
    for node in nodes:
        nodes.wait_for_value(name_of(f"at-{node.node_id}"), f"value of {node.node_id}")
    pairs = nodes.wait_until_equal()
    assert len([name for name, _ in pairs if name.startswith("at-")]) == 3


def test_a_cluster_without_a_manifest_finds_its_peers_in_the_environment(make_cluster):
    nodes = make_cluster(manifest=False).start()
    assert nodes["node-c"].publish(name_of("no-manifest"), "v") == 201
    nodes.wait_for_value(name_of("no-manifest"), "v")
    assert [node.seq() for node in nodes] == [None] * 3


def test_a_node_that_speaks_classic_only_and_extended_ones_become_equal(make_cluster):
    nodes = make_cluster()
    nodes["node-b"].environment.update(CLASSIC)
    nodes.start()
    for round_ in range(20):
        for node in nodes:
            assert node.publish(name_of(f"mixed-{round_ % 7}"), f"{node.node_id} {round_}") == 201
    assert len(nodes.wait_until_equal()) >= 60


@pytest.mark.parametrize("environment", [{}, CLASSIC], ids=["extended", "classic"])
def test_a_killed_node_catches_up_on_its_return_and_gives_what_only_it_had(make_cluster, environment):
    nodes = make_cluster(environment=environment).start()
    assert nodes["node-a"].publish(name_of("before"), "v") == 201
    nodes.wait_for_value(name_of("before"), "v")
    nodes["node-a"].kill()
    nodes["node-c"].kill()
    # Acknowledged by B alone, which then dies too: it must come from B's disk.
    assert nodes["node-b"].publish(name_of("only-at-b"), "v") == 201
    nodes["node-b"].kill()
    nodes["node-a"].start()
    nodes["node-c"].start()
    for number in range(50):
        assert nodes["node-a"].publish(name_of(f"while-b-is-down-{number}"), "v") == 201
    nodes["node-b"].start()
    nodes.wait_for_value(name_of("only-at-b"), "v", seconds=30)
    nodes.wait_for_value(name_of("while-b-is-down-49"), "v", seconds=30)
    assert len([name for name, _ in nodes.wait_until_equal() if name != f"cluster.{mesh.ZONE}"]) == 52


def test_a_node_that_lost_its_file_fills_itself_from_its_peers(make_cluster):
    nodes = make_cluster().start()
    for number in range(300):
        assert nodes["node-b"].publish(name_of(f"row-{number}"), f"value {number}") == 201
    nodes.wait_until_equal()
    nodes["node-b"].kill()
    for file in nodes["node-b"].folder.glob("dmp.db*"):
        file.unlink()
    nodes["node-b"].start()
    assert len(nodes.wait_until_equal()) >= 300


def test_a_node_set_back_to_an_old_copy_of_its_file_gets_all_and_hides_nothing(make_cluster):
    nodes = make_cluster().start()
    b = nodes["node-b"]
    assert b.publish(name_of("in-the-copy"), "v") == 201
    nodes.wait_for_value(name_of("in-the-copy"), "v")
    assert b.stop()[0] == 0
    copy = b.database.read_bytes()
    b.start()
    for number in range(20):
        assert b.publish(name_of(f"after-the-copy-{number}"), "v") == 201
    nodes.wait_until_equal()
    # As many starts as the copy will have had: the time tells the two apart.
    for node in (nodes["node-a"], nodes["node-c"]):
        assert b.publish(name_of(f"seen-by-{node.node_id}"), "v") == 201
        nodes.wait_for_value(name_of(f"seen-by-{node.node_id}"), "v", [node])
    b.kill()
    for file in b.folder.glob("dmp.db*"):
        file.unlink()
    b.database.write_bytes(copy)
    b.start()
    # Its numbers of changes begin again below those that its peers have read: what it takes now must reach them all the same.
    assert b.publish(name_of("after-the-restore"), "v") == 201
    nodes.wait_for_value(name_of("after-the-restore"), "v", seconds=60)
    nodes.wait_for_value(name_of("after-the-copy-19"), "v", seconds=60)
    nodes.wait_until_equal(seconds=60)


def test_with_one_of_three_down_a_quorum_writes_and_the_union_reads(make_cluster):
    nodes = make_cluster().start()
    client = QuorumClient(nodes)
    nodes["node-c"].kill()
    assert client.publish(name_of("quorum"), "two of three")
    assert client.read(name_of("quorum")) == {"two of three"}
    nodes["node-b"].kill()
    assert not client.publish(name_of("no-quorum"), "one of three"), "one acknowledgement of two is a failure (F2)"
    assert client.read(name_of("no-quorum")) == {"one of three"}, "the survivor stored it all the same"
    nodes["node-b"].start()
    nodes["node-c"].start()
    nodes.wait_for_value(name_of("no-quorum"), "one of three", seconds=30)


def test_dead_peers_do_not_keep_a_node_from_its_users(make_cluster):
    nodes = make_cluster().start()
    nodes["node-b"].kill()
    nodes["node-c"].kill()
    began = time.monotonic()
    for number in range(50):
        assert nodes["node-a"].publish(name_of(f"alone-{number}"), "v") == 201
        assert nodes["node-a"].request("GET", "/health")[0] == 200
    assert time.monotonic() - began < 10 * mesh.SLOWNESS


def test_a_delete_holds_at_its_node_though_peers_have_the_record(make_cluster):
    nodes = make_cluster().start()
    assert nodes["node-a"].publish(name_of("gone"), "v") == 201
    nodes.wait_for_value(name_of("gone"), "v")
    assert nodes["node-a"].delete(name_of("gone"), "v") == 204
    # What comes after the delete has passed the same feed, so the deleted pair had its chance to return.
    for node in ("node-b", "node-c"):
        assert nodes[node].publish(name_of(f"after-{node}"), "v") == 201
        nodes.wait_for_value(name_of(f"after-{node}"), "v")
    assert nodes["node-a"].resolve(name_of("gone")) == set()
    assert nodes["node-b"].resolve(name_of("gone")) == {"v"}, "deletes bind the node that executed them"


def test_many_names_that_are_long_arrive_although_a_request_has_a_limit(make_cluster):
    nodes = make_cluster(environment=CLASSIC).start()
    nodes["node-b"].kill()
    for number in range(400):
        assert nodes["node-a"].publish(name_of(f"{'n' * 58}{number:03}.{'m' * 30}"), f"v{number}") == 201
    nodes["node-b"].start()
    assert len(nodes.wait_until_equal()) >= 400


class Writer(threading.Thread):
    """Publishes until told to stop; remembers what was acknowledged."""

    def __init__(self, nodes, number):
        super().__init__()
        self.nodes, self.number, self.acknowledged, self.stopping = list(nodes), number, set(), threading.Event()

    def run(self):
        count = 0
        while not self.stopping.is_set():
            node = self.nodes[(self.number + count) % len(self.nodes)]
            name, value = name_of(f"w{self.number}-{count % 500}"), f"{self.number} {count}"
            if node.publish(name, value, 3600) == 201:
                self.acknowledged.add((name, hashlib.sha256(value.encode()).hexdigest()))
            count += 1


@pytest.mark.parametrize("environment", [{}, CLASSIC], ids=["extended", "classic"])
def test_four_concurrent_writers_leave_three_identical_sets(make_cluster, environment):
    nodes = make_cluster(environment={"DMP_MAX_VALUES_PER_NAME": "0", **environment}).start()
    writers = [Writer(nodes, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    # Not a wait for something: this is how long the load lasts.
    time.sleep(WRITE_SECONDS)
    for writer in writers:
        writer.stopping.set()
    for writer in writers:
        writer.join()
    acknowledged = set().union(*(writer.acknowledged for writer in writers))
    assert len(acknowledged) > 100
    offered = nodes.wait_until_equal(seconds=90)
    assert acknowledged <= offered, f"{len(acknowledged - offered)} acknowledged records are missing"
    for node in nodes:
        assert node.stop()[0] == 0
    files = [rows_of(node) for node in nodes]
    assert files[0] == files[1] == files[2]
    assert acknowledged <= files[0]
