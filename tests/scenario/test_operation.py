"""Configuration, logs and signals, as an operator meets them."""
import json
import re
import signal
import socket
import subprocess

import mesh


def run(arguments, environment=None):
    return subprocess.run([str(mesh.NODE), *arguments], capture_output=True, text=True, timeout=30 * mesh.SLOWNESS,
                          env={"PATH": "/usr/bin:/bin", **(environment or {})})


def test_without_a_token_a_public_bind_is_refused(tmp_path):
    done = run([], {"DMP_DB_PATH": str(tmp_path / "dmp.db"), "DMP_DNS_PORT": "0", "DMP_HTTP_PORT": "0"})
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("dnsmesh-node: ")]
    assert len(lines) == 1 and "0.0.0.0" in lines[0] and "DMP_ALLOW_OPEN_PUBLIC_BIND" in lines[0]
    assert not (tmp_path / "dmp.db").exists()


def test_every_bad_value_is_named_and_the_exit_status_is_2(tmp_path):
    done = run([], {"DMP_DB_PATH": str(tmp_path / "dmp.db"), "DMP_DNS_PORT": "70000", "DMP_MAX_TTL": "soon"})
    assert done.returncode == 2
    assert "DMP_DNS_PORT" in done.stderr and "70000" in done.stderr and "65535" in done.stderr
    assert "DMP_MAX_TTL" in done.stderr and "soon" in done.stderr
    assert not (tmp_path / "dmp.db").exists()


def test_an_unknown_key_in_the_file_is_an_error_with_its_line(tmp_path):
    file = tmp_path / "node.env"
    file.write_text("# comment\nDMP_DNS_PROT=53\n")
    done = run(["--config", str(file), "--check-config"])
    assert done.returncode == 2
    assert f"{file}:2" in done.stderr and "DMP_DNS_PROT" in done.stderr


def test_an_unknown_variable_is_a_warning_that_names_the_nearest_known_one(make_node):
    node = make_node(environment={"DMP_MAX_TLL": "60", "DMP_PASSPHRASE": "client variable"}).start()
    warnings = [line for line in node.log().splitlines() if "DMP_MAX_TLL" in line]
    assert len(warnings) == 1 and "WARNING" in warnings[0] and "DMP_MAX_TTL" in warnings[0]
    assert "DMP_PASSPHRASE" not in node.log()


def test_check_config_shows_values_sources_and_no_secret(tmp_path):
    file = tmp_path / "node.env"
    file.write_text("DMP_OPERATOR_TOKEN=0123456789abcdef0123456789abcdef\nDMP_DNS_TTL=30\n")
    done = run(["--config", str(file), "--check-config"], {"DMP_DNS_TTL": "45", "DMP_DB_PATH": str(tmp_path / "no.db")})
    assert done.returncode == 0, done.stderr
    assert re.search(r"DMP_DNS_TTL\s+45\s+\(?environment", done.stdout)
    assert re.search(r"DMP_OPERATOR_TOKEN\s+\(set, 32 characters\)", done.stdout)
    assert "0123456789abcdef" not in done.stdout + done.stderr
    assert not (tmp_path / "no.db").exists(), "checking opens nothing"


def test_check_config_refuses_what_could_not_start(tmp_path):
    for environment, said in [({}, "DMP_ALLOW_OPEN_PUBLIC_BIND"),
                              ({"DMP_DNS_HOST": "localhost"}, "DMP_DNS_HOST"),
                              ({"DMP_DNS_NSID": "n" * 129}, "DMP_DNS_NSID"),
                              ({"DMP_SERVED_ZONE": ".".join(["a" * 63] * 3 + ["a" * 60])}, "DMP_DNS_APEX_SOA_RNAME")]:
        done = run(["--check-config"], {"DMP_DB_PATH": str(tmp_path / "no.db"), **environment})
        assert done.returncode == 2, environment
        lines = [line for line in done.stderr.splitlines() if line.startswith("dnsmesh-node: ")]
        assert len(lines) == 1 and said in lines[0]
        assert done.stdout.endswith(f"error: {lines[0].removeprefix('dnsmesh-node: ')}\nconfiguration is not valid\n")


