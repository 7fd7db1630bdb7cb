"""The DNS side as tools see it that nobody here wrote: kdig, drill, dnspython, dnsperf, against a real process."""
import re
import signal
import socket
import struct
import subprocess
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import pytest

import mesh

NAME = f"hello.{mesh.ZONE}"
VALUE = "v=test; hello"


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.fixture
def node(make_node):
    node = make_node(environment={"DMP_DNS_NSID": "node-7", "DMP_MAX_VALUES_PER_NAME": "200"}).start()
    assert node.publish(NAME, VALUE) == 201
    return node


def kdig(node, *words, server="127.0.0.1"):
    command = ["kdig", f"@{server}", "-p", str(node.dns_port), "+retry=0", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30 * mesh.SLOWNESS).stdout


def ask(node, message, transport="udp", timeout=5, server="127.0.0.1"):
    send = dns.query.udp if transport == "udp" else dns.query.tcp
    return send(message, server, port=node.dns_port, timeout=timeout * mesh.SLOWNESS)


def edns_query(name=NAME, kind="TXT", version=0, options=()):
    message = dns.message.make_query(name, kind)
    message.use_edns(edns=version, payload=1232, options=list(options))
    return message


def option_of(answer, code):
    return next((option for option in answer.options if option.otype == code), None)


@pytest.mark.parametrize("server", ["127.0.0.1"] + ["::1"] * has_ipv6())
def test_every_tool_gets_the_value_over_udp_and_tcp_on_both_families_when_no_host_is_set(make_node, server):
    node = make_node(environment={"DMP_DNS_HOST": "", "DMP_ALLOW_OPEN_PUBLIC_BIND": "1"}).start()
    assert node.publish(NAME, VALUE) == 201
    assert f'"{VALUE}"' in kdig(node, "+short", "TXT", NAME, server=server)
    assert f'"{VALUE}"' in kdig(node, "+short", "+tcp", "TXT", NAME, server=server)
    for transport in ([], ["-t"]):
        command = ["drill", *transport, "-p", str(node.dns_port), "TXT", NAME, f"@{server}"]
        assert f'"{VALUE}"' in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for transport in ("udp", "tcp"):
        answer = ask(node, dns.message.make_query(NAME, "TXT"), transport, server=server)
        assert answer.rcode() == dns.rcode.NOERROR and VALUE in answer.answer[0].to_text()


def test_a_question_in_mixed_case_is_echoed_letter_for_letter(node):
    asked = "HeLlO.mEsH.TeSt"
    answer = ask(node, dns.message.make_query(asked, "TXT"))
    assert answer.question[0].name.to_text() == asked + "."
    assert answer.answer[0].name.to_text() == asked + "."


@pytest.mark.parametrize("version", [1, 100])
def test_an_edns_version_that_is_not_0_is_badvers_with_version_0_and_no_answer(node, version):
    answer = ask(node, edns_query(version=version))
    assert answer.rcode() == dns.rcode.BADVERS and answer.edns == 0 and not answer.answer
    assert "BADVERS" in kdig(node, f"+edns={version}", "TXT", NAME)


def test_unknown_options_flags_and_padding_are_answered_and_not_echoed(node):
    options = [dns.edns.GenericOption(100, b"abc"), dns.edns.GenericOption(12, bytes(20)), dns.edns.GenericOption(65001, b"")]
    message = edns_query(options=options)
    message.ednsflags |= 0x80
    answer = ask(node, message)
    assert answer.rcode() == dns.rcode.NOERROR and answer.answer
    assert not answer.options and answer.ednsflags & 0xFFFF == 0


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 6, 15])
def test_other_opcodes_are_notimp(node, opcode):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5 * mesh.SLOWNESS)
        client.sendto(struct.pack(">HHHHHH", 77, opcode << 11, 0, 0, 0, 0), ("127.0.0.1", node.dns_port))
        ident, flags = struct.unpack(">HH", client.recv(512)[:4])
    assert ident == 77 and flags & 0xF == dns.rcode.NOTIMP and flags >> 15 == 1


def test_refusals_say_why(node):
    outside = ask(node, edns_query("www.example.org"))
    assert outside.rcode() == dns.rcode.REFUSED and option_of(outside, 15).code == 20
    transfer = ask(node, edns_query(mesh.ZONE, "AXFR"), "tcp")
    assert transfer.rcode() == dns.rcode.REFUSED and option_of(transfer, 15).code == 18


def test_cookies_are_made_for_kdig_and_taken_back_from_dnspython(node):
    shown = kdig(node, "+cookie", "TXT", NAME)
    assert re.search(r"COOKIE: [0-9A-Fa-f]{16}\W*[0-9A-Fa-f]{32}", shown), shown
    assert "BADCOOKIE" not in shown and VALUE in shown
    first = option_of(ask(node, edns_query(options=[dns.edns.GenericOption(10, b"clientck")])), 10).data
    assert len(first) == 24 and first.startswith(b"clientck")
    again = ask(node, edns_query(options=[dns.edns.GenericOption(10, first)]))
    assert again.rcode() == dns.rcode.NOERROR and again.answer and len(option_of(again, 10).data) == 24
    forged = ask(node, edns_query(options=[dns.edns.GenericOption(10, b"clientck" + bytes(16))]))
    assert forged.rcode() == dns.rcode.NOERROR and forged.answer
    cut = ask(node, edns_query(options=[dns.edns.GenericOption(10, b"short")]))
    assert cut.rcode() == dns.rcode.FORMERR


