"""Docker and Compose as the tests use them: which command there is, an image made from the programs under test, and our
compose files in a folder of their own, so that no manifest or setting of the checkout is touched."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/scenario"))

import mesh  # noqa: E402

TOKEN = "dev-cluster-token-change-me"
TAG = f"test-{os.getpid()}"
IMAGE = f"dnsmesh-node:{TAG}"


def compose_command():
    """`docker-compose` or `docker compose`, whichever there is; None without either."""
    for command in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]) and not run([*command, "version"], check=False).returncode:
            return command
    return None


def run(command, check=True, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=300, **options)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def why_not():
    """One line on why there is no Docker here; None when there is."""
    if not shutil.which("docker"):
        return "there is no Docker on this machine"
    if run(["docker", "info"], check=False).returncode:
        return "the Docker engine does not answer"
    if not compose_command():
        return "there is no docker-compose on this machine"
    return None


class Container(mesh.Reachable):
    """A node in a container, with its ports on loopback."""

    def __init__(self, name, http_port, dns_port, token=TOKEN):
        self.name, self.http_port, self.dns_port, self.token = name, http_port, dns_port, token

    @property
    def node_id(self):
        return self.name.removeprefix("dnsmesh-")

    def log(self):
        done = run(["docker", "logs", self.name])
        return done.stdout + done.stderr

    def log_lines(self, *words):
        """The messages of the (JSON) log that hold all of `words`."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if all(word in line["msg"] or word == line["level"] for word in words)]

    def health(self):
        return run(["docker", "inspect", "--format", "{{.State.Health.Status}}", self.name]).stdout.strip()

    def exec(self, *command, check=True):
        return run(["docker", "exec", self.name, *command], check=check)

    def signal(self, name):
        run(["docker", "kill", "--signal", name, self.name])

    def sync_request(self, method, path, body=None):
        return self.request(method, path, body, {"Authorization": f"Bearer {self.token}"})

    def seq(self):
        status, text = self.sync_request("GET", "/v1/sync/cluster-manifest")
        return json.loads(text)["seq"] if status == 200 else None

    def answers(self, name, value):
        try:
            return value in self.resolve(name)
        except OSError:
            return False


class Compose:
    """One of our compose files, copied with all of docker/ to `folder`."""

    def __init__(self, folder, *files):
        self.folder = pathlib.Path(folder)
        shutil.copytree(ROOT / "docker", self.folder / "docker", ignore=shutil.ignore_patterns("*.wire", "operator*", ".env"))
        self.files = list(files)
        self.environment = {**os.environ, "DMP_IMAGE_TAG": TAG}
        self.project = f"dnsmesh-{TAG}-{self.folder.name}"

    def __call__(self, *arguments, check=True):
        files = [part for file in self.files for part in ("-f", self.folder / "docker" / file)]
        return run([*compose_command(), "-p", self.project, *files, *arguments], check=check, env=self.environment)

    def config(self):
        return self("config").stdout

    def up(self, *services):
        """As the guide says, but never builds: the image is that of the programs under test."""
        return self("up", "-d", "--no-build", *services)

    def down(self):
        self("down", "-v", "--remove-orphans", check=False)


if __name__ == "__main__":
    reason = why_not()
    print(reason or "Docker answers")
    sys.exit(1 if reason else 0)
