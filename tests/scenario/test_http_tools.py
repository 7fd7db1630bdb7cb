"""The HTTP interface with curl, every route of it, against a real process; and what the node logs and counts of it."""
import json
import re
import signal
import subprocess

import mesh

TOKEN = "0123456789abcdef-operator"
BEARER = ("-H", f"Authorization: Bearer {TOKEN}")
METRICS_TYPE = "text/plain; version=0.0.4"
PAGE_TYPE = "text/html; charset=utf-8"


# Without a token of the peers; with one they are asked in the scenarios of two nodes.
PEERS_ONLY = [("GET", "/v1/sync/digest"), ("GET", "/v1/sync/cluster-manifest"), ("GET", "/v1/sync/x1/feed"),
              ("POST", "/v1/sync/pull"), ("POST", "/v1/sync/x1/reconcile"), ("POST", "/v1/sync/x1/get"),
              ("POST", "/v1/sync/x1/hint")]
REGISTRATION = [("GET", "/v1/registration/challenge"), ("POST", "/v1/registration/confirm"),
                ("POST", "/v1/registration/tsig-confirm")]
NOT_FOUND = ("application/json", '{"error": "not found"}')


def curl(node, path, *options):
    """Gives (status, content type, body) as curl sees them."""
    done = subprocess.run(
        ["curl", "-sS", "--max-time", str(20 * mesh.SLOWNESS), "-w", "\n%{http_code}\n%{content_type}", *options,
         f"http://127.0.0.1:{node.http_port}{path}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    body, status, kind = done.stdout.rsplit("\n", 2)
    return int(status), kind, body


def publish(value, **more):
    return "-d", json.dumps({"value": value, **more})


def test_every_route_answers_curl_as_documented(make_node):
    node = make_node().start()
    record = "/v1/records/a.mesh.test"
    asked = [
        ("POST", "/v1/records/{name}", record, publish("v1", ttl=60), 201, "application/json", '{"ok": true}'),
        ("POST", "/v1/records/{name}", record, publish("v1", ttl=0), 400, "application/json",
         '{"error": "value (str) and ttl (int > 0) required"}'),
        ("GET", "/v1/records/{name}", record, (), 200, "application/json", '{"name": "a.mesh.test", "values": ["v1"]}'),
        ("GET", "/v1/records/{name}", "/v1/records/b", (), 404, "application/json", '{"name": "b", "values": []}'),
        ("DELETE", "/v1/records/{name}", record, publish("no"), 404, "", ""),
        ("DELETE", "/v1/records/{name}", record, publish("v1"), 204, "", ""),
        ("GET", "/health", "/health", (), 200, "application/json", '{"status": "ok"}'),
        ("GET", "/livez", "/livez", (), 200, "application/json", '{"status": "live"}'),
        ("GET", "/readyz", "/readyz", (), 200, "application/json", '{"status": "ready", "not_ready": []}'),
        ("GET", "/ready", "/ready", (), 200, "application/json", '{"status": "ready", "not_ready": []}'),
        ("GET", "/stats", "/stats", (), 200, "application/json", None),
        ("GET", "/metrics", "/metrics", (), 200, METRICS_TYPE, None),
        ("GET", "/v1/cluster", "/v1/cluster", (), 200, "application/json", None),
        ("GET", "/", "/", (), 200, PAGE_TYPE, None),
        ("GET", "/index.html", "/index.html", (), 200, PAGE_TYPE, None),
        ("GET", "/v1/openapi.json", "/v1/openapi.json", (), 200, "application/json", None),
        # Nobody can register here; tests/scenario/test_registration.py has their answers where somebody can.
        *((method, path, path, (), 404, *NOT_FOUND) for method, path in REGISTRATION),
        *((method, path, path, (), 403, "application/json", '{"error": "forbidden"}') for method, path in PEERS_ONLY),
    ]
    for method, _, path, options, status, kind, body in asked:
        got = curl(node, path, "-X", method, *options)
        assert got[:2] == (status, kind), (method, path, got)
        assert body is None or got[2] == body, (method, path, got)

    document = json.loads(curl(node, "/v1/openapi.json")[2])
    documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(method, path) for method, path, *_ in asked} == {(m, p) for m, p in documented if m != "HEAD"}
    for method, path, target, *_ in asked:
        if method == "GET":
            assert ("HEAD", path) in documented
            status, kind, head = curl(node, target, "-I")
            shown_status, shown_kind, body = curl(node, target)
            assert (status, kind) == (shown_status, shown_kind), target
            assert head.endswith("\n\n") and "content-length:" in head.lower(), head


def test_what_is_no_route_is_404_and_other_methods_are_501(make_node):
    node = make_node().start()
    for path in ("/health/", "/health?x=1", "/metrics?x", "/livez/", "/readyz?verbose", "/index.htm", "/favicon.ico",
                 "/?x", "/v1/info", "/nodes", "/v1/nodes/seen", "/v1/registration/challenge"):
        assert curl(node, path)[::2] == (404, '{"error": "not found"}'), path
    for path in ("/", "/metrics", "/readyz"):
        assert curl(node, path, "-X", "POST", "-d", "{}")[0] == 404, path
        assert curl(node, path, "-X", "PUT")[0] == 501, path


def test_the_operator_token_guards_writing_reading_and_metrics_and_nothing_else(make_node):
    node = make_node(environment={"DMP_OPERATOR_TOKEN": TOKEN, "DMP_LOG_LEVEL": "DEBUG"}).start()
    record = "/v1/records/a.mesh.test"
    for path, options in ((record, publish("v")), (record, ()), ("/metrics", ())):
        assert curl(node, path, *options)[::2] == (401, '{"error": "unauthorized"}'), path
        assert curl(node, path, "-H", "Authorization: Bearer wrong", *options)[0] == 401, path
        assert curl(node, path, *BEARER, *options)[0] in (200, 201), path
    for path in ("/", "/health", "/livez", "/readyz", "/stats", "/v1/openapi.json"):
        assert curl(node, path)[0] == 200, path
    assert "Bearer $DMP_OPERATOR_TOKEN" in curl(node, "/")[2]
    lines = [line for line in node.log().splitlines() if "dmp.server.http_api" in line]
    assert any(line.endswith('DEBUG dmp.server.http_api: 127.0.0.1 "POST /v1/records/a.mesh.test" 401') for line in lines)
    assert TOKEN not in node.log() and "unauthenticated" not in node.log()


def test_without_a_token_one_warning_says_so_and_the_server_names_its_address(make_node):
    node = make_node().start()
    warnings = [line for line in node.log().splitlines() if "metrics endpoint unauthenticated" in line]
    assert len(warnings) == 1 and " WARNING " in warnings[0] and "DMP_HTTP_TOKEN" in warnings[0]
    assert re.search(rf"INFO dmp\.server\.http_api: HTTP server started on 127\.0\.0\.1:{node.http_port}$", node.log(), re.M)
    before = len(node.log())
    for _ in range(20):
        curl(node, "/nothing")
    assert len(node.log()) == before, "what strangers ask makes no line"


def test_metrics_count_what_happened(make_node):
    node = make_node().start()
    node.publish("a.mesh.test", "kept, but of no type that peers know: v=dmp9")
    node.publish("b.mesh.test", "v=dmp1;t=nothing;AAAA")
    node.resolve("a.mesh.test")
    node.query("absent.mesh.test")
    for _ in range(3):
        curl(node, "/nothing")

    def figure(line):
        found = re.search(rf"^{re.escape(line)} (\S+)$", curl(node, "/metrics")[2], re.M)
        return float(found[1]) if found else 0

    assert figure('dmp_http_requests_total{method="POST",status="201"}') == 2
    assert figure('dmp_http_requests_total{method="GET",status="404"}') == 3
    assert figure('dmp_dns_queries_total{outcome="noerror"}') == 1
    assert figure('dmp_dns_queries_total{outcome="nxdomain"}') == 1
    assert figure('dmp_offers_refused_total{reason="unknown-type"}') == 1
    mesh.wait_until(lambda: figure("dmp_records") == 2, "both records are counted")
    assert figure("dmp_http_publish_seconds_count") == 2 and figure("dmp_http_publish_seconds_sum") > 0
    mesh.wait_until(lambda: figure("dmp_dns_udp_seconds_count") == 2, "both queries are in the histogram")
    assert figure('dmp_dns_transport_queries_total{outcome="noerror",transport="udp"}') == 1
    assert figure('dmp_dns_transport_queries_total{outcome="noerror",transport="tcp"}') == 0
    assert figure("dmp_dns_send_calls_total") == 2 and figure("dmp_dns_receive_calls_total") >= 2
    assert figure("dmp_ready") == 1 and figure("dmp_index_complete") == 1
    mesh.wait_until(lambda: "unknown-type" in curl(node, "/")[2], "the page shows the reason")


def test_clients_behind_a_trusted_proxy_have_their_own_limits(make_node):
    node = make_node(environment={"DMP_HTTP_RATE": "0.001", "DMP_HTTP_BURST": "1",
                                  "DMP_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"}).start()
    path = "/v1/records/a.mesh.test"
    for client in ("192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        asked = [curl(node, path, "-H", f"X-Forwarded-For: 203.0.113.9, {client}")[0] for _ in range(2)]
        assert asked == [404, 429], client
    assert curl(node, path, "-H", "X-Forwarded-For: 2001:db8:0:2:ffff::9")[0] == 429, "one /64 is one client"


def test_readiness_is_dropped_first_when_the_node_stops(make_node):
    node = make_node(environment={"DMP_STOP_DELAY": "3"}).start()
    node.process.send_signal(signal.SIGTERM)
    mesh.wait_until(lambda: curl(node, "/readyz")[0] == 503, "the node says that it is not ready")
    assert curl(node, "/readyz")[2] == '{"status": "not ready", "not_ready": ["stopping"]}'
    assert curl(node, "/livez")[0] == 200
    assert node.publish("a.mesh.test", "still served") == 201
    assert node.resolve("a.mesh.test") == {"still served"}
    assert node.process.wait(timeout=20 * mesh.SLOWNESS) == 0
