"""DNS over TCP as RFC 7766 and RFC 9210 want it, held against our node and the servers of others."""
import socket
import struct

import pytest

import servers
import talk
import wire

KINDS = pytest.mark.parametrize("kind", servers.installed(), ids=lambda kind: kind.label)


def framed(message):
    return struct.pack(">H", len(message)) + message


@KINDS
def test_two_queries_in_one_segment_are_both_answered(running, kind):
    first, second = wire.query(ident=1), wire.query(f"two.{servers.ZONE}", ident=2)
    answers = talk.over_tcp(running(kind), first, second)
    assert {octets[:2] for octets in answers} == {b"\0\1", b"\0\2"}


@KINDS
def test_a_query_in_pieces_of_one_octet_is_answered(running, kind):
    message = wire.query()
    pieces = [bytes([octet]) for octet in framed(message)]
    assert len(talk.over_tcp(running(kind), message, pieces=pieces)) == 1


@KINDS
def test_100_pipelined_queries_are_answered_in_any_order(running, kind):
    messages = [wire.query(ident=number) for number in range(100)]
    answers = talk.over_tcp(running(kind), *messages)
    assert sorted(int.from_bytes(octets[:2], "big") for octets in answers) == list(range(100))


@KINDS
def test_a_client_that_has_sent_all_and_closes_its_half_still_gets_its_answer(running, kind):
    with socket.create_connection(("127.0.0.1", running(kind).port), timeout=10) as client:
        client.sendall(framed(wire.query()))
        client.shutdown(socket.SHUT_WR)
        length = talk.exactly(client, 2)
        assert length and talk.exactly(client, int.from_bytes(length, "big"))


@KINDS
@pytest.mark.parametrize("stream", [b"\0\0", b"\0\5hello"], ids=["nothing", "5 octets"])
def test_a_message_that_is_shorter_than_a_header_gets_no_answer(running, kind, stream):
    with socket.create_connection(("127.0.0.1", running(kind).port), timeout=10) as client:
        client.sendall(stream)
        try:
            client.shutdown(socket.SHUT_WR)
            assert client.recv(4096) == b""
        except OSError:
            pass  # the server has closed already


@KINDS
def test_a_message_of_65535_octets_is_read_whole_and_the_connection_goes_on(running, kind):
    padding = wire.opt(options=wire.option(12, bytes(65535 - len(wire.query(edns=wire.opt())) - 4)))
    message = wire.query(edns=padding)
    assert len(message) == 65535
    answers = talk.over_tcp(running(kind), message, wire.query(ident=9))
    assert {octets[:2] for octets in answers} == {message[:2], b"\0\x09"}
