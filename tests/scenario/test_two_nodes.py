"""Two real nodes: what is published at one is answered by the other, and an operator sees how they stand."""
import json
import os
import signal
import socket
import subprocess

import pytest

import mesh

TOKEN = "0123456789abcdef0123456789abcdef"
OPERATOR = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def make_pair(make_node):
    """Gives a function that starts two nodes that know each other by list; `first` and `second` add to their settings."""

    def make(first=None, second=None):
        ports = [mesh.free_port(), mesh.free_port()]
        nodes = []
        for index, extra in enumerate([first, second]):
            environment = {
                "DMP_NODE_ID": f"node-{'ab'[index]}",
                "DMP_HTTP_PORT": str(ports[index]),
                "DMP_SYNC_PEERS": f"http://127.0.0.1:{ports[1 - index]}",
                "DMP_SYNC_PEER_TOKEN": TOKEN,
                "DMP_SYNC_INTERVAL": "0.5",
                **(extra or {}),
            }
            environment = {name: value for name, value in environment.items() if value is not None}
            nodes.append(make_node(f"node-{'ab'[index]}", environment=environment).start())
        return nodes

    return make


def cluster(node, token=TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, body = node.request("GET", "/v1/cluster", headers=headers)
    assert status == 200, body
    return json.loads(body)


def peer_state(node):
    return cluster(node)["peers"][0]["state"]


def holds(node, name, *values):
    return lambda: node.resolve(name) == set(values)


def admin(node, *arguments, **environment):
    return subprocess.run(
        [str(mesh.program("dnsmesh-admin")), "cluster", "status", "--url", f"http://127.0.0.1:{node.http_port}", *arguments],
        capture_output=True, text=True, timeout=60 * mesh.SLOWNESS, env={"PATH": os.environ["PATH"], **environment})


def test_a_record_published_at_one_node_is_answered_by_the_other_in_both_directions(make_pair):
    a, b = make_pair()
    assert a.publish(f"from-a.{mesh.ZONE}", "one") == 201
    assert b.publish(f"from-b.{mesh.ZONE}", "two") == 201
    mesh.wait_until(holds(b, f"from-a.{mesh.ZONE}", "one"), "B answers what was published at A")
    mesh.wait_until(holds(a, f"from-b.{mesh.ZONE}", "two"), "A answers what was published at B")
    assert b.publish(f"from-a.{mesh.ZONE}", "three") == 201
    mesh.wait_until(holds(a, f"from-a.{mesh.ZONE}", "one", "three"), "values of both nodes are one set")


def test_classic_nodes_converge_too(make_pair):
    a, b = make_pair({"DMP_SYNC_EXTENDED": "0"})
    assert a.publish(f"x.{mesh.ZONE}", "one") == 201
    assert b.publish(f"y.{mesh.ZONE}", "two") == 201
    mesh.wait_until(holds(b, f"x.{mesh.ZONE}", "one"), "an extended node reads a classic one")
    mesh.wait_until(holds(a, f"y.{mesh.ZONE}", "two"), "a classic node reads an extended one")
    assert cluster(b)["peers"][0]["mode"] == "classic"


def test_what_was_published_while_a_node_was_down_is_there_after_its_start(make_pair):
    a, b = make_pair()
    mesh.wait_until(lambda: peer_state(a) == "current", "A has read B")
    assert b.stop()[0] == 0
    for index in range(20):
        assert a.publish(f"n{index}.{mesh.ZONE}", "meanwhile") == 201
    mesh.wait_until(lambda: peer_state(a) != "current", "A sees that B is gone")
    b.start()
    for index in range(20):
        mesh.wait_until(holds(b, f"n{index}.{mesh.ZONE}", "meanwhile"), f"B has caught up with record {index}")
    mesh.wait_until(lambda: peer_state(a) == "current", "A has read B again", 90)


def test_a_deleted_record_does_not_come_back(make_pair):
    a, b = make_pair()
    assert a.publish(f"gone.{mesh.ZONE}", "x") == 201
    mesh.wait_until(holds(b, f"gone.{mesh.ZONE}", "x"), "B has the record")
    assert b.request("DELETE", f"/v1/records/gone.{mesh.ZONE}")[0] == 204
    assert a.publish(f"later.{mesh.ZONE}", "x") == 201
    mesh.wait_until(holds(b, f"later.{mesh.ZONE}", "x"), "B has read A past the deleted record")
    assert b.resolve(f"gone.{mesh.ZONE}") == set()


def test_a_node_with_another_token_gets_and_gives_nothing(make_pair):
    a, b = make_pair(second={"DMP_SYNC_PEER_TOKEN": "another-token-another-token"})
    assert a.publish(f"secret.{mesh.ZONE}", "x") == 201
    mesh.wait_until(lambda: peer_state(a) == "refused", "A is refused by B")
    mesh.wait_until(lambda: cluster(b, "another-token-another-token")["peers"][0]["last_error"], "B is refused by A")
    peer = cluster(b, "another-token-another-token")["peers"][0]
    assert "403" in peer["last_error"] and peer["last_success"] is None
    assert b.resolve(f"secret.{mesh.ZONE}") == set()
    for path in ("digest", "cluster-manifest", "x1/feed?after=0.0:0"):
        assert a.request("GET", f"/v1/sync/{path}")[0] == 403
    log = a.log()
    assert TOKEN not in log and "another-token" not in log


def test_the_token_can_be_changed_node_by_node(make_pair):
    a, b = make_pair(second={"DMP_SYNC_PEER_TOKEN": "another-token-another-token", "DMP_SYNC_PEER_TOKEN_ALT": TOKEN})
    assert a.publish(f"x.{mesh.ZONE}", "one") == 201
    assert b.publish(f"y.{mesh.ZONE}", "two") == 201
    mesh.wait_until(holds(b, f"x.{mesh.ZONE}", "one"), "the node with the new token reads by the old one")
    mesh.wait_until(holds(a, f"y.{mesh.ZONE}", "two"), "the node with the old token is let in")


def test_peers_have_a_listener_of_their_own_when_one_is_set(make_pair):
    sync_port = mesh.free_port()
    a, b = make_pair({"DMP_SYNC_BIND": f"127.0.0.1:{sync_port}"}, {"DMP_SYNC_PEERS": f"http://127.0.0.1:{sync_port}"})
    assert a.publish(f"x.{mesh.ZONE}", "one") == 201
    mesh.wait_until(holds(b, f"x.{mesh.ZONE}", "one"), "B reads A where A serves its peers")
    assert a.request("GET", "/v1/sync/digest", headers={"Authorization": f"Bearer {TOKEN}"})[0] == 403
    assert f"sync routes are served on 127.0.0.1:{sync_port} alone" in a.log()


def test_peers_in_the_configuration_file_are_taken_over_on_sighup(make_pair, tmp_path):
    file = tmp_path / "node.env"
    file.write_text("")
    a, b = make_pair({"DMP_SYNC_PEERS": None})
    assert cluster(a)["peers"] == [] and "peers=0 " in a.log() and "peers=1 " in b.log()
    a.stop()
    a.arguments = ["--config", str(file)]
    a.start()
    assert b.publish(f"x.{mesh.ZONE}", "one") == 201
    file.write_text(f"DMP_SYNC_PEERS=http://127.0.0.1:{b.http_port}\n")
    a.process.send_signal(signal.SIGHUP)
    mesh.wait_until(holds(a, f"x.{mesh.ZONE}", "one"), "A reads the peer that was added")
    file.write_text("DMP_SYNC_PEERS=\n")
    a.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: cluster(a)["peers"] == [], "A has let go of the peer")


