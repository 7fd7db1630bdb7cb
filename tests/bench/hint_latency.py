#!/usr/bin/env python3
"""How long after a node acknowledged a record the other two of a cluster answer it over DNS, in milliseconds.

    DNSMESH_BUILD=$PWD/build tests/bench/hint_latency.py [ROUNDS]

Three processes on loopback; the time that asking takes is part of the figure. DMP_SYNC_EXTENDED=0 measures classic mode.
"""
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))

import cluster  # noqa: E402
import mesh  # noqa: E402


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    environment = {name: value for name, value in os.environ.items() if name.startswith("DMP_")}
    with tempfile.TemporaryDirectory() as folder:
        nodes = cluster.Cluster(pathlib.Path(folder), 3, {"DMP_SYNC_INTERVAL": "10", **environment}).start()
        try:
            nodes.wait_for_seq(1)
            measure(nodes, rounds)
        finally:
            nodes.ensure_gone()


def measure(nodes, rounds):
    first, *others = nodes
    taken_ms = []
    for number in range(rounds):
        name = f"latency-{number}.{mesh.ZONE}"
        assert first.publish(name, "v") == 201
        began = time.monotonic()
        for node in others:
            mesh.wait_until(lambda: node.resolve(name), f"{node.node_id} answers {name}", 60)
        taken_ms.append((time.monotonic() - began) * 1000)
    ordered = sorted(taken_ms)
    print(f"{rounds} records, until both other nodes answered: median {statistics.median(ordered):.1f} ms, "
          f"95 % {ordered[int(len(ordered) * 0.95)]:.1f} ms, longest {ordered[-1]:.1f} ms")


if __name__ == "__main__":
    main()
