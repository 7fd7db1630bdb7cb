"""The image: what is in it, and what is not."""
import io
import json
import tarfile

import pytest

import engine
import mesh

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def files(image):
    """Every file of the image: name -> tar entry."""
    container = engine.run(["docker", "create", image]).stdout.strip()
    try:
        exported = engine.subprocess.run(["docker", "export", container], capture_output=True, check=True).stdout
    finally:
        engine.run(["docker", "rm", "-v", container])
    with tarfile.open(fileobj=io.BytesIO(exported)) as archive:
        return {"/" + entry.name.rstrip("/"): entry for entry in archive}


@pytest.fixture(scope="module")
def settings(image):
    return json.loads(engine.run(["docker", "image", "inspect", image]).stdout)[0]


def run_in(image, *arguments, check=True):
    return engine.run(["docker", "run", "--rm", "--entrypoint", arguments[0], image, *arguments[1:]], check=check)


def test_the_image_is_small(settings):
    assert settings["Size"] < 60 * MEGABYTE


def test_it_holds_our_programs_curl_and_sh_and_no_other(files):
    programs = {name for name, entry in files.items()
                if name.startswith(("/usr/bin/", "/usr/sbin/", "/usr/local/", "/opt/")) and not entry.isdir()}
    ours = {"dnsmesh-node", "dnsmesh-record", "generate-cluster-manifest", "dnsmesh-admin", "dnsmesh-node-admin"}
    assert programs == {f"/usr/bin/{name}" for name in ours | {"curl", "sh"}}


def test_every_program_finds_its_libraries(image):
    for program in ("dnsmesh-node", "dnsmesh-record", "generate-cluster-manifest", "dnsmesh-admin", "dnsmesh-node-admin",
                    "curl"):
        assert run_in(image, program, "--version").stdout.strip()
    assert run_in(image, "sh", "-c", "echo it runs").stdout == "it runs\n"


def test_each_library_brings_its_licence(files):
    assert len([name for name in files if name.endswith("/copyright")]) > 10
    assert "/usr/share/doc/libsodium23/copyright" in files


def test_it_runs_as_a_user_that_may_write_to_the_data_folder_alone(settings, files):
    assert settings["Config"]["User"] == "999:999"
    assert settings["Config"]["Volumes"] == {"/var/lib/dmp": {}}
    assert files["/var/lib/dmp"].uid == files["/var/lib/dmp"].gid == 999 and files["/var/lib/dmp"].mode & 0o777 == 0o700
    # Docker itself puts empty files and folders of its own into a container; they belong to root, too.
    writable = [name for name, entry in files.items() if name not in ("/var/lib/dmp", "/tmp") and not entry.issym()
                and (entry.uid != 0 or entry.mode & 0o022)]
    assert writable == []
    assert not [name for name, entry in files.items() if entry.mode & 0o6000], "nothing changes who one is"


def test_its_settings_are_those_that_compose_files_rely_on(settings):
    environment = dict(line.split("=", 1) for line in settings["Config"]["Env"])
    assert environment == {"PATH": "/usr/bin", "DMP_DB_PATH": "/var/lib/dmp/dmp.db", "DMP_DNS_HOST": "0.0.0.0",
                           "DMP_DNS_PORT": "5353", "DMP_HTTP_HOST": "0.0.0.0", "DMP_HTTP_PORT": "8053"}
    assert set(settings["Config"]["ExposedPorts"]) == {"5353/udp", "5353/tcp", "8053/tcp"}
    assert settings["Config"]["Entrypoint"] == ["/usr/bin/dnsmesh-node"] and not settings["Config"]["Cmd"]
    check = settings["Config"]["Healthcheck"]
    assert "curl -fsS" in check["Test"][1] and check["Retries"] == 3
    assert (check["Interval"], check["Timeout"], check["StartPeriod"]) == (30 * 10**9, 3 * 10**9, 5 * 10**9)


def test_its_labels_name_what_it_is(settings, image):
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in settings["Config"]["Labels"].items()}
    assert labels["title"] == "dnsmesh-node"
    assert labels["version"] in run_in(image, "dnsmesh-node", "--version").stdout
    assert {"source", "revision", "created", "licenses"} <= set(labels)


@pytest.fixture(scope="module")
def node(image):
    """A single node under the tightest settings that Docker has; its data lives in a volume."""
    volume = f"dnsmesh-{engine.TAG}"
    name = f"dnsmesh-{engine.TAG}-single"
    engine.run(["docker", "run", "-d", "--name", name, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "-v", f"{volume}:/var/lib/dmp", "-e", "DMP_OPERATOR_TOKEN=" + "t" * 32, "-p", "127.0.0.1:0:8053",
                "-p", "127.0.0.1:0:5353/udp", "--health-interval", "1s", image])
    yield placed(name)
    engine.run(["docker", "rm", "-f", name])
    engine.run(["docker", "volume", "rm", volume])


def placed(name):
    """The container with the ports that Docker chose; they change when it is started again."""
    def port(inside):
        return int(engine.run(["docker", "port", name, inside]).stdout.splitlines()[0].rsplit(":", 1)[1])
    return engine.Container(name, port("8053/tcp"), port("5353/udp"))


def test_a_read_only_node_publishes_resolves_and_survives_a_kill(node):
    headers = {"Authorization": "Bearer " + "t" * 32}
    name = "kept.mesh.test"
    mesh.wait_until(lambda: node.health() == "healthy", "the node is healthy", 40)
    assert node.request("POST", f"/v1/records/{name}", {"value": "v", "ttl": 300})[0] == 401
    assert node.request("POST", f"/v1/records/{name}", {"value": "v", "ttl": 300}, headers)[0] == 201
    assert node.resolve(name) == {"v"}
    node.signal("KILL")
    engine.run(["docker", "start", node.name])
    again = placed(node.name)
    mesh.wait_until(lambda: again.health() == "healthy", "the node is healthy again", 40)
    assert again.resolve(name) == {"v"}


def test_the_health_check_fails_where_the_node_does_not_listen(node):
    assert node.exec("sh", "-c", 'curl -fsS "http://127.0.0.1:$DMP_HTTP_PORT/health"').returncode == 0
    assert node.exec("sh", "-c", "curl -fsS http://127.0.0.1:1/health || exit 1", check=False).returncode == 1


def test_told_to_stop_it_ends_well_before_docker_loses_patience(node):
    engine.run(["docker", "start", node.name])
    began = mesh.time.monotonic()
    engine.run(["docker", "stop", "-t", "30", node.name])
    assert mesh.time.monotonic() - began < 10
    assert engine.run(["docker", "inspect", "--format", "{{.State.ExitCode}}", node.name]).stdout.strip() == "0"
    assert "node stopped" in node.log()


def test_a_volume_of_another_user_is_refused_with_path_and_uid(image, tmp_path):
    tmp_path.chmod(0o755)
    done = engine.run(["docker", "run", "--rm", "-v", f"{tmp_path}:/var/lib/dmp", "-e", "DMP_OPERATOR_TOKEN=" + "t" * 32, image],
                      check=False)
    assert done.returncode == 1
    assert "/var/lib/dmp" in done.stderr and "999" in done.stderr
