"""Taking over the files of an existing node, going back to it, and coming again (spec/storage.md, docs/migration.md)."""
import json
import os
import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

import existing_node
import mesh
import people
from existing_node import ExistingNode, connected, insert, make, path_of, record
from test_discovery import settings as heartbeat_settings

MULTI_TENANT = {"DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN, "DMP_REGISTRATION_ENABLED": "1",
                "DMP_NODE_HOSTNAME": "node.mesh.test", "DMP_DNS_UPDATE_ENABLED": "1",
                "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0"}
FOREVER = 2**63 - 1
RECORD_LAYOUTS, TOKEN_LAYOUTS, KEY_LAYOUTS, SEEN_LAYOUTS = (list(existing_node.LAYOUTS[file]) for file in existing_node.LAYOUTS)


def at(label):
    return f"{label}.{mesh.ZONE}"


def admin(node, *words):
    done = subprocess.run([str(mesh.program("dnsmesh-node-admin")), *map(str, words)], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "DMP_DB_PATH": str(node.database), "USER": "ops"},
                          timeout=60 * mesh.SLOWNESS)
    assert done.returncode == 0, done
    return done.stdout


def columns_of(path, table):
    with connected(path) as database:
        return {row["name"]: (row["type"], row["notnull"], row["dflt_value"]) for row in
                database.execute(f"PRAGMA table_info({table})")}


def version_of(path):
    with connected(path) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


def assert_only_grown(before, after):
    """Columns keep type and default; those that came are nullable or have a default."""
    assert {name: after[name] for name in before} == before
    for name in after.keys() - before.keys():
        _, not_null, default = after[name]
        assert not not_null or default is not None, name


def heartbeat(endpoint, seed, life=3600, age=0):
    """A signed wire, and its key."""
    spk = people.raw(ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed * 32)).public_key()).hex()
    ts = int(time.time()) - age
    inputs = {"endpoint": endpoint, "operator_spk_hex": spk, "version": "9.9", "capabilities": 0, "claim_provider_zone": "",
              "ts": ts, "exp": ts + life}
    question = {"id": 1, "record": "HeartbeatRecord", "inputs": inputs, "seeds_hex": [seed * 32]}
    done = subprocess.run([str(mesh.program("dnsmesh-record")), "issue"], input=json.dumps(question) + "\n", text=True,
                          capture_output=True, check=True)
    return json.loads(done.stdout)["wire"], spk


# --- records ---

@pytest.mark.parametrize("layout", RECORD_LAYOUTS)
def test_records_of_each_layout_are_served_and_quirks_are_kept(make_node, layout):
    node = make_node()
    path = make(node.folder, "records", layout)
    now = int(time.time())
    record(path, at("plain"), "one", age=20)
    record(path, at("plain"), "two", age=10)
    record(path, "Mixed.Mesh.TEST", "upper")
    record(path, at("mixed"), "lower")
    record(path, at("empty"), "")
    record(path, at("text"), "žluťoučký 🐎")
    record(path, at("long"), "x" * 5000)
    record(path, at("years"), "manifest", life=10 * 365 * 86400)
    record(path, at("ever"), "x", expires_at=FOREVER)
    record(path, at("over"), "x", life=-1)
    record(path, at("line\nfeed"), "x")
    for number in range(70):
        record(path, at("many"), f"value {number}")
    if layout == "stamps":  # interim versions wrote seconds
        with connected(path) as database:
            database.execute("UPDATE records SET stored_ts = stored_ts / 1000")
    record(path, at("never-synced"), "x", stored_ts=0)

    node.start()
    assert node.resolve(at("plain")) == {"one", "two"}
    assert node.read(at("plain")) == ["one", "two"], "the oldest first"
    for spelling in ("Mixed.Mesh.TEST", at("mixed"), "MIXED.mesh.test"):
        assert node.resolve(spelling) == {"upper", "lower"}
        assert set(node.read(spelling)) == {"upper", "lower"}
    assert node.read(at("empty")) == [""]
    assert node.resolve(at("text")) == {"žluťoučký 🐎"}
    assert node.resolve(at("long"), transport="tcp") == {"x" * 5000}
    assert node.resolve(at("years")) == {"manifest"} and node.resolve(at("ever")) == {"x"}
    assert node.resolve(at("over")) == set()
    assert len(node.resolve(at("many"), transport="tcp")) == 70
    assert node.resolve(at("never-synced")) == {"x"}
    assert node.publish(at("many"), "one more") == 413, "kept, and only new ones are refused"
    assert node.publish(at("many"), "value 3") == 201
    assert "dropped 1 record(s) whose name holds a line feed" in node.log()
    node.stop()

    assert version_of(path) == 0
    with connected(path) as database:
        rows = {(row["name"], row["value"]): row for row in database.execute("SELECT * FROM records")}
    assert not any("\n" in name or name == at("over") for name, _ in rows)
    assert ("Mixed.Mesh.TEST", "upper") in rows, "the spelling stays"
    for (name, value), row in rows.items():
        assert row["value_hash"] == existing_node.digest_of(value), name
        assert row["stored_ts"] > 10**12 or (name == at("never-synced") and layout != "first")
    assert rows[at("ever"), "x"]["expires_at"] == FOREVER
    assert rows[at("plain"), "one"]["created_at"] == pytest.approx(now - 20, abs=5)


