"""Strangers at the HTTP port: whatever they send, a good client is answered as before and memory stays bounded."""
import os
import random
import socket
import time

import mesh

# What the process may have grown by after an attack. Buffers of one connection are bounded by 48 KiB of head and body,
# so 200 of them come to 10 MiB; the rest is the allocator's. A sanitizer keeps freed memory aside on purpose.
GROWTH_BYTES_MAX = 512 << 20 if mesh.SANITIZER else 24 << 20
MALFORMED = 1000 if mesh.SANITIZER else 10_000
DRIPPERS = 200


def resident_bytes(node):
    with open(f"/proc/{node.process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def connect(node):
    return socket.create_connection(("127.0.0.1", node.http_port), timeout=20 * mesh.SLOWNESS)


def answer_time(node):
    """The median of a good client's waits for publish and read, in seconds."""
    waits = []
    for number in range(15):
        began = time.monotonic()
        assert node.publish("good.mesh.test", f"value {number % 5}") == 201
        assert node.request("GET", "/health")[0] == 200
        waits.append(time.monotonic() - began)
    return sorted(waits)[len(waits) // 2]


class Attack:
    """Measures a good client and the memory before, and holds the node to both afterwards."""

    def __init__(self, node):
        self.node = node
        self.usual = answer_time(node)
        self.resident = resident_bytes(node)

    def check(self):
        # Ten times the usual wait, and never less than a scheduler's hiccup on a busy machine.
        allowed = max(10 * self.usual, 0.25 * mesh.SLOWNESS)
        assert answer_time(self.node) < allowed
        grown = resident_bytes(self.node) - self.resident
        assert grown < GROWTH_BYTES_MAX, f"grown by {grown >> 20} MiB"
        assert self.node.process.poll() is None


def status_of(connection):
    """The status of the answer, or None when the connection ended without one."""
    try:
        head = connection.recv(64)
    except ConnectionError:
        return None
    return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else None


def send_until_refused(connection, chunks):
    """Sends until the server will not have more; gives how many bytes went out."""
    sent = 0
    try:
        for chunk in chunks:
            connection.sendall(chunk)
            sent += len(chunk)
    except (ConnectionError, TimeoutError):
        pass
    return sent


def malformed(draw):
    """A request with something wrong in it."""
    good = b"POST /v1/records/a.mesh.test HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\n{\"value\":\"v\"}"
    kind = draw.randrange(6)
    if kind == 0:
        return draw.randbytes(draw.randrange(1, 400))
    if kind == 1:
        at = draw.randrange(len(good))
        return good[:at] + draw.randbytes(1) + good[at + 1:]
    if kind == 2:
        return good[:draw.randrange(len(good))]
    if kind == 3:
        at = draw.randrange(len(good))
        return good[:at] + draw.choice([b"\r\n", b"\n", b"\0", b" ", b"\t", b"\r", b":"]) + good[at:]
    if kind == 4:
        return draw.choice([b"GET /\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\nA: b\n\n",
                            b"GET http://[::1/health HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n"])
    length = draw.choice([b"-1", b"+1", b"0x10", b"1e3", b"99999999999999999999", b"16385", b"1, 1", b""])
    return b"POST /v1/records/a HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n" + draw.randbytes(20)


def test_thousands_of_malformed_requests(make_node):
    node = make_node().start()
    attack = Attack(node)
    draw = random.Random(1)
    refused = 0
    for _ in range(MALFORMED):
        with connect(node) as connection:
            send_until_refused(connection, [malformed(draw)])
            connection.shutdown(socket.SHUT_WR)
            status = status_of(connection)
            assert status is None or 200 <= status < 600
            refused += status is None or status >= 400
    assert refused > MALFORMED * 0.6, "the requests were malformed"
    attack.check()


def test_two_hundred_clients_that_drip(make_node):
    node = make_node().start()
    attack = Attack(node)
    starts = [b"GET /health HTTP/1.1\r\nA: ", b"POST /v1/records/a HTTP/1.1\r\nContent-Length: 16000\r\n\r\n", b"G"]
    dripping = [connect(node) for _ in range(DRIPPERS)]
    try:
        for number, connection in enumerate(dripping):
            connection.sendall(starts[number % len(starts)])
        for _ in range(5):
            for connection in dripping:
                connection.sendall(b"x")
            attack.check()
        # None holds on: from its first octet a head has 10 seconds, whatever drips.
        began = time.monotonic()
        first = dripping[0]
        assert status_of(first) == 408
        assert time.monotonic() - began < 12 * mesh.SLOWNESS
    finally:
        for connection in dripping:
            connection.close()
    attack.check()


def test_a_header_line_of_64_mebibytes(make_node):
    node = make_node().start()
    attack = Attack(node)
    for start in (b"GET /health HTTP/1.1\r\nA: ", b"GET /"):
        with connect(node) as connection:
            connection.sendall(start)
            sent = send_until_refused(connection, (b"a" * 65536 for _ in range(1024)))
            assert sent < 16 << 20, "the node does not take what it has refused"
    attack.check()


def test_endless_headers(make_node):
    node = make_node().start()
    attack = Attack(node)
    with connect(node) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        send_until_refused(connection, (b"A: b\r\n" * 1000 for _ in range(1000)))
    attack.check()


def test_a_chunked_bomb(make_node):
    node = make_node().start()
    attack = Attack(node)
    with connect(node) as connection:
        connection.sendall(b"POST /v1/records/a.mesh.test HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert status_of(connection) == 411
        sent = send_until_refused(connection, (b"10000\r\n" + b"a" * 65536 + b"\r\n" for _ in range(1024)))
        assert sent < 16 << 20
    with connect(node) as connection:
        connection.sendall(b"POST /v1/records/a.mesh.test HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n"
                           b"Content-Length: 5\r\n\r\nhello")
        assert status_of(connection) == 400
    attack.check()


def test_deep_json(make_node):
    node = make_node().start()
    attack = Attack(node)
    deep = 8000  # both brackets of a level fit the 16 KiB of a body
    for body in ("[" * 10_000, "[" * deep + "]" * deep, '{"a":' * 3000, '{"value":' + "[" * deep + "]" * deep,
                 '{"value": "' + "\\ud800" * 2500 + '"}'):
        assert node.request("POST", "/v1/records/a.mesh.test", body)[0] == 400, body[:20]
    attack.check()


def test_a_body_that_is_announced_and_never_sent(make_node):
    node = make_node().start()
    attack = Attack(node)
    held = []
    for length in (b"16384", b"16385", b"1000000000000"):
        connection = connect(node)
        connection.sendall(b"POST /v1/records/a.mesh.test HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n")
        held.append(connection)
    assert status_of(held[1]) == 400 and status_of(held[2]) == 400
    attack.check()
    for connection in held:
        connection.close()
