"""A node under test: a real process on loopback with free ports and a folder of its own, and ways to talk to it.

Nothing here sleeps for a fixed time: `wait_until` asks for a condition until it holds or a deadline passes.
"""
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import resource
import signal
import socket
import subprocess
import time

import dns.message
import dns.query
import dns.rdatatype

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DNSMESH_BUILD", ROOT / "build"))
SANITIZER = os.environ.get("DNSMESH_SANITIZER", "")
NODE = BUILD / "dnsmesh-node"
ZONE = "mesh.test"
# Sanitizer builds are several times slower: their deadlines are longer and their floods shorter.
SLOWNESS = 6 if SANITIZER else 1


def program(name):
    """A program of ours in the build folder."""
    return next(path for path in [BUILD / name, *BUILD.glob(f"tools/*/{name}")] if path.is_file())


def wait_until(condition, what, seconds=15):
    """Gives the first true value of `condition()`; fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds * SLOWNESS
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds * SLOWNESS} s: {what}"
        time.sleep(0.01)


def free_port():
    """A port of 127.0.0.1 that is free for UDP and TCP, for a server that must know it before it starts.

    The system never gives it to who binds port 0 or connects, as it could give one of its own range that was bound and
    released; and tests that run beside this one draw by chance.
    """
    first, last = (int(word) for word in pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    outside = [*range(10000, first), *range(last + 1, 65536)]
    assert outside, "the system may give any port away"
    while True:
        port = random.SystemRandom().choice(outside)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
                return port


class Reachable:
    """Ways to talk to a node that has `address`, `http_port` and `dns_port`."""

    address = "127.0.0.1"

    # --- HTTP ---

    def request(self, method, path, body=None, headers=None):
        """One request on a connection of its own; gives (status, body as text)."""
        connection = http.client.HTTPConnection(self.address, self.http_port, timeout=20 * SLOWNESS)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def publish(self, name, value, ttl=300):
        return self.request("POST", f"/v1/records/{name}", {"value": value, "ttl": ttl})[0]

    def delete(self, name, value):
        return self.request("DELETE", f"/v1/records/{name}", {"value": value})[0]

    def read(self, name):
        return json.loads(self.request("GET", f"/v1/records/{name}")[1])["values"]

    # --- DNS ---

    def query(self, name, kind="TXT", transport="udp"):
        ask = dns.query.udp if transport == "udp" else dns.query.tcp
        return ask(dns.message.make_query(name, kind, use_edns=0, payload=1232), self.address, port=self.dns_port,
                   timeout=5 * SLOWNESS)

    def resolve(self, name, transport="udp"):
        """The set of TXT values at a name."""
        answer = self.query(name, transport=transport)
        return {b"".join(rr.strings).decode() for rrset in answer.answer for rr in rrset if rr.rdtype == dns.rdatatype.TXT}


class Node(Reachable):
    """Starts a node; `environment` adds to or replaces what a test node gets by default."""

    def __init__(self, folder, environment=None, arguments=(), file_bytes_max=None):
        self.folder = pathlib.Path(folder)
        self.database = self.folder / "dmp.db"
        self.log_path = self.folder / "node.log"
        self.address = (environment or {}).get("DMP_HTTP_HOST", Reachable.address)
        self.environment = {
            "PATH": os.environ["PATH"],
            "DMP_DB_PATH": str(self.database),
            "DMP_SERVED_ZONE": ZONE,
            "DMP_DNS_HOST": "127.0.0.1",
            "DMP_DNS_PORT": "0",
            "DMP_HTTP_HOST": "127.0.0.1",
            "DMP_HTTP_PORT": "0",
            "DMP_HTTP_RATE": "0",
            "DMP_DNS_RATE": "0",
            "DMP_CLUSTER_FILE": str(self.folder / "cluster.json"),
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
            **(environment or {}),
        }
        self.arguments = list(arguments)
        self.file_bytes_max = file_bytes_max
        self.process = None

    def start(self):
        """Starts the process and waits until it says that it is up."""
        self.launch()
        wait_until(lambda: self.up_line() or self.process.poll() is not None, "the node says it is up or ends", 30)
        assert self.up_line(), f"the node ended with {self.process.returncode}:\n{self.log()}"
        return self

    def launch(self):
        """Starts the process without waiting."""
        limit = self.file_bytes_max

        def bound_files():
            if limit:
                # A soft limit only: a test raises it again to give the space back.
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        self.log_path.write_bytes(b"")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([str(NODE), *self.arguments], env=self.environment, stdout=log, stderr=log,
                                            preexec_fn=bound_files)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def up_line(self):
        return re.search(r"node up: dns=(\S+):(\d+) http=(\S+):(\d+)", self.log())

    @property
    def dns_port(self):
        return int(self.up_line()[2])

    @property
    def http_port(self):
        return int(self.up_line()[4])

    def give_space_back(self):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; gives (exit status, seconds it took)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30 * SLOWNESS)
        return status, time.monotonic() - began

    def ensure_gone(self):
        if self.process and self.process.poll() is None:
            self.kill()
