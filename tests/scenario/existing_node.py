"""The files of an existing node, made and used with Python's sqlite3 as that node does it (spec/storage.md).

`LAYOUTS` has every layout that its versions have left behind. `ExistingNode` runs the statements of the newest version: it
names its columns, so that additional ones do not disturb it.
"""
import contextlib
import hashlib
import sqlite3
import time

RECORD_COLUMNS = {
    "name": "TEXT NOT NULL", "value": "TEXT NOT NULL", "ttl": "INTEGER NOT NULL", "created_at": "INTEGER NOT NULL",
    "expires_at": "INTEGER NOT NULL", "stored_ts": "INTEGER NOT NULL DEFAULT 0", "value_hash": "TEXT NOT NULL DEFAULT ''"}
TOKEN_COLUMNS = {
    "token_hash": "TEXT PRIMARY KEY", "subject": "TEXT NOT NULL", "subject_type": "INTEGER NOT NULL", "subject_hash12": "TEXT",
    "rate_per_sec": "REAL NOT NULL DEFAULT 10.0", "rate_burst": "INTEGER NOT NULL DEFAULT 50", "issued_at": "INTEGER NOT NULL",
    "expires_at": "INTEGER", "revoked_at": "INTEGER", "issuer": "TEXT NOT NULL DEFAULT ''", "note": "TEXT NOT NULL DEFAULT ''",
    "registered_spk": "TEXT"}
AUDIT_COLUMNS = {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "ts": "INTEGER NOT NULL", "event": "TEXT NOT NULL",
                 "token_hash": "TEXT", "subject": "TEXT", "remote_addr": "TEXT", "detail": "TEXT"}
KEY_COLUMNS = {
    "name": "TEXT PRIMARY KEY", "algorithm": "TEXT NOT NULL DEFAULT 'hmac-sha256'", "secret": "BLOB NOT NULL",
    "allowed_suffixes": "TEXT NOT NULL DEFAULT ''", "created_at": "INTEGER NOT NULL",
    "expires_at": "INTEGER NOT NULL DEFAULT 0", "revoked": "INTEGER NOT NULL DEFAULT 0",
    "subject": "TEXT NOT NULL DEFAULT ''", "registered_spk": "TEXT NOT NULL DEFAULT ''",
    "registered_x25519_pub": "TEXT NOT NULL DEFAULT ''"}
SEEN_COLUMNS = {
    "operator_spk_hex": "TEXT NOT NULL", "endpoint": "TEXT NOT NULL", "wire": "TEXT NOT NULL", "ts": "INTEGER NOT NULL",
    "exp": "INTEGER NOT NULL", "version": "TEXT NOT NULL DEFAULT ''", "received_at": "INTEGER NOT NULL", "remote_addr": "TEXT"}

# Table: its columns, what follows them, its indices.
TABLES = {
    "records": (RECORD_COLUMNS, ", PRIMARY KEY (name, value)", {
        "idx_records_name": "(name)", "idx_records_expires": "(expires_at)", "idx_records_stored_ts": "(stored_ts)",
        "idx_records_page": "(stored_ts, name, value_hash)"}),
    "tokens": (TOKEN_COLUMNS, "", {"idx_tokens_subject": "(subject) WHERE revoked_at IS NULL"}),
    "token_audit": (AUDIT_COLUMNS, "", {"idx_audit_ts": "(ts)"}),
    "tsig_keys": (KEY_COLUMNS, "", {"idx_tsig_active": "(revoked, expires_at)", "idx_tsig_subject": "(subject)"}),
    "heartbeats_seen": (SEEN_COLUMNS, ", PRIMARY KEY (operator_spk_hex, endpoint)", {
        "idx_hb_ts": "(ts DESC)", "idx_hb_exp": "(exp)", "idx_hb_received_at": "(received_at)"}),
}

# File: its suffix, its tables, the version that the newest existing node stamps.
FILES = {"records": ("", ["records"], 0), "tokens": ("_tokens", ["tokens", "token_audit"], 2),
         "tsig": ("_tsig", ["tsig_keys"], 4), "seen": ("_heartbeats", ["heartbeats_seen"], 1)}

