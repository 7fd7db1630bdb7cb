"""A few addresses that open connections and say nothing must not keep others from the HTTP server."""
import resource
import socket

import mesh
import pytest

ADDRESSES = [f"127.0.0.{host}" for host in range(2, 12)]
CONNECTIONS_OF_ONE = 256
CONNECTIONS_OF_ALL = 2048


@pytest.fixture
def descriptors():
    """Gives a function that sets how many descriptors this process, and what it starts, may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("too few descriptors for a flood")
    yield lambda count: resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_health_and_records_are_answered_while_silent_connections_fill_the_node(make_node, descriptors):
    descriptors(512)
    node = make_node().start()
    soft, hard = resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard
    assert node.publish("a.mesh.test", "v") == 201
    descriptors(8192)
    silent = []
    try:
        for address in ADDRESSES:
            for _ in range(CONNECTIONS_OF_ONE):
                silent.append(socket.create_connection(("127.0.0.1", node.http_port), source_address=(address, 0)))
        assert len(silent) > CONNECTIONS_OF_ALL
        for _ in range(5):
            assert node.request("GET", "/health")[0] == 200
            assert node.read("a.mesh.test") == ["v"]
        # One address has its share only, so it takes many to fill the node at all.
        with socket.create_connection(("127.0.0.1", node.http_port), source_address=(ADDRESSES[4], 0)) as one_more:
            one_more.settimeout(20 * mesh.SLOWNESS)
            assert one_more.recv(100).startswith(b"HTTP/1.1 503 ")
    finally:
        for connection in silent:
            connection.close()