def test_records_that_are_only_in_the_write_ahead_log_are_served(make_node):
    node = make_node()
    path = make(node.folder, "records", "now")
    crash = ("import os, sqlite3, sys, time\n"
             "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
             "now = int(time.time())\n"
             "database.execute('INSERT INTO records VALUES (?, ?, 60, ?, ?, ?, ?)',\n"
             f"                 ({at('late')!r}, 'x', now, now + 3600, now * 1000, ''))\n"
             "os._exit(9)\n")
    assert subprocess.run([sys.executable, "-c", crash, str(path)]).returncode == 9
    assert path.with_name("dmp.db-wal").stat().st_size > 0
    node.start()
    assert node.resolve(at("late")) == {"x"}


def test_a_start_that_fails_has_changed_nothing(make_node):
    for file, extra in [("records", {}), ("tokens", MULTI_TENANT), ("tsig", MULTI_TENANT)]:
        node = make_node(file, environment=extra)
        path = make(node.folder, file, list(existing_node.LAYOUTS[file])[-1])
        known = version_of(path)
        with connected(path) as database:
            database.execute(f"PRAGMA user_version = {known + 1}")
        before = path.read_bytes()
        node.launch()
        assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 1, node.log()
        assert str(path) in node.log() and str(known + 1) in node.log(), node.log()
        assert path.read_bytes() == before


# --- tokens ---

@pytest.mark.parametrize("layout", TOKEN_LAYOUTS)
def test_tokens_of_each_layout_open_what_they_opened(make_node, layout):
    node = make_node(environment=MULTI_TENANT)
    path = make(node.folder, "tokens", layout)
    path.chmod(0o644)
    alice = people.Person("alice@mesh.test")
    texts = {label: f"dmp_v1_{label.upper():A<52}" for label in ("alive", "ends", "over", "revoked", "odd")}
    common = {"subject": "alice@mesh.test", "subject_type": 1, "issued_at": 1, "registered_spk": alice.spk,
              "issuer": "self-service"}
    for label, other in {"alive": {}, "ends": {"expires_at": FOREVER}, "over": {"expires_at": 2},
                         "revoked": {"revoked_at": 3},
                         "odd": {"rate_per_sec": 0, "rate_burst": 1, "note": "it's \"so\"\n", "issuer": ""}}.items():
        insert(path, "tokens", token_hash=existing_node.digest_of(texts[label]), **{**common, **other})
    insert(path, "token_audit", ts=5, event="issued", subject="alice@mesh.test", detail="self-service")

    node.start()
    publish = lambda label: node.request("POST", "/v1/records/dmp.alice.mesh.test", {"value": label},
                                         people.bearer(texts[label]))[0]
    assert {label: publish(label) for label in texts} == {"alive": 201, "ends": 201, "over": 401, "revoked": 401, "odd": 201}
    assert path.stat().st_mode & 0o777 == 0o600, "tightened"
    listed = json.loads(admin(node, "token", "list", "--include-revoked", "--json"))
    assert {row["token_hash"] for row in listed} == {existing_node.digest_of(text) for text in texts.values()}
    assert '1970-01-01T00:00:05Z  issued' in admin(node, "audit", "tail", "--event", "issued")
    # Where the file never said whose key it was, the subject is free, as at the existing node.
    stranger = people.Person("alice@mesh.test").confirm(node)[0]
    assert stranger == (409 if "registered_spk" not in existing_node.LAYOUTS["tokens"][layout][0] else 200)
    node.stop()
    assert version_of(path) == 2
    ExistingNode(node.folder)


