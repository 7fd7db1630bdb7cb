#!/usr/bin/env python3
"""Signed UPDATEs a second beside publishes over HTTP, at one node in one run; as many under way at a time on both sides.

usage: tests/bench/update_rate.py [--build FOLDER] [--rounds N] [--seconds N] [--in-flight N] [--out FOLDER]

Needs `ninja -C build dnsmesh-node tests/bench/update_load`. The database lies in the folder of --out, which should be on the
disk that is to be measured. The sides take turns; a figure is the median of the rounds.
"""
import argparse
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYS = 1000  # each may write 50 times a second


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not (value := condition()):
        if time.monotonic() > deadline:
            sys.exit("the node does not come up")
        time.sleep(0.05)
    return value


def start(build, folder, keys_made):
    environment = {"DMP_DB_PATH": str(folder / "dmp.db"), "DMP_SERVED_ZONE": "mesh.test", "DMP_DNS_HOST": "127.0.0.1",
                   "DMP_DNS_PORT": "0", "DMP_HTTP_HOST": "127.0.0.1", "DMP_HTTP_PORT": "0", "DMP_HTTP_RATE": "0",
                   "DMP_DNS_RATE": "0", "DMP_DNS_UPDATE_ENABLED": "1", "DMP_CLUSTER_FILE": str(folder / "cluster.json"),
                   "DMP_HTTP_MAX_CONCURRENCY": "1000"}
    log = folder / f"node-{keys_made}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen([build / "dnsmesh-node"], env=environment, stdout=output, stderr=output)
    found = wait_for(lambda: re.search(r"node up: dns=\S+?:(\d+) http=\S+?:(\d+)", log.read_text()) or process.poll())
    return process, int(found[1]), int(found[2])


def make_keys(folder):
    with sqlite3.connect(folder / "dmp_tsig.db") as file:
        file.executemany("INSERT INTO tsig_keys (name, algorithm, secret, allowed_suffixes, created_at) VALUES (?, ?, ?, ?, 1)",
                         [(f"key{i}.mesh.test.", "hmac-sha256", b"k" * 32, "mesh.test") for i in range(KEYS)])


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def load(options, process, kind, port):
    before = cpu_s(process.pid)
    command = [options.build / "tests/bench/update_load", kind, "127.0.0.1", str(port), str(options.seconds),
               str(options.in_flight), str(KEYS)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", printed)}
    found["rate"] = found["stored"] / found["seconds"]
    found["cpu_us"] = (cpu_s(process.pid) - before) * 1e6 / max(1, found["stored"])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.out) as name:
        folder = pathlib.Path(name)
        process, _, _ = start(options.build, folder, 0)
        process.terminate()
        process.wait()
        make_keys(folder)
        process, dns_port, http_port = start(options.build, folder, KEYS)
        rounds = {"update": [], "publish": []}
        try:
            for _ in range(options.rounds):
                for kind, port in (("publish", http_port), ("update", dns_port)):
                    rounds[kind].append(load(options, process, kind, port))
        finally:
            process.terminate()
            process.wait()
    for kind, figures in rounds.items():
        shown = {what: [figure[what] for figure in figures] for what in ("rate", "cpu_us", "refused", "lost")}
        print(f"{kind:8} {options.in_flight} at a time: " + ", ".join(
            f"{what} {statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})" for what, values in shown.items()))
    ratios = [a["rate"] / b["rate"] for a, b in zip(rounds["update"], rounds["publish"])]
    print(f"update / publish: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
