"""Where servers of others answer otherwise than the table says: what they do instead, and why that is theirs and not a fault
of the table. Found with Knot 3.2, NSD 4.6 and BIND 9.18; what a newer version has mended still passes, since both the table's
expectation and the deviation are taken."""
import re

from expect import Expect

EMPTY = Expect("NOERROR", aa=True, answer=(), authority=("SOA",))
ANSWERED = Expect("NOERROR", aa=True, answer=("TXT",))
FORMERR = Expect("FORMERR", answer=())
SILENT = Expect(silent=True)

# (server, pattern of the case's name, transports or None for all, what it does, why)
TABLE = [
    ("BIND", "NOTIFY", None, Expect("NOERROR", aa=True, answer=()), "takes a NOTIFY for a zone that it is primary of, from itself"),
    ("BIND", "(TKEY|type 128|type 200) as the type of a question", None, FORMERR, "knows no meta type that it lacks"),
    ("BIND", "a class that nobody knows", None, Expect("NOTIMP", answer=()), "has no view of that class"),
    ("BIND", r"(hostname\.bind|id\.server|version\.bind) when no \w+ is set", None, EMPTY,
     "keeps a zone for these names, empty when nothing is set"),
    ("BIND", "octets after the last record", None, ANSWERED, "passes over octets after the last record"),
    ("Knot", "65535 questions, one there|two questions", None, SILENT, "drops what it cannot read"),
    ("Knot", "a header alone that counts a question|a question cut in its (name|type)", None, SILENT,
     "drops what it cannot read"),
    ("Knot", "a label type of .*|a name of 256 octets|a name that runs .*|a pointer .*|two pointers .*", None, SILENT,
     "drops what it cannot read"),
    ("Knot", ".* as the type of a question", None, EMPTY, "treats meta types like any other that is not there"),
    ("Knot", "a client cookie|a cookie too (short|long)", None, ANSWERED, "its cookies are a module, off here"),
    ("Knot", "an OPT whose owner is not the root", None, ANSWERED, "does not look at the owner of an OPT"),
    ("Knot", "an OPT with payload 1", None, FORMERR, "refuses a payload of 1 as malformed"),
    ("NSD", ".* as the type of a question", None, EMPTY, "treats meta types like any other that is not there"),
    ("NSD", "a client cookie|a cookie too (short|long)", None, ANSWERED, "its cookies are off unless configured"),
    ("NSD", "an UPDATE .*", None, Expect("NOTIMP", header_only=True), "has no UPDATE"),
    ("NSD", "answers in a query do not matter", None, Expect("FORMERR", header_only=True),
     "takes a query with answers for malformed"),
    ("NSD", "octets after the last record", None, ANSWERED, "passes over octets after the last record"),
    ("NSD", "a header alone that counts a question|a name that runs .*|a question cut in its name|no question"
     r"|opcode \d+ without a question", ("tcp",), SILENT, "closes a connection whose message is shorter than a question"),
]


def of(label, name, transport):
    """What the server may do instead, or None."""
    for server, pattern, transports, expect, _ in TABLE:
        if server == label and re.fullmatch(pattern, name) and (transports is None or transport in transports):
            return expect
    return None


def unused(names):
    """Patterns that match no case: left from a row that is gone."""
    return [row for row in TABLE if not any(re.fullmatch(row[1], name) for name in names)]