# Layout: the columns that its version did not have yet, and its stamp.
LAYOUTS = {
    "records": {"first": (["stored_ts", "value_hash"], 0), "stamps": (["value_hash"], 0), "now": ([], 0)},
    "tokens": {"unstamped": (["registered_spk"], 0), "1": (["registered_spk"], 1), "interim": ([], 0), "2": ([], 2)},
    "tsig": {"unstamped": (["subject", "registered_spk", "registered_x25519_pub"], 0),
             "1": (["subject", "registered_spk", "registered_x25519_pub"], 1),
             "2": (["registered_spk", "registered_x25519_pub"], 2), "3": (["registered_x25519_pub"], 3),
             "ahead of its stamp": ([], 1), "4": ([], 4)},
    "seen": {"unstamped": ([], 0), "1": ([], 1)},
}


def digest_of(value):
    return hashlib.sha256(value.encode()).hexdigest()


def path_of(folder, file):
    return folder / f"dmp{FILES[file][0]}.db"


@contextlib.contextmanager
def connected(path):
    """What was changed is committed at the end."""
    connection = sqlite3.connect(path, timeout=5)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def make(folder, file, layout):
    """An empty file as the version of this layout made it; gives its path."""
    missing, version = LAYOUTS[file][layout]
    path = path_of(folder, file)
    with connected(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for table in FILES[file][1]:
            columns, end, indices = TABLES[table]
            there = {name: kind for name, kind in columns.items() if name not in missing}
            database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in there.items())}{end})")
            for index, on in indices.items():
                if not any(name in on for name in missing):
                    database.execute(f"CREATE INDEX {index} ON {table} {on}")
        database.execute(f"PRAGMA user_version = {version}")
    return path


def insert(path, table, **row):
    """One row, without the columns that the file does not have."""
    with connected(path) as database:
        there = [column["name"] for column in database.execute(f"PRAGMA table_info({table})")]
        row = {name: value for name, value in row.items() if name in there}
        database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def record(path, name, value="v", life=3600, age=10, **other):
    now = int(time.time())
    row = {"name": name, "value": value, "ttl": life, "created_at": now - age, "expires_at": now + life,
           "stored_ts": (now - age) * 1000, "value_hash": digest_of(value), **other}
    insert(path, "records", **row)


