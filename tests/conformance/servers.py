"""The servers that the table is held against: ours, and those of others that are installed, each with the same zone, as the
calling user and in a folder of its own."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import wire

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))

import mesh  # noqa: E402

HOST = "127.0.0.1"
ZONE = mesh.ZONE
TTL_S = 60
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
LONG = "0123456789" * 60
RECORDS = {
    f"hello.{ZONE}": ["hello"],
    f"two.{ZONE}": ["first", "second"],
    f"edge255.{ZONE}": ["x" * 255],
    f"edge256.{ZONE}": ["x" * 256],
    f"long.{ZONE}": [LONG],
    f"many.{ZONE}": [f"{i:02}" * 50 for i in range(40)],
    f"leaf.below.deep.{ZONE}": ["deep"],
}


def strings(value):
    """The character-strings that a value is cut into."""
    return [value[at:at + 255] for at in range(0, len(value), 255)] or [""]


def zone_file():
    lines = [f"{ZONE}. {TTL_S} IN SOA ns.other.test. hostmaster.{ZONE}. 1 3600 600 604800 {TTL_S}",
             f"{ZONE}. {TTL_S} IN NS ns.other.test.", f"{ZONE}. {TTL_S} IN A 192.0.2.1"]
    for owner, values in RECORDS.items():
        for value in values:
            lines.append(f"{owner}. {TTL_S} IN TXT " + " ".join(f'"{each}"' for each in strings(value)))
    return "\n".join(lines) + "\n"


class Ours:
    label = "dnsmesh-node"

    def __init__(self, folder):
        self.node = mesh.Node(folder, environment={
            "DMP_DNS_APEX_A": "192.0.2.1", "DMP_DNS_APEX_NS": "ns.other.test",
            "DMP_DNS_APEX_SOA_RNAME": f"hostmaster.{ZONE}", "DMP_DNS_UDP_BYTES_MAX": "1232"})

    def start(self):
        self.node.start()
        for owner, values in RECORDS.items():
            for value in values:
                assert self.node.publish(owner, value) == 201
        self.port = self.node.dns_port
        return self

    def stop(self):
        self.node.ensure_gone()


class Other:
    """`configuration` gives the files and the command; the zone file is `zone` in the folder."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, mesh.free_port(), None

    @classmethod
    def path(cls):
        return shutil.which(cls.program, path=SEARCH)

    def start(self):
        (self.folder / "zone").write_text(zone_file())
        (self.folder / "conf").write_text(self.configuration())
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.path(), *self.arguments, str(self.folder / "conf")], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        mesh.wait_until(self.answers, f"{self.label} answers; see {self.folder}/log", 30)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            client.connect((HOST, self.port))
            try:
                client.send(wire.query())
                return client.recv(4096)[7] > 0
            except OSError:
                time.sleep(0.01)
                return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Nsd(Other):
    label, program, arguments = "NSD", "nsd", ["-d", "-c"]

    def configuration(self):
        return f"""server:
  server-count: 1
  ip-address: {HOST}@{self.port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  pidfile: "{self.folder}/pid"
  hide-version: yes
  hide-identity: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  verbosity: 0
remote-control:
  control-enable: no
zone:
  name: "{ZONE}"
  zonefile: "zone"
"""


class Knot(Other):
    label, program, arguments = "Knot", "knotd", ["-c"]

    def configuration(self):
        return f"""server:
  rundir: "{self.folder}"
  listen: {HOST}@{self.port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  version: ""
  identity: ""
database:
  storage: "{self.folder}"
log:
  - target: stderr
    any: warning
zone:
  - domain: {ZONE}
    file: "{self.folder}/zone"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
"""


class Bind(Other):
    label, program, arguments = "BIND", "named", ["-f", "-n", "1", "-c"]

    def configuration(self):
        return f"""options {{
  directory "{self.folder}"; pid-file "{self.folder}/pid"; session-keyfile "{self.folder}/key";
  managed-keys-directory "{self.folder}"; listen-on port {self.port} {{ {HOST}; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no; version none; hostname none; server-id none;
  max-udp-size 1232; minimal-responses yes; allow-transfer {{ none; }};
}};
controls {{ }};
zone "{ZONE}" {{ type primary; file "{self.folder}/zone"; check-names ignore; }};
"""


def installed():
    """Ours and the others that this machine has."""
    return [Ours] + [each for each in (Nsd, Knot, Bind) if each.path()]
