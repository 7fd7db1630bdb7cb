"""A cluster of real processes: a signed manifest made by our generator, a random token, and what all nodes hold.

Each node has a loopback address of its own (127.x.y.z), so all use the same two ports, and a node that is killed comes back
where its peers look for it.
"""
import itertools
import json
import os
import re
import secrets
import subprocess
import urllib.parse

import mesh

HTTP_PORT, DNS_PORT = 18053, 15353
_hosts = itertools.count(1)


def loopback_address():
    """An address that no other cluster of this run has: two octets by process, one by count."""
    pid = os.getpid()
    return f"127.{1 + pid // 250 % 250}.{pid % 250}.{next(_hosts)}"


def endpoint_of(address):
    return f"http://{address}:{HTTP_PORT}"


class Member(mesh.Node):
    """A node of a cluster; knows the token and its own place."""

    def __init__(self, folder, node_id, token, environment):
        self.node_id, self.token = node_id, token
        super().__init__(folder, environment)

    @property
    def endpoint(self):
        return endpoint_of(self.address)

    def sync_request(self, method, path, body=None, token=None):
        return self.request(method, path, body, {"Authorization": f"Bearer {token or self.token}"})

    def seq(self):
        """The seq of the manifest that this node serves to its peers, None without one."""
        status, text = self.sync_request("GET", "/v1/sync/cluster-manifest")
        assert status in (200, 204), f"{status} {text}"
        return json.loads(text)["seq"] if status == 200 else None

    def cluster(self):
        """What the node says of itself and its peers to who has the token."""
        status, text = self.sync_request("GET", "/v1/cluster")
        assert status == 200, f"{status} {text}"
        return json.loads(text)

    def peer_ids(self):
        return {peer["node_id"] for peer in self.cluster()["peers"]}

    def applied_seq(self):
        return self.cluster()["manifest"]["applied_seq"]

    def pairs(self):
        """Every (name, hash) that the node offers to its peers, read as a peer of the classic protocol reads it."""
        found, cursor = set(), "0::"
        while True:
            status, text = self.sync_request("GET", f"/v1/sync/digest?cursor={urllib.parse.quote(cursor)}&limit=10000")
            assert status == 200, f"{status} {text}"
            page = json.loads(text)
            found |= {(entry["name"], entry["hash"]) for entry in page["records"]}
            if not page["has_more"]:
                return found
            cursor = page["next_cursor"]


class Cluster:
    """Nodes node-a, node-b, … and the operator who signs their manifest. `environment` goes to every node."""

    def __init__(self, folder, count=3, environment=None, manifest=True):
        self.folder, self.key = folder, folder / "operator.key"
        self.token = secrets.token_hex(24)
        self.shared = {"DMP_SYNC_INTERVAL": "1", "DMP_SYNC_PEER_TOKEN": self.token, **(environment or {})}
        self.manifest = manifest
        self.nodes = {}
        for number in range(count):
            self.add(f"node-{chr(ord('a') + number)}")
        if manifest:
            wire = self.sign(self.nodes.values(), seq=1)
            for node in self.nodes.values():
                (node.folder / "cluster.wire").write_text(wire)
                node.environment["DMP_SYNC_OPERATOR_SPK"] = self.operator_spk()
        else:
            for node in self.nodes.values():
                self.point(node, self.nodes.values())

    def add(self, node_id, environment=None):
        """Makes one more node; the caller gives it peers or a manifest, and starts it."""
        folder = self.folder / node_id
        folder.mkdir()
        address = loopback_address()
        self.nodes[node_id] = Member(folder, node_id, self.token, {
            "DMP_HTTP_HOST": address, "DMP_HTTP_PORT": str(HTTP_PORT),
            "DMP_DNS_HOST": address, "DMP_DNS_PORT": str(DNS_PORT),
            "DMP_NODE_ID": node_id, "DMP_SYNC_SELF_ENDPOINT": endpoint_of(address),
            "DMP_CLUSTER_FILE": str(folder / "cluster.wire"),
            **self.shared, **(environment or {})})
        return self.nodes[node_id]

    @staticmethod
    def point(node, peers):
        """Gives a node its peers by environment."""
        node.environment["DMP_SYNC_PEERS"] = ",".join(peer.endpoint for peer in peers if peer is not node)

    def sign(self, nodes, seq, name=mesh.ZONE, key=None, days=365):
        """A manifest naming `nodes`, signed with the operator's key (made at the first use) or another."""
        key = key or self.key
        out = self.folder / f"manifest-{secrets.token_hex(4)}.wire"
        subprocess.run([mesh.program("generate-cluster-manifest"), "--cluster-name", name, "--manifest-out", out,
                        "--operator-key-in" if key.exists() else "--operator-key-out", key, "--seq", str(seq),
                        "--exp-days", str(days),
                        *itertools.chain.from_iterable(
                            ("--node", f"{node.node_id},{node.endpoint},{node.address}:{DNS_PORT}") for node in nodes)],
                       check=True, capture_output=True)
        return out.read_text()

    def operator_spk(self):
        return re.search(r"^operator_public_hex=([0-9a-f]{64})$", self.key.read_text(), re.MULTILINE)[1]

    def start(self):
        for node in self.nodes.values():
            node.launch()
        for node in self.nodes.values():
            mesh.wait_until(lambda: node.up_line() or node.process.poll() is not None, "the node says it is up or ends", 30)
            assert node.up_line(), f"{node.node_id} ended with {node.process.returncode}:\n{node.log()}"
        return self

    def __iter__(self):
        return iter(self.nodes.values())

    def __getitem__(self, node_id):
        return self.nodes[node_id]

    def wait_for_value(self, name, value, nodes=None, seconds=15):
        for node in nodes or self:
            mesh.wait_until(lambda: value in node.resolve(name), f"{node.node_id} answers {name} with {value}", seconds)

    def wait_for_seq(self, seq, nodes=None, seconds=30):
        for node in nodes or self:
            # Served as soon as it is known, applied when it is on disk.
            mesh.wait_until(lambda: node.seq() == seq and node.applied_seq() == seq,
                            f"{node.node_id} serves and applies the manifest with seq {seq}", seconds)

    def wait_until_equal(self, nodes=None, seconds=30):
        """Waits until the nodes offer the same pairs; gives them."""
        nodes = list(nodes or self)
        return mesh.wait_until(lambda: one_set([node.pairs() for node in nodes]), "all nodes offer the same pairs", seconds)

    def ensure_gone(self):
        for node in self:
            node.ensure_gone()


def one_set(sets):
    return sets[0] if all(pairs == sets[0] for pairs in sets) and sets[0] else None
