"""Signed DNS UPDATE against a real process, by the programs people use for it: dnspython, knsupdate and nsupdate."""
import re

import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rrset
import dns.tsig
import dns.update
import pytest

import mesh
import people
import signers
from signers import Key, adding, ask, deleting, raw_udp

ALGORITHMS = ["hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"]


@pytest.fixture
def node(make_node):
    return make_node(environment=signers.UPDATE_ON).start()


@pytest.fixture
def alice(node):
    key = Key("alice")
    signers.give(node, key)
    return key


def at(name):
    return f"{name}.{mesh.ZONE}."


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_dnspython_adds_deletes_and_asks_with_every_algorithm(node, algorithm):
    key = Key("carol", algorithm=algorithm)
    signers.give(node, key)
    for transport in ("udp", "tcp"):
        answer = ask(node, key.sign(adding("a", "1")), transport)
        assert answer.rcode() == dns.rcode.NOERROR
        assert answer.had_tsig and answer.flags & dns.flags.AA
        assert ask(node, key.sign(adding("a", "2")), transport).rcode() == dns.rcode.NOERROR
        query = ask(node, key.sign(dns.message.make_query(at("a"), "TXT", use_edns=0)), transport)
        assert query.had_tsig and len(query.answer[0]) == 2
        assert ask(node, key.sign(deleting("a", "1")), transport).rcode() == dns.rcode.NOERROR
        assert node.resolve(at("a")) == {"2"}
        assert ask(node, key.sign(deleting("a")), transport).rcode() == dns.rcode.NOERROR
        assert node.resolve(at("a")) == set()
        assert ask(node, key.sign(deleting("a")), transport).rcode() == dns.rcode.NOERROR


def test_every_rcode_comes_signed(node, alice):
    other = dns.update.UpdateMessage("other.test")
    outside = adding("a", "x")
    outside.update.append(dns.rrset.from_text("a.other.test.", 60, "IN", "TXT", '"x"'))
    prerequisite = adding("a", "x")
    prerequisite.present(at("nothing"))
    bad_text = dns.update.UpdateMessage(mesh.ZONE)
    bad_text.add(at("a"), 60, dns.rdata.from_wire("IN", "TXT", b"\x01\xff", 0, 2))
    there, values_there, other_values = adding("a", "x"), adding("a", "x"), adding("a", "x")
    there.absent(at("there"))
    values_there.absent(at("there"), "TXT")
    other_values.present(at("there"), "TXT", '"2"')
    assert ask(node, alice.sign(adding("there", "1"))).rcode() == dns.rcode.NOERROR
    for message, rcode in [(other, "NOTAUTH"), (outside, "NOTZONE"), (adding("a", "x", ttl=90000), "REFUSED"),
                           (adding("a", "x" * 2049), "REFUSED"), (bad_text, "FORMERR"), (prerequisite, "NXDOMAIN"),
                           (there, "YXDOMAIN"), (values_there, "YXRRSET"), (other_values, "NXRRSET"),
                           (dns.update.UpdateMessage(mesh.ZONE), "NOERROR")]:
        answer = ask(node, alice.sign(message))
        assert (dns.rcode.to_text(answer.rcode()), answer.had_tsig) == (rcode, True)
        assert bool(answer.flags & dns.flags.AA) == (rcode == "NOERROR")
    assert node.resolve(at("a")) == set()
    people.change(node.database, "ALTER TABLE records RENAME TO away")
    later = ask(node, alice.sign(adding("a", "x")))
    assert (later.rcode(), later.had_tsig) == (dns.rcode.SERVFAIL, True)


def test_a_long_answer_is_truncated_and_signed_and_comes_whole_over_tcp(node, alice):
    for number in range(20):
        ask(node, alice.sign(adding("many", str(number) + "v" * 200)))
    query = lambda: alice.sign(dns.message.make_query(at("many"), "TXT", use_edns=0, payload=1232))  # noqa: E731
    short = ask(node, query())
    assert short.flags & dns.flags.TC and short.had_tsig and not short.answer
    whole = ask(node, query(), "tcp")
    assert whole.had_tsig and len(whole.answer[0]) == 20


def test_a_signature_that_is_not_believed_has_its_reason(node, alice):
    wrong = Key("alice")
    wrong.secret = b"x" * 32
    with pytest.raises(dns.tsig.PeerBadSignature):
        ask(node, wrong.sign(adding("a", "x")))
    with pytest.raises(dns.tsig.PeerBadKey):
        ask(node, Key("eve").sign(adding("a", "x")))
    assert node.resolve(at("a")) == set()
    assert people.metric(node, "dmp_dns_tsig_failures_total", {}, error="badsig") == 1
    assert people.metric(node, "dmp_dns_updates_total", {}, rcode="notauth", auth="tsig") == 2


def test_with_the_compatible_switch_a_refused_signature_gets_a_bare_header(make_node):
    node = make_node(environment={**signers.UPDATE_ON, "DMP_DNS_TSIG_ERROR_RR": "0"}).start()
    wire = Key("eve").sign(adding("a", "x")).to_wire()
    answer = raw_udp(node, wire)
    assert answer == wire[:2] + bytes.fromhex("a8090000000000000000")


def test_without_update_every_signed_message_gets_a_bare_header(make_node):
    node = make_node().start()
    for message in (adding("a", "x"), dns.message.make_query(mesh.ZONE, "SOA")):
        wire = Key("eve").sign(message).to_wire()
        assert len(raw_udp(node, wire)) == 12
        assert raw_udp(node, wire)[3] & 15 == dns.rcode.NOTAUTH


