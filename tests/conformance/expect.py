"""What an answer must be. Every field that is not None is held."""
import dataclasses
import typing

import dns.flags
import dns.rcode
import dns.rdatatype

import talk


@dataclasses.dataclass(frozen=True)
class Expect:
    rcode: typing.Optional[str] = None  # NOERROR, NXDOMAIN ...; several with a bar between them
    aa: typing.Optional[bool] = None
    tc: typing.Optional[bool] = False
    rd: typing.Optional[bool] = None
    answer: typing.Optional[tuple] = None  # the types of its RRsets
    authority: typing.Optional[tuple] = None
    texts: typing.Optional[frozenset] = None  # TXT values, their strings joined
    edns: typing.Optional[bool] = None  # an OPT record of version 0
    do: typing.Optional[bool] = None
    options: typing.Optional[tuple] = None  # codes
    question: typing.Optional[bytes] = None  # as it came, octet for octet
    octets_max: typing.Optional[int] = None
    header_only: bool = False
    silent: bool = False  # no answer at all

    def check(self, octets):
        """Fails with what is wrong."""
        if self.silent:
            assert octets is None, f"answered: {octets.hex()}"
            return
        assert octets is not None, "no answer"
        assert self.octets_max is None or len(octets) <= self.octets_max, f"{len(octets)} octets"
        if self.header_only:
            assert len(octets) == 12, f"more than a header: {octets.hex()}"
            assert self.rcode is None or octets[3] & 15 in [dns.rcode.from_text(each) for each in self.rcode.split("|")]
            assert octets[2] & 0x80
            return
        if self.question is not None:
            assert octets[12:12 + len(self.question)] == self.question, "the question is not echoed as it came"
        self.check_message(talk.read(octets))

    def check_message(self, message):
        text = message.to_text()
        flags = message.flags
        assert flags & dns.flags.QR, text
        assert not flags & (dns.flags.RA | dns.flags.AD), f"RA or AD is set: {text}"
        if self.rcode is not None:
            assert dns.rcode.to_text(message.rcode()) in self.rcode.split("|"), text
        for wanted, flag in ((self.aa, dns.flags.AA), (self.tc, dns.flags.TC), (self.rd, dns.flags.RD)):
            assert wanted is None or bool(flags & flag) == wanted, f"{dns.flags.to_text(flag)}: {text}"
        for wanted, section in ((self.answer, message.answer), (self.authority, message.authority)):
            assert wanted is None or tuple(dns.rdatatype.to_text(rrset.rdtype) for rrset in section) == wanted, text
        if self.texts is not None:
            found = {b"".join(rr.strings).decode() for rrset in message.answer for rr in rrset
                     if rr.rdtype == dns.rdatatype.TXT}
            assert found == self.texts, text
        if self.edns is not None:
            assert message.edns == (0 if self.edns else -1), text
        if self.do is not None:
            assert bool(message.ednsflags & dns.flags.DO) == self.do, text
        if self.options is not None:
            assert tuple(int(option.otype) for option in message.options) == self.options, text
