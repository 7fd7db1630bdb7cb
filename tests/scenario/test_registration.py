"""Registration against a real process: people sign challenges and get tokens and TSIG keys (spec/registration.md 1 to 7)."""
import hashlib
import hmac
import http.client
import json
import time

import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

import mesh
import people
from people import CHALLENGE, CONFIRM, TSIG_CONFIRM, Person, bearer

HOST = "Node.Mesh.test"
ENVIRONMENT = {
    "DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN, "DMP_REGISTRATION_ENABLED": "1",
    "DMP_NODE_HOSTNAME": HOST, "DMP_DNS_UPDATE_ENABLED": "1", "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0",
}
FLOWS = pytest.mark.parametrize("path", [CONFIRM, TSIG_CONFIRM])
DAYS_90 = 7776000
NOT_ADMITTED = (403, {"error": "subject not in registration allowlist"})
OWNED = (409, {"error": "subject already has a live token; re-registration must be signed with the previously-registered "
                        "Ed25519 key"})
UNKNOWN = (400, {"error": "challenge expired or unknown"})
UNSIGNED = (401, {"error": "signature verification failed"})
LIMITED = (429, {"error": "registration rate limit exceeded"})
NOT_FOUND = (404, {"error": "not found"})
NO_PROOF = (401, {"error": "x25519_pop verification failed: registrant did not prove possession of the claimed X25519 key"})
SMALL_ORDER = """
0100000000000000000000000000000000000000000000000000000000000000 c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a
0000000000000000000000000000000000000000000000000000000000000080 26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f 26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85
0000000000000000000000000000000000000000000000000000000000000000 c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa
0100000000000000000000000000000000000000000000000000000000000080 eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
""".split()


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Registration open to all, without a limit by address; each test has subjects of its own."""
    node = mesh.Node(tmp_path_factory.mktemp("registration"), ENVIRONMENT).start()
    yield node
    node.ensure_gone()


_count = iter(range(10**6))


@pytest.fixture
def person():
    return Person(f"person-{next(_count)}@mesh.test")


def post(node, path, body):
    status, text = node.request("POST", path, body)
    return status, json.loads(text)


def publish(node, token, name, value="v"):
    return node.request("POST", f"/v1/records/{name}", {"value": value, "ttl": 300}, bearer(token))[0]


def own_name(person):
    return f"dmp.{person.subject.replace('@', '.', 1)}"


# --- 1: when the routes exist ---

def test_what_is_registered_is_used_over_a_restart(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice = Person()
    before = int(time.time())
    status, body = alice.confirm(node)
    assert status == 200 and list(body) == ["token", "subject", "expires_at", "rate_per_sec", "rate_burst"]
    assert (body["subject"], body["rate_per_sec"], body["rate_burst"]) == ("alice@mesh.test", 10.0, 50)
    assert before + DAYS_90 <= body["expires_at"] <= int(time.time()) + DAYS_90
    key = alice.tsig_key(node, prove=True)
    assert publish(node, body["token"], own_name(alice)) == 201
    forgotten = alice.challenge(node)
    node.stop()
    node.start()
    assert publish(node, body["token"], own_name(alice), "after the restart") == 201
    assert node.resolve(own_name(alice)) == {"v", "after the restart"}
    assert post(node, CONFIRM, alice.fields(forgotten)) == UNKNOWN
    assert people.rows(people.key_file(node), "SELECT name FROM tsig_keys") == [{"name": key["tsig_key_name"]}]
    assert alice.token(node) != body["token"]
    assert publish(node, body["token"], own_name(alice)) == 401


@pytest.mark.parametrize("other, missing", [
    ({"DMP_AUTH_MODE": "legacy"}, "missing DMP_AUTH_MODE=multi-tenant"),
    ({"DMP_NODE_HOSTNAME": " "}, "missing DMP_NODE_HOSTNAME"),
    ({"DMP_REGISTRATION_ENABLED": "0"}, None),
])
def test_without_a_condition_the_routes_are_not_found_and_the_log_names_it(make_node, other, missing):
    node = make_node(environment={**ENVIRONMENT, **other}).start()
    for method, path in (("GET", CHALLENGE), ("POST", CONFIRM), ("POST", TSIG_CONFIRM)):
        status, text = node.request(method, path, None if method == "GET" else "{}")
        assert (status, json.loads(text)) == NOT_FOUND
    assert ("nobody can register" in node.log()) == (missing is not None)
    assert missing is None or missing in node.log()


@pytest.mark.parametrize("flag", ["TRUE", " yes ", "On"])
def test_the_flag_that_enables_it_is_read_without_regard_to_case(make_node, flag):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_ENABLED": flag}).start()
    assert node.request("GET", CHALLENGE)[0] == 200


def test_without_dns_update_there_are_no_tsig_keys_which_is_said_before_the_limit(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_DNS_UPDATE_ENABLED": "0",
                                  "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0.000001"}).start()
    for _ in range(7):
        assert post(node, TSIG_CONFIRM, "{nope") == (404, {"error": "tsig registration disabled"})
    assert Person().confirm(node)[0] == 200
    assert not people.key_file(node).exists()


def test_registration_open_to_all_with_the_wide_scope_is_warned_of(make_node):
    for other, warned in (({}, True), ({"DMP_REGISTRATION_ALLOWLIST": "mesh.test"}, False), ({"DMP_TSIG_TIGHT_SCOPE": "1"}, False),
                          ({"DMP_TSIG_TIGHT_SCOPE": "1", "DMP_TSIG_LOOSE_SCOPE": "1"}, True)):
        node = make_node(environment={**ENVIRONMENT, **other}).start()
        assert ("everybody may register" in node.log()) == warned, other
        node.stop()


@pytest.mark.parametrize("mode", ["open", "legacy", "multi-tenant"])
@pytest.mark.parametrize("name, value", [("DMP_REGISTRATION_TOKEN_TTL_SECONDS", "-1"), ("DMP_REGISTRATION_TOKEN_TTL_SECONDS", "x"),
                                         ("DMP_REGISTRATION_ENDPOINT_RATE_BURST", "x")])
def test_a_bad_number_stops_the_start_in_every_mode(make_node, name, value, mode):
    node = make_node(environment={"DMP_AUTH_MODE": mode, name: value}).launch()
    assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 2
    assert name in node.log()


@pytest.mark.parametrize("other, state, words", [
    ({}, "Self-service, with TSIG keys", ["There is no allowlist", "Tokens and keys live 90 days."]),
    ({"DMP_DNS_UPDATE_ENABLED": "0", "DMP_REGISTRATION_ALLOWLIST": "mesh.test,other.test", "DMP_REGISTRATION_TOKEN_TTL_SECONDS": "172799"},
     "Self-service, without DNS UPDATE", ["<code>mesh.test</code>, <code>other.test</code>", "Tokens live 1 day."]),
    ({"DMP_REGISTRATION_ENABLED": "0"}, "Multi-tenant, closed", ["nobody can register here"]),
    ({"DMP_AUTH_MODE": "legacy"}, "Legacy", ["only the operator"]),
    ({"DMP_AUTH_MODE": "open"}, "Open", ["everybody may publish"]),
])
def test_the_landing_page_says_whether_and_how_one_registers(make_node, other, state, words):
    node = make_node(environment={**ENVIRONMENT, **other}).start()
    page = node.request("GET", "/")[1]
    for part in (f"<b>{state}</b>", f"_dnsmesh-heartbeat.{mesh.ZONE}", f"_dnsmesh-seen.{mesh.ZONE}", "DMP_HEARTBEAT_ENABLED", *words):
        assert part in page, part


# --- 2: order, limit, bodies ---

def test_one_address_has_five_requests_at_all_three_routes_together_and_another_its_own(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0.00138889"}).start()
    alice = Person()
    assert alice.confirm(node)[0] == 200
    assert node.request("HEAD", CHALLENGE) == (200, "")
    assert post(node, CONFIRM, "{nope") == (400, {"error": "invalid body"})
    assert post(node, TSIG_CONFIRM + "?x=1", "{}")[0] == 400
    for path in (CONFIRM, TSIG_CONFIRM):
        assert post(node, path, "{nope") == LIMITED
    assert node.request("GET", CHALLENGE)[0] == 429
    elsewhere = http.client.HTTPConnection("127.0.0.1", node.http_port, source_address=("127.0.0.2", 0))
    elsewhere.request("GET", CHALLENGE)
    assert elsewhere.getresponse().status == 200
    elsewhere.close()
    assert node.request("GET", "/health")[0] == 200
    assert node.request("GET", f"/v1/records/{mesh.ZONE}", headers=people.AS_OPERATOR)[0] == 404


@pytest.mark.parametrize("other", [{"DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "-1"}, {"DMP_REGISTRATION_ENDPOINT_RATE_BURST": "0"}])
def test_a_rate_or_burst_of_zero_or_less_is_no_limit(make_node, other):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0.001", **other}).start()
    assert {node.request("GET", CHALLENGE)[0] for _ in range(12)} == {200}


@FLOWS
@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', "5", "\ufeff{}", '{"subject": NaN}', "[" * 200, '{"a": "' + "x" * 16384 + '"}'])
def test_a_body_that_is_no_object_or_too_long_is_invalid(node, path, body):
    assert post(node, path, body.encode()) == (400, {"error": "invalid body"})


@FLOWS
def test_no_body_is_an_object_without_fields(node, path):
    for body in (None, "", "{}"):
        assert post(node, path, body) == (400, {"error": "missing or non-string field: subject"})


@pytest.mark.parametrize("method, target", [("GET", CHALLENGE + "?x=1"), ("GET", CHALLENGE + "/"), ("POST", CONFIRM + "/"),
                                            ("POST", CHALLENGE), ("GET", CONFIRM), ("DELETE", CONFIRM), ("GET", "/v1/registration")])
def test_other_spellings_of_the_routes_are_not_found(node, method, target):
    status, text = node.request(method, target)
    assert (status, json.loads(text)) == NOT_FOUND


# --- 3: challenges ---

def test_a_challenge_says_what_to_sign_and_until_when(node):
    before = int(time.time())
    status, text = node.request("GET", CHALLENGE)
    given = json.loads(text)
    assert status == 200 and list(given) == ["challenge", "node", "expires_at", "server_x25519_pub", "version"]
    assert given["node"] == HOST and given["version"] == 1
    assert before + 60 <= given["expires_at"] <= int(time.time()) + 60
    for name in ("challenge", "server_x25519_pub"):
        assert len(given[name]) == 64 and set(given[name]) <= set("0123456789abcdef")
    other = json.loads(node.request("GET", CHALLENGE)[1])
    assert not {given["challenge"], given["server_x25519_pub"]} & {other["challenge"], other["server_x25519_pub"]}


@FLOWS
def test_a_challenge_is_used_once_whatever_came_of_it(node, person, path):
    given = person.challenge(node)
    assert post(node, path, person.fields(given))[0] == 200
    assert post(node, path, person.fields(given)) == UNKNOWN
    given = person.challenge(node)
    assert post(node, path, person.fields(given, signature="00" * 64)) == UNSIGNED
    assert post(node, path, person.fields(given)) == UNKNOWN


@FLOWS
def test_a_challenge_survives_faults_that_are_found_before_it_is_looked_up(node, person, path):
    given = person.challenge(node)
    for fault in ({"subject": "nobody"}, {"ed25519_spk": "zz"}, {"signature": None}, {"challenge": given["challenge"].upper()}):
        assert post(node, path, person.fields(given, **fault))[0] == 400
    assert post(node, path, person.fields(given))[0] == 200


def test_a_flood_of_challenges_is_refused_at_the_cap_and_cancels_nobody(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice = Person()
    mine = alice.challenge(node)
    flood = http.client.HTTPConnection("127.0.0.1", node.http_port, timeout=20 * mesh.SLOWNESS)
    for _ in range(10000):
        flood.request("GET", CHALLENGE)
        answer = flood.getresponse()
        body = answer.read()
        if answer.status != 200:
            break
    flood.close()
    assert (answer.status, json.loads(body)) == LIMITED
    assert post(node, CONFIRM, alice.fields(mine))[0] == 200
    assert node.request("GET", CHALLENGE)[0] == 200  # the place that ours had


# --- 4, 5: subjects and signatures ---

@FLOWS
@pytest.mark.parametrize("subject", ["nobody", "@mesh.test", "a@b", "a@b@mesh.test", "a b@mesh.test", "-a@mesh.test", "a@-b.test", "a@b_.test",
                                     "a@mesh..test", "a@.mesh.test", "a@mesh.test.", "\u0430lice@mesh.test", "\uff41lice@mesh.test", "a..b@mesh.test",
                                     "a.@mesh.test", "a" * 65 + "@mesh.test", "a@" + "b" * 64 + ".test"])
def test_what_is_no_subject_is_400_with_the_reason(node, person, path, subject):
    status, body = person.confirm(node, path, subject=subject)
    assert status == 400 and body["error"].startswith("subject invalid: ")
    assert len(body["error"]) < 220


def test_what_is_echoed_of_a_subject_is_bounded(node, person):
    status, body = person.confirm(node, subject="x" * 10000)
    assert status == 400 and body["error"].count("x") < 140


@FLOWS
def test_the_canonical_subject_is_signed_whatever_was_typed(node, person, path):
    typed = f"  {person.subject.upper()}\t"
    given = person.challenge(node)
    assert post(node, path, person.fields(given, subject=typed, signature=person.signed(given, typed))) == UNSIGNED
    given = person.challenge(node)
    status, body = post(node, path, person.fields(given, subject=typed))
    assert status == 200 and body["subject"] == person.subject


@FLOWS
def test_a_signature_over_anything_else_is_401(node, person, path):
    for other in ({"challenge": "11" * 32}, {"node": HOST.lower()}, {"node": HOST + "x"}):
        given = person.challenge(node)
        assert post(node, path, person.fields(given, signature=person.signed({**given, **other}))) == UNSIGNED
    assert Person(person.subject).confirm(node, path, ed25519_spk=person.spk) == UNSIGNED


@pytest.mark.parametrize("spk", SMALL_ORDER)
def test_a_key_of_small_order_signs_for_nobody(node, person, spk):
    # With the neutral element as R and S = 0 the equation holds for some of these keys.
    forged = "01" + "00" * 63
    assert person.confirm(node, ed25519_spk=spk, signature=forged) == UNSIGNED
    assert person.confirm(node, ed25519_spk=spk) == UNSIGNED


def test_a_scalar_beyond_the_order_of_the_group_is_no_signature(node, person):
    order = 2**252 + 27742317777372353535851937790883648493
    given = person.challenge(node)
    signature = bytes.fromhex(person.signed(given))
    scalar = int.from_bytes(signature[32:], "little") + order
    assert post(node, CONFIRM, person.fields(given, signature=(signature[:32] + scalar.to_bytes(32, "little")).hex())) == UNSIGNED


# --- 6: the order of checks, tokens ---

@FLOWS
@pytest.mark.parametrize("value", [None, "", 5, True, ["x"], {}])
@pytest.mark.parametrize("field", ["subject", "ed25519_spk", "challenge", "signature"])
def test_a_field_that_is_missing_empty_or_no_text_is_named(node, person, path, field, value):
    order = ["subject", "ed25519_spk", "challenge", "signature"]
    given = person.challenge(node)
    later = {name: 5 for name in order[order.index(field) + 1:]}
    body = person.fields(given, **later)
    body.pop(field)
    if value is not None:
        body[field] = value
    assert post(node, path, body) == (400, {"error": f"missing or non-string field: {field}"})


@FLOWS
@pytest.mark.parametrize("field, octets", [("ed25519_spk", 32), ("signature", 64), ("challenge", 32)])
def test_hex_of_another_length_or_alphabet_is_400(node, person, path, field, octets):
    for bad in ("zz" * octets, "a" * (2 * octets - 1), "\u00e9" * 2 * octets, " " + "a" * (2 * octets - 1)):
        assert person.confirm(node, path, **{field: bad}) == (400, {"error": f"{field}: not valid hex"})
    for count in (octets - 1, octets + 1):
        assert person.confirm(node, path, **{field: "ab" * count}) == (
            400, {"error": f"{field}: expected {octets} bytes, got {count}"})


@FLOWS
def test_hex_is_looked_at_in_the_order_key_signature_challenge_and_after_the_subject(node, person, path):
    bad = {"ed25519_spk": "z", "signature": "z", "challenge": "z"}
    assert person.confirm(node, path, subject="nobody", **bad)[1]["error"].startswith("subject invalid")
    assert person.confirm(node, path, **bad)[1]["error"].startswith("ed25519_spk:")
    del bad["ed25519_spk"]
    assert person.confirm(node, path, **bad)[1]["error"].startswith("signature:")
    del bad["signature"]
    assert person.confirm(node, path, **bad)[1]["error"].startswith("challenge:")


@FLOWS
def test_keys_and_signatures_are_taken_in_either_case(node, person, path):
    given = person.challenge(node)
    fields = person.fields(given)
    assert post(node, path, {**fields, "ed25519_spk": fields["ed25519_spk"].upper(), "signature": fields["signature"].upper(),
                             "unknown": {"x": 1}})[0] == 200
    with people.opened(people.token_file(node) if path == CONFIRM else people.key_file(node)) as file:
        table = "tokens" if path == CONFIRM else "tsig_keys"
        [row] = file.execute(f"SELECT registered_spk FROM {table} WHERE subject = ?", [person.subject])
        assert row["registered_spk"] == person.spk


@FLOWS
def test_a_challenge_that_nobody_was_given_is_unknown(node, person, path):
    assert person.confirm(node, path, challenge="ab" * 32) == UNKNOWN


@FLOWS
def test_only_domains_of_the_allowlist_register_exactly(make_node, path):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_ALLOWLIST": " Mesh.TEST. , ,other.test.."}).start()
    assert Person("alice@mesh.test").confirm(node, path)[0] == 200
    assert Person("bob@OTHER.test").confirm(node, path, subject="bob@OTHER.test")[0] == 401  # signed as typed
    assert Person("bob@other.test").confirm(node, path)[0] == 200
    for subject in ("carol@sub.mesh.test", "carol@test.mesh", "carol@mesh.tes"):
        assert Person(subject).confirm(node, path) == NOT_ADMITTED
        assert Person(subject).confirm(node, path, signature="00" * 64) == UNSIGNED  # who has not signed learns nothing


@FLOWS
def test_with_zone_only_the_domain_is_the_zone(make_node, path):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_ZONE_ONLY": "1"}).start()
    assert Person("alice@mesh.test").confirm(node, path)[0] == 200
    assert Person("alice@sub.mesh.test").confirm(node, path) == NOT_ADMITTED
    assert Person("alice@other.test").confirm(node, path, signature="00" * 64) == UNSIGNED


@FLOWS
def test_whom_the_operator_denied_gets_the_text_of_the_allowlist_until_that_is_lifted(node, person, path):
    for entry in (person.subject, person.spk):
        people.change(people.token_file(node), "INSERT INTO registration_denied VALUES (?, 1)", entry)
        assert person.confirm(node, path) == NOT_ADMITTED
        assert person.confirm(node, path, signature="00" * 64) == UNSIGNED
        people.change(people.token_file(node), "DELETE FROM registration_denied WHERE entry = ?", entry)
    assert person.confirm(node, path)[0] == 200


def test_the_same_key_gets_a_new_token_and_the_old_one_ends_at_once(node, person):
    old, fresh = person.token(node), person.token(node)
    assert publish(node, old, own_name(person)) == 401
    assert publish(node, fresh, own_name(person)) == 201


def test_another_key_cannot_take_a_subject_with_a_live_token_and_changes_nothing(node, person):
    token = person.token(node)
    assert Person(person.subject).confirm(node) == OWNED
    assert publish(node, token, own_name(person)) == 201


@pytest.mark.parametrize("change", ["expires_at = 1", "revoked_at = 1"])
def test_a_subject_whose_token_is_over_or_revoked_is_free_for_any_key(node, person, change):
    token = person.token(node)
    people.change(people.token_file(node), f"UPDATE tokens SET {change} WHERE subject = ?", person.subject)
    assert publish(node, token, own_name(person)) == 401
    other = Person(person.subject)
    assert publish(node, other.token(node), own_name(person)) == 201
    assert person.confirm(node) == OWNED


def test_tokens_of_the_operators_making_are_neither_in_the_way_nor_touched(node, person):
    by_hand = people.issue(node, person.subject, issuer="admin:root")
    fresh = person.token(node)
    for token in (by_hand, fresh, by_hand):
        assert publish(node, token, own_name(person)) == 201


def test_a_token_is_kept_by_its_hash_with_what_the_operator_set(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_TOKEN_TTL_SECONDS": "0", "DMP_REGISTRATION_ISSUED_RATE_PER_SEC": "2.5",
                                  "DMP_REGISTRATION_ISSUED_RATE_BURST": "7"}).start()
    alice = Person()
    status, body = alice.confirm(node)
    assert (status, body["expires_at"], body["rate_per_sec"], body["rate_burst"]) == (200, None, 2.5, 7)
    assert body["token"].startswith("dmp_v1_") and len(body["token"]) == 59
    assert set(body["token"][7:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    [row] = people.rows(people.token_file(node), "SELECT * FROM tokens")
    issued_at = row.pop("issued_at")
    assert abs(issued_at - time.time()) < 60
    assert row == {"token_hash": people.sha256(body["token"].encode()), "subject": "alice@mesh.test", "subject_type": 1,
                   "subject_hash12": None, "rate_per_sec": 2.5, "rate_burst": 7, "expires_at": None, "revoked_at": None,
                   "issuer": "self-service", "note": "", "registered_spk": alice.spk}
    node.stop()
    assert not any(body["token"].encode() in path.read_bytes() for path in node.folder.iterdir())


def test_each_registration_is_in_the_audit_trail(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice = Person()
    first, second = alice.token(node), alice.token(node)
    key = alice.tsig_key(node)
    assert Person().confirm(node) == OWNED
    assert Person().confirm(node, TSIG_CONFIRM) == OWNED
    node.stop()
    hashes = [people.sha256(token.encode()) for token in (first, second)]
    expected = {
        ("issued", hashes[0], "self-service"),
        ("issued", hashes[1], "self-service"),
        ("revoked", hashes[0], "self-service rotate: superseded"),
        ("tsig_issued", None, key["tsig_key_name"]),
        ("tsig_rejected", None, OWNED[1]["error"]),
    }
    trail = people.trail(node)
    assert {(row["event"], row["token_hash"], row["detail"]) for row in trail} == expected and len(trail) == len(expected)
    assert {(row["subject"], row["remote_addr"]) for row in trail} == {("alice@mesh.test", "127.0.0.1")}


@FLOWS
def test_when_a_file_fails_it_is_an_internal_error_and_the_log_says_whose(make_node, path):
    node = make_node(environment=ENVIRONMENT).start()
    file, table = (people.token_file(node), "tokens") if path == CONFIRM else (people.key_file(node), "tsig_keys")
    people.change(file, f"ALTER TABLE {table} RENAME TO away")
    for _ in range(3):
        assert Person().confirm(node, path) == (500, {"error": "internal error"})
    people.change(file, f"ALTER TABLE away RENAME TO {table}")
    assert Person().confirm(node, path)[0] == 200
    [line] = [line for line in node.log().splitlines() if f"route={path}" in line]
    assert "ERROR" in line and "remote=127.0.0.1" in line and table in line


def test_requests_of_registration_are_counted_by_route_and_status(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice = Person()
    alice.token(node)
    alice.tsig_key(node)
    Person().confirm(node)
    Person().confirm(node, TSIG_CONFIRM, signature="00" * 64)
    post(node, CONFIRM, "{nope")
    alice.challenge(node)

    def count(route, status):
        return people.metric(node, "dmp_registration_requests_total", route=route, status=status)

    assert count("challenge", 200) == 5
    assert [count("confirm", status) for status in (200, 400, 409)] == [1, 1, 1]
    assert [count("tsig-confirm", status) for status in (200, 401)] == [1, 1]
    assert people.metric(node, "dmp_registration_challenges") == 1
    assert people.metric(node, "dmp_tsig_keys") == 1


# --- 7: TSIG keys ---

def send_update(node, key, *changes):
    """Adds (name, value) and deletes (name,) in one UPDATE signed with what registration answered; gives the rcode."""
    name = dns.name.from_text(key["tsig_key_name"])
    ring = {name: dns.tsig.Key(name, bytes.fromhex(key["tsig_secret_hex"]), key["tsig_algorithm"])}
    update = dns.update.UpdateMessage(key["zone"], keyring=ring)
    for owner, *value in changes:
        if value:
            update.add(f"{owner}.", 300, "TXT", f'"{value[0]}"')
        else:
            update.delete(f"{owner}.", "TXT")
    try:
        return dns.rcode.to_text(dns.query.udp(update, "127.0.0.1", port=node.dns_port, timeout=5 * mesh.SLOWNESS).rcode())
    except dns.tsig.PeerBadKey:
        return "BADKEY"
    except dns.tsig.PeerBadSignature:
        return "BADSIG"


def identity(person):
    return f"id-{people.sha256(person.subject.partition('@')[0].encode())[:16]}.{mesh.ZONE}"


def test_a_registered_key_signs_updates_at_once_over_a_restart_and_until_it_is_renewed_or_revoked(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice, bob = Person(), Person("bob@mesh.test")
    key, other = alice.tsig_key(node, prove=True), bob.tsig_key(node)
    assert send_update(node, key, (identity(alice), "mine"), (f"slot-1.{mailbox(bob)}", "for bob")) == "NOERROR"
    assert node.resolve(identity(alice)) == {"mine"}
    assert send_update(node, other, (identity(alice), "not mine")) == "REFUSED"
    assert send_update(node, other, (identity(alice),)) == "REFUSED"
    assert send_update(node, other, (f"slot-2.{mailbox(alice)}", "for alice")) == "NOERROR"
    assert send_update(node, other, (f"slot-2.{mailbox(alice)}",)) == "REFUSED"
    assert send_update(node, key, (f"slot-2.{mailbox(alice)}",)) == "NOERROR"
    node.stop()
    node.start()
    assert send_update(node, key, (identity(alice), "after the restart")) == "NOERROR"
    fresh = alice.tsig_key(node)
    assert send_update(node, key, (identity(alice),)) == "BADSIG"
    assert node.resolve(identity(alice)) == {"mine", "after the restart"}
    assert send_update(node, fresh, (identity(alice),)) == "NOERROR"
    people.change(people.key_file(node), "UPDATE tsig_keys SET revoked = 1 WHERE name = ?", key["tsig_key_name"])
    mesh.wait_until(lambda: send_update(node, fresh, (identity(alice), "v")) == "BADKEY", "the revocation counts")
    assert send_update(node, other, (identity(bob), "v")) == "NOERROR"
    # Who has registered for HTTP too is not kept from that.
    assert alice.confirm(node, TSIG_CONFIRM) == NOT_ADMITTED and publish(node, alice.token(node), own_name(alice)) == 201


VECTOR_SUBJECT = "alice@example.com"
VECTOR_NAME = "alice-03a107bf-ff8d98.example.com."
VECTOR_SCOPES = {
    "": """_dnsmesh-claim-*.example.com _dnsmesh-claim-03a107bff3ce10be.example.com chunk-*-*.example.com claim-*.mb-*.example.com
           id-2bd806c97f0e.example.com id-2bd806c97f0e00af.example.com mb-1a3bbbcbd631.example.com slot-*.mb-*.example.com""",
    "DMP_TSIG_TIGHT_SCOPE": """_dnsmesh-claim-03a107bff3ce10be.example.com id-2bd806c97f0e.example.com
                               id-2bd806c97f0e00af.example.com mb-1a3bbbcbd631.example.com""",
    "DMP_TSIG_LOOSE_SCOPE": "example.com",
}


def vector_person():
    alice = Person(VECTOR_SUBJECT)
    alice.key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    alice.spk = people.raw(alice.key.public_key()).hex()
    alice.x25519 = x25519.X25519PrivateKey.from_private_bytes(b"\x33" * 32)
    alice.x25519_pub = people.raw(alice.x25519.public_key())
    return alice


def test_our_client_signs_and_proves_what_the_test_vectors_say():
    alice = vector_person()
    given = {"challenge": "11" * 32, "node": "dmp.example.com",
             "server_x25519_pub": "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20"}
    assert alice.spk == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    assert alice.signed(given) == ("02759a96eeeab95dd0e89d649cc12b17e8160c252189caf0eb35ab3f23f163ee"
                                   "26ef563e00170af05d914de8bb35588f82cdace31b4d3c4ca3bfbf970e90fd01")
    assert alice.proof(given) == "3416a57a69ff78e0202aafa4f272955b9f220e1d6a9a51695102275b51a1c34e"


@pytest.mark.parametrize("flag", VECTOR_SCOPES)
def test_a_key_has_the_name_and_scope_of_the_test_vector_and_is_in_the_file(make_node, flag):
    node = make_node(environment={**ENVIRONMENT, "DMP_SERVED_ZONE": "Example.COM.", **({flag: "On"} if flag else {})}).start()
    alice = vector_person()
    before = int(time.time())
    key = alice.tsig_key(node, prove=True)
    assert list(key) == ["tsig_key_name", "tsig_secret_hex", "tsig_algorithm", "allowed_suffixes", "subject", "zone", "expires_at"]
    scope = VECTOR_SCOPES[flag].split()
    assert (key["tsig_key_name"], key["allowed_suffixes"], key["zone"]) == (VECTOR_NAME, scope, "example.com")
    assert (key["tsig_algorithm"], key["subject"]) == ("hmac-sha256", VECTOR_SUBJECT)
    assert before + DAYS_90 <= key["expires_at"] <= int(time.time()) + DAYS_90
    [row] = people.rows(people.key_file(node), "SELECT * FROM tsig_keys")
    assert before <= row.pop("created_at") <= int(time.time())
    assert row == {"name": VECTOR_NAME, "algorithm": "hmac-sha256", "secret": bytes.fromhex(key["tsig_secret_hex"]),
                   "allowed_suffixes": "\n".join(scope), "expires_at": key["expires_at"], "revoked": 0, "subject": VECTOR_SUBJECT,
                   "registered_spk": alice.spk, "registered_x25519_pub": alice.x25519_pub.hex()}
    assert len(bytes.fromhex(key["tsig_secret_hex"])) == 32
    for path in node.folder.glob("dmp_tsig.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_key_lives_for_ever_with_a_life_of_zero(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_REGISTRATION_TOKEN_TTL_SECONDS": "0"}).start()
    assert Person().tsig_key(node)["expires_at"] == 0


def test_the_zone_of_keys_is_the_first_that_is_given(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_SERVED_ZONE": "", "DMP_DOMAIN": "domain.test"}).start()
    assert Person().tsig_key(node)["zone"] == "domain.test"
    node.stop()
    node = make_node(environment={**ENVIRONMENT, "DMP_SERVED_ZONE": ""}).start()
    assert Person("bob@mesh.test").tsig_key(node)["zone"] == HOST.lower()


def mailbox(person):
    return "mb-" + people.sha256(bytes.fromhex(people.sha256(person.x25519_pub)))[:12] + "." + mesh.ZONE


def stored_x25519(node, person):
    return people.rows(people.key_file(node), "SELECT registered_x25519_pub AS x FROM tsig_keys WHERE subject = ?", person.subject)[0]["x"]


def test_a_proven_x25519_key_adds_its_mailbox_and_one_without_a_proof_counts_as_not_sent(node, person):
    proven = person.tsig_key(node, prove=True)
    assert mailbox(person) in proven["allowed_suffixes"] and stored_x25519(node, person) == person.x25519_pub.hex()
    for other in ({"x25519_pop": ""}, {"x25519_pop": None}, {"x25519_pop": 5}, {"x25519_pub": 5, "x25519_pop": "zz"}, {"x25519_pub": ""}):
        key = person.tsig_key(node, prove=True, **other)
        assert mailbox(person) not in key["allowed_suffixes"] and stored_x25519(node, person) == ""
        assert key["tsig_key_name"] == proven["tsig_key_name"] and key["tsig_secret_hex"] != proven["tsig_secret_hex"]
    spelled = person.tsig_key(node, prove=True, x25519_pub=f" {person.x25519_pub.hex().upper()}\n")
    assert mailbox(person) in spelled["allowed_suffixes"]


def test_what_claims_an_x25519_key_is_checked_in_its_order(node, person):
    good = "ab" * 32
    for other, text in (({"x25519_pub": "zz", "x25519_pop": "zz"}, "x25519_pub: not valid hex"),
                        ({"x25519_pub": "ab" * 31, "x25519_pop": "zz"}, "x25519_pub: expected 32 bytes, got 31"),
                        ({"x25519_pub": good, "x25519_pop": "zz"}, "x25519_pop: not valid hex"),
                        ({"x25519_pub": good, "x25519_pop": "ab" * 33}, "x25519_pop: expected 32 bytes, got 33")):
        assert person.confirm(node, TSIG_CONFIRM, **other) == (400, {"error": text})
        assert person.confirm(node, TSIG_CONFIRM, signature="00" * 64, **other) == UNSIGNED
    assert person.confirm(node, TSIG_CONFIRM, x25519_pub=good, x25519_pop=good) == NO_PROOF


def test_possession_of_anothers_key_or_of_a_point_of_low_order_is_not_proven(node, person):
    other = Person()
    assert person.confirm(node, TSIG_CONFIRM, prove=True, x25519_pub=other.x25519_pub.hex()) == NO_PROOF
    given = person.challenge(node)
    assert post(node, TSIG_CONFIRM, person.fields(given, x25519_pub=person.x25519_pub.hex(),
                                                  x25519_pop=person.proof(person.challenge(node)))) == NO_PROOF
    given = person.challenge(node)
    message = bytes.fromhex(given["challenge"]) + person.subject.encode() + bytes(32)
    forged = hmac.new(bytes(32), message, hashlib.sha256).hexdigest()  # what the shared secret would be
    assert post(node, TSIG_CONFIRM, person.fields(given, x25519_pub="00" * 32, x25519_pop=forged)) == NO_PROOF


def test_a_local_part_of_48_characters_is_too_long_for_a_key_and_fits_a_token(node):
    assert Person("a" * 47 + "@mesh.test").confirm(node, TSIG_CONFIRM)[0] == 200
    long = Person("a" * 48 + "@mesh.test")
    assert long.confirm(node, TSIG_CONFIRM) == (400, {"error": "subject local part too long for TSIG key label (max 47 chars)"})
    assert long.confirm(node)[0] == 200


def test_a_local_part_with_dots_gives_a_key_name_of_several_labels(node):
    dotted = Person("a.b+c@mesh.test")
    tag = people.sha256(b"a.b+c@mesh.test")[:6]
    assert dotted.tsig_key(node)["tsig_key_name"] == f"a.b+c-{dotted.spk[:8]}-{tag}.{mesh.ZONE}."


def test_the_holder_of_the_same_local_part_in_another_domain_cannot_take_over_an_identity(node, person):
    key = person.tsig_key(node)
    local = person.subject.partition("@")[0]
    evil = Person(f"{local}@evil.test")
    assert evil.confirm(node, TSIG_CONFIRM) == OWNED
    assert Person(person.subject).confirm(node, TSIG_CONFIRM) == OWNED
    assert evil.confirm(node)[0] == 200  # a token opens names of its own domain alone
    identity = f"id-{people.sha256(local.encode())[:16]}"
    assert publish(node, evil.token(node), f"{identity}.{mesh.ZONE}") == 401
    mine = Person(f"{local}@second.test")
    mine.key, mine.spk = person.key, person.spk
    assert mine.confirm(node, TSIG_CONFIRM)[0] == 200  # the same key may
    people.change(people.key_file(node), "UPDATE tsig_keys SET expires_at = 1 WHERE registered_spk = ?", person.spk)
    assert evil.tsig_key(node)["allowed_suffixes"] != key["allowed_suffixes"]
    assert person.confirm(node, TSIG_CONFIRM) == OWNED


def test_a_key_that_was_revoked_stays_revoked_until_the_operator_lifts_it(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    alice = Person()
    name = alice.tsig_key(node)["tsig_key_name"]
    people.change(people.key_file(node), "UPDATE tsig_keys SET revoked = 1 WHERE name = ?", name)
    for _ in range(2):
        assert alice.confirm(node, TSIG_CONFIRM) == NOT_ADMITTED
    node.stop()
    node.start()
    assert alice.confirm(node, TSIG_CONFIRM, prove=True) == NOT_ADMITTED
    assert people.rows(people.key_file(node), "SELECT revoked FROM tsig_keys") == [{"revoked": 1}]
    people.change(people.key_file(node), "DELETE FROM tsig_keys WHERE name = ?", name)
    assert alice.confirm(node, TSIG_CONFIRM)[0] == 200


def test_a_key_name_that_collides_with_anothers_is_never_overwritten(node, person):
    name = f"{person.subject.partition('@')[0]}-{person.spk[:8]}-{people.sha256(person.subject.encode())[:6]}.{mesh.ZONE}."
    for subject, spk in (("other@mesh.test", person.spk), (person.subject, "ab" * 32)):
        for revoked in (0, 1):
            people.change(people.key_file(node), "INSERT INTO tsig_keys (name, secret, created_at, expires_at, revoked, subject, registered_spk) "
                                                 "VALUES (?, 'theirs', 1, 1, ?, ?, ?)", name, revoked, subject, spk)
            assert person.confirm(node, TSIG_CONFIRM) == OWNED
            [row] = people.rows(people.key_file(node), "SELECT * FROM tsig_keys WHERE name = ?", name)
            assert (row["secret"], row["subject"], row["registered_spk"]) == ("theirs", subject, spk)
            people.change(people.key_file(node), "DELETE FROM tsig_keys WHERE name = ?", name)
    assert person.confirm(node, TSIG_CONFIRM)[0] == 200


def test_keys_that_the_operator_made_by_hand_are_in_nobodys_way(node, person):
    people.change(people.key_file(node), "INSERT INTO tsig_keys (name, secret, created_at, subject) VALUES (?, 'x', 1, ?)",
                  f"by-hand-{person.spk[:8]}.", person.subject)
    assert person.confirm(node, TSIG_CONFIRM)[0] == 200
