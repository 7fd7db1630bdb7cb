"""UPDATEs of people who mean ill, against a real process: nothing changes that they may not change, the node goes on, and
each of them is counted. The unit tests of the updater do the same with 100 000 messages."""
import contextlib
import random
import socket
import time

import dns.message
import dns.rcode
import dns.update

import mesh
import people
import signers
import test_update
from signers import Key, adding, ask, deleting

ALICE = Key("alice", scope=(f"id-aaaaaaaaaaaaaaaa.{mesh.ZONE}", f"mb-aaaaaaaaaaaa.{mesh.ZONE}"))
BOB = Key("bob", scope=(f"id-bbbbbbbbbbbbbbbb.{mesh.ZONE}", f"mb-bbbbbbbbbbbb.{mesh.ZONE}"))
SHARE = 10 if mesh.SANITIZER else 1


def start(make_node, **environment):
    node = make_node(environment={**signers.UPDATE_ON, **environment}).start()
    signers.give(node, ALICE, BOB)
    return node


def all_rows(node):
    return {(row["name"], row["value"]): row["expires_at"]
            for row in people.rows(node.database, "SELECT name, value, expires_at FROM records")}


def updates_counted(node):
    return sum(people.metric(node, "dmp_dns_updates_total", {}, rcode=rcode, auth=auth)
               for auth in ("tsig", "none") for rcode in
               ("noerror", "formerr", "servfail", "nxdomain", "notimp", "refused", "yxdomain", "yxrrset", "nxrrset",
                "notauth", "notzone"))


def dns_counted(node):
    """Every message that came, whatever became of it."""
    outcomes = ("noerror", "formerr", "servfail", "nxdomain", "notimp", "refused", "yxdomain", "yxrrset", "nxrrset",
                "notauth", "notzone", "badvers", "badcookie", "malformed", "rate_limited", "tsig_failed")
    return (sum(people.metric(node, "dmp_dns_queries_total", {}, outcome=outcome) for outcome in outcomes)
            + sum(people.metric(node, "dmp_dns_dropped_total", {}, reason=reason) for reason in ("short", "response")))


def flood(node, messages):
    """Sends the datagrams, reading what comes back until nothing does for a while; gives the answers that came.

    A slow machine may still be at work then: wait for what the counters say."""
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        for number, wire in enumerate(messages):
            client.sendto(wire, (node.address, node.dns_port))
            if number % 16 == 15:
                client.settimeout(0.02 * mesh.SLOWNESS)
                with contextlib.suppress(TimeoutError):
                    while len(answers) <= number:
                        answers.append(client.recv(65535))
        client.settimeout(0.3 * mesh.SLOWNESS)
        with contextlib.suppress(TimeoutError):
            while True:
                answers.append(client.recv(65535))
    return answers


def changed(rng, wire):
    octets = bytearray(wire)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(octets)) if octets else 0
        what = rng.randrange(4)
        if what == 0 and octets:
            octets[at] = rng.randrange(256)
        elif what == 1:
            del octets[at:at + rng.randint(1, 8)]
        elif what == 2:
            octets[at:at] = rng.randbytes(rng.randint(1, 8))
        else:
            octets[at:] = wire[rng.randrange(len(wire)):]
    return bytes(octets)


def test_thousands_of_changed_updates_change_nothing_and_are_counted(make_node):
    node = start(make_node)
    assert ask(node, BOB.sign(adding("id-bbbbbbbbbbbbbbbb", "kept"))).rcode() == dns.rcode.NOERROR
    rng = random.Random(11)
    originals = [ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "x")).to_wire(), ALICE.sign(deleting("id-bbbbbbbbbbbbbbbb")).to_wire(),
                 adding("id-bbbbbbbbbbbbbbbb", "x").to_wire(), ALICE.sign(dns.message.make_query(mesh.ZONE, "SOA")).to_wire(),
                 deleting("id-bbbbbbbbbbbbbbbb").to_wire()]
    # Only the ID may differ, and the case of names in the TSIG: those would be good messages.
    messages = [wire for wire in (changed(rng, rng.choice(originals)) for _ in range(5000 // SHARE))
                if wire[2:].lower() not in {original[2:].lower() for original in originals}]
    before, counted = all_rows(node), dns_counted(node)
    flood(node, messages)
    mesh.wait_until(lambda: dns_counted(node) - counted >= len(messages), "each is counted")
    assert all_rows(node) == before
    assert ask(node, ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "x"))).rcode() == dns.rcode.NOERROR


def test_forged_and_replayed_signatures_change_nothing_and_are_counted(make_node):
    node = start(make_node)
    genuine = ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "first")).to_wire()
    assert signers.raw_udp(node, genuine)[3] & 15 == dns.rcode.NOERROR
    assert ask(node, ALICE.sign(deleting("id-aaaaaaaaaaaaaaaa"))).rcode() == dns.rcode.NOERROR
    before = all_rows(node)
    thief = Key("alice")
    thief.secret = BOB.secret
    count = 200 // SHARE
    forged = [thief.sign(adding("id-aaaaaaaaaaaaaaaa", str(number))).to_wire() for number in range(count)]
    old = [old_signature(number) for number in range(count)]
    answers = flood(node, forged + old)
    assert {answer[3] & 15 for answer in answers} == {dns.rcode.NOTAUTH}
    answers = flood(node, [genuine] * count)
    assert {answer[3] & 15 for answer in answers} == {dns.rcode.NOERROR}
    for name, labels in (("dmp_dns_tsig_failures_total", {"error": "badsig"}),
                         ("dmp_dns_tsig_failures_total", {"error": "badtime"}), ("dmp_dns_update_replays_total", {})):
        mesh.wait_until(lambda: people.metric(node, name, {}, **labels) >= count, f"each is counted: {name} {labels}")
        assert people.metric(node, name, {}, **labels) == count
    assert all_rows(node) == before


