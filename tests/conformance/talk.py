"""One exchange with a server; what it says is read by dnspython, which nobody here wrote."""
import socket
import struct

import dns.message

import mesh
import wire

SENTINEL = 0x7E57


def over_udp(server, message):
    """The answer, or None when there is none. A good query follows on the same socket, and a server answers one
    socket's datagrams in turn: once it is answered, nothing more comes for the first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10 * mesh.SLOWNESS)
        client.connect(("127.0.0.1", server.port))
        client.send(message)
        client.send(wire.query(ident=SENTINEL))
        answer = None
        while True:
            octets = client.recv(65535)
            if octets[:2] == SENTINEL.to_bytes(2, "big"):
                return answer
            answer = octets


def exactly(client, count):
    out = b""
    while len(out) < count:
        piece = client.recv(count - len(out))
        if not piece:
            return None
        out += piece
    return out


def over_tcp(server, *messages, pieces=None):
    """The answers in the order of arrival until the server closes or all are there. `pieces` is what is sent instead of
    the framed messages."""
    stream = b"".join(struct.pack(">H", len(message)) + message for message in messages)
    out = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=10 * mesh.SLOWNESS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces or [stream]:
                client.sendall(piece)
            for _ in messages:
                length = exactly(client, 2)
                octets = length and exactly(client, int.from_bytes(length, "big"))
                if not octets:
                    break
                out.append(octets)
        except ConnectionError:
            pass  # closed on us, as it may
    return out


def read(octets):
    """A message that is whole: everything counted is there and nothing is left over. dnspython knows six opcodes alone,
    and reads the sections of all as those of a query."""
    octets = octets[:2] + bytes([octets[2] & 0x87]) + octets[3:]
    return dns.message.from_wire(octets, ignore_trailing=False, raise_on_truncation=False)
