"""Two real nodes, each the resolver of the other: they publish heartbeats, find each other, and show it."""
import base64

import mesh


def settings(tmp_path, letter, port, resolver_port, **extra):
    key = tmp_path / f"{letter}.key"
    key.write_bytes(letter.encode() * 32)
    return {
        "DMP_SERVED_ZONE": f"{letter}.mesh.test",
        "DMP_DNS_PORT": str(port),
        "DMP_HEARTBEAT_ENABLED": "1",
        "DMP_HEARTBEAT_SELF_ENDPOINT": f"https://{letter}.mesh.test",
        "DMP_HEARTBEAT_OPERATOR_KEY_PATH": str(key),
        "DMP_HEARTBEAT_INTERVAL_SECONDS": "1",
        "DMP_HEARTBEAT_DNS_RESOLVERS": f"127.0.0.1:{resolver_port}",
        **extra,
    }


def test_two_nodes_that_are_each_others_resolver_see_each_other(make_node, tmp_path):
    port_a, port_b = mesh.free_port(), mesh.free_port()
    a = make_node("a", environment=settings(tmp_path, "a", port_a, port_b, DMP_HEARTBEAT_SEEDS="b.mesh.test")).start()
    b = make_node("b", environment=settings(tmp_path, "b", port_b, port_a, DMP_HEARTBEAT_SEEDS="https://a.mesh.test")).start()
    own_a = lambda: a.resolve("_dnsmesh-heartbeat.a.mesh.test")
    own_b = lambda: b.resolve("_dnsmesh-heartbeat.b.mesh.test")

    def sees(node, zone, endpoint):
        page = node.request("GET", "/")[1]
        return node.resolve(f"_dnsmesh-seen.{zone}") and f"https://{endpoint}" in page

    mesh.wait_until(own_a, "a publishes its heartbeat")
    mesh.wait_until(own_b, "b publishes its heartbeat")
    # A page is up to a few seconds old.
    mesh.wait_until(lambda: sees(a, "a.mesh.test", "b.mesh.test"), "a sees b", seconds=30)
    mesh.wait_until(lambda: sees(b, "b.mesh.test", "a.mesh.test"), "b sees a", seconds=30)
    for node, zone in [(a, "a.mesh.test"), (b, "b.mesh.test")]:
        assert all(value.startswith("v=dmp1;t=heartbeat;") for value in node.resolve(f"_dnsmesh-seen.{zone}"))
        assert len(node.resolve(f"_dnsmesh-seen.{zone}")) == 1
        assert len(node.resolve(f"_dnsmesh-heartbeat.{zone}")) == 1
        assert "dmp_heartbeat_seen 1" in node.request("GET", "/metrics")[1]


def test_a_node_signs_its_heartbeat_anew_and_goes_on_after_a_restart_with_one_value(make_node, tmp_path):
    port = mesh.free_port()
    node = make_node("a", environment=settings(tmp_path, "a", port, port)).start()
    own = lambda: node.resolve("_dnsmesh-heartbeat.a.mesh.test")
    first = mesh.wait_until(own, "the heartbeat is published")
    mesh.wait_until(lambda: own() != first and own(), "it is signed anew")
    before = own()
    node.stop()
    node.start()
    mesh.wait_until(lambda: len(own()) == 1 and own() != before, "the one of before the restart is replaced")


def test_a_cluster_key_is_refused_with_a_clear_error_and_the_node_starts_without_heartbeats(make_node, tmp_path):
    environment = settings(tmp_path, "a", 0, 9)
    (tmp_path / "a.key").write_text(f"# key\noperator_seed_hex={'ab' * 32}\n")
    node = make_node("a", environment=environment).start()
    assert "heartbeats are off" in node.log() and "manifest's key file" in node.log()
    assert "DMP_HEARTBEAT_OPERATOR_KEY_PATH" in node.request("GET", "/")[1]


def capabilities(value):
    """The bit field of a heartbeat's text."""
    body = base64.b64decode(value.split(";")[2])
    at = 9 + int.from_bytes(body[7:9], "big") + 32
    at += 1 + body[at]
    return int.from_bytes(body[at:at + 2], "big")


def test_a_heartbeat_says_that_claims_are_taken_only_when_update_is_on(make_node, tmp_path):
    for name, extra, expected in [
        ("on", {"DMP_DNS_UPDATE_ENABLED": "1"}, 1),
        ("no-provider", {"DMP_DNS_UPDATE_ENABLED": "1", "DMP_CLAIM_PROVIDER": "0"}, 0),
        ("off", {}, 0),
    ]:
        node = make_node(name, environment=settings(tmp_path, "a", 0, 9, **extra)).start()
        values = mesh.wait_until(lambda: node.resolve("_dnsmesh-heartbeat.a.mesh.test"), "the heartbeat is published")
        assert [capabilities(value) for value in values] == [expected], name
        node.stop()
