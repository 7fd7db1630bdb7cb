"""Real networks between real nodes: partitions and one-way links by dropped packets, slow and breaking connections."""
import pytest

import cluster
import mesh
import network


def name_of(label):
    return f"{label}.{mesh.ZONE}"


class Distant(cluster.Member):
    """A node in a network namespace of its own; all that talks to it does so from inside."""

    host = None

    def launch(self):
        with self.host:
            return super().launch()

    def request(self, *arguments, **options):
        with self.host:
            return super().request(*arguments, **options)

    def query(self, *arguments, **options):
        with self.host:
            return super().query(*arguments, **options)


@pytest.fixture
def islands(tmp_path):
    """Gives a function that makes `count` nodes, each on a host of its own, each the peer of all."""
    net, nodes = network.Network(), []

    def make(count=3, environment=None):
        for number in range(count):
            node_id = f"node-{chr(ord('a') + number)}"
            folder = tmp_path / node_id
            folder.mkdir()
            host, address = net.add()
            node = Distant(folder, node_id, "a-token-of-this-test-only-000000", {
                "DMP_HTTP_HOST": address, "DMP_HTTP_PORT": str(cluster.HTTP_PORT), "DMP_DNS_HOST": address,
                "DMP_DNS_PORT": str(cluster.DNS_PORT), "DMP_NODE_ID": node_id, "DMP_SYNC_INTERVAL": "0.5",
                "DMP_SYNC_PEER_TOKEN": "a-token-of-this-test-only-000000", "DMP_ALLOW_OPEN_PUBLIC_BIND": "1",
                **(environment or {})})
            node.host = host
            nodes.append(node)
        for node in nodes:
            node.environment["DMP_SYNC_PEERS"] = ",".join(peer.endpoint for peer in nodes if peer is not node)
            node.start()
        return net, nodes

    yield make
    for node in nodes:
        node.ensure_gone()
    net.close()


def cut(net, one, other):
    net.drop(one.host, other.address)
    net.drop(other.host, one.address)


def wait_for(nodes, label, seconds=60):
    """Until all nodes answer `label`. A minute: a peer that was away is asked again after a pause that grows to that."""
    for node in nodes:
        mesh.wait_until(lambda: node.resolve(name_of(label)) == {"v"}, f"{node.node_id} answers {label}", seconds)


def test_both_sides_of_a_partition_go_on_and_the_union_remains(islands):
    net, (a, b, c) = islands()
    assert a.publish(name_of("before"), "v") == 201
    wait_for([a, b, c], "before")
    cut(net, a, c)
    cut(net, b, c)
    assert a.publish(name_of("majority"), "v") == 201
    assert c.publish(name_of("minority"), "v") == 201
    wait_for([a, b], "majority")
    assert c.resolve(name_of("majority")) == set() and a.resolve(name_of("minority")) == set()
    for node in (a, b, c):
        net.heal(node.host)
    wait_for([a, b, c], "majority")
    wait_for([a, b, c], "minority")


def test_two_nodes_that_cannot_reach_each_other_meet_through_a_third(islands):
    net, (a, b, c) = islands()
    cut(net, a, c)
    assert a.publish(name_of("from-a"), "v") == 201
    assert c.publish(name_of("from-c"), "v") == 201
    wait_for([a, b, c], "from-a")
    wait_for([a, b, c], "from-c")


def test_over_a_one_way_link_records_go_one_way_and_the_other_way_round_the_ring(islands):
    net, (a, b) = islands(2)
    # B can open no connection to A (F38): A reads B, B does not read A.
    net.drop(a.host, b.address, only_new=True)
    assert b.publish(name_of("from-b"), "v") == 201
    wait_for([a], "from-b")
    assert a.publish(name_of("from-a"), "v") == 201
    # The same link has carried something since: had there been a way for from-a, it would have come.
    assert b.publish(name_of("later-from-b"), "v") == 201
    wait_for([a], "later-from-b")
    assert b.resolve(name_of("from-a")) == set()
    net.heal(a.host)
    wait_for([b], "from-a")


def test_packets_lost_in_one_direction_only_stop_the_link_and_harm_nobody(islands):
    net, (a, b, c) = islands()
    net.drop(a.host, b.address)
    assert a.publish(name_of("from-a"), "v") == 201
    wait_for([a, c], "from-a")
    wait_for([b], "from-a")  # by way of C
    assert a.request("GET", "/health")[0] == 200 and b.request("GET", "/health")[0] == 200


def test_a_restart_inside_a_partition_loses_nothing(islands):
    net, (a, b, c) = islands()
    cut(net, a, b)
    cut(net, a, c)
    assert a.publish(name_of("kept"), "v") == 201
    a.kill()
    a.start()
    for node in (a, b, c):
        net.heal(node.host)
    wait_for([a, b, c], "kept")
