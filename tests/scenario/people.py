"""People who use a node: holders of tokens that the operator put into the file, and who registers with a key of their own."""
import contextlib
import hashlib
import hmac
import json
import os
import re
import sqlite3
import time

import dns.query
import dns.rcode
import dns.tsig
import dns.update
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

import mesh

OPERATOR_TOKEN = "operator-0123456789"
CHALLENGE, CONFIRM, TSIG_CONFIRM = (f"/v1/registration/{last}" for last in ("challenge", "confirm", "tsig-confirm"))


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


AS_OPERATOR = bearer(OPERATOR_TOKEN)


# --- the files of a node, opened beside it ---

def token_file(node):
    return node.folder / "dmp_tokens.db"


def key_file(node):
    return node.folder / "dmp_tsig.db"


@contextlib.contextmanager
def opened(path):
    """A connection of our own; what was changed is committed at the end."""
    connection = sqlite3.connect(path, timeout=20)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def rows(path, statement, *values):
    with opened(path) as file:
        return [dict(row) for row in file.execute(statement, values)]


def change(path, statement, *values):
    with opened(path) as file:
        return file.execute(statement, values).rowcount


def issue(node, subject="alice@mesh.test", **columns):
    """Puts a token into the file as the operator's program does; gives its text."""
    token = "dmp_v1_" + "".join(chr(ord("A") + octet % 26) for octet in os.urandom(52))
    row = {"token_hash": sha256(token.encode()), "subject": subject, "subject_type": 1, "issued_at": int(time.time()),
           "rate_per_sec": 10.0, "rate_burst": 50, **columns}
    change(token_file(node), f"INSERT INTO tokens ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())
    return token


def trail(node, event=None):
    """The audit rows of the file, oldest first."""
    return rows(token_file(node), "SELECT * FROM token_audit WHERE ?1 IS NULL OR event = ?1 ORDER BY id", event)


def wait_for_trail(node, count, event=None):
    """The audit rows once there are so many: the node writes them every second."""
    return mesh.wait_until(lambda: (found := trail(node, event)) if len(trail(node, event)) >= count else None,
                           f"{count} audit rows {event or ''}")


# --- registration ---

def raw(public_key):
    return public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class Person:
    """Who has an Ed25519 key, an X25519 key and a subject; the same `seed` gives the same keys."""

    def __init__(self, subject="alice@mesh.test", seed=None):
        self.subject = subject
        octets = bytes([seed]) * 32 if seed is not None else os.urandom(32)
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(octets)
        self.x25519 = x25519.X25519PrivateKey.from_private_bytes(octets)
        self.spk = raw(self.key.public_key()).hex()
        self.x25519_pub = raw(self.x25519.public_key())

    def challenge(self, node):
        status, body = node.request("GET", CHALLENGE)
        assert status == 200, body
        return json.loads(body)

    def signed(self, challenge, subject=None):
        subject = self.subject if subject is None else subject
        octets = bytes.fromhex(challenge["challenge"]) + subject.encode() + challenge["node"].encode() + b"\x01"
        return self.key.sign(octets).hex()

    def proof(self, challenge):
        """That the X25519 key is ours."""
        shared = self.x25519.exchange(x25519.X25519PublicKey.from_public_bytes(bytes.fromhex(challenge["server_x25519_pub"])))
        message = bytes.fromhex(challenge["challenge"]) + self.subject.encode() + self.x25519_pub
        return hmac.new(shared, message, "sha256").hexdigest()

    def fields(self, given, **other):
        """What a client sends to confirm a challenge; `other` replaces fields, None leaves one out."""
        out = {"subject": self.subject, "ed25519_spk": self.spk, "challenge": given["challenge"],
               "signature": self.signed(given), **other}
        return {name: value for name, value in out.items() if value is not None}

    def confirm(self, node, path=CONFIRM, prove=False, **other):
        """The whole ceremony; gives (status, the body as an object)."""
        given = self.challenge(node)
        if prove:
            other = {"x25519_pub": self.x25519_pub.hex(), "x25519_pop": self.proof(given), **other}
        status, body = node.request("POST", path, self.fields(given, **other))
        return status, json.loads(body)

    def token(self, node):
        status, body = self.confirm(node)
        assert status == 200, body
        return body["token"]

    def tsig_key(self, node, **other):
        status, body = self.confirm(node, TSIG_CONFIRM, **other)
        assert status == 200, body
        return body


def metric(node, name, headers=AS_OPERATOR, **labels):
    """The value of one series of the metrics page; 0 when it is not there."""
    text = node.request("GET", "/metrics", headers=headers)[1]
    for line in text.splitlines():
        found = re.fullmatch(re.escape(name) + r"(?:\{(.*)\})? (\S+)", line)
        if found and dict(re.findall(r'(\w+)="([^"]*)"', found[1] or "")) == {k: str(v) for k, v in labels.items()}:
            return float(found[2])
    return 0.0


# --- signed DNS UPDATE ---

def update(node, key_name, secret, name, value, algorithm="hmac-sha256", ttl=60):
    """Adds a value with a TSIG key, as dnspython signs it; gives the rcode, or what is wrong with the key, as text."""
    key = dns.tsig.Key(key_name, secret, algorithm)
    message = dns.update.UpdateMessage(mesh.ZONE, keyring=key, keyname=key.name, keyalgorithm=key.algorithm)
    message.add(f"{name}.", ttl, "TXT", f'"{value}"')
    try:
        answer = dns.query.udp(message, node.address, port=node.dns_port, timeout=5 * mesh.SLOWNESS)
    except dns.tsig.PeerError as refusal:
        return type(refusal).__name__
    return dns.rcode.to_text(answer.rcode())
