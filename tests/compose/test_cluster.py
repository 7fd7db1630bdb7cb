"""The cluster of docker-compose.cluster.yml as it is shipped: no generator was run, no file was edited."""
import time

import pytest

import engine
import mesh
from quorum_client import QuorumClient

LETTERS = {"a": 1, "b": 2, "c": 3}


@pytest.fixture(scope="module")
def compose(compose_of):
    return compose_of("docker-compose.cluster.yml")


@pytest.fixture(scope="module")
def nodes(compose):
    """Three containers, up and healthy within 40 s."""
    began = time.monotonic()
    compose.up()
    made = {letter: engine.Container(f"dnsmesh-node-{letter}", 8100 + number, 5300 + number)
            for letter, number in LETTERS.items()}
    for node in made.values():
        mesh.wait_until(lambda: node.health() == "healthy", f"{node.name} is healthy", 40)
    assert time.monotonic() - began < 40 * mesh.SLOWNESS
    return made


def wait_for(nodes, name, value, seconds):
    for node in nodes:
        mesh.wait_until(lambda: node.answers(name, value), f"{node.name} answers {name}", seconds)


def test_what_is_published_at_a_is_answered_by_b_and_c(nodes):
    assert nodes["a"].publish("converge.mesh.test", "test-converge-abc") == 201
    wait_for([nodes["b"], nodes["c"]], "converge.mesh.test", "test-converge-abc", 10)
    assert nodes["c"].resolve("converge.mesh.test", transport="tcp") == {"test-converge-abc"}


def test_without_the_generator_each_node_says_in_one_line_what_is_missing(nodes):
    for node in nodes.values():
        lines = [line for line in node.log_lines("/etc/dmp/cluster-manifest.wire") if "manifest" in line["msg"]]
        assert len(lines) == 1, lines
        assert "generate-cluster-manifest" in lines[0]["msg"]
        assert node.seq() is None


def test_a_node_with_the_placeholder_token_says_so_in_a_warning(nodes):
    for node in nodes.values():
        lines = node.log_lines("WARNING", "DMP_SYNC_PEER_TOKEN")
        assert len(lines) == 1, lines
        assert engine.TOKEN not in node.log(), "not even this token is printed"


@pytest.mark.parametrize("header", [None, "Bearer guess"])
def test_a_digest_without_the_token_is_forbidden(nodes, header):
    for node in nodes.values():
        assert node.request("GET", "/v1/sync/digest", headers={"Authorization": header} if header else {})[0] == 403
        assert node.sync_request("GET", "/v1/sync/digest")[0] == 200


def test_a_killed_node_rejoins_and_has_what_it_missed(nodes, compose):
    nodes["b"].signal("KILL")
    assert nodes["a"].publish("while-b-was-away.mesh.test", "v") == 201
    compose("start", "node-b")
    mesh.wait_until(lambda: nodes["b"].health() == "healthy", "node-b is healthy again", 30)
    wait_for([nodes["b"]], "while-b-was-away.mesh.test", "v", 15)
    assert nodes["b"].publish("back-again.mesh.test", "v") == 201
    wait_for(nodes.values(), "back-again.mesh.test", "v", 15)


def test_with_one_of_three_down_clients_write_to_a_quorum_and_read_the_union(nodes, compose):
    client = QuorumClient(nodes.values())
    assert client.quorum == 2
    compose("stop", "node-c")
    assert client.publish("quorum.mesh.test", "two of three")
    assert client.read("quorum.mesh.test") == {"two of three"}
    compose("stop", "node-b")
    assert not client.publish("no-quorum.mesh.test", "one of three"), "one acknowledgement is no quorum of three (F2)"
    assert client.read("no-quorum.mesh.test") == {"one of three"}, "the survivor stored it all the same"
    compose("start", "node-b", "node-c")
    wait_for(nodes.values(), "no-quorum.mesh.test", "one of three", 40)


def test_all_data_survives_down_and_up(nodes, compose):
    assert nodes["a"].publish("in-the-volume.mesh.test", "v") == 201
    wait_for(nodes.values(), "in-the-volume.mesh.test", "v", 10)
    compose("down")
    compose.up()
    wait_for(nodes.values(), "in-the-volume.mesh.test", "v", 40)