def test_the_same_octets_again_look_like_success_and_are_not_applied(node, alice):
    wire = alice.sign(adding("a", "x")).to_wire()
    assert raw_udp(node, wire)[3] & 15 == dns.rcode.NOERROR
    assert ask(node, alice.sign(deleting("a"))).rcode() == dns.rcode.NOERROR
    assert raw_udp(node, wire)[3] & 15 == dns.rcode.NOERROR
    assert node.resolve(at("a")) == set()
    assert people.metric(node, "dmp_dns_update_replays_total", {}) == 1


def test_a_revoked_key_ends_within_a_second_or_so(node, alice):
    assert ask(node, alice.sign(adding("a", "1"))).rcode() == dns.rcode.NOERROR
    assert people.change(people.key_file(node), "UPDATE tsig_keys SET revoked = 1") == 1
    mesh.wait_until(lambda: not signers.is_known(node, alice), "the revocation counts", 5)
    with pytest.raises(dns.tsig.PeerBadKey):
        ask(node, alice.sign(adding("a", "2")))
    assert node.resolve(at("a")) == {"1"}


def test_an_update_that_was_answered_survives_a_kill(node, alice):
    for number in range(20):
        assert ask(node, alice.sign(adding("a", str(number)))).rcode() == dns.rcode.NOERROR
    node.kill()
    node.start()
    assert node.resolve(at("a"), transport="tcp") == {str(number) for number in range(20)}


def test_the_log_names_key_counts_and_rcode_and_no_value(node, alice):
    update = adding("a", "private-value")
    update.delete(at("b"), "TXT")
    assert ask(node, alice.sign(update)).rcode() == dns.rcode.NOERROR
    line = mesh.wait_until(lambda: re.search(r"INFO .*UPDATE by key (\S+): (.*)", node.log()), "the line is there")
    assert (line[1], line[2]) == (f"alice.{mesh.ZONE}", "1 added, 1 deleted, noerror")
    assert "private-value" not in node.log()


def test_who_registers_gets_a_key_that_writes_its_own_names(make_node):
    node = make_node(environment={**signers.UPDATE_ON, "DMP_AUTH_MODE": "multi-tenant", "DMP_REGISTRATION_ENABLED": "1",
                                  "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN, "DMP_NODE_HOSTNAME": "node.test",
                                  "DMP_TSIG_TIGHT_SCOPE": "1", "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0"}).start()
    given = people.Person().tsig_key(node)
    key = Key("alice")
    key.name, key.algorithm, key.scope = given["tsig_key_name"], given["tsig_algorithm"], given["allowed_suffixes"]
    key.secret = bytes.fromhex(given["tsig_secret_hex"])
    own = given["allowed_suffixes"][0].removesuffix(f".{mesh.ZONE}")
    assert ask(node, key.sign(adding(own, "hello"))).rcode() == dns.rcode.NOERROR
    assert node.resolve(at(own)) == {"hello"}
    assert ask(node, key.sign(adding("other", "hello"))).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("tool", signers.TOOLS)
def test_the_usual_programs_add_delete_and_check_prerequisites(node, alice, tool, transport):
    def run(*commands):
        return signers.run_tool(tool, node, alice, commands, transport)

    done, printed = run(f"update add {at('a')} 300 TXT \"one\"", f"update add {at('a')} 300 TXT \"two\"")
    assert done, printed
    assert node.resolve(at("a")) == {"one", "two"}
    done, printed = run(f"update delete {at('a')} TXT \"one\"")
    assert done, printed
    assert node.resolve(at("a")) == {"two"}
    done, printed = run(f"prereq nxdomain {at('a')}", f"update add {at('a')} 300 TXT \"three\"")
    assert not done and "YXDOMAIN" in printed, printed
    done, printed = run(f"prereq yxrrset {at('b')} TXT", f"update add {at('a')} 300 TXT \"three\"")
    assert not done and "NXRRSET" in printed, printed
    done, printed = run(f"prereq yxdomain {at('a')}", f"update add {at('a')} 300 TXT \"three\"")
    assert done, printed
    assert node.resolve(at("a")) == {"two", "three"}
    done, printed = run(f"update delete {at('a')} TXT")
    assert done, printed
    assert node.resolve(at("a")) == set()
    run(f"update add {at('a')} 300 TXT \"four\"")
    done, printed = run(f"update delete {at('a')}")
    assert done, printed
    assert node.resolve(at("a")) == set()
    done, printed = run(f"update delete {at('a')}", f"update add {at('a')} 300 TXT \"five\"")
    assert done, printed
    assert node.resolve(at("a")) == {"five"}


@pytest.mark.parametrize("tool", signers.TOOLS)
def test_the_usual_programs_hear_that_a_key_may_not_write_or_is_wrong(node, tool):
    key = Key("carol", scope=(f"mine.{mesh.ZONE}",))
    signers.give(node, key)
    done, printed = signers.run_tool(tool, node, key, [f"update add {at('theirs')} 300 TXT \"x\""])
    assert not done and "REFUSED" in printed, printed
    key.secret = b"x" * 32
    done, printed = signers.run_tool(tool, node, key, [f"update add {at('mine')} 300 TXT \"x\""])
    assert not done, printed
    assert node.resolve(at("mine")) == set()