# --- TSIG keys ---

@pytest.mark.parametrize("layout", KEY_LAYOUTS)
def test_keys_of_each_layout_are_there_and_those_that_cannot_be_used_do_no_harm(make_node, layout):
    node = make_node(environment=MULTI_TENANT)
    path = make(node.folder, "tsig", layout)
    path.chmod(0o644)
    for name, other in {
            "alice.mesh.test.": {}, "sha512.mesh.test.": {"algorithm": "hmac-sha512"},
            "over.mesh.test.": {"expires_at": 2}, "dead.mesh.test.": {"revoked": 1},
            "md5.mesh.test.": {"algorithm": "hmac-md5"}, "a..b.": {}, "no-dot": {}, "": {}, "x" * 64 + ".test.": {},
            "ever.mesh.test.": {"expires_at": FOREVER}}.items():
        insert(path, "tsig_keys", **{"name": name, "secret": b"\x00\xff" * 16, "allowed_suffixes": "a.mesh.test\nb-*.mesh.test",
                                     "created_at": 1, "subject": "alice@mesh.test", **other})
    node.start()
    assert path.stat().st_mode & 0o777 == 0o600, "tightened"
    states = {line.split()[-1]: line.split()[-2] for line in admin(node, "tsig", "list").splitlines()[1:]}
    assert states["alice.mesh.test."] == states["ever.mesh.test."] == states["sha512.mesh.test."] == "active"
    assert (states["over.mesh.test."], states["dead.mesh.test."]) == ("expired", "revoked")
    secret = b"\x00\xff" * 16
    update = lambda key, name, **other: people.update(node, key, secret, name, "signed", **other)
    assert update("alice.mesh.test.", at("a")) == update("ever.mesh.test.", at("b-7")) == "NOERROR"
    assert update("sha512.mesh.test.", at("below.a"), algorithm="hmac-sha512") == "NOERROR"
    assert node.resolve(at("a")) == node.resolve(at("b-7")) == node.resolve(at("below.a")) == {"signed"}
    assert update("alice.mesh.test.", at("c")) == "REFUSED"
    assert update("over.mesh.test.", at("a")) == update("dead.mesh.test.", at("a")) == "PeerBadKey"
    assert people.update(node, "alice.mesh.test.", b"another", at("a"), "x") == "PeerBadSignature"
    assert "    a.mesh.test\n    b-*.mesh.test\n" in admin(node, "tsig", "show", "alice.mesh.test")
    people.Person("bob@mesh.test").tsig_key(node)
    node.stop()
    assert version_of(path) == 4
    before = ExistingNode(node.folder).keys()
    assert before["alice.mesh.test."] == (b"\x00\xff" * 16, ["a.mesh.test", "b-*.mesh.test"])
    assert len(people.rows(path, "SELECT * FROM tsig_keys")) == 11, "rows that cannot be used stay for the existing node"


# --- heartbeats ---

