"""`dnsmesh-node-admin` on the files of a node that runs: each command, what it prints, and when it counts
(spec/registration.md 8)."""
import json
import re
import subprocess
import threading
import time

import pytest

import mesh
import people

HASH = people.sha256(b"alice")
OWN = "dmp.alice.mesh.test"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ENVIRONMENT = {"DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN}
REGISTRATION = {**ENVIRONMENT, "DMP_REGISTRATION_ENABLED": "1", "DMP_NODE_HOSTNAME": "node.mesh.test",
                "DMP_DNS_UPDATE_ENABLED": "1", "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0"}


@pytest.fixture
def node(make_node):
    return make_node(environment=ENVIRONMENT).start()


@pytest.fixture
def registrar(make_node):
    return make_node(environment=REGISTRATION).start()


def run(node, *words, status=0, user="ops", **variables):
    """Runs the program with the environment of a node; gives the output, of standard error when it must fail."""
    environment = {"PATH": node.environment["PATH"], "DMP_DB_PATH": str(node.database), "USER": user, **variables}
    done = subprocess.run([str(mesh.program("dnsmesh-node-admin")), *map(str, words)], env=environment,
                          capture_output=True, text=True, timeout=60 * mesh.SLOWNESS)
    assert done.returncode == status, done
    assert not (done.stdout if status else done.stderr), done
    return done.stderr if status else done.stdout


def token_in(output):
    return re.search(r"^(?:  |      )(dmp_v1_[A-Z2-7]{52})$", output, re.M)[1]


def publish(node, token, name=OWN, value="v"):
    return node.request("POST", f"/v1/records/{name}", {"value": value, "ttl": 60}, people.bearer(token))[0]


# --- tokens ---

def test_an_issued_token_is_shown_once_and_opens_the_names_of_its_subject_at_once(node):
    out = run(node, "token", "issue", "Alice@mesh.test", "--note", "for alice")
    token = token_in(out)
    assert out == ("  subject: alice@mesh.test\n  rate: 10.0 req/s  burst=50\n  expires: -\n\n"
                   f"  copy the token now, it is not shown again:\n      {token}\n\n  note: for alice\n")
    assert publish(node, token) == 201
    assert publish(node, token, "dmp.bob.mesh.test") == 401
    [row] = people.rows(people.token_file(node), "SELECT * FROM tokens")
    assert row["token_hash"] == people.sha256(token.encode())
    assert (row["issuer"], row["note"], row["registered_spk"]) == ("admin:ops", "for alice", None)
    [audit] = people.trail(node, "issued")
    assert audit["detail"] == "issuer='admin:ops' note='for alice'"
    second = json.loads(run(node, "token", "issue", "alice@mesh.test", "--json", user=""))
    assert list(second) == ["token", "subject", "subject_hash12", "expires_at", "rate_per_sec", "rate_burst"]
    assert publish(node, second["token"]) == publish(node, token) == 201, "others of the subject stay"
    assert people.trail(node, "issued")[-1]["detail"] == "issuer='admin:unknown' note=''"


def test_a_token_ends_when_its_duration_is_over(node):
    token = token_in(run(node, "token", "issue", "alice@mesh.test", "--expires", " 2s "))
    assert publish(node, token) == 201
    mesh.wait_until(lambda: publish(node, token) == 401, "the token ends")
    assert run(node, "token", "list").splitlines()[1].split()[-1] == "inactive"
    assert publish(node, token_in(run(node, "token", "issue", "alice@mesh.test", "--expires", "0"))) == 201


def test_a_token_has_the_rate_and_burst_that_it_was_given(node):
    token = token_in(run(node, "token", "issue", "alice@mesh.test", "--rate", "0.0001", "--burst", "2"))
    assert [publish(node, token) for _ in range(3)] == [201, 201, 429]
    free = token_in(run(node, "token", "issue", "alice@mesh.test", "--rate", "0", "--burst", "1"))
    assert [publish(node, free) for _ in range(5)] == [201] * 5, "0 is no limit"


def test_a_prekey_scope_opens_the_names_of_that_prekey(node):
    key = "ab" * 32
    hash12 = people.sha256(bytes.fromhex(key))[:12]
    out = run(node, "token", "issue", "alice@mesh.test", "--with-prekey-scope", key.upper())
    assert f"\n  prekey h12: {hash12}\n" in out
    assert publish(node, token_in(out), f"pk-1.{hash12}.mesh.test") == 201
    assert publish(node, token_in(out), "pk-1.ba9876543210.mesh.test") == 401
    for bad in ("ab" * 31, "xy" * 32, "ab" * 33):
        error = run(node, "token", "issue", "alice@mesh.test", "--with-prekey-scope", bad, status=2)
        assert error.startswith("error: --with-prekey-scope: ")


def test_a_revoked_token_is_refused_from_the_next_request_on(node):
    tokens = [token_in(run(node, "token", "issue", "alice@mesh.test")) for _ in range(2)]
    other = token_in(run(node, "token", "issue", "bob@mesh.test"))
    assert [publish(node, token) for token in tokens] == [201, 201]
    assert run(node, "token", "revoke", "alice@mesh.test") == "revoked 2 token(s) for subject 'alice@mesh.test'\n"
    assert [publish(node, token) for token in tokens] == [401, 401]
    assert publish(node, other, "dmp.bob.mesh.test") == 201
    digits = people.sha256(other.encode())
    assert run(node, "token", "revoke", digits[:8].upper()) == f"revoked token {digits[:16]}… (subject bob@mesh.test)\n"
    assert publish(node, other, "dmp.bob.mesh.test") == 401
    both = people.trail(node, "revoked")
    assert [(row["subject"], row["token_hash"], row["detail"]) for row in both] == [
        ("alice@mesh.test", None, "by_subject count=2"), ("bob@mesh.test", digits, None)]


def test_a_target_that_names_no_token_or_several_revokes_none(node):
    for last in "12":
        people.change(people.token_file(node), "INSERT INTO tokens (token_hash, subject, subject_type, issued_at) "
                      "VALUES (?, 'a@b.test', 1, 0)", "12345678" + "0" * 55 + last)
    for target, status in [("12345678", 2), ("1234567", 2), ("", 2), ("99999999", 1), ("carol@mesh.test", 1),
                           ("nonsense", 1), ("%" * 8, 1), ("1" * 65, 1)]:
        assert run(node, "token", "revoke", target, status=status).startswith("error: ")
    assert not people.rows(people.token_file(node), "SELECT * FROM tokens WHERE revoked_at IS NOT NULL")
    one = "12345678" + "0" * 55 + "1"
    assert run(node, "token", "revoke", one) == f"revoked token {one[:16]}… (subject a@b.test)\n"


def test_tokens_are_listed_newest_first_in_columns_and_in_json(node):
    assert run(node, "token", "list") == "(no tokens)\n"
    token = token_in(run(node, "token", "issue", "alice@mesh.test"))
    people.issue(node, "old@mesh.test", issued_at=1, expires_at=2)
    run(node, "token", "issue", "gone@mesh.test")
    run(node, "token", "revoke", "gone@mesh.test")
    header, *lines = run(node, "token", "list").splitlines()
    assert header.split() == ["HASH-PREFIX", "SUBJECT", "ISSUED", "EXPIRES", "REVOKED", "STATUS"]
    assert [len(cell) for cell in re.split(r"(?<=\s)(?=[A-Z])", header)] == [22, 22, 22, 22, 22, 20]
    assert re.fullmatch(rf"{people.sha256(token.encode())[:16]}      alice@mesh.test       {TIME}  - {{21}}- {{21}}live *",
                        lines[0])
    assert [line.split()[1] for line in lines] == ["alice@mesh.test", "old@mesh.test"]
    assert lines[1].split()[2:] == ["1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z", "-", "inactive"]
    everything = json.loads(run(node, "token", "list", "--include-revoked", "--json"))
    assert [row["subject"] for row in everything] == ["gone@mesh.test", "alice@mesh.test", "old@mesh.test"]
    assert [row["live"] for row in everything] == [False, True, False]
    assert list(everything[0]) == ["token_hash", "subject", "subject_type", "subject_hash12", "rate_per_sec",
                                   "rate_burst", "issued_at", "expires_at", "revoked_at", "issuer", "note", "live"]
    assert len(run(node, "token", "list", "--subject", "ALICE@mesh.test").splitlines()) == 2
    assert run(node, "token", "list", "--subject", "no subject") == "(no tokens)\n"


def test_a_rotation_gives_one_new_token_for_all_old_ones_or_changes_nothing(node):
    old = [token_in(run(node, "token", "issue", "alice@mesh.test")) for _ in range(2)]
    for words in (["--expires", "soon"], ["--expires", "1H"], ["--expires", "-1"], ["--rate", "-1"], ["--burst", "x"]):
        assert run(node, "token", "rotate", "alice@mesh.test", *words, status=2)
    assert "error: --expires: bad duration" in run(node, "token", "rotate", "alice@mesh.test", "--expires", "1y", status=2)
    for command in ("issue", "rotate"):
        assert run(node, "token", command, "not a subject", status=2).startswith("error: ")
    assert [publish(node, token) for token in old] == [201, 201]
    out = run(node, "token", "rotate", "alice@mesh.test", "--expires", "1w")
    assert re.fullmatch(r"revoked 2 old token\(s\) for 'alice@mesh.test'\nnew token:\n  dmp_v1_[A-Z2-7]{52}\n", out)
    assert [publish(node, token) for token in old] == [401, 401]
    assert publish(node, token_in(out)) == 201
    newest = people.rows(people.token_file(node), "SELECT * FROM tokens ORDER BY rowid")[-1]
    assert (newest["issuer"], newest["note"]) == ("admin:ops:rotate", "rotation")
    assert newest["expires_at"] - newest["issued_at"] == 604800


# --- audit ---

def test_the_audit_log_shows_what_the_node_and_the_program_did(node):
    token = token_in(run(node, "token", "issue", "alice@mesh.test"))
    publish(node, token)
    publish(node, token, "slot-3.mb-0123456789ab.mesh.test")
    publish(node, token, "dmp.bob.mesh.test")
    people.wait_for_trail(node, 4)
    # Those of the node come into the file later than they happened.
    people.change(people.token_file(node), "UPDATE token_audit SET ts = ts - 1 WHERE event = 'issued'")
    people.change(people.token_file(node), "INSERT INTO token_audit (ts, event) VALUES (7, 'throttled')")
    assert "1970-01-01T00:00:07Z" in run(node, "audit", "tail").splitlines()[-1]
    people.change(people.token_file(node), "DELETE FROM token_audit WHERE ts = 7")
    lines = run(node, "audit", "tail").splitlines()
    prefix = people.sha256(token.encode())[:12]
    assert re.fullmatch(rf"{TIME}  rejected    subject=alice@mesh\.test +hash={prefix}…  addr=127\.0\.0\.1         "
                        "subject mismatch: want bob@mesh.test", lines[0])
    assert re.fullmatch(rf"{TIME}  used        subject=- +hash=-  addr=127\.0\.0\.1         shared-pool", lines[1])
    assert [line.split()[1] for line in lines] == ["rejected", "used", "used", "issued"]
    assert run(node, "audit", "tail", "--limit", "2").splitlines() == lines[:2]
    assert run(node, "audit", "tail", "--event", "issued").splitlines() == lines[3:]
    [last] = json.loads(run(node, "audit", "tail", "--limit", "1", "--json"))
    assert list(last) == ["ts", "event", "token_hash", "subject", "remote_addr", "detail"]
    for limit in ("0", "-1", "x", "9223372036854775808"):
        run(node, "audit", "tail", "--limit", limit, status=2)


def test_old_audit_rows_go_while_the_node_writes_new_ones(node):
    token = token_in(run(node, "token", "issue", "alice@mesh.test", "--rate", "0"))
    with people.opened(people.token_file(node)) as file:
        file.executemany("INSERT INTO token_audit (ts, event) VALUES (?, 'used')", [(number,) for number in range(3000)])
    stopping = threading.Event()
    answers = set()

    def write():
        while not stopping.is_set():
            answers.add(publish(node, token))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert run(node, "audit", "prune", "--older-than", "52w") == "removed 3000 audit row(s)\n"
    finally:
        stopping.set()
        writer.join()
    assert answers == {201}
    assert people.trail(node, "issued"), "newer rows stay"
    for bad in ("0", "", "1y"):
        assert run(node, "audit", "prune", "--older-than", bad, status=2).startswith("error: --older-than: bad duration")
    run(node, "audit", "prune", status=2)


# --- who may not register ---

def test_whoever_is_denied_cannot_register_until_the_operator_lifts_it(registrar):
    alice, bob = people.Person("alice@mesh.test"), people.Person("bob@mesh.test")
    assert run(registrar, "deny", "list") == "(nobody is denied)\n"
    assert run(registrar, "deny", "add", "Alice@mesh.test") == "alice@mesh.test may no longer register\n"
    assert run(registrar, "deny", "add", bob.spk.upper()) == f"{bob.spk} may no longer register\n"
    assert run(registrar, "deny", "add", bob.spk) == f"{bob.spk} was denied before\n"
    assert re.fullmatch(rf"{TIME}  {bob.spk}\n{TIME}  alice@mesh.test\n" if bob.spk < "alice"
                        else rf"{TIME}  alice@mesh.test\n{TIME}  {bob.spk}\n", run(registrar, "deny", "list"))
    for person in (alice, bob):
        for path in (people.CONFIRM, people.TSIG_CONFIRM):
            assert person.confirm(registrar, path) == (403, {"error": "subject not in registration allowlist"})
    assert run(registrar, "deny", "remove", "alice@mesh.test") == "alice@mesh.test may register again\n"
    assert alice.confirm(registrar)[0] == 200
    assert bob.confirm(registrar)[0] == 403
    assert "is not denied" in run(registrar, "deny", "remove", "alice@mesh.test", status=1)
    for bad in ("alice", "ab" * 31, "ab" * 33, ""):
        run(registrar, "deny", "add", bad, status=2)


def test_a_revoked_person_registers_again_unless_denied(registrar):
    alice = people.Person("alice@mesh.test")
    token = alice.token(registrar)
    run(registrar, "token", "revoke", "alice@mesh.test")
    assert publish(registrar, token) == 401
    again = alice.token(registrar)
    assert publish(registrar, again) == 201
    run(registrar, "deny", "add", alice.spk)
    run(registrar, "token", "revoke", "alice@mesh.test")
    assert publish(registrar, again) == 401
    assert alice.confirm(registrar)[0] == 403


# --- TSIG keys ---

def test_keys_are_shown_and_no_secret_is(registrar):
    assert run(registrar, "tsig", "list") == "(no keys)\n"
    alice = people.Person("alice@mesh.test")
    key = alice.tsig_key(registrar, prove=True)
    header, line = run(registrar, "tsig", "list").splitlines()
    assert header.split() == ["SUBJECT", "ALGORITHM", "CREATED", "EXPIRES", "STATUS", "NAME"]
    assert line.split()[:2] == ["alice@mesh.test", "hmac-sha256"]
    assert line.split()[-2:] == ["active", key["tsig_key_name"]]
    shown = run(registrar, "tsig", "show", key["tsig_key_name"].upper().rstrip("."))
    assert f"  registered by: {alice.spk}\n  x25519 key: {alice.x25519_pub.hex()}\n" in shown
    assert shown.endswith("  may write:\n" + "".join(f"    {suffix}\n" for suffix in key["allowed_suffixes"]))
    secret = bytes.fromhex(key["tsig_secret_hex"])
    assert not any(form in header + line + shown for form in (secret.hex(), secret.hex().upper()))
    assert "there is no key" in run(registrar, "tsig", "show", "nobody.mesh.test", status=1)


def test_a_revoked_key_comes_back_by_registering_only_when_the_operator_allows_it(registrar):
    alice = people.Person("alice@mesh.test")
    name = alice.tsig_key(registrar)["tsig_key_name"]
    assert "is not revoked" in run(registrar, "tsig", "allow", name, status=1)
    assert run(registrar, "tsig", "revoke", name.rstrip(".").upper()) == f"revoked key {name}\n"
    assert alice.confirm(registrar, people.TSIG_CONFIRM)[0] == 403
    assert "  status: revoked\n" in run(registrar, "tsig", "show", name)
    assert "is revoked" in run(registrar, "tsig", "rotate", name, status=1), "a ban stays"
    assert "no key of" in run(registrar, "tsig", "revoke", name, status=1)
    assert run(registrar, "tsig", "allow", name) == f"removed key {name}: its holder may register again\n"
    alice.tsig_key(registrar)
    assert run(registrar, "tsig", "revoke", "alice@mesh.test") == "revoked 1 key(s) for subject 'alice@mesh.test'\n"
    revoked = people.trail(registrar, "tsig_revoked")
    assert [(row["subject"], row["detail"]) for row in revoked] == [("alice@mesh.test", name),
                                                                   ("alice@mesh.test", "by_subject count=1")]
    assert "tsig_revoked" in run(registrar, "audit", "tail", "--event", "tsig_revoked")


def test_a_rotated_key_is_gone_and_its_holder_gets_another_secret(registrar):
    alice = people.Person("alice@mesh.test")
    before = alice.tsig_key(registrar)
    name = before["tsig_key_name"]
    assert run(registrar, "tsig", "rotate", name) == f"removed key {name}: its holder may register again\n"
    assert run(registrar, "tsig", "list") == "(no keys)\n"
    after = alice.tsig_key(registrar)
    assert (after["tsig_key_name"], after["tsig_secret_hex"] != before["tsig_secret_hex"]) == (name, True)
    assert run(registrar, "tsig", "rotate", "nobody.mesh.test", status=1)


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_the_secret_of_a_key_ends_within_a_second(registrar, command):
    alice = people.Person("alice@mesh.test")
    key = alice.tsig_key(registrar)
    own = f"id-{HASH[:16]}.mesh.test"

    def update(with_key):
        return people.update(registrar, with_key["tsig_key_name"], bytes.fromhex(with_key["tsig_secret_hex"]), own, "v")

    assert update(key) == "NOERROR"
    run(registrar, "tsig", command, key["tsig_key_name"])
    ended = time.monotonic()
    mesh.wait_until(lambda: update(key) == "PeerBadKey", "the node knows that the key has ended")
    assert time.monotonic() - ended < 2 * mesh.SLOWNESS, "a second, and what the machine takes"
    if command == "revoke":
        run(registrar, "tsig", "allow", key["tsig_key_name"])
    again = alice.tsig_key(registrar)
    assert update(again) == "NOERROR", "a minted key counts at once"
    assert update(key) == "PeerBadSignature"


# --- files and command lines ---

def test_files_are_found_by_flag_by_variable_and_beside_the_record_file(node, tmp_path):
    mine = tmp_path / "mine.db"
    run(node, "--db", mine, "token", "issue", "alice@mesh.test")
    assert mine.stat().st_mode & 0o777 == 0o600
    assert "alice@mesh.test" in run(node, "token", "list", DMP_TOKEN_DB_PATH=str(mine))
    assert run(node, "token", "list") == "(no tokens)\n"
    run(node, "token", "list", "--db", mine, status=2)
    for words in (["--db", tmp_path / "no/t.db", "token", "list"], ["--tsig-db", tmp_path / "no/k.db", "tsig", "list"]):
        assert run(node, *words, status=2).startswith("error: there is no folder ")
    assert run(node, "tsig", "list", status=1).startswith("error: there is no file of TSIG keys ")
    mine.write_bytes(b"not a database, but long enough to be looked at as one. " * 20)
    assert run(node, "--db", mine, "token", "list", status=1).startswith("error: ")


def test_a_file_of_a_newer_version_is_left_alone(node, tmp_path):
    node.stop()
    for name, words in [("dmp_tokens.db", ["token", "issue", "a@b.test"]), ("dmp_tsig.db", ["tsig", "list"])]:
        people.change(node.folder / name, "PRAGMA user_version = 9")
        before = (node.folder / name).read_bytes()
        error = run(node, *words, status=1)
        assert error.startswith("error: ") and "9" in error
        assert (node.folder / name).read_bytes() == before


@pytest.mark.parametrize("words", [[], ["token"], ["tsig"], ["deny"], ["audit"], ["token", "issue"], ["token", "isue"],
                                   ["token", "issue", "a@b.test", "--what"], ["tsig", "show"], ["--what"], ["backup"]])
def test_a_wrong_command_line_shows_how_it_is_written(node, words):
    error = run(node, *words, status=2)
    assert "\nusage: dnsmesh-node-admin " in error


def test_many_programs_and_the_node_share_the_files(registrar):
    people_there = [people.Person(f"user{number}@mesh.test") for number in range(8)]
    failures = []

    def work(person, number):
        try:
            token = token_in(run(registrar, "token", "issue", person.subject, "--rate", "0"))
            assert publish(registrar, token, f"dmp.user{number}.mesh.test") == 201
            person.token(registrar)
            name = person.tsig_key(registrar)["tsig_key_name"]
            run(registrar, "tsig", "revoke", name)
            run(registrar, "token", "revoke", person.subject)
            assert publish(registrar, token, f"dmp.user{number}.mesh.test") == 401
        except Exception as failure:  # A thread has nobody to tell.
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(person, number)) for number, person in enumerate(people_there)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert run(registrar, "token", "list") == "(no tokens)\n"
    assert len(run(registrar, "token", "list", "--include-revoked").splitlines()) == 17
