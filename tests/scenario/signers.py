"""TSIG keys of a node, put into its file as the operator's program does, and UPDATEs that dnspython signs with them."""
import base64
import socket
import subprocess
import time

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update

import mesh
import people

UPDATE_ON = {"DMP_DNS_UPDATE_ENABLED": "1"}


class Key:
    """A TSIG key; the secret is made of the name."""

    def __init__(self, name, scope=(mesh.ZONE,), algorithm="hmac-sha256"):
        self.name = f"{name}.{mesh.ZONE}."
        self.scope = scope
        self.algorithm = algorithm
        self.secret = f"secret of {name}".encode().ljust(32, b".")

    @property
    def text(self):
        return base64.b64encode(self.secret).decode()

    def ring(self):
        return {dns.name.from_text(self.name): dns.tsig.Key(self.name, self.secret, self.algorithm)}

    def sign(self, message, **options):
        message.use_tsig(self.ring(), self.name, algorithm=self.algorithm, **options)
        return message


def give(node, *keys):
    """Puts the keys into the file of a running node and waits until it knows them."""
    for key in keys:
        people.change(people.key_file(node), "INSERT INTO tsig_keys (name, algorithm, secret, allowed_suffixes, created_at) "
                      "VALUES (?, ?, ?, ?, ?)", key.name, key.algorithm, key.secret, "\n".join(sorted(key.scope)),
                      int(time.time()))
    mesh.wait_until(lambda: is_known(node, keys[-1]), "the node knows the key", 5)


def is_known(node, key):
    try:
        return ask(node, key.sign(dns.message.make_query(mesh.ZONE, "SOA"))).rcode() == dns.rcode.NOERROR
    except dns.tsig.PeerBadKey:
        return False


def ask(node, message, transport="udp"):
    """Sends it and gives the answer; dnspython raises when the signature under the answer is wrong or missing."""
    send = dns.query.udp if transport == "udp" else dns.query.tcp
    return send(message, node.address, port=node.dns_port, timeout=5 * mesh.SLOWNESS)


def raw_udp(node, wire):
    """Sends the octets as a datagram; gives those of the answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5 * mesh.SLOWNESS)
        client.sendto(wire, (node.address, node.dns_port))
        return client.recv(65535)


def adding(name, value, ttl=300):
    update = dns.update.UpdateMessage(mesh.ZONE)
    strings = [value[i:i + 255] for i in range(0, len(value), 255)] or [""]
    update.add(f"{name}.{mesh.ZONE}.", ttl, "TXT", " ".join(f'"{text}"' for text in strings))
    return update


def deleting(name, value=None):
    update = dns.update.UpdateMessage(mesh.ZONE)
    update.delete(f"{name}.{mesh.ZONE}.", "TXT", *([] if value is None else [f'"{value}"']))
    return update


TOOLS = ["knsupdate", "nsupdate"]


def run_tool(tool, node, key, commands, transport="udp"):
    """Has the program send one UPDATE; gives (whether it was answered NOERROR, what it printed)."""
    script = "\n".join([f"server 127.0.0.1 {node.dns_port}", f"zone {mesh.ZONE}", *commands, "send", ""])
    arguments = [tool, "-y", f"{key.algorithm}:{key.name}:{key.text}", *(["-v"] if transport == "tcp" else [])]
    run = subprocess.run(arguments, input=script, capture_output=True, text=True, timeout=30 * mesh.SLOWNESS, check=False)
    printed = run.stdout + run.stderr
    failed = run.returncode != 0 or "failed" in printed or "error" in printed.lower()
    return not failed, printed
