"""The load side: dnsperf, or the generators of a folder of load tools (README.md says which), and what they report."""
import os
import pathlib
import re
import subprocess
import sys
import time

from bench_servers import HOST, cpu_s, program

COOKIE = "10:636c69656e74636b"  # the COOKIE option with a client cookie, as dnsperf -E takes it


class Tools:
    """Builds what the folder holds; without one only dnsperf is there."""

    def __init__(self, folder, out):
        self.folder = pathlib.Path(folder) if folder else None
        self.out = out
        self.blast = self.build("udp_blast.c", "-pthread")
        self.limit = self.build("udp_limit.c", "-pthread")
        self.publish = self.build("http_publish.c")
        if not self.blast and not program("dnsperf"):
            sys.exit("neither dnsperf nor BENCH_TOOLS: nothing can ask DNS questions")

    def build(self, source, *options):
        if not self.folder or not (self.folder / source).is_file():
            return None
        binary = self.out / source.removesuffix(".c")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", *options, "-o", binary, self.folder / source], check=True)
        return binary


def run(command, cpus):
    pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, preexec_fn=pin)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def figures(text):
    """The numbers of `name=number` words."""
    return {name: float(number) for name, number in re.findall(r"(\w+)=([0-9.]+)", text)}


def cost(server, load):
    """What `load()` gives, and the server's CPU microseconds for each of its `answered`."""
    before = cpu_s(server.process.pid)
    out = load()
    out["cpu_us"] = (cpu_s(server.process.pid) - before) * 1e6 / max(1, out["answered"])
    return out


def dnsperf(server, queries, seconds, cpus, cookies=False):
    def load():
        report = run(["dnsperf", "-s", HOST, "-p", server.port, "-d", queries, "-l", seconds, "-c", 8, "-q", 200,
                      *(["-E", COOKIE] if cookies else ["-e"])], cpus)
        number = lambda pattern: float(re.search(pattern, report)[1])
        return {"answered": number(r"Queries completed:\s+(\d+)"), "rate": number(r"Queries per second:\s+([\d.]+)"),
                "lost": number(r"Queries lost:\s+(\d+)"), "ms": 1000 * number(r"Average Latency \(s\):\s+([\d.]+)")}
    return cost(server, load)


def blast(server, tools, queries, seconds, cpus):
    def load():
        report = figures(run([tools.blast, HOST, server.port, queries, seconds, 8, 16, 1], cpus))
        return {"answered": report["answered"], "rate": report["qps"], "lost": report["lost"],
                "ms": report["p50_us"] / 1000}
    return cost(server, load)


def publish(server, tools, requests, connections, seconds, cpus):
    def load():
        report = figures(run([tools.publish, HOST, server.api_port, requests, connections, seconds, 0, 0], cpus))
        # Only what was stored counts.
        return {"answered": report["2xx"], "rate": report["2xx"] / report["seconds"], "ms": report["p50_us"] / 1000,
                "p99_ms": report["p99_us"] / 1000, "failed": 100 - 100 * report["2xx"] / max(1, report["answered"])}
    return cost(server, load)


def redis(server, connections, seconds, cpus):
    count = 3000 * seconds * (1 if connections == 1 else 4)

    def load():
        report = run(["redis-benchmark", "-p", server.port, "-t", "set", "-d", 200, "-r", 10_000_000, "-c", connections,
                      "-n", count, "--csv"], cpus)
        words = next(line for line in report.splitlines() if line.startswith('"SET"')).replace('"', "").split(",")
        return {"answered": count, "rate": float(words[1]), "ms": float(words[4]), "p99_ms": float(words[6]), "failed": 0}
    return cost(server, load)


def fsyncs_per_s(path, count=300):
    """How often a second the disk under `path` makes 4 KiB durable: what bounds one publisher at a time."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        began = time.monotonic()
        for _ in range(count):
            os.write(descriptor, bytes(4096))
            os.fdatasync(descriptor)
        return count / (time.monotonic() - began)
    finally:
        os.close(descriptor)
        os.unlink(path)
