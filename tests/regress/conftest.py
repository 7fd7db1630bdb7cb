import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scenario"))

import mesh  # noqa: E402


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