@pytest.mark.parametrize("layout", SEEN_LAYOUTS)
def test_heartbeats_that_were_seen_are_shown_and_published_again(make_node, tmp_path, layout):
    node = make_node(environment=heartbeat_settings(tmp_path, "a", 0, 9))
    path = make(node.folder, "seen", layout)
    path.chmod(0o644)
    there, spk = heartbeat("https://there.example.org", "11")
    gone, gone_spk = heartbeat("https://gone.example.org", "22", life=60, age=90)
    now = int(time.time())
    insert(path, "heartbeats_seen", operator_spk_hex=spk, endpoint="https://there.example.org", wire=there, ts=now,
           exp=now + 3600, version="9.9", received_at=now, remote_addr=None)
    insert(path, "heartbeats_seen", operator_spk_hex=gone_spk, endpoint="https://gone.example.org", wire=gone, ts=now - 90,
           exp=now - 30, version="9.9", received_at=now - 90, remote_addr="gone.example.org")
    node.start()
    mesh.wait_until(lambda: node.resolve("_dnsmesh-seen.a.mesh.test") == {there}, "what was seen is published")
    page = mesh.wait_until(lambda: (text := node.request("GET", "/")[1]) and "there.example.org" in text and text,
                           "what was seen is on the page")
    assert "gone.example.org" not in page
    assert path.stat().st_mode & 0o777 == 0o644, "public data keeps its mode"
    node.stop()
    assert version_of(path) == 1
    assert ("https://there.example.org", there) in ExistingNode(node.folder).seen()


# --- going back, and coming again ---

