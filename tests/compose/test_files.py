"""The compose files as files: valid, and open to the world only where they say so."""
import pytest
import yaml

import engine


def config_of(compose_of, file, **environment):
    compose = compose_of(file)
    compose.environment.update(environment)
    return yaml.safe_load(compose.config())


def ports_of(service):
    """Published ports as 'address:host:inside/protocol', in the short form, whatever form this Compose prints."""
    ports = set()
    for port in service.get("ports", []):
        if isinstance(port, dict):
            host = f"{port['host_ip']}:" if port.get("host_ip") else ""
            port = f"{host}{port['published']}:{port['target']}/{port['protocol']}"
        ports.add(port)
    return ports


def mounts_of(service):
    return {mount if isinstance(mount, str) else f"{mount['source']}:{mount['target']}:{'ro' if mount.get('read_only') else 'rw'}"
            for mount in service["volumes"]}


def test_the_single_node_is_what_its_page_says(compose_of):
    service = config_of(compose_of, "docker-compose.yml", DMP_OPERATOR_TOKEN="t" * 32)["services"]["dnsmesh-node"]
    assert service["container_name"] == "dnsmesh-node"
    assert ports_of(service) == {"5353:5353/udp", "5353:5353/tcp", "8053:8053/tcp"}
    assert service["environment"]["DMP_OPERATOR_TOKEN"] == "t" * 32
    assert service["restart"] == "unless-stopped" and service["read_only"] is True
    assert any(mount.split(":")[1] == "/var/lib/dmp" for mount in mounts_of(service))


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.prod.yml"])
def test_without_a_token_compose_refuses_and_says_what_is_missing(compose_of, file):
    compose = compose_of(file)
    compose.environment.pop("DMP_OPERATOR_TOKEN", None)
    compose.environment["DMP_NODE_HOSTNAME"] = "dmp.example.org"
    refused = compose("config", check=False)
    assert refused.returncode and "DMP_OPERATOR_TOKEN" in refused.stdout + refused.stderr


def test_the_cluster_is_on_loopback_only_and_its_nodes_know_each_other(compose_of):
    config = config_of(compose_of, "docker-compose.cluster.yml")
    assert set(config["services"]) == {"node-a", "node-b", "node-c"}
    assert config["networks"]["dnsmesh-cluster"]["driver"] == "bridge"
    for number, letter in enumerate("abc", 1):
        service = config["services"][f"node-{letter}"]
        assert service["container_name"] == f"dnsmesh-node-{letter}"
        assert service["image"] == engine.IMAGE
        assert ports_of(service) == {f"127.0.0.1:530{number}:5353/udp", f"127.0.0.1:530{number}:5353/tcp",
                                     f"127.0.0.1:810{number}:8053/tcp"}
        environment, others = service["environment"], [other for other in "abc" if other != letter]
        assert environment["DMP_SYNC_PEERS"] == ",".join(f"http://dnsmesh-node-{other}:8053" for other in others)
        assert {name: str(environment[name]) for name in environment if name != "DMP_SYNC_PEERS"} == {
            "DMP_SYNC_PEER_TOKEN": "dev-cluster-token-change-me", "DMP_SYNC_INTERVAL_SECONDS": "2",
            "DMP_CLUSTER_MANIFEST_PATH": "/etc/dmp/cluster-manifest.wire", "DMP_NODE_ID": f"node-{letter}",
            "DMP_LOG_FORMAT": "json", "DMP_LOG_LEVEL": "INFO", "DMP_ALLOW_OPEN_PUBLIC_BIND": "1"}
        mounts = mounts_of(service)
        assert any(mount.endswith("/docker/cluster/cluster-manifest.wire:/etc/dmp/cluster-manifest.wire:ro") for mount in mounts)
        assert any(mount.startswith(f"dnsmesh-data-{letter}:/var/lib/dmp") for mount in mounts)
        check = service["healthcheck"]
        assert (check["interval"], check["timeout"], check["start_period"], check["retries"]) == ("10s", "3s", "3s", 3)
        assert "curl" in check["test"]


def test_in_production_nothing_is_public_but_dns_and_the_proxy(compose_of):
    config = config_of(compose_of, "docker-compose.prod.yml", DMP_OPERATOR_TOKEN="t" * 32, DMP_NODE_HOSTNAME="dmp.example.org")
    assert {name: ports_of(service) for name, service in config["services"].items()} == {
        "dnsmesh-node": {"53:5353/udp", "53:5353/tcp"},
        "caddy": {"80:80/tcp", "443:443/tcp", "443:443/udp"}}
    node = config["services"]["dnsmesh-node"]["environment"]
    proxy = config["services"]["caddy"]["networks"]["inside"]["ipv4_address"]
    assert node["DMP_HTTP_TRUSTED_PROXIES"] == proxy, "limits must count the proxy's clients, not the proxy"
    assert "DMP_ALLOW_OPEN_PUBLIC_BIND" not in node


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.prod.yml", "docker-compose.cluster.yml"])
def test_no_node_may_do_more_than_it_needs(compose_of, file):
    config = config_of(compose_of, file, DMP_OPERATOR_TOKEN="t" * 32, DMP_NODE_HOSTNAME="dmp.example.org")
    nodes = [service for service in config["services"].values() if service["image"] == engine.IMAGE]
    assert nodes
    for service in nodes:
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"] and service["stop_grace_period"]
