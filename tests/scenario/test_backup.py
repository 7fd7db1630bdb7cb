"""Backups of a node under load, damage to a copy, and a restored node among its peers (docs/backup.md)."""
import os
import sqlite3
import subprocess
import time

import pytest

import mesh
import people
from test_crash import Stream, rows_of

MULTI_TENANT = {"DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN, "DMP_REGISTRATION_ENABLED": "1",
                "DMP_NODE_HOSTNAME": "node.mesh.test", "DMP_DNS_UPDATE_ENABLED": "1",
                "DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC": "0"}


def admin(*arguments, check=True):
    done = subprocess.run([str(mesh.program("dnsmesh-node-admin")), *map(str, arguments)], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"]}, timeout=60 * mesh.SLOWNESS)
    assert not check or done.returncode == 0, done.stderr
    return done


def fails(*arguments):
    done = admin(*arguments, check=False)
    assert done.returncode == 1 and done.stderr.startswith("error: "), done
    return done.stderr


def epoch_of(database):
    with people.opened(database) as file:
        return file.execute("SELECT epoch_id FROM node_state").fetchone()[0]


def restore(node, copy):
    """Puts a copy in the place of a stopped node's files."""
    node.stop()
    admin("restore", copy, "--db", node.database, "--force")


# --- under load ---

def test_a_backup_under_load_restores_everything_that_was_acknowledged_before_it_began(make_node, tmp_path):
    node = make_node().start()
    stream = Stream(node, "load")
    mesh.wait_until(lambda: stream.count() >= 200, "the load is on")
    before = set(stream.acknowledged)
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", node.database)
    mesh.wait_until(lambda: stream.count() >= len(before) + 50, "the load goes on")
    assert "is in use" in fails("restore", copy, "--db", node.database, "--force")
    node.stop()
    stream.join()
    assert "records.db: whole" in admin("backup-check", copy).stdout

    other = make_node("other")
    admin("restore", copy, "--db", other.database)
    other.start()
    assert before <= rows_of(other)
    for name, value in sorted(before)[:20]:
        assert value in other.resolve(name)


def test_backups_one_after_the_other_under_load_each_have_what_was_acknowledged_before(make_node, tmp_path):
    node = make_node().start()
    stream = Stream(node, "load")
    for number in range(5):
        mesh.wait_until(lambda: stream.count() >= 100 * (number + 1), "the load is on")
        before, copy = set(stream.acknowledged), tmp_path / f"copy{number}"
        admin("backup", copy, "--db", node.database)
        with people.opened(copy / "records.db") as file:
            assert before <= {tuple(row) for row in file.execute("SELECT name, value FROM records")}
    node.stop()
    stream.join()


def test_a_backup_that_is_killed_leaves_no_copy_that_looks_whole(make_node, tmp_path):
    node = make_node().start()
    stream = Stream(node, "load")
    mesh.wait_until(lambda: stream.count() >= 50, "the load is on")
    for number in range(10):
        copy = tmp_path / f"copy{number}"
        process = subprocess.Popen([str(mesh.program("dnsmesh-node-admin")), "backup", str(copy), "--db",
                                    str(node.database)])
        mesh.wait_until(lambda: list(tmp_path.glob(f"copy{number}*")) or process.poll() is not None, "the copy begins")
        process.kill()
        process.wait()
        for left in tmp_path.glob(f"copy{number}*"):
            whole = admin("backup-check", left, check=False).returncode == 0
            assert whole or ".part-" in left.name, "a folder of the name that was asked for is a whole copy"
    node.stop()
    stream.join()


# --- all files ---

def test_tokens_and_keys_are_in_the_copy_for_the_owner_alone_and_work_after_a_restore(make_node, tmp_path):
    node = make_node(environment=MULTI_TENANT).start()
    alice = people.Person("alice@mesh.test")
    token, key = alice.token(node), alice.tsig_key(node)
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", node.database)
    assert copy.stat().st_mode & 0o777 == 0o700
    files = sorted(copy.iterdir())
    assert [file.name for file in files] == ["manifest.json", "records.db", "tokens.db", "tsig.db"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "tsig.db: whole, schema version 4, 1 rows" in admin("backup-check", copy).stdout

    other = make_node("other", environment=MULTI_TENANT)
    admin("restore", copy, "--db", other.database)
    other.start()
    assert {file.stat().st_mode & 0o777 for file in other.folder.glob("dmp*.db")} == {0o600}
    assert other.request("POST", "/v1/records/dmp.alice.mesh.test", {"value": "v"}, people.bearer(token))[0] == 201
    [row] = people.rows(people.key_file(other), "SELECT name, hex(secret) AS secret FROM tsig_keys")
    assert row == {"name": key["tsig_key_name"], "secret": key["tsig_secret_hex"].upper()}
    assert people.update(other, key["tsig_key_name"], bytes.fromhex(key["tsig_secret_hex"]),
                         next(suffix for suffix in key["allowed_suffixes"] if suffix.startswith("id-")), "signed") == "NOERROR"
    assert people.Person("alice@mesh.test").confirm(other)[0] == 409, "the subject is still hers"


# --- damage ---

def flipped(path):
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 0x20
    path.write_bytes(octets)


def cut(path):
    path.write_bytes(path.read_bytes()[:-4096])


def newer(path):
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 9")


@pytest.mark.parametrize("damage", [flipped, cut, lambda path: path.unlink(), newer, lambda path: path.write_bytes(b"")],
                         ids=["flipped", "cut", "missing", "newer", "empty"])
@pytest.mark.parametrize("name", ["records.db", "tokens.db", "tsig.db"])
def test_damage_to_any_file_is_found_and_nothing_of_the_copy_is_restored(make_node, tmp_path, damage, name):
    node = make_node(environment=MULTI_TENANT).start()
    people.Person("alice@mesh.test").tsig_key(node)
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", node.database)
    admin("backup-check", copy)
    damage(copy / name)
    fails("backup-check", copy)
    target = tmp_path / "restored" / "dmp.db"
    fails("restore", copy, "--db", target)
    assert not target.parent.exists()


def test_a_restore_replaces_no_file_without_being_told_to_and_keeps_what_was_there(make_node, tmp_path):
    node = make_node().start()
    name = f"hello.{mesh.ZONE}"
    node.publish(name, "before")
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", node.database)
    node.publish(name, "after")
    node.kill()
    assert "--force" in fails("restore", copy, "--db", node.database)
    assert rows_of(node) == {(name, "before"), (name, "after")}
    assert "kept the file that was there as" in admin("restore", copy, "--db", node.database, "--force").stdout
    node.start()
    assert node.resolve(name) == {"before"}
    [kept] = [path for path in node.folder.glob("dmp.db.before-restore-*") if not path.name.endswith(("-wal", "-shm"))]
    with people.opened(kept) as file:
        assert len(file.execute("SELECT * FROM records").fetchall()) == 2, "also what was in the log alone"


# --- among peers ---

@pytest.mark.parametrize("extended", ["1", "0"])
def test_a_restored_node_gets_back_what_it_lost_and_gives_what_only_it_has(make_cluster, tmp_path, extended):
    nodes = make_cluster(2, environment={"DMP_SYNC_EXTENDED": extended}).start()
    a, b = nodes
    for number in range(50):
        assert a.publish(f"old{number}.{mesh.ZONE}", "from a") == 201
    assert b.publish(f"from-b.{mesh.ZONE}", "b") == 201
    nodes.wait_until_equal()
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", a.database)
    for number in range(50):
        assert a.publish(f"lost{number}.{mesh.ZONE}", "from a, after the backup") == 201
    assert b.publish(f"late-b.{mesh.ZONE}", "b") == 201
    everything = nodes.wait_until_equal()
    assert len(everything) >= 102
    before = epoch_of(a.database)
    restore(a, copy)
    assert not any(name.startswith("lost") for name, _ in rows_of(a)), "the copy is older"
    # The numbers of the restored feed begin where the peer has read on long ago: only the new epoch tells.
    a.start()
    assert epoch_of(a.database) != before
    for number in range(20):
        assert a.publish(f"new{number}.{mesh.ZONE}", "after the restore") == 201
    mesh.wait_until(lambda: a.pairs() == b.pairs() and len(b.pairs()) == len(everything) + 20, "both have everything", 60)
    assert everything <= a.pairs()
    for number in range(50):
        assert a.resolve(f"lost{number}.{mesh.ZONE}") == {"from a, after the backup"}


def test_a_restored_node_resurrects_nothing_that_ended_or_was_deleted_since(make_cluster, tmp_path):
    nodes = make_cluster(2, environment={"DMP_SYNC_TOMBSTONES": "peers"}).start()
    a, b = nodes
    kept, short, by_a, by_b = (f"{label}.{mesh.ZONE}" for label in ("kept", "short", "by-a", "by-b"))
    for name in (kept, by_a, by_b):
        assert a.publish(name, "x") == 201
    assert a.publish(short, "x", ttl=4 * mesh.SLOWNESS) == 201
    nodes.wait_until_equal()
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", a.database)
    assert {name for name, _ in rows_of(a)} >= {short, by_a, by_b}
    assert a.delete(by_a, "x") == 204
    assert b.delete(by_b, "x") == 204
    mesh.wait_until(lambda: not (b.resolve(by_a) or a.resolve(by_b)), "both deletes are at both nodes")
    restore(a, copy)
    assert {name for name, _ in rows_of(a)} >= {short, by_a, by_b}
    # Not that of the peer's copy, which may be a second shorter.
    [end] = people.rows(a.database, "SELECT expires_at FROM records WHERE name = ?", short)
    mesh.wait_until(lambda: time.time() >= end["expires_at"], "the short life is over")
    a.start()
    assert a.publish(f"marker.{mesh.ZONE}", "x") == 201
    nodes.wait_for_value(f"marker.{mesh.ZONE}", "x", nodes=[b])
    mesh.wait_until(lambda: not (a.resolve(by_a) or a.resolve(by_b)), "the restored node hears of the deletes", 60)
    for node in nodes:
        assert [bool(node.resolve(name)) for name in (kept, short, by_a, by_b)] == [True, False, False, False]


def test_what_a_peer_deleted_since_the_backup_stays_deleted_there(make_cluster, tmp_path):
    nodes = make_cluster(2).start()
    a, b = nodes
    gone = f"gone.{mesh.ZONE}"
    assert a.publish(gone, "x") == 201
    nodes.wait_until_equal()
    copy = tmp_path / "copy"
    admin("backup", copy, "--db", a.database)
    assert b.delete(gone, "x") == 204
    restore(a, copy)
    a.start()
    assert a.publish(f"marker.{mesh.ZONE}", "x") == 201
    nodes.wait_for_value(f"marker.{mesh.ZONE}", "x", nodes=[b])
    mesh.wait_until(lambda: b.cluster()["peers"][0]["state"] == "current", "B has read A whole")
    assert b.resolve(gone) == set()
