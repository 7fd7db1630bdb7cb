"""Nodes whose links delay and break connections: a proxy of the tests' own stands between them."""
import pytest

import cluster
import mesh
import network


@pytest.fixture
def linked(make_cluster):
    """Gives a function that makes nodes whose every link passes a proxy of its own."""
    proxies = []

    def make(count=3, environment=None, **link):
        nodes = make_cluster(count, manifest=False, environment=environment)
        for node in nodes:
            links = []
            for peer in nodes:
                if peer is not node:
                    links.append(network.Proxy(peer.address, (peer.address, cluster.HTTP_PORT), seed=len(proxies), **link))
                    proxies.append(links[-1])
            node.environment["DMP_SYNC_PEERS"] = ",".join(proxy.url for proxy in links)
        return nodes.start(), proxies

    yield make
    for proxy in proxies:
        proxy.close()


@pytest.mark.parametrize("environment", [{}, {"DMP_SYNC_EXTENDED": "0"}], ids=["extended", "classic"])
def test_over_slow_links_all_becomes_equal_and_no_life_grows(linked, environment):
    nodes, _ = linked(environment=environment, delay_s=0.25)
    for node in nodes:
        for number in range(20):
            assert node.publish(f"{node.node_id}-{number}.{mesh.ZONE}", "v", ttl=600) == 201
    assert len(nodes.wait_until_equal(seconds=60)) == 60
    for node in nodes:
        names = [f"node-a-{number}.{mesh.ZONE}" for number in range(20)]
        _, text = node.sync_request("POST", "/v1/sync/pull", {"names": names})
        assert all(record["ttl"] <= 600 for record in mesh.json.loads(text)["records"])


@pytest.mark.parametrize("environment", [{}, {"DMP_SYNC_EXTENDED": "0"}], ids=["extended", "classic"])
def test_over_links_that_break_every_third_connection_all_becomes_equal(linked, environment):
    nodes, proxies = linked(environment=environment, break_share=0.3)
    for number in range(100):
        node = list(nodes)[number % 3]
        assert node.publish(f"row-{number}.{mesh.ZONE}", "v") == 201
    assert len(nodes.wait_until_equal(seconds=120)) == 100
    mesh.wait_until(lambda: sum(proxy.broken for proxy in proxies) > 0, "the links did break", 60)
