import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import servers  # noqa: E402

# Without them only our own node is held to the table, and nobody checks the table itself.
_missing = {"NSD", "Knot", "BIND"} - {kind.label for kind in servers.installed()}
assert not _missing or "servers" not in os.environ.get("DNSMESH_REQUIRE", ""), f"not installed: {_missing}"


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """Gives a function from a kind of server to one that runs; each is started once."""
    started = {}

    def server(kind):
        if kind not in started:
            started[kind] = kind(tmp_path_factory.mktemp(kind.__name__))
            started[kind].start()
        return started[kind]

    yield server
    for each in started.values():
        each.stop()


def pytest_terminal_summary(terminalreporter):
    found = ", ".join(kind.label for kind in servers.installed())
    terminalreporter.write_line(f"conformance: the table was held against {found}")
