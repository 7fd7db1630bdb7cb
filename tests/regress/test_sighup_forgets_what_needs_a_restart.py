"""SIGHUP must not take over a setting that it says needs a restart, nor forget that it still differs."""
import re
import signal
import subprocess

import mesh


def make_manifest(folder, name, seq, key=None):
    manifest = folder / name
    key_file = key or folder / "operator.key"
    subprocess.run([mesh.program("generate-cluster-manifest"), "--cluster-name", "mesh.test", "--seq", str(seq),
                    "--manifest-out", manifest, "--operator-key-in" if key else "--operator-key-out", key_file],
                   check=True, capture_output=True)
    return manifest, key_file


def test_another_cluster_file_waits_for_the_restart_and_is_named_at_every_sighup(make_node):
    node = make_node()
    first, key = make_manifest(node.folder, "first.wire", 1)
    second, _ = make_manifest(node.folder, "second.wire", 2, key)
    public = re.search(r"operator_public_hex=([0-9a-f]{64})", key.read_text())[1]
    node.environment["DMP_SYNC_OPERATOR_SPK"] = public
    del node.environment["DMP_CLUSTER_FILE"]
    file = node.folder / "node.env"
    file.write_text(f"DMP_CLUSTER_FILE={first}\n")
    node.arguments = ["--config", str(file)]
    node.start()
    file.write_text(f"DMP_CLUSTER_FILE={second}\n")
    for times in (1, 2):
        node.process.send_signal(signal.SIGHUP)
        # The last thing that a reload does is the cluster file.
        mesh.wait_until(lambda: node.log().count("is published at") == 1 + times, "the cluster file was read again")
        assert node.log().count("DMP_CLUSTER_FILE has changed") == times
        assert node.resolve("cluster.mesh.test", transport="tcp") == {first.read_text()}
    node.stop()
    node.start()
    assert second.read_text() in node.resolve("cluster.mesh.test", transport="tcp")


def test_an_older_cluster_file_is_not_published_again(make_node):
    node = make_node()
    new, key = make_manifest(node.folder, "cluster.json", 2)
    old, _ = make_manifest(node.folder, "old.wire", 1, key)
    node.environment["DMP_SYNC_OPERATOR_SPK"] = re.search(r"operator_public_hex=([0-9a-f]{64})", key.read_text())[1]
    node.start()
    published = {new.read_text()}
    new.write_text(old.read_text())
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: "is not published: its seq is 1, and cluster.mesh.test has seq 2 already" in node.log(),
                    "the older manifest is refused in the log")
    assert node.resolve("cluster.mesh.test", transport="tcp") == published
