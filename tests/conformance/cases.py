"""The table: what is sent, what must come back, and by which source."""
import dataclasses

from expect import Expect
from servers import LONG, RECORDS, ZONE
from wire import *  # noqa: F403  (the words of the wire)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    source: str
    message: bytes
    expect: Expect
    transports: tuple = ("udp", "tcp")


HELLO = f"hello.{ZONE}"
DATA = Expect("NOERROR", aa=True, answer=("TXT",), texts=frozenset(["hello"]))
NODATA = Expect("NOERROR", aa=True, answer=(), authority=("SOA",))
NXDOMAIN = Expect("NXDOMAIN", aa=True, answer=(), authority=("SOA",))
REFUSED = Expect("REFUSED", aa=False, answer=(), authority=())
FORMERR = Expect("FORMERR", answer=())
NOTIMP = Expect("NOTIMP", answer=())
SILENT = Expect(silent=True)


def also(expectation, **changes):
    return dataclasses.replace(expectation, **changes)


def plain():
    yield Case("a TXT that is there", "RFC 1035 3.3.14", query(HELLO), DATA)
    yield Case("two values are one RRset", "RFC 2181 5", query(f"two.{ZONE}"),
               also(DATA, texts=frozenset(["first", "second"])))
    yield Case("the SOA of the apex", "RFC 8906 8.1.1", query(ZONE, SOA), Expect("NOERROR", aa=True, answer=("SOA",)))
    yield Case("the NS of the apex", "RFC 1035 3.3.11", query(ZONE, NS), Expect("NOERROR", aa=True, answer=("NS",)))
    yield Case("the A of the apex", "RFC 1035 3.4.1", query(ZONE, A), Expect("NOERROR", aa=True, answer=("A",)))
    yield Case("no AAAA at the apex", "RFC 2308 2.2", query(ZONE, AAAA), NODATA)
    yield Case("no TXT at the apex", "RFC 2308 2.2", query(ZONE, TXT), NODATA)
    yield Case("a type that nobody knows", "RFC 8906 8.1.2", query(ZONE, 1000), NODATA)
    for kind, text in ((A, "A"), (AAAA, "AAAA"), (NS, "NS"), (SOA, "SOA"), (15, "MX"), (33, "SRV"), (1000, "TYPE1000"),
                       (65280, "a private type"), (5, "CNAME"), (39, "DNAME")):
        yield Case(f"{text} at a name that has TXT alone", "RFC 2308 2.2", query(HELLO, kind), NODATA)
    for kind, text in ((DNSKEY, "DNSKEY"), (NSEC, "NSEC"), (RRSIG, "RRSIG"), (DS, "DS")):
        yield Case(f"{text} at the apex of an unsigned zone", "RFC 4035 3.1", query(ZONE, kind), NODATA)
    yield Case("a name that is missing", "RFC 2308 2.1", query(f"missing.{ZONE}"), NXDOMAIN)
    yield Case("any type at a name that is missing", "RFC 2308 2.1", query(f"missing.{ZONE}", A), also(
        NXDOMAIN, rcode="NXDOMAIN|NOERROR"))
    yield Case("a name below one that is there", "RFC 8020", query(f"below.{HELLO}"), NXDOMAIN)
    yield Case("an empty non-terminal", "RFC 4592 2.2.2", query(f"deep.{ZONE}"), NODATA)
    yield Case("an empty non-terminal one deeper", "RFC 4592 2.2.2", query(f"below.deep.{ZONE}"), NODATA)
    yield Case("a name outside the zone", "RFC 8499 7", query("elsewhere.example"), REFUSED)
    yield Case("a sibling that ends like the zone", "RFC 1034 3.1", query(f"x{ZONE}"), REFUSED)
    yield Case("the parent of the zone", "RFC 1034 3.1", query("test"), REFUSED)
    yield Case("the root", "RFC 1034 3.1", query("."), REFUSED)


