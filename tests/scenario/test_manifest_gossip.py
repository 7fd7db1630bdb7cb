"""A cluster manifest between real nodes: it spreads, is applied everywhere, outlives a restart, and bad ones change nothing."""
import json
import re
import signal
import subprocess

import mesh

OWNER = "cluster.mesh.test"


class Operator:
    """Signs manifests with one key."""

    def __init__(self, folder):
        self.folder = folder
        self.key = folder / "operator.key"

    def manifest(self, seq, nodes):
        """The text of a manifest that names `nodes`, a list of (id, port)."""
        out = self.folder / f"{seq}.wire"
        given = [argument for name, port in nodes for argument in ("--node", f"{name},http://127.0.0.1:{port}")]
        subprocess.run([mesh.program("generate-cluster-manifest"), "--cluster-name", "mesh.test", "--seq", str(seq), *given,
                        "--manifest-out", out, "--force",
                        "--operator-key-in" if self.key.exists() else "--operator-key-out", self.key],
                       check=True, capture_output=True)
        return out.read_text().strip()

    def public_key(self):
        return re.search(r"operator_public_hex=([0-9a-f]{64})", self.key.read_text())[1]


def member(make_node, operator, name, **environment):
    return make_node(name, environment={"DMP_NODE_ID": name, "DMP_SYNC_PEER_TOKEN": "a-token-of-this-test",
                                        "DMP_SYNC_INTERVAL": "0.1", "DMP_SYNC_OPERATOR_SPK": operator.public_key(),
                                        **environment})


def cluster(node):
    return json.loads(node.request("GET", "/v1/cluster")[1])


def has_applied(node, seq, peers):
    def condition():
        seen = cluster(node)
        return seen["manifest"]["applied_seq"] == seq and [peer["node_id"] for peer in seen["peers"]] == peers
    mesh.wait_until(condition, f"seq {seq} with the peers {peers} is applied")


def test_a_manifest_published_at_one_node_is_applied_at_all_and_outlives_a_restart(make_node, tmp_path):
    operator = Operator(tmp_path)
    operator.manifest(1, [("x", 1)])
    a = member(make_node, operator, "a").start()
    b = member(make_node, operator, "b", DMP_SYNC_PEERS=f"http://127.0.0.1:{a.http_port}").start()
    assert cluster(a)["peers"] == []

    wire = operator.manifest(2, [("a", a.http_port), ("b", b.http_port)])
    assert a.publish(OWNER, wire, ttl=60) == 201
    has_applied(a, 2, ["b"])
    has_applied(b, 2, ["a"])
    for node in (a, b):
        # The signed end of life counts, not the minute of the publish.
        assert node.query(OWNER, transport="tcp").answer[0].ttl == 60
        assert cluster(node)["manifest"]["lists_this_node"] is True
    assert b.publish("news.mesh.test", "from b") == 201
    mesh.wait_until(lambda: a.resolve("news.mesh.test") == {"from b"}, "a reads b, which only the manifest names")

    del b.environment["DMP_SYNC_PEERS"]
    b.stop()
    b.start()
    assert [peer["node_id"] for peer in cluster(b)["peers"]] == ["a"]
    assert cluster(b)["manifest"]["applied_seq"] == 2
    assert a.publish("more.mesh.test", "from a") == 201
    mesh.wait_until(lambda: b.resolve("more.mesh.test") == {"from a"}, "b reads a after its restart")


def test_a_refused_manifest_changes_no_peers(make_node, tmp_path):
    operator = Operator(tmp_path)
    good = operator.manifest(5, [("a", 1), ("b", 2)])
    a = member(make_node, operator, "a").start()
    assert a.publish(OWNER, good) == 201
    has_applied(a, 5, ["b"])
    (tmp_path / "stranger").mkdir()
    assert a.publish(OWNER, Operator(tmp_path / "stranger").manifest(9, [("z", 3)])) == 201
    assert a.publish(OWNER, operator.manifest(4, [("y", 3)])) == 201
    assert a.publish(OWNER, operator.manifest(5, [("a", 1), ("x", 3)])) == 201
    mesh.wait_until(lambda: cluster(a)["manifest"]["conflict"], "the second manifest of seq 5 is an alarm")
    has_applied(a, 5, ["b"])
    assert a.publish(OWNER, operator.manifest(6, [("a", 1), ("c", 3)])) == 201
    has_applied(a, 6, ["c"])
    assert cluster(a)["manifest"]["conflict"] is False
    assert "no peer is left of those before" in a.log()


def test_sighup_applies_a_new_cluster_file_and_survives_a_bad_one(make_node, tmp_path):
    operator = Operator(tmp_path)
    a_file = operator.manifest(1, [("a", 1), ("b", 2)])
    a = member(make_node, operator, "a")
    file = a.folder / "cluster.json"
    file.write_text(a_file)
    a.start()
    has_applied(a, 1, ["b"])
    file.write_text("v=dmp1;t=cluster;AAAA")
    a.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: "the cluster file is not published: short" in a.log(), "the bad file is refused in the log")
    has_applied(a, 1, ["b"])
    file.write_text(json.dumps({"wire": operator.manifest(2, [("a", 1), ("b", 2), ("c", 3)])}))
    a.process.send_signal(signal.SIGHUP)
    has_applied(a, 2, ["b", "c"])