def old_signature(number):
    """An UPDATE that was signed ten minutes ago, with the widest fudge there is."""
    message = adding("id-aaaaaaaaaaaaaaaa", f"old {number}")
    message.use_tsig(ALICE.ring(), ALICE.name, fudge=65535)
    real = time.time
    try:
        time.time = lambda: real() - 600
        wire = message.to_wire()
    finally:
        time.time = real
    assert len(wire) > 100
    return wire


def test_two_users_of_a_tight_zone_cannot_touch_each_other(make_node):
    node = start(make_node)
    for key, name in ((ALICE, "id-aaaaaaaaaaaaaaaa"), (ALICE, "slot-1.mb-aaaaaaaaaaaa"), (BOB, "id-bbbbbbbbbbbbbbbb")):
        assert ask(node, key.sign(adding(name, "own"))).rcode() == dns.rcode.NOERROR
    before = all_rows(node)
    attempts = 0
    for name in ("id-aaaaaaaaaaaaaaaa", "slot-1.mb-aaaaaaaaaaaa", "x.id-aaaaaaaaaaaaaaaa", "ID-AAAAAAAAAAAAAAAA", "@"):
        owner = f"{name}.{mesh.ZONE}." if name != "@" else f"{mesh.ZONE}."
        everything = dns.update.UpdateMessage(mesh.ZONE)
        everything.delete(owner)
        mixed = adding("id-bbbbbbbbbbbbbbbb", "with a stowaway")
        mixed.delete(owner, "TXT")
        shortened = dns.update.UpdateMessage(mesh.ZONE)
        shortened.add(owner, 1, "TXT", '"own"')
        one_value = dns.update.UpdateMessage(mesh.ZONE)
        one_value.delete(owner, "TXT", '"own"')
        for attack in (everything, mixed, shortened, one_value):
            assert ask(node, BOB.sign(attack)).rcode() == dns.rcode.REFUSED
            attempts += 1
    assert all_rows(node) == before
    assert people.metric(node, "dmp_dns_updates_total", {}, rcode="refused", auth="tsig") == attempts


def test_an_rrset_grows_to_its_bound_and_not_beyond(make_node):
    node = start(make_node, DMP_MAX_VALUES_PER_NAME="0")
    outcomes = [ask(node, ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", f"{number:04}" + "x" * 2040)), "tcp").rcode()
                for number in range(32)]
    full = outcomes.index(dns.rcode.REFUSED)
    assert set(outcomes[:full]) == {dns.rcode.NOERROR} and set(outcomes[full:]) == {dns.rcode.REFUSED}
    answer = node.query(f"id-aaaaaaaaaaaaaaaa.{mesh.ZONE}.", transport="tcp")
    assert len(answer.answer[0]) == full and len(answer.to_wire()) < 65535
    # What is there may still be refreshed, and room that was made is used.
    assert ask(node, ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "0000" + "x" * 2040)), "tcp").rcode() == dns.rcode.NOERROR
    assert ask(node, ALICE.sign(deleting("id-aaaaaaaaaaaaaaaa"))).rcode() == dns.rcode.NOERROR
    assert ask(node, ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "y"))).rcode() == dns.rcode.NOERROR


def test_a_flood_of_claims_is_held_to_its_rates_and_holders_of_keys_go_on(make_node):
    node = start(make_node)
    count = 400 // SHARE
    claims = [test_update.adding(test_update.owner(number % 10), test_update.claim(slot=number % 10, number=number)).to_wire()
              for number in range(200)]
    counted = updates_counted(node)
    flood(node, [claims[number % 200] for number in range(count)])
    mesh.wait_until(lambda: updates_counted(node) - counted >= count, "each is counted")
    stored = [row for row in all_rows(node) if row[0].startswith("claim-")]
    assert 0 < len(stored) <= 16  # one sender's share at one recipient
    assert people.metric(node, "dmp_dns_updates_total", {}, rcode="servfail", auth="none") > 0
    assert ask(node, ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", "x"))).rcode() == dns.rcode.NOERROR


def test_a_key_that_floods_is_told_to_come_later_and_others_go_on(make_node):
    node = start(make_node)

    def answered(rcode):
        return people.metric(node, "dmp_dns_updates_total", {}, rcode=rcode, auth="tsig")

    deadline = time.monotonic() + 30 * mesh.SLOWNESS
    sent = 0
    while answered("servfail") == 0:
        assert time.monotonic() < deadline, f"{sent} sent, and never too much"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for number in range(100):
                client.sendto(ALICE.sign(adding("id-aaaaaaaaaaaaaaaa", str(number % 50))).to_wire(), (node.address, node.dns_port))
        sent += 100
        mesh.wait_until(lambda: updates_counted(node) >= sent, "each is answered")
    # The burst is 500; the rate gave some more meanwhile.
    assert answered("noerror") >= 500 and answered("noerror") + answered("servfail") == sent
    assert ask(node, BOB.sign(adding("id-bbbbbbbbbbbbbbbb", "x"))).rcode() == dns.rcode.NOERROR
