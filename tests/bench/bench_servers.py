"""Starts and stops the servers of a comparison, each in a folder of its own as the calling user; nothing of the system's
configuration is touched, and every process is ended by its own id."""
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time

import bench_data

HOST = "127.0.0.1"
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
PDNS_SCHEMAS = ("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
                "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")


def program(name):
    return shutil.which(name, path=SEARCH)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def processes(pid):
    """A process and those below it."""
    out = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            out += processes(int(child))
    return out


def cpu_s(pid):
    """CPU time of the process, its threads and children so far; the system counts it in nanoseconds."""
    total = 0
    for each in processes(pid):
        for task in pathlib.Path(f"/proc/{each}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except OSError:
                pass  # the thread has just ended
    return total / 1e9


def memory_mb(pid):
    """What is in memory, pages that processes share counted once."""
    total = 0
    for each in processes(pid):
        with open(f"/proc/{each}/smaps_rollup") as rollup:
            total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return total / 1024


class Server:
    """One kind of server. `folder` is its own; `data` holds what bench_data made; CPUs are what it may run on."""
    program_name = ""
    label = ""

    def __init__(self, folder, data, cpus=None):
        self.folder, self.data, self.cpus = folder, data, cpus
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.api_port, self.process = free_port(), None, None

    @classmethod
    def is_there(cls):
        return program(cls.program_name) is not None

    def prepare(self):
        """Writes configuration and data; gives the command and its environment."""
        raise NotImplementedError

    def start(self, wait_for):
        """Starts the server and gives the seconds until `wait_for(self)` is true."""
        command, environment = self.prepare()
        pin = (lambda: os.sched_setaffinity(0, self.cpus)) if self.cpus else None
        with open(self.folder / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=dict(environment, PATH=SEARCH), preexec_fn=pin, cwd=self.folder)
        while not wait_for(self):
            if self.process.poll() is not None or time.monotonic() - began > 120:
                self.stop()
                sys.exit(f"{self.label} did not answer; see {self.folder}/log")
        return time.monotonic() - began

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Node(Server):
    """The node of a build folder, with its rate limits off, or on and too high to be reached."""
    label, program_name = "dnsmesh-node", "dnsmesh-node"
    build = pathlib.Path("build")
    limits = {"DMP_DNS_RATE": "0"}
    takes_data = True

    @classmethod
    def is_there(cls):
        return (cls.build / cls.program_name).is_file()

    def prepare(self):
        self.api_port = self.api_port or free_port()
        if self.takes_data and not (self.folder / "dmp.db").exists():
            shutil.copy(self.data / "node.db", self.folder / "dmp.db")
        return [str(self.build / self.program_name)], {
            "DMP_DB_PATH": str(self.folder / "dmp.db"), "DMP_SERVED_ZONE": bench_data.ZONE,
            "DMP_DNS_HOST": HOST, "DMP_DNS_PORT": str(self.port), "DMP_DNS_TTL": str(bench_data.TTL_S),
            "DMP_HTTP_HOST": HOST, "DMP_HTTP_PORT": str(self.api_port), "DMP_HTTP_RATE": "0",
            "DMP_CLUSTER_FILE": str(self.folder / "no-cluster"), **self.limits}


    @classmethod
    def make_record_file(cls, data, name):
        """The file that every start is given: written as another node would, opened once by this one."""
        server = EmptyNode(data / "first-start", data)
        bench_data.make_record_file(data, server.folder / "dmp.db")
        server.start(answers_dns(name))
        server.stop()
        shutil.move(server.folder / "dmp.db", data / "node.db")


class NodeWithLimits(Node):
    label = "dnsmesh-node, limits on"
    limits = {"DMP_DNS_RATE": "1e9", "DMP_DNS_BURST": "1e9"}


class NodeWithCookies(NodeWithLimits):
    label = "dnsmesh-node, limits on, cookies asked for"


class EmptyNode(Node):
    takes_data = False


class Knot(Server):
    label, program_name = "Knot DNS", "knotd"

    def prepare(self):
        (self.folder / "knot.conf").write_text(f"""server:
  rundir: "{self.folder}"
  listen: {HOST}@{self.port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{self.folder}"
log:
  - target: stderr
    any: warning
zone:
  - domain: {bench_data.ZONE}
    file: "{self.data}/zone.db"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
""")
        return [program("knotd"), "-c", str(self.folder / "knot.conf")], {}


class Nsd(Server):
    label, program_name = "NSD", "nsd"

    def prepare(self):
        (self.folder / "nsd.conf").write_text(f"""server:
  server-count: 1
  ip-address: {HOST}@{self.port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{self.data}"
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  pidfile: "{self.folder}/nsd.pid"
  minimal-responses: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  verbosity: 0
remote-control:
  control-enable: no
zone:
  name: "{bench_data.ZONE}"
  zonefile: "{self.data}/zone.db"
""")
        return [program("nsd"), "-d", "-c", str(self.folder / "nsd.conf")], {}


class Bind(Server):
    label, program_name = "BIND 9", "named"

    def prepare(self):
        (self.folder / "named.conf").write_text(f"""options {{
  directory "{self.folder}"; pid-file "{self.folder}/pid"; session-keyfile "{self.folder}/key";
  managed-keys-directory "{self.folder}"; listen-on port {self.port} {{ {HOST}; }}; listen-on-v6 {{ none; }};
  recursion no; minimal-responses yes; dnssec-validation no; notify no;
}};
controls {{ }};
zone "{bench_data.ZONE}" {{ type primary; file "{self.data}/zone.db"; check-names ignore; }};
""")
        return [program("named"), "-f", "-n", "1", "-c", str(self.folder / "named.conf")], {}


class PowerDns(Server):
    """With the SQLite backend and its caches, as installed; rectifying the whole zone after each change is off."""
    label, program_name = "PowerDNS (SQLite)", "pdns_server"
    takes_data = True

    @classmethod
    def is_there(cls):
        return super().is_there() and any(map(os.path.exists, PDNS_SCHEMAS))

    def prepare(self):
        self.api_port = self.api_port or free_port()
        path = self.folder / "pdns.sqlite3"
        if not path.exists():
            self.make_database(path)
        (self.folder / "pdns.conf").write_text("\n".join((
            "launch=gsqlite3", f"gsqlite3-database={path}", f"local-address={HOST}", f"local-port={self.port}",
            "receiver-threads=1", "distributor-threads=1", f"socket-dir={self.folder}", "daemon=no", "guardian=no",
            "loglevel=3", "security-poll-suffix=", "api=yes", "api-key=bench", "webserver=yes",
            f"webserver-address={HOST}", f"webserver-port={self.api_port}", "default-api-rectify=no",
            "webserver-allow-from=127.0.0.1", "webserver-loglevel=none", "")))
        return [program("pdns_server"), f"--config-dir={self.folder}"], {}

    def make_database(self, path):
        schema = next(filter(os.path.exists, PDNS_SCHEMAS))
        row = "INSERT INTO records (domain_id, name, type, content, ttl, prio, disabled, auth) VALUES (1,?,?,?,?,0,0,1)"
        zone, ttl = bench_data.ZONE, bench_data.TTL_S
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript(pathlib.Path(schema).read_text())
            database.execute("INSERT INTO domains (id, name, type) VALUES (1, ?, 'NATIVE')", (zone,))
            database.execute(row, (zone, "SOA", f"ns1.{zone} hostmaster.{zone} 1 3600 600 864000 60", ttl))
            database.execute(row, (zone, "NS", f"ns1.{zone}", ttl))
            if self.takes_data:
                database.executemany(row, ((r["name"], "TXT", f'"{r["value"]}"', ttl)
                                           for r in bench_data.records(self.data)))
        database.close()


class EmptyPowerDns(PowerDns):
    takes_data = False


class Etcd(Server):
    """One member: as durable as the node, an fsync before each answer."""
    label, program_name = "etcd", "etcd"

    def prepare(self):
        self.api_port = self.api_port or free_port()
        client, peer = f"http://{HOST}:{self.api_port}", f"http://{HOST}:{free_port()}"
        return [program("etcd"), "--data-dir", str(self.folder / "member"), "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", f"default={peer}", "--log-level", "error"], {}


class Redis(Server):
    """With an fsync before each answer."""
    label, program_name = "Redis (appendfsync always)", "redis-server"

    def prepare(self):
        return [program("redis-server"), "--port", str(self.port), "--bind", HOST, "--dir", str(self.folder),
                "--appendonly", "yes", "--appendfsync", "always", "--save", ""], {}


class Limit(Server):
    """A responder without any DNS work: what batches of datagrams cost alone on this machine."""
    label = "no DNS work (udp_limit)"
    binary = None  # built from the load tools

    @classmethod
    def is_there(cls):
        return cls.binary is not None

    def prepare(self):
        return [str(self.binary), HOST, str(self.port), "1", "250"], {}


def answers_dns(name):
    """A condition for Server.start: the TXT question for `name` is answered with data."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 7, 0, 1, 0, 0, 1) + labels + b"\0\0\x10\0\1" + b"\0\0\x29\x04\xd0\0\0\0\0\0\0"

    def ask(server):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.02)
            try:
                client.sendto(query, (HOST, server.port))
                answer = client.recv(4096)
            except OSError:
                time.sleep(0.002)
                return False
        return answer[:2] == query[:2] and answer[3] & 15 == 0 and struct.unpack(">H", answer[6:8])[0] > 0
    return ask


def takes_connections(server):
    try:
        socket.create_connection((HOST, server.api_port or server.port), timeout=1).close()
        return True
    except OSError:
        time.sleep(0.005)
        return False
