"""The data that every server of a comparison is given: a zone file, queries, records, a record file of the node."""
import base64
import hashlib
import json
import random
import sqlite3
import struct
import time

ZONE = "mesh.example.com"
VALUE_BYTES = 200
MANY_SHARE, MANY_VALUES = 0.1, 4  # one RRset in ten has four values, about 900 octets in an answer
MISS_SHARE = 0.1
TTL_S = 3600  # of an answer, in the zone file; the rows of the record file live a day
LIFE_S = 86400

# What an existing node of the protocol writes; the node takes it over when it opens the file.
LAYOUT = """
CREATE TABLE records (name TEXT NOT NULL, value TEXT NOT NULL, ttl INTEGER NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, stored_ts INTEGER NOT NULL DEFAULT 0, value_hash TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (name, value));
CREATE INDEX idx_records_expires ON records (expires_at);
CREATE INDEX idx_records_page ON records (stored_ts, name, value_hash);
"""


def make(folder, names, queries=200_000, seed=1):
    """Writes zone.db, queries.txt and records.ndjson; the same seed gives the same data. Gives a name that exists."""
    draw = random.Random(seed)
    labels = list(dict.fromkeys(f"r{draw.getrandbits(48):012x}" for _ in range(names)))
    with open(folder / "zone.db", "w") as zone, open(folder / "records.ndjson", "w") as records:
        zone.write(f"$ORIGIN {ZONE}.\n$TTL {TTL_S}\n@ SOA ns1 hostmaster 1 3600 600 864000 60\n@ NS ns1\nns1 A 127.0.0.1\n")
        for label in labels:
            for _ in range(MANY_VALUES if draw.random() < MANY_SHARE else 1):
                value = "v=x1;d=" + base64.b64encode(draw.randbytes(VALUE_BYTES)).decode()[:VALUE_BYTES - 7]
                zone.write(f'{label} TXT "{value}"\n')
                records.write(json.dumps({"name": f"{label}.{ZONE}", "value": value}) + "\n")
    with open(folder / "queries.txt", "w") as file:
        for _ in range(queries):
            missing = draw.random() < MISS_SHARE
            file.write(f"{f'x{draw.getrandbits(48):012x}' if missing else draw.choice(labels)}.{ZONE} TXT\n")
    return f"{labels[0]}.{ZONE}"


def records(folder):
    with open(folder / "records.ndjson") as file:
        yield from map(json.loads, file)


def make_record_file(folder, path):
    """The records as a file that the node takes over."""
    now = int(time.time())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(LAYOUT)
        database.executemany("INSERT INTO records VALUES (?,?,?,?,?,?,?)", (
            (r["name"], r["value"], LIFE_S, now, now + LIFE_S, now * 1000 + i // 1000,
             hashlib.sha256(r["value"].encode()).hexdigest()) for i, r in enumerate(records(folder))))
    database.close()


def request(kind, name, value, number):
    """One publish as HTTP: to the node, to PowerDNS, or to etcd."""
    if kind == "node":
        method, path, body = "POST", f"/v1/records/{name}", {"value": value, "ttl": TTL_S}
    elif kind == "pdns":
        method, path = "PATCH", f"/api/v1/servers/localhost/zones/{ZONE}."
        body = {"rrsets": [{"name": name + ".", "type": "TXT", "ttl": TTL_S, "changetype": "REPLACE",
                            "records": [{"content": f'"{value}"', "disabled": False}]}]}
    else:
        encode = lambda text: base64.b64encode(text.encode()).decode()
        method, path, body = "POST", "/v3/kv/put", {"key": encode(f"{name}/{number}"), "value": encode(value)}
    content = json.dumps(body, separators=(",", ":"))
    return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: bench\r\nConnection: keep-alive\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n{content}").encode()


def make_requests(folder, path, kind, prefix, count):
    """Publishes of names that the server has not seen (`prefix` makes them new), each behind its length in 4 octets."""
    with open(path, "wb") as out:
        for number, record in enumerate(records(folder)):
            if number == count:
                break
            octets = request(kind, f"{prefix}{record['name']}", record["value"], number)
            out.write(struct.pack("<I", len(octets)) + octets)
