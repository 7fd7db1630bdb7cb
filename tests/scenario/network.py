"""A network of our own: one namespace a node, joined by a bridge, with packets dropped by nftables; and a TCP proxy that
delays and breaks connections.

Namespaces are held open by a sleeping process each and have no name, so nothing is left over whatever ends the test.
"""
import contextlib
import ctypes
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import threading
import time

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """One line on why this machine gives us no namespaces; None when it does."""
    for program, package in (("ip", "iproute2"), ("nft", "nftables"), ("unshare", "util-linux")):
        if not shutil.which(program):
            return f"the program {program} is missing (package {package})"
    script = ("ip link add name b type bridge && ip link add name x type veth peer name y && nft add table inet t && "
              "nft add chain inet t c '{ type filter hook input priority 0; }' && nft add rule inet t c ip saddr 10.9.9.9 drop")
    tried = subprocess.run(["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, check=False)
    if tried.returncode:
        return "network namespaces are not allowed here: " + (tried.stderr.strip().splitlines() or ["no reason given"])[0]
    return None


class Namespace:
    """A network namespace. `with namespace:` puts this thread, and the processes that it starts, inside."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.outside = threading.local()

    def __enter__(self):
        self.outside.file = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._enter(os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY))
        return self

    def __exit__(self, *_):
        self._enter(self.outside.file)

    @staticmethod
    def _enter(file):
        try:
            if _libc.setns(file, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(file)

    def run(self, *command, text=None):
        with self:
            subprocess.run(command, check=True, input=text, text=True, capture_output=True)

    def close(self):
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()
        self.holder.stdout.close()


class Network:
    """A bridge in one namespace, and hosts with the addresses 10.53.0.1, 10.53.0.2, … in others."""

    def __init__(self):
        self.hub = Namespace()
        self.hub.run("ip", "link", "add", "name", "hub", "type", "bridge")
        self.hub.run("ip", "link", "set", "hub", "up")
        self.hosts = []

    def add(self):
        """One more host; gives (namespace, address)."""
        number = len(self.hosts) + 1
        address, port = f"10.53.0.{number}", f"port{number}"
        host = Namespace()
        self.hosts.append(host)
        self.hub.run("ip", "link", "add", "name", port, "type", "veth", "peer", "name", "eth0", "netns", str(host.holder.pid))
        self.hub.run("ip", "link", "set", port, "master", "hub", "up")
        for command in (f"ip addr add {address}/24 dev eth0", "ip link set eth0 up", "ip link set lo up"):
            host.run(*command.split())
        host.run("nft", "-f", "-", text="add table inet cut; add chain inet cut in { type filter hook input priority 0; }")
        return host, address

    @staticmethod
    def drop(host, address, only_new=False):
        """From now on `host` gets no packet of `address`; with `only_new` none that would open a connection."""
        flags = "tcp flags & (syn | ack) == syn " if only_new else ""
        host.run("nft", "-f", "-", text=f"add rule inet cut in ip saddr {address} {flags}drop")

    @staticmethod
    def heal(host):
        host.run("nft", "flush", "chain", "inet", "cut", "in")

    def close(self):
        for namespace in [*self.hosts, self.hub]:
            namespace.close()


class Proxy:
    """Stands before a TCP port: delays what passes in both directions, and breaks a share of the connections after some
    bytes. What breaks is drawn from `seed`."""

    CHUNK = 4096

    def __init__(self, host, target, delay_s=0.0, break_share=0.0, seed=1):
        self.target, self.delay_s, self.break_share = target, delay_s, break_share
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.broken = self.passed = 0
        self.listener = socket.create_server((host, 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return "http://{}:{}".format(*self.listener.getsockname())

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with self.lock:
            breaks = self.random.random() < self.break_share
            allowance = self.random.randrange(1, 2000) if breaks else None
        with client, contextlib.suppress(OSError):
            with socket.create_connection(self.target, timeout=10) as server:
                whole = self._pump(client, server, allowance)
                with self.lock:
                    self.passed += whole
                    self.broken += not whole

    def _pump(self, client, server, allowance):
        """Copies both ways until one side ends; gives whether it was not broken."""
        while True:
            for source in select.select([client, server], [], [], 60)[0]:
                data = source.recv(self.CHUNK)
                if not data:
                    return True
                time.sleep(self.delay_s)
                if allowance is not None and len(data) > allowance:
                    (server if source is client else client).sendall(data[:allowance])
                    return False
                (server if source is client else client).sendall(data)
                allowance = allowance if allowance is None else allowance - len(data)

    def close(self):
        self.listener.close()
