"""Multi-tenant mode against a real process: who may read and write what, with which token (spec/http-api.md 4 to 8).

Tokens are put into the file of the running node, as the operator's program does it.
"""
import json
import time

import pytest

import mesh
import people
from people import AS_OPERATOR, bearer, issue

RECORDS = "/v1/records/"
OK = (201, '{"ok": true}')
UNAUTHORIZED = (401, '{"error": "unauthorized"}')
TOKEN_THROTTLED = (429, '{"error": "per-token rate limit exceeded"}')
THROTTLED = (429, '{"error": "rate limit exceeded"}')
INVALID_NAME = (400, '{"error": "invalid record name"}')
INVALID_VALUE = (400, '{"error": "invalid record value"}')
INVALID_BODY = (400, '{"error": "invalid body"}')
HASH = people.sha256(b"alice")
MAILBOX = "0123456789ab"
X25519_HASH12 = people.sha256(bytes(32))[:12]
ENVIRONMENT = {"DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN}
PEERS_TOKEN = "peers-0123456789abcdef0123456789"
FOREVER = {"rate_per_sec": 0.0}

OWN = ["dmp.alice.mesh.test", f"id-{HASH[:16]}.mesh.test", f"prekeys.id-{HASH[:12]}.mesh.test",
       "rotate.dmp.alice.mesh.test", f"pk-7.{X25519_HASH12}.mesh.test"]
SHARED = [f"slot-3.mb-{MAILBOX}.mesh.test", f"chunk-12-{MAILBOX}.mesh.test"]
OF_OTHERS = ["dmp.bob.mesh.test", "dmp.alice.other.test", f"id-{people.sha256(b'bob')[:16]}.mesh.test",
             f"id-{HASH[:16]}.other.test", f"prekeys.id-{people.sha256(b'bob')[:12]}.mesh.test",
             f"prekeys.id-{HASH[:12]}.other.test", "rotate.dmp.bob.mesh.test", "pk-7.ba9876543210.mesh.test"]
# Section 5.2, and what the grammar of 5.1 leaves over: a domain of one label, other digits, other lengths.
OF_THE_OPERATOR = ["cluster.mesh.test", "bootstrap.alice.mesh.test", f"claim-3.mb-{MAILBOX}.mesh.test",
                   f"mb-{MAILBOX}.mesh.test", f"rotate.dmp.id-{HASH[:12]}.mesh.test", "dmp.alice.com", "mesh.test",
                   f"id-{HASH[:15]}.mesh.test", f"slot-x.mb-{MAILBOX}.mesh.test", f"chunk-1-{MAILBOX}0.mesh.test",
                   "hello.mesh.test"]
OF_NOBODY = ["_dmp.mesh.test", "_dnsmesh-heartbeat.mesh.test", "_dnsmesh-seen.mesh.test",
             "_dnsmesh-claim-0123456789abcdef.mesh.test", "foo"]


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """In multi-tenant mode with an operator token; each test has tokens or values of its own."""
    node = mesh.Node(tmp_path_factory.mktemp("tokens"), {**ENVIRONMENT, "DMP_SYNC_PEER_TOKEN": PEERS_TOKEN}).start()
    yield node
    node.ensure_gone()


@pytest.fixture(scope="module")
def alice(node):
    """A token without a rate of its own, which may also write at the names of one prekey."""
    return issue(node, subject_hash12=X25519_HASH12, **FOREVER)


def publish(node, token, name, value="v", ttl=300):
    return node.request("POST", RECORDS + name, {"value": value, "ttl": ttl}, bearer(token) if token else {})


def delete(node, token, name, value=None):
    return node.request("DELETE", RECORDS + name, None if value is None else {"value": value}, bearer(token))


def values(node, name):
    status, body = node.request("GET", RECORDS + name, headers=AS_OPERATOR)
    assert status in (200, 404)
    return json.loads(body)["values"]


# --- 5: scopes ---

@pytest.mark.parametrize("name", OWN)
def test_a_user_publishes_and_deletes_at_own_names_in_any_spelling(node, alice, name):
    assert publish(node, alice, name.upper() + ".", "mine") == OK
    assert values(node, name) == ["mine"]
    assert delete(node, alice, name.title(), "mine") == (204, "")
    assert publish(node, alice, name, "again") == OK
    assert delete(node, alice, name) == (204, "")
    assert values(node, name) == []


@pytest.mark.parametrize("name", SHARED)
def test_at_a_shared_name_every_user_adds_and_none_deletes(node, alice, name):
    assert publish(node, alice, name, "hers") == OK
    assert delete(node, alice, name, "hers") == UNAUTHORIZED
    assert delete(node, alice, name) == UNAUTHORIZED
    assert publish(node, issue(node, "bob@mesh.test"), name, "his") == OK
    assert set(values(node, name)) == {"hers", "his"}


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_user_neither_publishes_nor_deletes_at_names_of_others(node, alice, name):
    assert publish(node, people.OPERATOR_TOKEN, name, "theirs") == OK
    assert publish(node, alice, name, "mine") == UNAUTHORIZED
    assert delete(node, alice, name) == UNAUTHORIZED
    assert delete(node, alice, name, "theirs") == UNAUTHORIZED
    assert values(node, name) == ["theirs"]


@pytest.mark.parametrize("name", OF_THE_OPERATOR + OF_NOBODY)
def test_a_name_that_is_no_users_needs_the_operator_token(node, alice, name):
    assert publish(node, alice, name) == UNAUTHORIZED
    assert publish(node, None, name) == UNAUTHORIZED
    assert publish(node, people.OPERATOR_TOKEN, name, "operators") == OK
    assert delete(node, alice, name) == UNAUTHORIZED
    assert delete(node, people.OPERATOR_TOKEN, name, "operators") == (204, "")


@pytest.mark.parametrize("name", ["a%2Fb.mesh.test", "a..mesh.test", ".mesh.test", "...", "dmp.%C3%A9.mesh.test"])
def test_a_name_that_is_none_is_401_to_a_user_and_400_to_the_operator(node, alice, name):
    assert publish(node, alice, name) == UNAUTHORIZED
    assert publish(node, people.OPERATOR_TOKEN, name) == INVALID_NAME


def test_the_labels_between_user_and_domain_belong_to_the_domain(node):
    assert publish(node, issue(node, "a@b.x.co"), "dmp.a.b.x.co") == OK
    assert publish(node, issue(node, "b@x.co"), "dmp.a.b.x.co") == UNAUTHORIZED


def test_prekey_names_need_a_token_made_for_that_prekey(node):
    assert publish(node, issue(node), f"pk-7.{X25519_HASH12}.mesh.test") == UNAUTHORIZED


# --- 4.0: the matrix ---

def test_only_the_operator_reads_records(node, alice):
    assert publish(node, alice, OWN[0], "read me") == OK
    assert node.request("GET", RECORDS + OWN[0]) == UNAUTHORIZED
    assert node.request("GET", RECORDS + OWN[0], headers=bearer(alice)) == UNAUTHORIZED
    assert "read me" in values(node, OWN[0])


def test_without_an_operator_token_everybody_reads_and_only_users_write(make_node):
    node = make_node(environment={"DMP_AUTH_MODE": " Multi-Tenant "}).start()
    assert publish(node, issue(node), OWN[0]) == OK
    assert node.request("GET", RECORDS + OWN[0])[0] == 200
    for token in (None, "", people.OPERATOR_TOKEN):
        assert publish(node, token, OWN[0]) == UNAUTHORIZED
        assert publish(node, token, "cluster.mesh.test") == UNAUTHORIZED


def test_user_tokens_count_in_the_multi_tenant_mode_alone(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    token = issue(node)
    assert publish(node, token, OWN[0]) == OK
    node.stop()
    node.environment.update(DMP_AUTH_MODE="legacy", DMP_TOKEN_DB_PATH=str(people.token_file(node)))
    node.start()
    assert publish(node, token, OWN[0]) == UNAUTHORIZED
    assert publish(node, people.OPERATOR_TOKEN, OWN[0]) == OK


@pytest.mark.parametrize("header", ["bearer {}", "Bearer  {}", "{}", "Basic {}", "Bearer{}", "Bearer x{}", "Bearer {}x"])
def test_the_header_is_bearer_one_blank_and_the_token(node, alice, header):
    for token in (alice, people.OPERATOR_TOKEN):
        assert node.request("POST", RECORDS + OWN[0], {"value": "v"}, {"Authorization": header.format(token)}) == UNAUTHORIZED


@pytest.mark.parametrize("method, path, body, opener, refused, opened", [
    ("GET", "/metrics", None, people.OPERATOR_TOKEN, 401, 200),
    ("GET", "/v1/sync/digest", None, PEERS_TOKEN, 403, 200),
    ("POST", "/v1/sync/pull", {"names": ["a.mesh.test"]}, PEERS_TOKEN, 403, 200),
    ("GET", "/v1/sync/cluster-manifest", None, PEERS_TOKEN, 403, 204),
    ("GET", "/v1/sync/x1/feed", None, PEERS_TOKEN, 403, 200),
    ("POST", "/v1/sync/x1/get", {"want": [["a.mesh.test", "0" * 64]]}, PEERS_TOKEN, 403, 200),
    ("POST", "/v1/sync/x1/reconcile", {}, PEERS_TOKEN, 403, 400),
    ("POST", "/v1/sync/x1/hint", {"node": "b", "epoch": f"{'0' * 32}.1", "high": 1, "mseq": 1}, PEERS_TOKEN, 403, 404),
])
def test_a_user_token_opens_nothing_but_records(node, alice, method, path, body, opener, refused, opened):
    assert node.request(method, path, body, bearer(alice))[0] == refused
    assert node.request(method, path, body, bearer(opener))[0] == opened


def test_a_user_token_shows_no_more_of_the_cluster_than_everybody_sees(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_SYNC_PEER_TOKEN": PEERS_TOKEN, "DMP_SYNC_PEERS": "http://127.0.0.1:9"}).start()

    def shown(token):
        """Whether all is said, and whether that has the endpoint and the state of reading of a peer."""
        status, body = node.request("GET", "/v1/cluster", headers=bearer(token) if token else {})
        assert status == 200
        report = json.loads(body)
        peer, = report["peers"]
        return report["complete"], peer["endpoint"] is not None, "back_off_ms" in peer

    assert shown(None) == shown(issue(node)) == (False, False, False)
    assert shown(people.OPERATOR_TOKEN) == shown(PEERS_TOKEN) == (True, True, True)


# --- 5.3: tokens that do not count ---

@pytest.mark.parametrize("token", ["dmp_v1_", "dmp_v1_" + "A" * 51, "dmp_v1_" + "A" * 53, "dmp_v1_" + "a" * 52,
                                   "dmp_v1_" + "2" * 52, "dmp_v2_" + "A" * 52, "dmp_v1_" + "A" * 51 + "-", "A" * 59])
def test_what_has_not_the_shape_of_a_token_is_401(node, token):
    assert publish(node, token, OWN[0]) == UNAUTHORIZED


def test_unknown_expired_and_revoked_tokens_are_401_at_every_name(node):
    now = int(time.time())
    for token in ("dmp_v1_" + "A" * 52, issue(node, expires_at=now), issue(node, revoked_at=now),
                  issue(node, revoked_at=now, expires_at=now + 1000), issue(node, expires_at=-2**63)):
        for name in (OWN[0], SHARED[0], OF_THE_OPERATOR[0], OF_NOBODY[0]):
            assert publish(node, token, name) == UNAUTHORIZED
            assert delete(node, token, name) == UNAUTHORIZED


def test_a_token_lives_to_the_end_of_all_time_when_the_file_says_so(node):
    assert publish(node, issue(node, expires_at=2**63 - 1), OWN[0]) == OK


def test_rotation_and_revocation_in_the_file_count_at_the_next_request_and_after_a_restart(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    old = issue(node)
    assert publish(node, old, OWN[0]) == OK
    people.change(people.token_file(node), "UPDATE tokens SET revoked_at = ? WHERE token_hash = ?", int(time.time()),
                  people.sha256(old.encode()))
    fresh = issue(node, note="rotation")
    assert publish(node, old, OWN[0]) == UNAUTHORIZED
    assert publish(node, fresh, OWN[0]) == OK
    people.change(people.token_file(node), "UPDATE tokens SET expires_at = 1 WHERE revoked_at IS NULL")
    assert publish(node, fresh, OWN[0]) == UNAUTHORIZED
    people.change(people.token_file(node), "UPDATE tokens SET expires_at = NULL WHERE revoked_at IS NULL")
    node.stop()
    node.start()
    assert publish(node, old, OWN[0]) == UNAUTHORIZED
    assert publish(node, fresh, OWN[0]) == OK


def test_while_the_token_file_cannot_be_read_users_get_503_and_the_operator_writes_on(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    token = issue(node)
    people.change(people.token_file(node), "ALTER TABLE tokens RENAME TO away")
    unavailable = (503, '{"error": "store unavailable"}')
    assert publish(node, token, OWN[0]) == unavailable
    assert delete(node, token, OWN[0]) == unavailable
    assert publish(node, "not-a-token", OWN[0]) == UNAUTHORIZED
    assert publish(node, people.OPERATOR_TOKEN, OWN[0]) == OK
    people.change(people.token_file(node), "ALTER TABLE away RENAME TO tokens")
    assert publish(node, token, OWN[0]) == OK


# --- 4.2, 4.3, 8: what a request costs, and what comes first ---

def test_a_token_has_its_burst_and_then_429_while_others_go_on(node):
    token, other = issue(node, rate_per_sec=1e-6, rate_burst=2), issue(node, rate_per_sec=1e-6, rate_burst=1)
    assert [publish(node, token, OWN[0]) for _ in range(3)] == [OK, OK, TOKEN_THROTTLED]
    assert publish(node, token, SHARED[0]) == TOKEN_THROTTLED
    assert delete(node, token, OWN[0]) == TOKEN_THROTTLED
    assert publish(node, other, OWN[0]) == OK


def test_a_request_that_is_refused_or_malformed_costs_the_token_nothing(node):
    token = issue(node, rate_per_sec=1e-6, rate_burst=1)
    for name in (OF_OTHERS[0], OF_THE_OPERATOR[0], OF_NOBODY[0]):
        assert publish(node, token, name) == UNAUTHORIZED
    assert delete(node, token, SHARED[0]) == UNAUTHORIZED
    required = (400, '{"error": "value (str) and ttl (int > 0) required"}')
    path = RECORDS + OWN[0]
    for body, answer in (("{nope", INVALID_BODY), ("[]", INVALID_BODY), ("{}", required), ({"value": 'a"b'}, INVALID_VALUE),
                         ({"value": "v", "ttl": 0}, required),
                         ({"value": "v", "ttl": 86401}, (400, '{"error": "ttl exceeds cap of 86400s"}')),
                         ({"value": "v" * 2049}, (400, '{"error": "value exceeds cap of 2048 bytes"}'))):
        assert node.request("POST", path, body, bearer(token)) == answer
    assert node.request("DELETE", path, {"value": 5}, bearer(token)) == INVALID_VALUE
    assert node.request("DELETE", path, "{nope", bearer(token)) == INVALID_BODY
    assert publish(node, token, OWN[0]) == OK
    assert publish(node, token, OWN[0]) == TOKEN_THROTTLED


def test_a_full_name_is_413_after_the_token_was_charged(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_MAX_VALUES_PER_NAME": "1"}).start()
    token = issue(node, rate_per_sec=1e-6, rate_burst=3)
    assert publish(node, token, OWN[0], "v1") == OK
    full = (413, f'{{"error": "RRset at {OWN[0]} already holds 1 values"}}')
    assert [publish(node, token, OWN[0], "v2") for _ in range(3)] == [full, full, TOKEN_THROTTLED]


def test_a_delete_of_what_is_not_there_costs_a_unit_too(node):
    token = issue(node, rate_per_sec=1e-6, rate_burst=1)
    assert delete(node, token, OWN[3], "absent") == (404, "")
    assert delete(node, token, OWN[3], "absent") == TOKEN_THROTTLED


def test_401_wins_over_400_and_the_limit_of_the_address_over_both(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_HTTP_RATE": "0.000001", "DMP_HTTP_BURST": "3"}).start()
    token = issue(node)
    assert node.request("POST", RECORDS + OF_OTHERS[0], "{nope", bearer(token)) == UNAUTHORIZED
    assert node.request("POST", RECORDS + OWN[0], "{nope", bearer(token)) == INVALID_BODY
    assert publish(node, token, OWN[0]) == OK
    for header in (bearer(token), AS_OPERATOR, {}):
        assert node.request("POST", RECORDS + OWN[0], {"value": "v"}, header) == THROTTLED


@pytest.mark.parametrize("columns", [{"rate_per_sec": 0.0}, {"rate_burst": 0}, {"rate_per_sec": -1.0}, {"rate_burst": -2**63}])
def test_a_token_without_a_rate_or_burst_is_not_throttled(node, columns):
    token = issue(node, **{"rate_per_sec": 1e-6, "rate_burst": 1, **columns})
    assert [publish(node, token, OWN[0]) for _ in range(3)] == [OK] * 3


def test_a_token_with_the_largest_burst_is_charged_without_an_overflow(node):
    token = issue(node, rate_per_sec=1.7e308, rate_burst=2**63 - 1)
    assert [publish(node, token, OWN[0]) for _ in range(3)] == [OK] * 3


# --- 7.2: who may shorten a life ---

def test_only_who_could_delete_a_value_may_shorten_its_life(node, alice):
    def ttl(name):
        return node.query(name).answer[0].ttl

    assert publish(node, alice, SHARED[1], "kept", ttl=300) == OK
    assert publish(node, issue(node, "bob@mesh.test"), SHARED[1], "kept", ttl=1) == OK
    assert publish(node, alice, SHARED[1], "kept", ttl=1) == OK
    assert ttl(SHARED[1]) > 1
    assert publish(node, alice, OWN[1], "shortened", ttl=300) == OK
    before = ttl(OWN[1])
    assert publish(node, alice, OWN[1], "shortened", ttl=5) == OK
    assert ttl(OWN[1]) <= 5 < before
    assert publish(node, people.OPERATOR_TOKEN, SHARED[1], "kept", ttl=5) == OK
    assert ttl(SHARED[1]) <= 5


def test_each_refusal_of_a_write_is_an_example_of_the_openapi_document(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_HTTP_RATE": "0.000001", "DMP_HTTP_BURST": "4"}).start()
    tight = issue(node, rate_per_sec=1e-6, rate_burst=1)
    answers = [publish(node, tight, OWN[0]), publish(node, tight, OWN[0]), publish(node, None, OWN[0])]
    people.change(people.token_file(node), "ALTER TABLE tokens RENAME TO away")
    answers += [publish(node, tight, OWN[0]), publish(node, tight, OWN[0])]
    assert [status for status, _ in answers] == [201, 429, 401, 503, 429]
    document = json.loads((mesh.ROOT / "docs/openapi.json").read_text())
    responses = document["paths"]["/v1/records/{name}"]["post"]["responses"]
    for status, body in answers:
        response = responses[str(status)]
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        examples = response["content"]["application/json"]["examples"].values()
        assert json.loads(body) in [example["value"] for example in examples], (status, body)


# --- counters ---

def test_what_became_of_requests_with_tokens_is_counted_without_names(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    token, tight = issue(node), issue(node, rate_per_sec=1e-6, rate_burst=1)
    dead = issue(node, revoked_at=1)
    publish(node, token, OWN[0])
    for _ in range(2):
        publish(node, tight, OWN[0])
    publish(node, dead, OWN[0])
    publish(node, "no-token", OWN[0])
    publish(node, "dmp_v1_" + "A" * 52, OWN[0])
    for name in (OF_THE_OPERATOR[0], OF_NOBODY[0], OF_OTHERS[0]):
        publish(node, token, name)
    delete(node, token, SHARED[0])
    people.change(people.token_file(node), "ALTER TABLE tokens RENAME TO away")
    publish(node, token, OWN[0])
    expected = {"allowed": 3, **dict.fromkeys(["throttled", "malformed", "unknown", "over", "reserved", "no_name", "not_owner",
                                               "shared_delete", "unavailable"], 1)}
    for outcome, count in expected.items():
        assert people.metric(node, "dmp_token_requests_total", outcome=outcome) == count, outcome
    page = node.request("GET", "/metrics", headers=AS_OPERATOR)[1]
    assert "alice" not in page and people.sha256(token.encode())[:8] not in page


# --- 5.3: the audit trail ---

def test_the_trail_says_what_was_done_and_never_who_wrote_at_a_shared_name(make_node):
    node = make_node(environment={**ENVIRONMENT, "DMP_MAX_VALUES_PER_NAME": "1"}).start()
    token = issue(node)
    dead, tight = issue(node, expires_at=1), issue(node, rate_per_sec=1e-6, rate_burst=2)
    publish(node, "not-a-token", OWN[0])
    publish(node, "dmp_v1_" + "A" * 52, OWN[0])
    publish(node, dead, OWN[0])
    publish(node, token, "cluster.mesh.test")
    publish(node, token, "_dmp.mesh.test")
    publish(node, token, "dmp.bob.mesh.test")
    publish(node, token, OF_OTHERS[2])
    publish(node, token, OF_OTHERS[5])
    publish(node, token, OF_OTHERS[7])
    publish(node, tight, OWN[0])
    publish(node, tight, SHARED[0])
    publish(node, tight, OWN[0])
    publish(node, tight, SHARED[0])
    delete(node, token, SHARED[0])
    publish(node, token, OWN[0], "too many")
    delete(node, token, OWN[0])
    publish(node, people.OPERATOR_TOKEN, OWN[0])
    node.stop()  # what waits is written

    def row(event, detail, who=None):
        return (event, detail, people.sha256(who.encode()) if who else None, "alice@mesh.test" if who else None, "127.0.0.1")

    bob16, alice12 = people.sha256(b"bob")[:16], HASH[:12]
    expected = [
        row("rejected", "no such token"),
        row("rejected", "token expired or revoked"),
        row("rejected", "operator-only scope: reserved or unrecognized record namespace"),
        row("rejected", "unknown scope: non-ASCII or disallowed chars"),
        row("rejected", "subject mismatch: want bob@mesh.test", token),
        row("rejected", f"hashed-namespace mismatch: want #id16:{bob16}@mesh.test", token),
        row("rejected", f"hashed-namespace mismatch: want #prekeys:{alice12}@other.test", token),
        row("rejected", "subject_hash12 mismatch: want #ba9876543210", token),
        row("used", "owner-exclusive", tight),
        row("used", "shared-pool"),
        row("throttled", "owner-exclusive", tight),
        row("throttled", "shared-pool"),
        row("rejected", "shared-pool delete refused"),
        row("used", "owner-exclusive", token),
    ]
    assert [(r["event"], r["detail"], r["token_hash"], r["subject"], r["remote_addr"]) for r in people.trail(node)] == expected
    assert token not in node.log() and people.OPERATOR_TOKEN not in node.log()


def test_the_trail_is_written_while_the_node_runs(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    assert publish(node, issue(node), OWN[0]) == OK
    assert people.wait_for_trail(node, 1)[0]["event"] == "used"


def test_strangers_with_invented_tokens_cannot_grow_the_trail(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    began = time.monotonic()
    for number in range(300):
        assert publish(node, "dmp_v1_" + f"{number:052}".replace("0", "A"), OWN[0]) == UNAUTHORIZED
    assert publish(node, issue(node), OWN[0]) == OK
    dropped = people.metric(node, "dmp_audit_dropped_total", reason="rate")
    node.stop()
    passed = time.monotonic() - began
    assert 200 <= len(people.trail(node, "rejected")) <= 201 + passed
    assert len(people.trail(node, "rejected")) + dropped == 300
    assert len(people.trail(node, "used")) == 1


def test_audit_rows_beyond_the_retention_go_and_others_stay(make_node):
    node = make_node(environment=ENVIRONMENT).start()
    node.stop()
    now = int(time.time())
    for days in (0, 6, 8, 400):
        people.change(people.token_file(node), "INSERT INTO token_audit (ts, event, detail) VALUES (?, 'used', ?)",
                      now - days * 86400, str(days))
    node.start()
    node.stop()
    assert [row["detail"] for row in people.trail(node)] == ["0", "6", "8", "400"]
    node.environment["DMP_AUDIT_RETENTION_DAYS"] = "7"
    node.start()
    mesh.wait_until(lambda: [row["detail"] for row in people.trail(node)] == ["0", "6"], "old audit rows are removed")


def test_the_token_file_is_for_its_owner_alone(node, alice):
    assert publish(node, alice, OWN[0]) == OK
    for path in node.folder.glob("dmp_tokens.db*"):
        assert path.stat().st_mode & 0o077 == 0, path