def test_the_existing_node_goes_on_with_the_files_after_us_and_we_after_it(make_node, tmp_path):
    node = make_node(environment={**heartbeat_settings(tmp_path, "a", 0, 9), **MULTI_TENANT, "DMP_SERVED_ZONE": mesh.ZONE})
    before = {}
    for file in existing_node.FILES:
        path = make(node.folder, file, list(existing_node.LAYOUTS[file])[-1])
        before.update({table: columns_of(path, table) for table in existing_node.FILES[file][1]})
    theirs = ExistingNode(node.folder)
    theirs.publish(at("theirs"), "from the existing node")
    theirs.publish(at("shared"), "theirs")
    theirs.issue("dmp_v1_" + "A" * 52, "carol@mesh.test")
    theirs.mint("carol.mesh.test.", b"\x01" * 32, ["carol.mesh.test"], "carol@mesh.test", "cc" * 32)

    # Ours, with every kind of write.
    node.start()
    operator = people.AS_OPERATOR
    write = lambda method, name, body: node.request(method, f"/v1/records/{name}", body, operator)[0]
    assert write("POST", at("ours"), {"value": "from ours", "ttl": 3600}) == 201
    assert write("POST", at("shared"), {"value": "ours", "ttl": 3600}) == 201
    assert write("POST", at("deleted"), {"value": "x", "ttl": 3600}) == 201
    assert write("DELETE", at("deleted"), {"value": "x"}) == 204
    assert write("DELETE", at("theirs"), {"value": "from the existing node"}) == 204
    alice, bob = people.Person("alice@mesh.test"), people.Person("bob@mesh.test")
    token, key = alice.token(node), alice.tsig_key(node, prove=True)
    bob_key = bob.tsig_key(node)
    admin(node, "tsig", "revoke", "bob@mesh.test")
    admin(node, "deny", "add", "mallory@mesh.test")
    mesh.wait_until(lambda: node.resolve(f"_dnsmesh-heartbeat.{mesh.ZONE}"), "our heartbeat is in the store")
    assert node.stop()[0] == 0

    # Back.
    for file, (_, tables, version) in existing_node.FILES.items():
        assert version_of(path_of(node.folder, file)) == version
        for table in tables:
            assert_only_grown(before[table], columns_of(path_of(node.folder, file), table))
    theirs = ExistingNode(node.folder)
    assert theirs.read(at("ours")) == ["from ours"]
    assert theirs.read(at("shared")) == ["theirs", "ours"]
    assert theirs.read(at("theirs")) == theirs.read(at("deleted")) == []
    listed = theirs.digest()
    assert listed == sorted(listed) and {name for _, name, *_ in listed} >= {at("ours"), at("shared")}
    assert all(abs(stored / 1000 - time.time()) < 3600 for stored, *_ in listed), "milliseconds"
    assert {value_hash for _, name, value_hash, *_ in listed if name == at("ours")} == {existing_node.digest_of("from ours")}
    assert theirs.token(token) == "alice@mesh.test" and theirs.token("dmp_v1_" + "A" * 52) == "carol@mesh.test"
    keys = theirs.keys()
    assert keys[key["tsig_key_name"]] == (bytes.fromhex(key["tsig_secret_hex"]), key["allowed_suffixes"])
    assert keys["carol.mesh.test."] == (b"\x01" * 32, ["carol.mesh.test"]) and bob_key["tsig_key_name"] not in keys
    assert people.rows(path_of(node.folder, "tsig"), "SELECT typeof(secret) AS kind FROM tsig_keys GROUP BY 1") == [
        {"kind": "blob"}]
    theirs.publish(at("ours"), "from ours", ttl=7200)
    theirs.publish(at("back"), "written after going back")
    theirs.publish(at("theirs"), "from the existing node")
    theirs.publish("Back.Mesh.TEST", "in another case")
    theirs.publish(at("short"), "x", ttl=1)
    assert theirs.delete(at("shared"), "ours") == 1
    assert theirs.revoke(token) == 1
    theirs.issue("dmp_v1_" + "B" * 52, "dave@mesh.test")
    theirs.mint("dave.mesh.test.", b"\x02" * 32, ["dave.mesh.test"])
    wire, spk = heartbeat("https://there.example.org", "11")
    theirs.hear(spk, "https://there.example.org", wire, int(time.time()), int(time.time()) + 3600)
    mesh.wait_until(lambda: not theirs.read(at("short")), "a short life is over")

    # And again ours.
    node.start()
    assert node.resolve(at("ours")) == {"from ours"}
    assert node.resolve(at("back")) == {"written after going back", "in another case"}
    assert node.resolve(at("theirs")) == {"from the existing node"}, "our delete does not outlive a later publish there"
    assert node.resolve(at("shared")) == {"theirs"}
    assert node.resolve(at("short")) == node.resolve(at("deleted")) == set()
    as_user = lambda text, name: node.request("POST", f"/v1/records/{name}", {"value": "v"}, people.bearer(text))[0]
    assert as_user(token, "dmp.alice.mesh.test") == 401
    assert as_user("dmp_v1_" + "B" * 52, "dmp.dave.mesh.test") == 201
    assert people.update(node, "dave.mesh.test.", b"\x02" * 32, at("dave"), "signed") == "NOERROR"
    assert people.update(node, "carol.mesh.test.", b"\x01" * 32, at("carol"), "signed") == "NOERROR"
    assert people.update(node, bob_key["tsig_key_name"], bytes.fromhex(bob_key["tsig_secret_hex"]), at("b"), "x") == "PeerBadKey"
    assert "revoked" in admin(node, "tsig", "show", bob_key["tsig_key_name"]), "a ban outlives the visit"
    assert people.Person("mallory@mesh.test").confirm(node)[0] == 403
    mesh.wait_until(lambda: wire in node.resolve(f"_dnsmesh-seen.{mesh.ZONE}"), "what was heard there is published here")
    node.stop()
    unnumbered = people.rows(node.database, "SELECT name FROM records WHERE rseq IS NULL")
    assert not unnumbered


def test_a_second_node_never_runs_on_the_same_files(make_node):
    node = make_node()
    make(node.folder, "records", "now")
    node.start()
    second = make_node("second", environment={"DMP_DB_PATH": str(node.database)}).launch()
    assert second.process.wait(timeout=20 * mesh.SLOWNESS) == 1
    assert str(node.database) in second.log() and f"{node.database.name}.lock" in second.log()
    assert node.publish(at("still"), "x") == 201
