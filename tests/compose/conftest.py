import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import engine  # noqa: E402

# Tests that cannot run are not collected (a skip would count as a failure), and one line says so.
_no_docker = engine.why_not()
collect_ignore_glob = ["test_*.py"] if _no_docker else []


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"compose: not tested, {_no_docker}" if _no_docker else "compose: tested with Docker")


@pytest.fixture(scope="session")
def image():
    """The image of the programs under test; its name."""
    build = os.environ.get("DNSMESH_BUILD", engine.ROOT / "build")
    engine.run([engine.ROOT / "docker/image-from-build", build, engine.IMAGE])
    yield engine.IMAGE
    engine.run(["docker", "rmi", "-f", engine.IMAGE], check=False)


@pytest.fixture(scope="module")
def compose_of(image, tmp_path_factory):
    """Gives a function that prepares a compose file in a folder of its own; what it started is gone after the module."""
    made = []

    def make(*files):
        made.append(engine.Compose(tmp_path_factory.mktemp("compose"), *files))
        return made[-1]

    yield make
    for compose in made:
        compose.down()
