"""The example to copy: start a node, do one thing to it, look at it from outside."""
import json
import subprocess

import mesh


def test_a_record_published_with_curl_is_resolved_with_kdig_and_drill_over_udp_and_tcp_and_survives_a_restart(make_node):
    node = make_node().start()
    name, value = f"hello.{mesh.ZONE}", "v=test; a value with blanks"
    curl = subprocess.run(
        ["curl", "-sS", "-w", " %{http_code}", "-X", "POST", "-d", json.dumps({"value": value, "ttl": 300}),
         f"http://127.0.0.1:{node.http_port}/v1/records/{name}"], capture_output=True, text=True, check=True)
    assert curl.stdout == '{"ok": true} 201'

    def seen_by_every_client():
        port = str(node.dns_port)
        for command in (["kdig", "+short", "@127.0.0.1", "-p", port, "TXT", name],
                        ["kdig", "+short", "+tcp", "@127.0.0.1", "-p", port, "TXT", name],
                        ["drill", "-p", port, "TXT", name, "@127.0.0.1"],
                        ["drill", "-t", "-p", port, "TXT", name, "@127.0.0.1"]):
            assert f'"{value}"' in subprocess.run(command, capture_output=True, text=True, check=True).stdout, command

    seen_by_every_client()
    status, _ = node.stop()
    assert status == 0
    node.start()
    seen_by_every_client()
    assert node.read(name) == [value]
