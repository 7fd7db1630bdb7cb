#!/usr/bin/env python3
"""CPU of the node for a whole publish over HTTP by users with tokens, with few users and with many.

    DNSMESH_BUILD=$PWD/build tests/bench/authorise_http.py [PUBLISHES [ROUNDS]]

One process on loopback, one connection, one publish at a time; each user in turn, in an order that no cache foresees, at shared
names, of which there are as many whatever the number of users. The rounds of both numbers are interleaved. Each user has a TSIG
key too.
"""
import http.client
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))

import mesh  # noqa: E402
import people  # noqa: E402

ENVIRONMENT = {"DMP_AUTH_MODE": "multi-tenant", "DMP_OPERATOR_TOKEN": people.OPERATOR_TOKEN, "DMP_DNS_UPDATE_ENABLED": "1"}


def fill(node, users):
    tokens = [f"dmp_v1_{number:052}".replace("0", "A") for number in range(users)]
    with people.opened(people.token_file(node)) as file:
        file.executemany("INSERT INTO tokens (token_hash, subject, subject_type, rate_per_sec, rate_burst, issued_at) VALUES (?, ?, 1, 1e9, "
                         "1000000000, 1)", ((people.sha256(token.encode()), f"user{i}@{mesh.ZONE}") for i, token in enumerate(tokens)))
    with people.opened(people.key_file(node)) as file:
        file.executemany("INSERT INTO tsig_keys (name, secret, allowed_suffixes, created_at, subject) VALUES (?, ?, ?, 1, ?)",
                         ((f"user{i}.{mesh.ZONE}.", b"s" * 32, f"id-{people.sha256(f'user{i}'.encode())[:16]}.{mesh.ZONE}",
                           f"user{i}@{mesh.ZONE}") for i in range(users)))
    return tokens


def cpu_seconds(node):
    return sum(int(field) for field in pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")")[1].split()[11:13]) / 100


def publish(node, tokens, count, first):
    """CPU in microseconds of one publish, and the median of its wall time in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", node.http_port)
    taken_ms = []
    before = cpu_seconds(node)
    for number in range(first, first + count):
        user = number * 7919 % len(tokens)
        body = json.dumps({"value": f"v{number % 8}", "ttl": 3600})
        began = time.monotonic()
        connection.request("POST", f"/v1/records/chunk-{number % 2000}-0123456789ab.{mesh.ZONE}", body, people.bearer(tokens[user]))
        answer = connection.getresponse()
        answer.read()
        taken_ms.append((time.monotonic() - began) * 1000)
        assert answer.status == 201, answer.status
    connection.close()
    return (cpu_seconds(node) - before) / count * 1e6, statistics.median(taken_ms)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        nodes = {}
        figures = {}
        try:
            for users in (10, 10000):
                home = pathlib.Path(folder) / str(users)
                home.mkdir()
                node = mesh.Node(home, ENVIRONMENT).start()
                nodes[users] = (node, fill(node, users))
                publish(node, nodes[users][1], count, 0)  # names and caches are there
                figures[users] = []
            for number in range(1, rounds + 1):
                for users, (node, tokens) in nodes.items():
                    figures[users].append(publish(node, tokens, count, number * count))
        finally:
            for node, _ in nodes.values():
                node.ensure_gone()
    for users, measured in figures.items():
        cpu_us, wall_ms = (sorted(column) for column in zip(*measured))
        print(f"{users:>6} users: CPU {statistics.median(cpu_us):.0f} us a publish ({cpu_us[0]:.0f} to {cpu_us[-1]:.0f}), "
              f"median {statistics.median(wall_ms):.2f} ms ({wall_ms[0]:.2f} to {wall_ms[-1]:.2f})")


if __name__ == "__main__":
    main()