def spelling():
    mixed = "HeLLo.MeSH.tEsT"
    yield Case("a name in mixed case is found and echoed as it came", "RFC 4343 4.1; dns0x20", query(mixed),
               also(DATA, question=question(mixed)))
    yield Case("a missing name in mixed case is echoed as it came", "RFC 4343 4.1", query("MiSSing.mesh.test"),
               also(NXDOMAIN, question=question("MiSSing.mesh.test")))
    yield Case("an unknown name in mixed case outside the zone is echoed as it came", "RFC 4343 4.1",
               query("ElseWhere.Example"), also(REFUSED, question=question("ElseWhere.Example")))
    wild = b"\x01*" + name(ZONE)
    yield Case("an asterisk is a name like any other", "RFC 4592 2.3", header() + question(wild), NXDOMAIN)
    yield Case("a label with a zero octet", "RFC 2181 11", header() + question(b"\x03a\0b" + name(ZONE)), NXDOMAIN)
    yield Case("a label with a dot inside", "RFC 2181 11", header() + question(b"\x05he.lo" + name(ZONE)),
               NXDOMAIN)
    yield Case("`hello.mesh` as one label is not two", "RFC 2181 11", header() + question(b"\x0ahello.mesh\x04test\0"),
               REFUSED)
    yield Case("every octet of a label", "RFC 2181 11",
               header() + question(bytes([63]) + bytes(range(63)) + bytes([63]) + bytes(range(193, 256)) + name(ZONE)),
               NXDOMAIN)
    full = b"\1a" * ((255 - len(name(ZONE))) // 2) + name(ZONE)
    yield Case("a name of 255 octets", "RFC 1035 3.1", header() + question(full), NXDOMAIN)
    yield Case("a label of 63 octets", "RFC 1035 3.1", query("l" * 63 + f".{ZONE}"), NXDOMAIN)
    deep = ".".join(["a"] * 120) + f".{ZONE}"
    yield Case("a name of 122 labels", "RFC 1035 3.1", query(deep), NXDOMAIN)


def header_bits():
    for flag, text in ((RD, "RD"), (AD, "AD"), (CD, "CD"), (Z, "Z"), (RA, "RA"), (AA, "AA")):
        expected = also(DATA, rd=flag == RD)
        yield Case(f"a query with {text} set", "RFC 8906 8.1.3; RFC 1035 4.1.1", query(HELLO, flags=flag), expected)
    yield Case("a query with TC set", "RFC 1035 4.1.1", query(HELLO, flags=TC), also(DATA, rd=False))
    yield Case("CD is not set in an answer", "RFC 4035 3.1.6", query(HELLO, flags=CD), DATA)
    yield Case("RD is copied into a refusal", "RFC 1035 4.1.1", query("elsewhere.example", flags=RD),
               also(REFUSED, rd=True))
    yield Case("a response", "RFC 8906 3.1.4", query(HELLO, flags=QR), SILENT, transports=("udp",))
    for opcode in (1, 2, 3, *range(6, 16)):
        yield Case(f"opcode {opcode} with a question", "RFC 8906 8.1.4", query(ZONE, SOA, opcode=opcode), NOTIMP)
        yield Case(f"opcode {opcode} without a question", "RFC 8906 3.1.4", header(0, opcode, (0, 0, 0, 0)),
                   Expect("NOTIMP", answer=()))
    yield Case("NOTIFY", "RFC 1996 3.11", query(ZONE, SOA, opcode=4), Expect("NOTIMP|REFUSED|NOTAUTH", answer=()))


def classes():
    for kind, text in (("version.bind", "version"), ("version.server", "version"), ("id.server", "identity"),
                       ("hostname.bind", "identity")):
        yield Case(f"{kind} when no {text} is set", "RFC 4892", query(kind, TXT, CH), REFUSED)
    yield Case("a name of ours in class CH", "RFC 1035 3.2.4", query(HELLO, TXT, CH), REFUSED)
    yield Case("class HS", "RFC 1035 3.2.4", query(HELLO, TXT, 4), REFUSED)
    yield Case("class NONE", "RFC 2136 1.1", query(HELLO, TXT, NONE), Expect("REFUSED|FORMERR|NOTIMP", answer=()))
    yield Case("a class that nobody knows", "RFC 6895 3.2", query(HELLO, TXT, 1000), REFUSED)


def kinds():
    yield Case("ANY at a name with TXT", "RFC 8482 4.1", query(HELLO, ANY_TYPE), also(DATA, answer=("TXT",)))
    yield Case("ANY at a missing name", "RFC 8482", query(f"missing.{ZONE}", ANY_TYPE), Expect(
        "NXDOMAIN|NOERROR", aa=True, answer=(), authority=("SOA",)))
    yield Case("AXFR by a stranger over TCP", "RFC 5936 4.2; RFC 8906", query(ZONE, AXFR),
               Expect("REFUSED|NOTAUTH", answer=()), transports=("tcp",))
    yield Case("AXFR over UDP", "RFC 5936 4.2", query(ZONE, AXFR), Expect("REFUSED|NOTIMP|FORMERR|NOTAUTH", answer=()),
               transports=("udp",))
    yield Case("IXFR by a stranger", "RFC 1995", header(0, 0, (1, 0, 1, 0)) + question(ZONE, IXFR) + record(
        ZONE, SOA, IN, 0, name("ns.other.test") + name(f"hostmaster.{ZONE}") + (1).to_bytes(4, "big") + bytes(16)),
        Expect("REFUSED|NOTAUTH|NOTIMP|NOERROR"), transports=("tcp",))
    for kind, text in ((OPT, "OPT"), (TSIG, "TSIG")):
        yield Case(f"{text} as the type of a question", "RFC 6891 6.1.1; RFC 8945 4.2", query(HELLO, kind), FORMERR)
    for kind, text in ((TKEY, "TKEY"), (MAILB, "MAILB"), (MAILA, "MAILA"), (128, "type 128"), (200, "type 200")):
        yield Case(f"{text} as the type of a question", "RFC 6895 3.1", query(HELLO, kind), NOTIMP)


def edns():
    for payload in (0, 1, 511, 512, 1232, 4096, 65535):
        yield Case(f"an OPT with payload {payload}", "RFC 6891 6.2.3", query(HELLO, edns=opt(payload)),
                   also(DATA, edns=True, do=False, options=()))
    yield Case("no OPT in, no OPT out", "RFC 6891 7", query(HELLO), also(DATA, edns=False))
    yield Case("NXDOMAIN with an OPT", "RFC 6891 7", query(f"missing.{ZONE}", edns=opt()), also(NXDOMAIN, edns=True))
    yield Case("a refusal with an OPT", "RFC 6891 7", query("elsewhere.example", edns=opt()), also(REFUSED, edns=True))
    for version in (1, 100, 255):
        yield Case(f"EDNS version {version}", "RFC 8906 8.2.3", query(ZONE, SOA, edns=opt(version=version)),
                   Expect("BADVERS", answer=(), edns=True))
    yield Case("EDNS version 1 with an unknown option", "RFC 8906 8.2.4",
               query(ZONE, SOA, edns=opt(version=1, options=option(100))),
               Expect("BADVERS", answer=(), edns=True, options=()))
    yield Case("an unknown option", "RFC 8906 8.2.2", query(HELLO, edns=opt(options=option(100))),
               also(DATA, edns=True, options=()))
    yield Case("an unknown option with content", "RFC 8906 8.2.2", query(HELLO, edns=opt(options=option(65001, b"x" * 99))),
               also(DATA, edns=True, options=()))
    yield Case("an unknown flag", "RFC 8906 8.2.5", query(HELLO, edns=opt(flags=0x0080)), also(DATA, edns=True, do=False))
    yield Case("all flags but DO", "RFC 8906 8.2.5", query(HELLO, edns=opt(flags=0x7FFF)), also(DATA, edns=True, do=False))
    yield Case("DO is copied", "RFC 3225 3", query(HELLO, edns=opt(flags=DO)), also(DATA, edns=True, do=True))
    yield Case("DO at a missing name of an unsigned zone", "RFC 3225 3", query(f"missing.{ZONE}", edns=opt(flags=DO)),
               also(NXDOMAIN, edns=True, do=True))
    yield Case("NSID when none is set", "RFC 5001 2.1", query(HELLO, edns=opt(options=option(3))),
               also(DATA, edns=True))
    yield Case("a client subnet is not echoed", "RFC 7871 7.2.1",
               query(HELLO, edns=opt(options=option(8, b"\0\x01\x18\0\xc0\0\2"))), also(DATA, edns=True))
    yield Case("padding in clear", "RFC 7830 3", query(HELLO, edns=opt(options=option(12, bytes(40)))),
               also(DATA, edns=True))
    yield Case("two OPT", "RFC 6891 6.1.1", header(counts=(1, 0, 0, 2)) + question(HELLO) + opt() + opt(), FORMERR)
    yield Case("an OPT whose owner is not the root", "RFC 6891 6.1.2", header(counts=(1, 0, 0, 1)) + question(HELLO) +
               opt(owner=name("x")), FORMERR)
    yield Case("an OPT in the answer section", "RFC 6891 6.1.1", header(counts=(1, 1, 0, 0)) + question(HELLO) + opt(),
               FORMERR)
    yield Case("an OPT in the authority section", "RFC 6891 6.1.1", header(counts=(1, 0, 1, 0)) + question(HELLO) + opt(),
               FORMERR)
    yield Case("an option that ends beyond the OPT", "RFC 6891 6.1.2",
               query(HELLO, edns=opt(options=b"\0\x64\0\x05ab")), FORMERR)
    yield Case("an option cut in its header", "RFC 6891 6.1.2", query(HELLO, edns=opt(options=b"\0\x64\0")), FORMERR)
    yield Case("a cookie too short", "RFC 7873 5.2.2", query(HELLO, edns=opt(options=option(10, bytes(7)))), FORMERR)
    yield Case("a cookie too long", "RFC 7873 5.2.2", query(HELLO, edns=opt(options=option(10, bytes(41)))), FORMERR)
    yield Case("a client cookie", "RFC 7873 5.2.3", query(HELLO, edns=opt(options=option(10, b"\1" * 8))),
               also(DATA, edns=True, options=(10,)))


def sizes():
    many = frozenset(RECORDS[f"many.{ZONE}"])
    yield Case("a value of 255 octets", "RFC 1035 3.3.14", query(f"edge255.{ZONE}"),
               also(DATA, texts=frozenset(["x" * 255])))
    yield Case("a value of 256 octets in two strings", "RFC 1035 3.3.14", query(f"edge256.{ZONE}"),
               also(DATA, texts=frozenset(["x" * 256])))
    yield Case("600 octets with an OPT of 1232", "RFC 6891 6.2.5", query(f"long.{ZONE}", edns=opt(1232)),
               also(DATA, texts=frozenset([LONG])))
    yield Case("600 octets without an OPT", "RFC 1035 4.2.1", query(f"long.{ZONE}"),
               Expect("NOERROR", tc=True, octets_max=512), transports=("udp",))
    yield Case("600 octets with an OPT of 512", "RFC 6891 6.2.5", query(f"long.{ZONE}", edns=opt(512)),
               Expect("NOERROR", tc=True, octets_max=512, edns=True), transports=("udp",))
    yield Case("600 octets with an OPT of 100", "RFC 6891 6.2.3", query(f"long.{ZONE}", edns=opt(100)),
               Expect("NOERROR", tc=True, octets_max=512, edns=True), transports=("udp",))
    yield Case("4.5 kB for a payload of 65535", "RFC 9715 3", query(f"many.{ZONE}", edns=opt(65535)),
               Expect("NOERROR", tc=True, octets_max=1232, edns=True), transports=("udp",))
    for edns_record, text in ((None, "without an OPT"), (opt(512), "with an OPT of 512")):
        yield Case(f"4.5 kB over TCP {text}", "RFC 7766 5", query(f"many.{ZONE}", edns=edns_record),
                   also(DATA, texts=many), transports=("tcp",))


def malformed():
    for count in range(12):
        yield Case(f"a datagram of {count} octets", "RFC 1035 4.1.1", query()[:count], SILENT, transports=("udp",))
    yield Case("a header alone that counts a question", "RFC 1035 4.1.2", query()[:12], FORMERR)
    yield Case("a question cut in its name", "RFC 1035 4.1.2", query()[:16], FORMERR)
    yield Case("a question cut in its type", "RFC 1035 4.1.2", query()[:-3], FORMERR)
    yield Case("no question", "RFC 9619", header(counts=(0, 0, 0, 0)), FORMERR)
    yield Case("two questions", "RFC 9619", header(counts=(2, 0, 0, 0)) + question(HELLO) + question(HELLO), FORMERR)
    yield Case("65535 questions, one there", "RFC 9619", header(counts=(65535, 0, 0, 0)) + question(HELLO), FORMERR)
    yield Case("octets after the last record", "RFC 1035 4.1", query() + b"more", FORMERR)
    yield Case("an additional record that is not there", "RFC 1035 4.1", header(counts=(1, 0, 0, 1)) + question(HELLO),
               FORMERR)
    yield Case("a name of 256 octets", "RFC 1035 3.1", header() + question(
        b"".join(bytes([1]) + b"a" for _ in range(127)) + b"\1b\0"), FORMERR)
    yield Case("a label type of 0x40", "RFC 6891 5", header() + question(b"\x40" + bytes(64) + b"\0"), FORMERR)
    yield Case("a label type of 0x80", "RFC 1035 4.1.4", header() + question(b"\x80" + bytes(64) + b"\0"), FORMERR)
    yield Case("a pointer to itself", "RFC 1035 4.1.4", header() + question(b"\xc0\x0c"), FORMERR)
    yield Case("a pointer forward", "RFC 1035 4.1.4", header() + question(b"\xc0\x20"), FORMERR)
    yield Case("a pointer into the header", "RFC 1035 4.1.4", header() + question(b"\xc0\x00"), Expect(
        "FORMERR|REFUSED", answer=()))
    yield Case("two pointers to each other", "RFC 1035 4.1.4", header() + question(b"\x01a\xc0\x10\xc0\x0e"), FORMERR)
    yield Case("a name that runs beyond the end", "RFC 1035 3.1", header() + b"\x3fabc", FORMERR)
    yield Case("an RDLENGTH beyond the end", "RFC 1035 4.1.3", header(counts=(1, 0, 0, 1)) + question(HELLO) + name("x") +
               b"\0\x10\0\x01\0\0\0\0\xff\xff", FORMERR)
    yield Case("answers in a query do not matter", "RFC 1035 4.1", header(counts=(1, 1, 0, 0)) + question(HELLO) + record(
        "x.test", TXT, IN, 0, txt(b"x")), DATA)


def updates():
    refused = Expect("REFUSED|NOTAUTH", answer=())
    add = record(f"n.{ZONE}", TXT, IN, 60, txt(b"x"))
    yield Case("an UPDATE without a signature", "RFC 2136 3.3", update(updates=[add]), refused)
    yield Case("an UPDATE of another zone", "RFC 2136 3.1.1", update("other.example", updates=[add]), refused)
    yield Case("an UPDATE that deletes", "RFC 2136 3.3", update(updates=[record(HELLO, TXT, ANY, 0, b"")]), refused)


def table():
    return [case for group in (plain, spelling, header_bits, classes, kinds, edns, sizes, malformed, updates)
            for case in group()]
