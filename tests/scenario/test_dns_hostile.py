"""The DNS side under strangers who mean ill: afterwards a good client is served as before, and memory is what it was."""
import random
import socket
import time

import dns.message
import dns.query

import mesh

NAME = f"hello.{mesh.ZONE}"
DATAGRAMS = 20_000 if mesh.SANITIZER else 200_000
CONNECTIONS = 500
# Sockets, table entries and the allocator's slack; a leak of 100 bytes a datagram would be 20 MB.
GROWTH_MIB_MAX = 64 if mesh.SANITIZER else 8


def resident_mib(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def median_ms(node, count=51):
    """The usual time of an answer over UDP."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        assert node.resolve(NAME) == {"value"}
        times.append((time.monotonic() - began) * 1000)
    return sorted(times)[count // 2]


def malformed(rng):
    """Datagrams around a valid query: cut, with changed octets, with wrong counts, or nothing but noise."""
    whole = bytearray(dns.message.make_query(NAME, "TXT", use_edns=0, payload=1232).to_wire())
    kind = rng.randrange(4)
    if kind == 0:
        return bytes(whole[:rng.randrange(len(whole))])
    if kind == 1:
        for _ in range(rng.randrange(1, 8)):
            whole[rng.randrange(len(whole))] = rng.randrange(256)
        return bytes(whole)
    if kind == 2:
        whole[4:12] = rng.randbytes(8)
        return bytes(whole) + rng.randbytes(rng.randrange(40))
    return rng.randbytes(rng.randrange(600))


def settle(node):
    """Until what was sent before no longer stands in the way of an answer."""
    for _ in range(8):  # from ports of their own, so every socket of the node gets its turn
        mesh.wait_until(lambda: node.resolve(NAME) == {"value"}, "a good client is answered")


def test_a_flood_of_malformed_datagrams_leaves_answers_and_memory_as_they_were(make_node):
    node = make_node().start()
    assert node.publish(NAME, "value") == 201
    rng = random.Random(7)
    pool = [malformed(rng) for _ in range(2000)]
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    for client in sockets:
        client.connect(("127.0.0.1", node.dns_port))

    def flood(count):
        began = time.monotonic()
        for i in range(count):
            sockets[i % len(sockets)].send(pool[rng.randrange(len(pool))])
            # At most some 50 000 a second, so that the node sees them instead of the kernel dropping them.
            if i % 500 == 499:
                time.sleep(max(0.0, began + i / 50_000 - time.monotonic()))

    flood(DATAGRAMS // 20)  # buffers and tables that are made once
    settle(node)
    usual_ms = median_ms(node)
    before = resident_mib(node)
    flood(DATAGRAMS)
    settle(node)
    assert median_ms(node) < usual_ms * 3 + 20
    assert resident_mib(node) < before + GROWTH_MIB_MAX
    assert node.process.poll() is None
    assert "ERROR" not in node.log() and "CRITICAL" not in node.log()
    for client in sockets:
        client.close()


def open_from_many_addresses(node, count):
    """Connections from 127.0.1.x, 25 each: below the cap of one address."""
    for i in range(count):
        connection = socket.socket()
        connection.settimeout(10 * mesh.SLOWNESS)
        connection.bind((f"127.0.1.{1 + i // 25}", 0))
        connection.connect(("127.0.0.1", node.dns_port))
        yield connection


def test_500_idle_or_half_sent_tcp_connections_leave_a_good_client_its_usual_time(make_node):
    node = make_node().start()
    assert node.publish(NAME, "value") == 201
    assert node.resolve(NAME, transport="tcp") == {"value"}
    usual_ms = median_ms(node)
    before = resident_mib(node)
    message = dns.message.make_query(NAME, "TXT").to_wire()
    half_sent = [b"", b"\0", b"\xff\xff", len(message).to_bytes(2, "big") + message[:-1]]
    connections = list(open_from_many_addresses(node, CONNECTIONS))
    try:
        for i, connection in enumerate(connections):
            connection.sendall(half_sent[i % len(half_sent)])
        assert median_ms(node) < usual_ms * 3 + 20
        began = time.monotonic()
        assert node.resolve(NAME, transport="tcp") == {"value"}
        assert time.monotonic() - began < 0.5 * mesh.SLOWNESS
        assert resident_mib(node) < before + GROWTH_MIB_MAX
        # None of them stays: 5 s to the first whole message.
        for connection in connections:
            assert connection.recv(1) == b""
    finally:
        for connection in connections:
            connection.close()
    assert node.resolve(NAME, transport="tcp") == {"value"}