def test_help_and_version(tmp_path):
    assert run(["--version"]).stdout.startswith("dnsmesh-node 0.")
    shown = run(["--help"])
    assert shown.returncode == 0 and "DMP_DB_PATH" in shown.stdout and "--check-config" in shown.stdout
    assert run(["--frobnicate"]).returncode == 2


def test_a_port_in_use_stops_the_start_with_one_line(make_node):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        node = make_node(environment={"DMP_HTTP_PORT": str(taken.getsockname()[1])}).launch()
        assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 1
        lines = [line for line in node.log().splitlines() if line.startswith("dnsmesh-node: ")]
        assert len(lines) == 1 and str(taken.getsockname()[1]) in lines[0] and "in use" in lines[0], node.log()


def test_json_logs_are_one_object_a_line(make_node):
    node = make_node(environment={"DMP_LOG_FORMAT": "json"})
    node.launch()
    mesh.wait_until(lambda: "node up" in node.log(), "the node is up")
    node.process.terminate()
    assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 0
    for line in node.log().splitlines():
        entry = json.loads(line)
        assert list(entry)[:4] == ["ts", "level", "logger", "msg"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["ts"])


def test_text_logs_have_the_documented_shape(make_node):
    node = make_node().start()
    for line in node.log().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) dmp\.server\.\w+: ", line), line


def test_the_log_says_which_file_is_opened_before_the_node_is_up(make_node):
    node = make_node().start()
    assert node.log().index(f"opening record file {node.database}") < node.log().index("node up")


def test_sighup_re_reads_what_can_change_and_keeps_the_rest_when_the_file_is_bad(make_node):
    node = make_node()
    file = node.folder / "node.env"
    file.write_text("DMP_MAX_VALUE_BYTES=10\n")
    node.arguments = ["--config", str(file)]
    node.start()
    assert node.publish("a.mesh.test", "x" * 11) == 400
    file.write_text("DMP_MAX_VALUE_BYTES=11\nDMP_DNS_TTL=30\n")
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: node.publish("a.mesh.test", "x" * 11) == 201, "the new cap is in force")
    mesh.wait_until(lambda: "DMP_DNS_TTL" in node.log(), "what needs a restart is named")
    file.write_text("DMP_MAX_VALUE_BYTES=many\n")
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: "many" in node.log(), "the bad value is named")
    assert node.publish("a.mesh.test", "y" * 11) == 201
    assert node.process.poll() is None


def test_sighup_publishes_a_new_cluster_file(make_node):
    node = make_node()
    generator = mesh.program("generate-cluster-manifest")
    manifest, key = node.folder / "cluster.json", node.folder / "operator.key"
    subprocess.run([generator, "--cluster-name", "mesh.test", "--manifest-out", manifest, "--operator-key-out", key],
                   check=True, capture_output=True)
    public = re.search(r"operator_public_hex=([0-9a-f]{64})", key.read_text())[1]
    node.environment["DMP_SYNC_OPERATOR_SPK"] = public
    node.start()
    first = node.resolve("cluster.mesh.test", transport="tcp")
    assert first == {manifest.read_text()}
    subprocess.run([generator, "--cluster-name", "mesh.test", "--manifest-out", manifest, "--operator-key-in", key],
                   check=True, capture_output=True)
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: manifest.read_text() in node.resolve("cluster.mesh.test", transport="tcp"), "the new manifest is served")
    manifest.write_text("v=dmp1;t=cluster;AAAA")
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: node.log().count("cluster file") >= 3, "the bad manifest is refused in the log")
    assert "v=dmp1;t=cluster;AAAA" not in node.resolve("cluster.mesh.test", transport="tcp")


def test_sigint_stops_in_order_too(make_node):
    node = make_node().start()
    node.process.send_signal(signal.SIGINT)
    assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 0
    assert "received signal 2" in node.log()