class ExistingNode:
    """The statements of the newest existing node on the files in a folder."""

    def __init__(self, folder):
        self.folder = folder
        for file in FILES:
            if path_of(folder, file).exists():
                self.open(file)

    def open(self, file):
        """What it does at each start; it refuses files of a newer version."""
        _, tables, version = FILES[file]
        with connected(path_of(self.folder, file)) as database:
            [found] = database.execute("PRAGMA user_version").fetchone()
            assert found <= version, f"{file}: refused, version {found}"
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            for table in tables:
                columns, _, indices = TABLES[table]
                there = {column["name"]: column["type"] for column in database.execute(f"PRAGMA table_info({table})")}
                for name, kind in columns.items():
                    assert there.get(name) == kind.split()[0], f"{table}.{name} is {there.get(name)}"
                for index, on in indices.items():
                    database.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} {on}")
            assert not database.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
            # Its upgrade of interim stamps: what is in milliseconds stays.
            if file == "records":
                database.execute("UPDATE records SET stored_ts = stored_ts * 1000 WHERE stored_ts > 0 AND "
                                 "stored_ts < 1000000000000")
            else:
                database.execute(f"PRAGMA user_version = {version}")

    def run(self, file, statement, *values):
        with connected(path_of(self.folder, file)) as database:
            cursor = database.execute(statement, values)
            return [tuple(row) for row in cursor] if cursor.description else cursor.rowcount

    # --- records ---

    def publish(self, name, value, ttl=3600):
        now = int(time.time())
        self.run("records", "INSERT OR REPLACE INTO records (name, value, ttl, created_at, expires_at, stored_ts, value_hash) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?)", name, value, ttl, now, now + ttl, int(time.time() * 1000), digest_of(value))

    def read(self, name):
        return [value for value, in self.run("records", "SELECT value FROM records WHERE name = ? AND expires_at > ? "
                                             "ORDER BY created_at, rowid", name, int(time.time()))]

    def delete(self, name, value):
        return self.run("records", "DELETE FROM records WHERE name = ? AND value = ?", name, value)

    def digest(self, after=(0, "", "")):
        """What it lists to a peer, in its order."""
        return self.run("records", "SELECT stored_ts, name, value_hash, ttl, expires_at FROM records WHERE "
                        "(stored_ts, name, value_hash) > (?, ?, ?) AND expires_at > ? ORDER BY stored_ts, name, value_hash",
                        *after, int(time.time()))

    # --- tokens ---

    def token(self, text):
        """The subject of a live token."""
        rows = self.run("tokens", "SELECT token_hash, subject, subject_type, subject_hash12, rate_per_sec, rate_burst, issued_at, "
                        "expires_at, revoked_at, issuer, note, registered_spk FROM tokens WHERE token_hash = ?", digest_of(text))
        now = time.time()
        return next((row[1] for row in rows if row[8] is None and (row[7] is None or now < row[7])), None)

    def issue(self, text, subject, spk=None):
        now = int(time.time())
        self.run("tokens", "INSERT INTO tokens (token_hash, subject, subject_type, subject_hash12, rate_per_sec, rate_burst, "
                 "issued_at, expires_at, revoked_at, issuer, note, registered_spk) VALUES (?, ?, 1, NULL, 10.0, 50, ?, NULL, "
                 "NULL, 'admin:root', '', ?)", digest_of(text), subject, now, spk)
        self.run("tokens", "INSERT INTO token_audit (ts, event, token_hash, subject, remote_addr, detail) "
                 "VALUES (?, 'issued', ?, ?, NULL, ?)", now, digest_of(text), subject, "issuer='admin:root' note=''")

    def revoke(self, text):
        return self.run("tokens", "UPDATE tokens SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL",
                        int(time.time()), digest_of(text))

    # --- TSIG keys ---

    def keys(self):
        """Name: (secret, suffixes) of the active keys."""
        rows = self.run("tsig", "SELECT name, algorithm, secret, allowed_suffixes, created_at, expires_at, revoked, subject, "
                        "registered_spk, registered_x25519_pub FROM tsig_keys WHERE revoked = 0 AND "
                        "(expires_at = 0 OR expires_at > ?)", int(time.time()))
        return {row[0]: (row[2], row[3].split("\n")) for row in rows}

    def mint(self, name, secret, suffixes, subject="", spk=""):
        self.run("tsig", "INSERT INTO tsig_keys (name, algorithm, secret, allowed_suffixes, created_at, expires_at, revoked, "
                 "subject, registered_spk, registered_x25519_pub) VALUES (?, 'hmac-sha256', ?, ?, ?, 0, 0, ?, ?, '') "
                 "ON CONFLICT (name) DO UPDATE SET secret = excluded.secret, allowed_suffixes = excluded.allowed_suffixes, "
                 "created_at = excluded.created_at, expires_at = excluded.expires_at, revoked = 0, subject = excluded.subject, "
                 "registered_spk = excluded.registered_spk, registered_x25519_pub = excluded.registered_x25519_pub",
                 name, secret, "\n".join(sorted(suffixes)), int(time.time()), subject, spk)

    # --- heartbeats ---

    def hear(self, spk, endpoint, wire, ts, exp):
        self.run("seen", "DELETE FROM heartbeats_seen WHERE exp <= ?", int(time.time()))
        self.run("seen", "INSERT INTO heartbeats_seen (operator_spk_hex, endpoint, wire, ts, exp, version, received_at, "
                 "remote_addr) VALUES (?, ?, ?, ?, ?, '', ?, 'there.test') ON CONFLICT (operator_spk_hex, endpoint) DO UPDATE SET "
                 "wire = excluded.wire, ts = excluded.ts, exp = excluded.exp, received_at = excluded.received_at "
                 "WHERE excluded.ts >= heartbeats_seen.ts", spk, endpoint, wire, ts, exp, int(time.time()))

    def seen(self):
        return self.run("seen", "SELECT endpoint, wire FROM heartbeats_seen WHERE exp > ? ORDER BY ts DESC", int(time.time()))