def generate_manifest(folder, nodes, *flags):
    arguments = [str(mesh.program("generate-cluster-manifest")), "--cluster-name", mesh.ZONE, "--manifest-out",
                 str(folder / "cluster.wire"), *flags]
    for node_id, port in nodes.items():
        arguments += ["--node", f"{node_id},http://127.0.0.1:{port}"]
    subprocess.run(arguments, check=True, capture_output=True)
    return folder / "cluster.wire"


def test_a_new_manifest_on_sighup_changes_the_peers_of_both_nodes(make_node, tmp_path):
    ports = {"node-a": mesh.free_port(), "node-b": mesh.free_port()}
    key = tmp_path / "operator.key"
    manifest = generate_manifest(tmp_path, {"node-a": ports["node-a"]}, "--operator-key-out", str(key))
    operator_key = next(line for line in key.read_text().splitlines() if line.startswith("operator_public_hex=")).split("=")[1]
    nodes = []
    for node_id, port in ports.items():
        nodes.append(make_node(node_id, environment={
            "DMP_NODE_ID": node_id, "DMP_HTTP_PORT": str(port), "DMP_SYNC_PEER_TOKEN": TOKEN, "DMP_SYNC_INTERVAL": "0.5",
            "DMP_SYNC_OPERATOR_SPK": operator_key, "DMP_CLUSTER_FILE": str(manifest),
            "DMP_SYNC_SELF_ENDPOINT": f"http://127.0.0.1:{port}"}).start())
    a, b = nodes
    assert a.publish(f"before.{mesh.ZONE}", "x") == 201
    mesh.wait_until(holds(b, f"before.{mesh.ZONE}", "x"), "B reads the one node of the manifest")
    mesh.wait_until(lambda: cluster(a)["manifest"]["applied_seq"] == 1, "A has applied the manifest")
    assert cluster(a)["peers"] == [] and cluster(b)["manifest"]["lists_this_node"] is False

    generate_manifest(tmp_path, ports, "--operator-key-in", str(key))
    a.process.send_signal(signal.SIGHUP)
    for node, peer in ((a, "node-b"), (b, "node-a")):
        mesh.wait_until(lambda: cluster(node)["manifest"]["applied_seq"] == 2, "the new manifest is applied", 40)
        assert [each["node_id"] for each in cluster(node)["peers"]] == [peer]
    assert b.publish(f"after.{mesh.ZONE}", "y") == 201
    mesh.wait_until(holds(a, f"after.{mesh.ZONE}", "y"), "A reads the new node")
    assert len(a.resolve(f"cluster.{mesh.ZONE}", "tcp")) == 2, "both manifests are served, clients take the higher one"
    assert cluster(a, None)["peers"][0]["endpoint"] == f"http://127.0.0.1:{ports['node-b']}"


