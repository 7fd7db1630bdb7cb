"""DNS conformance in the manner of RFC 8906: one table, held against our node, and against the servers of others that this
machine has, so that the table itself is checked. Every deviation of theirs is named with its reason."""
import pytest

import cases
import deviations
import servers
import talk

TABLE = cases.table()
ROWS = [(kind, case, transport) for kind in servers.installed() for case in TABLE for transport in case.transports]


def test_the_names_of_the_table_are_unique_and_ours_has_no_deviation():
    names = [case.name for case in TABLE]
    assert len(set(names)) == len(names)
    assert not deviations.unused(names)
    assert servers.Ours.label not in {row[0] for row in deviations.TABLE}


@pytest.mark.parametrize("kind,case,transport", ROWS,
                         ids=[f"{kind.label}: {case.name} ({transport})" for kind, case, transport in ROWS])
def test_row(running, kind, case, transport):
    server = running(kind)
    if transport == "udp":
        answer = talk.over_udp(server, case.message)
    else:
        answer = next(iter(talk.over_tcp(server, case.message)), None)
    try:
        case.expect.check(answer)
    except AssertionError:
        instead = deviations.of(kind.label, case.name, transport)
        if instead is None:
            raise
        instead.check(answer)
    if answer is not None:
        assert answer[:2] == case.message[:2], "another ID"
        assert answer[2] & 0x78 == case.message[2] & 0x78, "another opcode"
