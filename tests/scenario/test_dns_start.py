"""How the DNS side starts, what it logs, and the bounds that settings give it, against a real process."""
import re
import socket

import dns.message
import dns.query
import dns.rcode

import mesh

NAME = f"hello.{mesh.ZONE}"


def dns_lines(node):
    return [line for line in node.log().splitlines() if "dmp.server.dns_server" in line]


def test_one_line_at_the_start_names_address_and_transports(make_node):
    node = make_node().start()
    started = [line for line in dns_lines(node) if "DNS server started" in line]
    assert len(started) == 1
    assert started[0].endswith(f"INFO dmp.server.dns_server: DNS server started on 127.0.0.1:{node.dns_port} (UDP and TCP)")


def test_a_tcp_port_in_use_is_a_warning_and_the_node_goes_on_over_udp_alone(make_node):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        node = make_node(environment={"DMP_DNS_PORT": str(taken.getsockname()[1])}).start()
        assert node.publish(NAME, "value") == 201
        assert node.resolve(NAME) == {"value"}
    lines = dns_lines(node)
    assert sum(" WARNING " in line and "no DNS over TCP: cannot listen" in line for line in lines) == 1, lines
    assert any("(UDP only)" in line for line in lines), lines


def test_an_apex_without_a_name_server_is_one_warning_at_the_start(make_node):
    node = make_node().start()
    for _ in range(5):
        assert not node.query(mesh.ZONE, "NS").answer
    assert sum(" WARNING " in line and "no NS record" in line for line in dns_lines(node)) == 1
    other = make_node("other", environment={"DMP_DNS_APEX_NS": "ns1.example.org"}).start()
    assert other.query(mesh.ZONE, "NS").answer
    assert not any(" WARNING " in line for line in dns_lines(other))


def ask_malformed(node, transport):
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    octets = dns.message.make_query(NAME, "TXT").to_wire()[:20]
    with socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(5 * mesh.SLOWNESS)
        client.connect(("127.0.0.1", node.dns_port))
        client.sendall(octets if transport == "udp" else len(octets).to_bytes(2, "big") + octets)
        assert client.recv(512)


def test_malformed_messages_are_lines_at_debug_only_and_no_value_is_ever_in_the_log(make_node):
    quiet = make_node("quiet").start()
    talking = make_node("talking", environment={"DMP_LOG_LEVEL": "DEBUG"}).start()
    for node in (quiet, talking):
        assert node.publish(NAME, "a-value-that-is-nobodys-business") == 201
        assert node.resolve(NAME) and node.resolve(NAME, transport="tcp")
        for transport in ("udp", "tcp"):
            ask_malformed(node, transport)
        assert "nobodys-business" not in node.log()
    for transport in ("UDP", "TCP"):
        line = f"DEBUG dmp.server.dns_server: malformed message from 127.0.0.1 over {transport}"
        mesh.wait_until(lambda: line in talking.log(), line)
    assert "malformed message" not in quiet.log()
    assert not re.search(r"from 127\.", quiet.log())


def test_open_tcp_connections_are_eight_for_each_unit_of_concurrency_and_at_least_256(make_node):
    node = make_node(environment={"DMP_DNS_MAX_CONCURRENCY": "1"}).start()
    connections = []
    try:
        for i in range(257):  # 29 from each address, below its cap
            connection = socket.socket()
            connection.settimeout(10 * mesh.SLOWNESS)
            connection.bind((f"127.0.1.{1 + i // 29}", 0))
            connection.connect(("127.0.0.1", node.dns_port))
            connections.append(connection)
        assert connections[0].recv(1) == b"", "the oldest one made room"
        connections[1].setblocking(False)
        try:
            assert connections[1].recv(1) != b"", "the second one is still open"
        except BlockingIOError:
            pass
        figure = re.search(r"^dmp_dns_tcp_connections (\S+)$", node.request("GET", "/metrics")[1], re.M)
        assert float(figure[1]) == 256
    finally:
        for connection in connections:
            connection.close()
