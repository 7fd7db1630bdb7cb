"""The record file from outside: taken over from another node, refused to a second process, damaged, and out of space."""
import hashlib
import os
import sqlite3
import stat
import time

import mesh

# The layout that existing nodes of the protocol write: seven columns, four indices, user_version 0.
EXISTING_LAYOUT = """
CREATE TABLE records (name TEXT NOT NULL, value TEXT NOT NULL, ttl INTEGER NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, stored_ts INTEGER NOT NULL DEFAULT 0, value_hash TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (name, value));
CREATE INDEX idx_records_name ON records (name);
CREATE INDEX idx_records_expires ON records (expires_at);
CREATE INDEX idx_records_stored_ts ON records (stored_ts);
CREATE INDEX idx_records_page ON records (stored_ts, name, value_hash);
"""


def insert(database, name, value, ttl=3600, age=0):
    now = int(time.time()) - age
    database.execute(
        "INSERT OR REPLACE INTO records (name, value, ttl, created_at, expires_at, stored_ts, value_hash) VALUES (?,?,?,?,?,?,?)",
        (name, value, ttl, now, now + ttl, now * 1000, hashlib.sha256(value.encode()).hexdigest()))


def test_the_file_of_an_existing_node_is_taken_over_and_given_back(make_node):
    node = make_node()
    with sqlite3.connect(node.database) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(EXISTING_LAYOUT)
        insert(database, "kept.mesh.test", "old value")
        insert(database, "DMP.Alice.mesh.test", "mixed case")
        insert(database, "dead.mesh.test", "expired", ttl=10, age=60)
    database.close()

    node.start()
    assert node.resolve("kept.mesh.test") == {"old value"}
    assert node.resolve("dmp.alice.mesh.test") == {"mixed case"}
    assert node.resolve("dead.mesh.test") == set()
    assert node.publish("new.mesh.test", "new value") == 201
    assert node.stop()[0] == 0

    # The other node writes in between, knowing only its own columns.
    with sqlite3.connect(node.database) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (0,)
        rows = database.execute("SELECT name, value_hash FROM records WHERE name = 'new.mesh.test'").fetchall()
        assert rows == [("new.mesh.test", hashlib.sha256(b"new value").hexdigest())]
        insert(database, "between.mesh.test", "written by the other")
        database.execute("DELETE FROM records WHERE name = 'kept.mesh.test'")
    database.close()

    node.start()
    assert node.resolve("between.mesh.test") == {"written by the other"}
    assert node.resolve("new.mesh.test") == {"new value"}
    assert node.resolve("kept.mesh.test") == set()


def test_a_second_node_on_the_same_file_is_refused_with_one_line(make_node):
    first = make_node().start()
    second = make_node("second", environment={"DMP_DB_PATH": str(first.database)}).launch()
    assert second.process.wait(timeout=20 * mesh.SLOWNESS) == 1
    lines = [line for line in second.log().splitlines() if "dnsmesh-node:" in line]
    assert len(lines) == 1 and str(first.database) in lines[0] and "lock" in lines[0], second.log()
    assert first.publish("a.mesh.test", "still works") == 201


def test_a_damaged_file_is_reported_and_left_untouched(make_node):
    for label, content in (("text", b"this is not a database\n" * 500), ("torn", b"SQLite format 3\0" + b"\xa5" * 8176)):
        node = make_node(label)
        node.database.write_bytes(content)
        node.launch()
        assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 1
        lines = [line for line in node.log().splitlines() if line.startswith("dnsmesh-node: ")]
        assert len(lines) == 1 and str(node.database) in lines[0], node.log()
        assert node.database.read_bytes() == content


def test_new_files_are_private(make_node):
    os.umask(0o022)
    node = make_node(environment={"DMP_DB_PATH": ""})
    node.database = node.folder / "state" / "dmp.db"
    node.environment["DMP_DB_PATH"] = str(node.database)
    node.start()
    node.publish("a.mesh.test", "v")
    assert stat.S_IMODE(node.database.parent.stat().st_mode) == 0o700
    for path in node.database.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_full_disk_is_an_error_to_the_publisher_and_service_goes_on_when_space_returns(make_node):
    node = make_node(file_bytes_max=600_000).start()
    acknowledged, refused = [], None
    for number in range(3000):
        value = f"{number} " + "x" * 1900
        status, body = node.request("POST", f"/v1/records/n{number}.mesh.test", {"value": value, "ttl": 3600})
        if status != 201:
            refused = (number, status, body)
            break
        acknowledged.append((f"n{number}.mesh.test", value))
    assert refused and refused[1:] == (502, '{"ok": false}'), refused
    status, body = node.request("GET", "/health")
    assert (status, body) == (503, '{"status": "degraded", "store": "write failed"}')
    assert node.resolve(acknowledged[0][0], transport="tcp") == {acknowledged[0][1]}, "reading goes on"

    node.give_space_back()
    mesh.wait_until(lambda: node.publish("after.mesh.test", "space is back") == 201, "publishing works again", 30)
    mesh.wait_until(lambda: node.request("GET", "/health")[0] == 200, "health is good again", 30)
    node.kill()
    node.file_bytes_max = None
    node.start()
    for name, value in acknowledged:
        assert node.read(name) == [value], name
    assert node.read(f"n{refused[0]}.mesh.test") in ([], [value]), "what was refused is whole or absent"
    assert node.resolve("after.mesh.test") == {"space is back"}


def test_a_folder_that_cannot_be_written_stops_the_start_with_one_line(make_node):
    node = make_node(environment={"DMP_DB_PATH": "/proc/no/such/place/dmp.db"}).launch()
    assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 1
    assert [line for line in node.log().splitlines() if line.startswith("dnsmesh-node: ") and "/proc/no/such" in line], node.log()
