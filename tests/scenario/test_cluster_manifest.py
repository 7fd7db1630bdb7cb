"""The signed list of nodes, rolled, rotated, reloaded and attacked while real nodes run."""
import signal

import mesh

NAME = f"cluster.{mesh.ZONE}"


def publish_manifest(node, wire):
    status, text = node.request("POST", f"/v1/records/{NAME}", {"value": wire, "ttl": 300})
    assert status == 201, text


def name_of(label):
    return f"{label}.{mesh.ZONE}"


def test_a_manifest_published_at_one_node_reaches_all(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    publish_manifest(nodes["node-a"], nodes.sign(nodes, seq=2))
    nodes.wait_for_seq(2)
    for node in nodes:
        mesh.wait_until(lambda: node.applied_seq() == 2, f"{node.node_id} applies seq 2")


def test_the_manifest_outlives_the_ttl_it_was_published_with(make_cluster):
    nodes = make_cluster().start()
    wire = nodes.sign(nodes, seq=2)
    publish_manifest(nodes["node-a"], wire)
    nodes.wait_for_seq(2)
    for node in nodes:
        _, text = node.sync_request("POST", "/v1/sync/pull", {"names": [NAME]})
        ttls = [record["ttl"] for record in mesh.json.loads(text)["records"] if record["value"] == wire]
        assert ttls and min(ttls) > 364 * 86400, f"{node.node_id} keeps it for {ttls}, not until it ends"


def test_a_rotation_adds_one_node_and_drops_another(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    assert nodes["node-c"].publish(name_of("from-c"), "v") == 201
    nodes.wait_for_value(name_of("from-c"), "v")

    # The new node gets the manifest that names it; the others learn it from A alone.
    d = nodes.add("node-d", {"DMP_SYNC_OPERATOR_SPK": nodes.operator_spk()})
    wire = nodes.sign([nodes["node-a"], nodes["node-b"], d], seq=2)
    (d.folder / "cluster.wire").write_text(wire)
    d.start()
    publish_manifest(nodes["node-a"], wire)
    nodes.wait_for_seq(2)

    mesh.wait_until(lambda: nodes["node-a"].peer_ids() == {"node-b", "node-d"}, "A reads from B and D")
    mesh.wait_until(lambda: nodes["node-b"].peer_ids() == {"node-a", "node-d"}, "B reads from A and D")
    nodes.wait_for_value(name_of("from-c"), "v", [d])
    mesh.wait_until(lambda: "node-c" in nodes["node-c"].log() and "WARNING" in nodes["node-c"].log(),
                    "C says that the manifest does not list it (F44)")

    nodes["node-c"].stop()
    rest = [nodes["node-a"], nodes["node-b"], d]
    assert d.publish(name_of("from-d"), "v") == 201
    nodes.wait_for_value(name_of("from-d"), "v", rest)


def test_a_node_that_was_down_during_a_roll_learns_of_it_and_keeps_it_through_restarts(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    nodes["node-c"].kill()
    publish_manifest(nodes["node-a"], nodes.sign(nodes, seq=5))
    nodes.wait_for_seq(5, [nodes["node-a"], nodes["node-b"]])
    nodes["node-c"].start()
    nodes.wait_for_seq(5)
    for node in nodes:
        node.kill()
    # Their files still hold seq 1: what was learned must come from the store.
    nodes["node-c"].start()
    nodes.wait_for_seq(5, [nodes["node-c"]])
    assert nodes["node-c"].applied_seq() == 5
    assert nodes["node-c"].peer_ids() == {"node-a", "node-b"}


def test_a_node_that_knows_nobody_waits_and_takes_its_peers_from_the_first_manifest(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    assert nodes["node-a"].publish(name_of("early"), "v") == 201
    d = nodes.add("node-d", {"DMP_SYNC_OPERATOR_SPK": nodes.operator_spk()})
    d.start()
    assert d.peer_ids() == set() and d.request("GET", "/health")[0] == 200
    publish_manifest(d, nodes.sign(nodes, seq=2))
    nodes.wait_for_seq(2, [d])
    mesh.wait_until(lambda: d.peer_ids() == {"node-a", "node-b", "node-c"}, "the new manifest's nodes are its peers")
    nodes.wait_for_value(name_of("early"), "v", [d])


def test_sighup_applies_a_new_file_and_the_others_follow(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    (nodes["node-b"].folder / "cluster.wire").write_text(nodes.sign(nodes, seq=3))
    nodes["node-b"].process.send_signal(signal.SIGHUP)
    nodes.wait_for_seq(3)


def test_a_file_that_is_broken_on_sighup_changes_nothing(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    a = nodes["node-a"]
    (a.folder / "cluster.wire").write_text("v=dmp1;t=cluster;AAAA")
    assert "WARNING dmp.server.anti_entropy: the cluster file" not in a.log()
    a.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: "WARNING dmp.server.anti_entropy: the cluster file" in a.log(), "A says what is wrong with its file")
    assert a.seq() == 1 and a.peer_ids() == {"node-b", "node-c"}


def test_manifests_that_must_not_be_applied_change_nothing(make_cluster):
    nodes = make_cluster().start()
    nodes.wait_for_seq(1)
    a, everybody = nodes["node-a"], list(nodes)
    publish_manifest(a, nodes.sign(everybody, seq=7))
    nodes.wait_for_seq(7)
    other_key = nodes.folder / "other.key"
    refused = {
        "an older one (F8)": nodes.sign([everybody[0]], seq=6),
        "the same seq with other content (F14)": nodes.sign([everybody[1], everybody[2]], seq=7),
        "one of another key (F9)": nodes.sign(everybody, seq=8, key=other_key),
        "one of another cluster (F10)": nodes.sign(everybody, seq=8, name="other.test"),
        "one that has ended (F11)": nodes.sign(everybody, seq=8, days=-1),
    }
    for wire in refused.values():
        # Whether the door takes it is the door's affair; what counts is that nobody applies it.
        a.request("POST", f"/v1/records/{NAME}", {"value": wire, "ttl": 300})
    # One that is good, through the same door: when it is everywhere, the others had their chance.
    publish_manifest(a, nodes.sign(everybody, seq=9))
    nodes.wait_for_seq(9)
    for node in nodes:
        mesh.wait_until(lambda: node.applied_seq() == 9, f"{node.node_id} applies seq 9")
        assert len(node.peer_ids()) == 2
        assert not any(f"-> {seq}" in node.log() for seq in (6, 8)), "none of them was ever applied"


def test_rolling_the_token_node_by_node_loses_nothing(make_cluster):
    nodes = make_cluster(environment={"DMP_SYNC_INTERVAL": "0.5"})
    nodes.start()
    new = "f" * 48
    # First every node takes the new token beside the old one, then every node sends it.
    for first, second in ((nodes.token, new), (new, nodes.token)):
        for node in nodes:
            assert node.stop()[0] == 0
            node.environment.update({"DMP_SYNC_PEER_TOKEN": first, "DMP_SYNC_PEER_TOKEN_ALT": second})
            node.start()
            label = name_of(f"{first[:4]}-{node.node_id}")
            assert node.publish(label, "v") == 201
            nodes.wait_for_value(label, "v", seconds=30)
    for node in nodes:
        assert node.sync_request("GET", "/v1/sync/digest", token=new)[0] == 200