def test_nsid_and_tcp_keepalive_come_when_asked_for(node):
    assert "node-7" in kdig(node, "+nsid", "TXT", NAME)
    assert "node-7" not in kdig(node, "TXT", NAME)
    keepalive = ask(node, edns_query(options=[dns.edns.GenericOption(11, b"")]), "tcp")
    assert option_of(keepalive, 11).data == b"\0\x64"
    assert option_of(ask(node, edns_query(options=[dns.edns.GenericOption(11, b"")])), 11) is None


def test_100_values_are_truncated_over_udp_and_whole_over_tcp(node):
    name = f"many.{mesh.ZONE}"
    values = {f"{i:03}-" + "x" * 300 for i in range(100)}
    for value in values:
        assert node.publish(name, value) == 201
    truncated = node.query(name)
    assert truncated.flags & dns.flags.TC and not truncated.answer
    assert node.resolve(name, transport="tcp") == values
    # kdig comes over TCP by itself; so do resolvers.
    assert kdig(node, "+short", "TXT", name).count('\n"') == 100


def test_100_queries_follow_each_other_on_one_tcp_connection_without_waiting(node):
    with socket.create_connection(("127.0.0.1", node.dns_port), timeout=10 * mesh.SLOWNESS) as connection:
        stream = b""
        for i in range(100):
            message = dns.message.make_query(NAME, "TXT", id=i).to_wire()
            stream += struct.pack(">H", len(message)) + message
        connection.sendall(stream)
        reader = connection.makefile("rb")
        seen = set()
        for _ in range(100):
            answer = dns.message.from_wire(reader.read(struct.unpack(">H", reader.read(2))[0]))
            assert VALUE in answer.answer[0].to_text()
            seen.add(answer.id)
    assert seen == set(range(100))


@pytest.mark.parametrize("mode", ["udp", "tcp"])
def test_dnsperf_loses_no_query(node, tmp_path, mode):
    queries = tmp_path / "queries"
    queries.write_text(f"{NAME} TXT\nmissing.{mesh.ZONE} TXT\n{mesh.ZONE} SOA\n")
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(node.dns_port), "-m", mode, "-d", str(queries), "-l", "2",
               "-c", "4", "-t", str(5 * mesh.SLOWNESS)]
    report = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60 * mesh.SLOWNESS).stdout
    assert re.search(r"Queries lost:\s+0 ", report), report
    assert int(re.search(r"Queries completed:\s+(\d+)", report)[1]) > 500, report
    assert set(re.findall(r"(?:Response codes:|,)\s+([A-Z]+) \d", report)) == {"NOERROR", "NXDOMAIN"}, report


def outcomes(node, count, timeout=0.3):
    """What `count` UDP queries get, one after the other: answered, slipped (TC) or silent."""
    seen = {"answered": 0, "slipped": 0, "silent": 0}
    for _ in range(count):
        try:
            answer = ask(node, dns.message.make_query(NAME, "TXT"), timeout=timeout)
            seen["slipped" if answer.flags & dns.flags.TC else "answered"] += 1
        except dns.exception.Timeout:
            seen["silent"] += 1
    return seen


def test_over_the_rate_half_is_silence_and_half_says_come_over_tcp_until_the_limit_is_lifted(make_node):
    node = make_node()
    file = node.folder / "node.env"
    file.write_text("DMP_DNS_RATE=0.01\nDMP_DNS_BURST=10\n")
    del node.environment["DMP_DNS_RATE"]
    node.arguments = ["--config", str(file)]
    node.start()
    assert node.publish(NAME, VALUE) == 201
    seen = outcomes(node, 22)
    assert seen["answered"] == 10 and 5 <= seen["slipped"] <= 6, seen
    # The way that the slip points to: TCP has a bucket of its own. A cookie opens UDP again.
    assert VALUE in ask(node, dns.message.make_query(NAME, "TXT"), "tcp").answer[0].to_text()
    cookie = option_of(ask(node, edns_query(options=[dns.edns.GenericOption(10, b"clientck")]), "tcp"), 10).data
    for _ in range(20):
        assert ask(node, edns_query(options=[dns.edns.GenericOption(10, cookie)])).answer
    for lifted in ("DMP_DNS_RATE_EXEMPT_LOOPBACK=1\n", "DMP_DNS_RATE=0\n"):
        file.write_text("DMP_DNS_RATE=0.01\nDMP_DNS_BURST=10\n")
        reload(node)
        mesh.wait_until(lambda: outcomes(node, 2)["answered"] < 2, "the limit is in force")
        file.write_text("DMP_DNS_BURST=10\n" + lifted)
        reload(node)
        mesh.wait_until(lambda: outcomes(node, 20, timeout=2)["answered"] == 20, "the limit is lifted")


def reload(node):
    before = node.log().count("received signal")
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: node.log().count("received signal") > before, "the signal is taken")


def test_connections_above_the_cap_of_one_address_close_the_oldest_idle_one(node):
    connections = [socket.create_connection(("127.0.0.1", node.dns_port), timeout=10 * mesh.SLOWNESS) for _ in range(33)]
    try:
        began = time.monotonic()
        assert connections[0].recv(1) == b""
        assert time.monotonic() - began < 4 * mesh.SLOWNESS, "closed for room, not for its age"
        assert VALUE in ask(node, dns.message.make_query(NAME, "TXT"), "tcp").answer[0].to_text()
    finally:
        for connection in connections:
            connection.close()
