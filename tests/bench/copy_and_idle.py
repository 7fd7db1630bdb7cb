#!/usr/bin/env python3
"""How fast an empty node copies what its peer has, and what a peer costs that has nothing new. Two processes on loopback.

    DNSMESH_BUILD=$PWD/build tests/bench/copy_and_idle.py [--records N] [--signed] [--classic] [--idle-s SECONDS]

The records (40-byte names, 241-byte values; with --signed identity records, each with a signature of its own) are written
into the first node's file as an existing node would have written them. --classic switches the extended mode off at the
reader. CPU is of both processes, per tick of 0.1 s, after the copy has ended.
"""
import argparse
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))

import mesh  # noqa: E402

TOKEN = {"DMP_SYNC_PEER_TOKEN": "a-token-for-the-bench-only", "DMP_HTTP_RATE": "0"}
VALUE_BYTES, NAME_BYTES = 241, 40


def texts(count):
    for number in range(count):
        head = f"value-{number}-"
        yield head + "x" * (VALUE_BYTES - len(head))


def signed(count):
    """Identity records of one key, each with a signature of its own."""
    seed = hashlib.sha256(b"bench").hexdigest()
    asked = json.dumps({"id": 1, "record": "key", "kind": "operator", "seed_hex": seed, "sign_message_hex": ""}) + "\n"
    told = subprocess.run([mesh.program("dnsmesh-record"), "check"], input=asked, capture_output=True, text=True, check=True)
    spk = next(value for key, value in flat(json.loads(told.stdout)) if key == "ed25519_spk_hex")
    lines = "".join(json.dumps({"id": number, "record": "IdentityRecord", "seeds_hex": [seed], "inputs": {
        "username": f"u{number}", "x25519_pk_hex": hashlib.sha256(str(number).encode()).hexdigest(), "ed25519_spk_hex": spk,
        "ts": int(time.time()), "versions": [1]}}) + "\n" for number in range(count))
    issued = subprocess.run([mesh.program("dnsmesh-record"), "issue"], input=lines, capture_output=True, text=True, check=True)
    for line in issued.stdout.splitlines():
        yield next(value for key, value in flat(json.loads(line)) if key == "wire")


def flat(value):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from flat(inner)
        else:
            yield key, inner


def fill(node, values):
    """Writes the values as another node of the protocol does: without our columns."""
    node.start()
    assert node.stop()[0] == 0
    now_ms = int(time.time() * 1000)
    with sqlite3.connect(node.folder / "dmp.db") as file:
        file.executemany(
            "INSERT INTO records (name, value, ttl, created_at, expires_at, stored_ts, value_hash) VALUES (?,?,?,?,?,?,?)",
            ((f"n{number}.{'p' * 40}"[:NAME_BYTES - 10] + ".mesh.test", value, 86000, now_ms // 1000,
              now_ms // 1000 + 86000, now_ms - 1000000 + number // 100, hashlib.sha256(value.encode()).hexdigest())
             for number, value in enumerate(values)))


def cpu_s(node):
    fields = pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def records_of(node):
    return json.loads(node.request("GET", "/stats")[1])["records"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100000)
    parser.add_argument("--signed", action="store_true")
    parser.add_argument("--classic", action="store_true")
    parser.add_argument("--idle-s", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("sender", "reader"):
            (pathlib.Path(folder) / name).mkdir()
        sender = mesh.Node(pathlib.Path(folder) / "sender", TOKEN)
        fill(sender, (signed if options.signed else texts)(options.records))
        sender.start()
        assert records_of(sender) == options.records
        reader = mesh.Node(pathlib.Path(folder) / "reader", {
            **TOKEN, "DMP_SYNC_PEERS": f"http://127.0.0.1:{sender.http_port}", "DMP_SYNC_INTERVAL": "0.1",
            "DMP_SYNC_EXTENDED": "0" if options.classic else "1"})
        try:
            measure(sender, reader, options)
        finally:
            reader.ensure_gone()
            sender.ensure_gone()


def measure(sender, reader, options):
    reader.start()
    began = time.monotonic()
    while records_of(reader) < options.records:
        assert time.monotonic() - began < 3600, f"{records_of(reader)} after an hour"
        time.sleep(0.05)
    took = time.monotonic() - began
    print(f"{options.records} {'signed ' if options.signed else ''}records, {'classic' if options.classic else 'extended'}: "
          f"{took:.1f} s, {options.records / took:.0f} a second; CPU us a record: "
          f"reader {cpu_s(reader) / options.records * 1e6:.0f}, sender {cpu_s(sender) / options.records * 1e6:.0f} (with its start)",
          flush=True)
    time.sleep(3)
    before = cpu_s(reader), cpu_s(sender), ticks(reader)
    time.sleep(options.idle_s)
    count = ticks(reader) - before[2]
    print(f"idle: {count} ticks, CPU us a tick: reader {(cpu_s(reader) - before[0]) / count * 1e6:.0f}, "
          f"sender {(cpu_s(sender) - before[1]) / count * 1e6:.0f}")


def ticks(node):
    for line in node.request("GET", "/metrics")[1].splitlines():
        if line.startswith("dmp_sync_ticks_total"):
            return float(line.split()[-1])
    raise SystemExit("no dmp_sync_ticks_total")


if __name__ == "__main__":
    main()
