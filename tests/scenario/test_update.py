"""DNS UPDATE against a real process, sent by dnspython: claims without a key, and what everybody else hears."""
import base64
import hashlib
import time

import dns.flags
import dns.message

import dns.query
import dns.rcode
import dns.rrset
import dns.update
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import mesh

RECIPIENT = "02d449a31fbb"


def claim(slot=3, life=3600, number=0):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    now = int(time.time())
    domain = b"mesh.example.org"
    body = b"DMPCL01" + hashlib.sha256(bytes([number])).digest()[:16] + public + bytes([len(domain)]) + domain
    body += bytes([slot]) + now.to_bytes(8, "big") + (now + life).to_bytes(8, "big")
    return "v=dmp1;t=claim;" + base64.b64encode(body + key.sign(body)).decode()


def owner(slot=3):
    return f"claim-{slot}.mb-{RECIPIENT}.{mesh.ZONE}."


def send(node, update, transport="udp"):
    ask = dns.query.udp if transport == "udp" else dns.query.tcp
    return ask(update, "127.0.0.1", port=node.dns_port, timeout=5 * mesh.SLOWNESS)


def adding(name, value, ttl=300, zone=mesh.ZONE):
    update = dns.update.UpdateMessage(zone)
    update.add(name, ttl, "TXT", f'"{value}"')
    return update


@pytest.fixture
def node(make_node):
    return make_node(environment={"DMP_DNS_UPDATE_ENABLED": "1"}).start()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_claim_is_answered_when_it_is_stored_and_then_served(node, transport):
    text = claim()
    answer = send(node, adding(owner(), text), transport)
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.flags & dns.flags.AA
    assert node.resolve(owner()) == {text}


def test_a_repeated_claim_never_shortens_its_life(node):
    text = claim()
    assert send(node, adding(owner(), text)).rcode() == dns.rcode.NOERROR
    assert send(node, adding(owner(), text, ttl=1)).rcode() == dns.rcode.NOERROR
    assert node.query(owner()).answer[0].ttl > 1


def test_who_has_no_key_may_write_nothing_but_claims(node):
    refused = [
        adding(f"hello.{mesh.ZONE}.", "hello"),
        adding(f"_dmp-probe.{mesh.ZONE}.", "v=dmp1;t=probe", ttl=60),
        adding(owner(4), claim(slot=3)),
        adding(owner(3), claim(slot=3)[:-4] + "AAAA"),
        adding(owner(3), claim(slot=3, life=90000)),
        dns.update.UpdateMessage(mesh.ZONE),
    ]
    delete = dns.update.UpdateMessage(mesh.ZONE)
    delete.delete(owner(3), "TXT")
    for update in [*refused, delete]:
        answer = send(node, update)
        assert answer.rcode() == dns.rcode.REFUSED, update
        assert not answer.flags & dns.flags.AA
    assert node.resolve(owner(3)) == set()


def test_other_zones_and_names_outside_the_zone_have_their_rcodes(node):
    assert send(node, adding("a.other.test.", "x", zone="other.test")).rcode() == dns.rcode.NOTAUTH
    assert send(node, adding(f"a.sub.{mesh.ZONE}.", "x", zone=f"sub.{mesh.ZONE}")).rcode() == dns.rcode.NOTAUTH
    outside = dns.update.UpdateMessage(mesh.ZONE)
    outside.update.append(dns.rrset.from_text("a.other.test.", 60, "IN", "TXT", '"x"'))
    assert send(node, outside).rcode() == dns.rcode.NOTZONE


def test_a_claim_with_a_prerequisite_is_refused_whether_it_holds_or_not(node):
    for prerequisite in ("present", "absent"):
        update = adding(owner(), claim())
        getattr(update, prerequisite)(owner())
        assert send(node, update).rcode() == dns.rcode.REFUSED
    assert node.resolve(owner()) == set()


def test_a_sender_keeps_its_sixteen_newest_claims_at_a_recipient(make_node):
    node = make_node(environment={"DMP_DNS_UPDATE_ENABLED": "1"}).start()
    texts = [claim(number=number) for number in range(18)]
    for text in texts:
        assert send(node, adding(owner(), text)).rcode() == dns.rcode.NOERROR
    assert node.resolve(owner(), transport="tcp") == set(texts[2:])


def test_a_recipient_that_gets_too_many_claims_gets_more_later(make_node):
    node = make_node(environment={"DMP_DNS_UPDATE_ENABLED": "1", "DMP_CLAIM_RATE_BURST": "1",
                                  "DMP_CLAIM_RATE_PER_USER_PER_SEC": "0.001"}).start()
    assert send(node, adding(owner(), claim())).rcode() == dns.rcode.NOERROR
    assert send(node, adding(owner(), claim(number=1))).rcode() == dns.rcode.SERVFAIL


def test_a_node_without_update_refuses_claims_too(make_node):
    node = make_node().start()
    assert send(node, adding(owner(), claim())).rcode() == dns.rcode.REFUSED
