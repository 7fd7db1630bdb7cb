"""The compose cluster with a signed manifest, by the steps of docs/cluster.md: make it, roll it, rotate nodes."""
import itertools
import json
import re
import secrets

import pytest

import engine
import mesh

CLUSTER = "mesh.test"
LETTERS = "abcd"


class Operator:
    """Who runs the cluster: has the key, the manifest file that is mounted into the nodes, and the .env files."""

    def __init__(self, compose):
        self.cluster = compose.folder / "docker/cluster"
        self.mounted, self.key = self.cluster / "cluster-manifest.wire", self.cluster / "operator-key.txt"
        self.token = secrets.token_hex(24)

    def sign(self, letters, out, seq=None):
        nodes = (("--node", f"node-{x},http://dnsmesh-node-{x}:8053,dnsmesh-node-{x}:5353") for x in letters)
        engine.run([mesh.program("generate-cluster-manifest"), "--cluster-name", CLUSTER, "--manifest-out", out,
                    "--operator-key-in" if self.key.exists() else "--operator-key-out", self.key,
                    *(["--seq", str(seq)] if seq else []), *itertools.chain.from_iterable(nodes)])
        return out.read_text()

    def public_key(self):
        return re.search(r"^operator_public_hex=([0-9a-f]{64})$", self.key.read_text(), re.MULTILINE)[1]

    def edit_settings(self):
        for letter in "abc":
            file = self.cluster / f"node-{letter}.env"
            text = file.read_text().replace(engine.TOKEN, self.token)
            file.write_text(text.replace("#DMP_SYNC_OPERATOR_SPK=", f"DMP_SYNC_OPERATOR_SPK={self.public_key()}"))


def node_d(operator):
    """A compose file for one more node, as the guide shows it."""
    settings = (operator.cluster / "node-a.env").read_text()
    settings = re.sub(r"^DMP_SYNC_PEERS=.*$", "DMP_SYNC_PEERS=http://dnsmesh-node-a:8053,http://dnsmesh-node-b:8053", settings,
                      flags=re.MULTILINE).replace("DMP_NODE_ID=node-a", "DMP_NODE_ID=node-d")
    (operator.cluster / "node-d.env").write_text(settings)
    return """
services:
  node-d:
    container_name: dnsmesh-node-d
    image: dnsmesh-node:${DMP_IMAGE_TAG:-latest}
    restart: unless-stopped
    env_file: cluster/node-d.env
    networks: [dnsmesh-cluster]
    ports: ["127.0.0.1:5304:5353/udp", "127.0.0.1:8104:8053/tcp"]
    volumes:
      - dnsmesh-data-d:/var/lib/dmp
      - ./cluster/cluster-manifest.wire:/etc/dmp/cluster-manifest.wire:ro
    healthcheck:
      test: ["CMD", "curl", "-fsS", "http://127.0.0.1:8053/health"]
      interval: 2s
volumes:
  dnsmesh-data-d:
"""


@pytest.fixture(scope="module")
def compose(compose_of):
    return compose_of("docker-compose.cluster.yml")


@pytest.fixture(scope="module")
def operator(compose):
    made = Operator(compose)
    made.sign("abc", made.mounted)
    made.edit_settings()
    return made


@pytest.fixture(scope="module")
def nodes(compose, operator):
    compose.up()
    made = {x: engine.Container(f"dnsmesh-node-{x}", 8101 + LETTERS.index(x), 5301 + LETTERS.index(x), operator.token)
            for x in LETTERS}
    wait_for_seq(made, "abc", 1)
    return made


def wait_for_seq(nodes, letters, seq):
    def reached(node):
        try:
            return node.seq() == seq
        except OSError:
            return False

    for letter in letters:
        mesh.wait_until(lambda: reached(nodes[letter]), f"node-{letter} serves the manifest with seq {seq}", 40)


def peers_of(node):
    return {peer["node_id"] for peer in json.loads(node.sync_request("GET", "/v1/cluster")[1])["peers"]}


def test_with_a_manifest_and_a_token_of_its_own_no_node_complains(nodes):
    for letter in "abc":
        assert nodes[letter].log_lines("WARNING", "DMP_SYNC_PEER_TOKEN") == []
        # A node that comes up first asks the others for their manifests before they listen: that is not about its own.
        assert [line for line in nodes[letter].log_lines("WARNING", "manifest") if "peer" not in line] == []


def test_a_file_replaced_by_renaming_is_not_seen_but_one_written_in_place_is(nodes, operator, compose):
    new = operator.cluster / "new.wire"
    operator.sign("abc", new, seq=2)
    # What an editor or `mv` does: another file takes the name. The mount still leads to the old one.
    old = operator.mounted.read_text()
    new.rename(operator.mounted)
    assert operator.mounted.read_text() != old
    compose("kill", "-s", "SIGHUP", "node-b")
    mesh.wait_until(lambda: len(nodes["b"].log_lines("cluster-manifest.wire is read")) == 2, "B has read its file again")
    assert nodes["b"].exec("sh", "-c", "read -r line </etc/dmp/cluster-manifest.wire; echo $line").stdout.strip() == old
    assert nodes["b"].seq() == 1
    # The way out of that state is to make the containers again; then write in place, as the guide says.
    compose("up", "-d", "--no-build", "--force-recreate")
    wait_for_seq(nodes, "abc", 2)
    operator.mounted.write_text(operator.sign("abc", new, seq=3))
    compose("kill", "-s", "SIGHUP", "node-b")
    wait_for_seq(nodes, "abc", 3)


def test_a_manifest_published_at_a_alone_is_applied_by_all(nodes, operator):
    wire = operator.sign("abc", operator.cluster / "new.wire", seq=4)
    assert nodes["a"].publish(f"cluster.{CLUSTER}", wire) == 201
    wait_for_seq(nodes, "abc", 4)
    for letter in "abc":
        mesh.wait_until(lambda: peers_of(nodes[letter]) == {f"node-{x}" for x in "abc" if x != letter},
                        f"node-{letter} takes its peers from the manifest")


def test_by_the_playbook_node_d_comes_and_node_c_goes(nodes, operator, compose):
    assert nodes["c"].publish("from-c.mesh.test", "v") == 201
    # 1. D starts with the manifest that names it; the others do not know it yet.
    wire = operator.sign("abd", operator.cluster / "new.wire", seq=5)
    (compose.folder / "docker/docker-compose.node-d.yml").write_text(node_d(operator))
    compose.files.append("docker-compose.node-d.yml")
    compose.up("node-d")
    mesh.wait_until(lambda: nodes["d"].health() == "healthy", "node-d is healthy", 40)
    # 2. The new manifest goes to one node.
    assert nodes["a"].publish(f"cluster.{CLUSTER}", wire) == 201
    wait_for_seq(nodes, "abd", 5)
    mesh.wait_until(lambda: peers_of(nodes["a"]) == {"node-b", "node-d"}, "A reads from B and D")
    mesh.wait_until(lambda: nodes["d"].answers("from-c.mesh.test", "v"), "D has what C published", 40)
    # 3. C goes.
    compose("stop", "node-c")
    compose("rm", "-f", "node-c")
    assert nodes["d"].publish("from-d.mesh.test", "v") == 201
    for letter in "ab":
        mesh.wait_until(lambda: nodes[letter].answers("from-d.mesh.test", "v"), f"node-{letter} has what D published", 20)
        assert nodes[letter].request("GET", "/health")[0] == 200