def test_the_admin_program_shows_the_peers_and_says_by_its_status_whether_all_are_current(make_pair, tmp_path):
    a, b = make_pair({"DMP_OPERATOR_TOKEN": OPERATOR, "DMP_AUTH_MODE": "open"})
    mesh.wait_until(lambda: peer_state(a) == "current", "A has read B")
    done = admin(a, DMP_OPERATOR_TOKEN=OPERATOR)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "node-a" in done.stdout and "current" in done.stdout and f"http://127.0.0.1:{b.http_port}" in done.stdout
    assert done.stderr == ""
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN + "\n")
    shown = json.loads(admin(a, "--json", "--token-file", str(token_file)).stdout)
    assert shown["complete"] and shown["peers"][0]["state"] == "current"
    without = admin(a)
    assert without.returncode == 0 and "without a token" in without.stderr and "http://127.0.0.1" not in without.stdout
    wrong = admin(a, DMP_OPERATOR_TOKEN="wrong")
    assert "does not know this token" in wrong.stderr

    b.stop()
    mesh.wait_until(lambda: peer_state(a) == "unreachable", "A sees that B is gone")
    gone = admin(a, DMP_OPERATOR_TOKEN=OPERATOR)
    assert gone.returncode == 1 and "unreachable" in gone.stdout and "last error" in gone.stdout
    assert admin(b).returncode == 1, "a node that cannot be asked is not current"
    assert admin(a, "--no-such-flag").returncode == 2


def test_metrics_and_landing_page_show_the_peer(make_pair):
    a, b = make_pair()
    assert b.publish(f"x.{mesh.ZONE}", "one") == 201
    mesh.wait_until(holds(a, f"x.{mesh.ZONE}", "one"), "A has the record")
    peer = cluster(a)["peers"][0]["node_id"]
    page = a.request("GET", "/metrics")[1]
    assert f'dmp_sync_mode{{peer="{peer}"}} 2' in page
    assert f'dmp_sync_records_total{{peer="{peer}",result="written"}} 1' in page
    assert "dmp_cluster_peers 1" in page
    mesh.wait_until(lambda: peer in a.request("GET", "/")[1], "the landing page shows the peer")


def test_a_node_stops_at_once_while_calls_are_in_flight_and_readers_wait(make_pair):
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    a, b = make_pair({"DMP_SYNC_PEERS": f"http://127.0.0.1:{silent.getsockname()[1]}"}, {"DMP_SYNC_INTERVAL": "5"})
    mesh.wait_until(lambda: "dmp_sync_readers_waiting 1" in a.request("GET", "/metrics")[1], "B waits for news of A", 30)
    taken, _ = silent.accept()
    status, seconds = a.stop()
    assert status == 0 and seconds < 1.5 * mesh.SLOWNESS
    taken.close()
    silent.close()
