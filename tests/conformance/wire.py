"""DNS messages by the octet: what a library refuses to write is what strangers send."""
import struct

IN, CH, NONE, ANY = 1, 3, 254, 255
A, NS, SOA, TXT, AAAA, DS, RRSIG, NSEC, DNSKEY, IXFR, AXFR, ANY_TYPE = 1, 2, 6, 16, 28, 43, 46, 47, 48, 251, 252, 255
OPT, TSIG, TKEY, MAILB, MAILA = 41, 250, 249, 253, 254
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
DO = 0x8000
ID = 0x5AA5


def name(text):
    """The labels of a name; `.` is the root."""
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in text.split(".") if label) + b"\0"


def question(owner, kind=TXT, rclass=IN):
    return (owner if isinstance(owner, bytes) else name(owner)) + struct.pack(">HH", kind, rclass)


def header(flags=0, opcode=0, counts=(1, 0, 0, 0), ident=ID):
    return struct.pack(">6H", ident, flags | opcode << 11, *counts)


def record(owner, kind, rclass, ttl, rdata):
    return (owner if isinstance(owner, bytes) else name(owner)) + struct.pack(">HHIH", kind, rclass, ttl, len(rdata)) + rdata


def option(code, data=b""):
    return struct.pack(">HH", code, len(data)) + data


def opt(payload=1232, version=0, flags=0, options=b"", owner=b"\0"):
    return owner + struct.pack(">HHBBHH", OPT, payload, 0, version, flags, len(options)) + options


def query(owner="hello.mesh.test", kind=TXT, rclass=IN, flags=0, opcode=0, edns=None, ident=ID):
    """A message with one question, and an OPT record when one is given."""
    return header(flags, opcode, (1, 0, 0, 1 if edns else 0), ident) + question(owner, kind, rclass) + (edns or b"")


def update(zone="mesh.test", zone_class=IN, zone_type=SOA, prerequisites=(), updates=()):
    """An UPDATE (RFC 2136) without a signature."""
    counts = (1, len(prerequisites), len(updates), 0)
    return header(0, 5, counts) + question(zone, zone_type, zone_class) + b"".join(prerequisites) + b"".join(updates)


def txt(*strings):
    return b"".join(bytes([len(each)]) + each for each in strings)
