"""Nodes behind one address share the secrets of their DNS cookies, and roll them over without a restart."""
import signal
import subprocess

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query

import mesh

NAME = f"hello.{mesh.ZONE}"
OLD, NEW = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def make(make_node, name, file):
    """A node that answers one query of an address, and then only those with a good cookie."""
    return make_node(name, environment={"DMP_DNS_COOKIE_SECRET_FILE": str(file), "DMP_DNS_RATE": "0.0001",
                                        "DMP_DNS_BURST": "1"}).start()


def ask(node, cookie, transport="udp"):
    """The answer to a query with this cookie, None when there is none."""
    message = dns.message.make_query(NAME, "TXT")
    message.use_edns(edns=0, payload=1232, options=[dns.edns.GenericOption(10, cookie)])
    send = dns.query.udp if transport == "udp" else dns.query.tcp
    try:
        return send(message, "127.0.0.1", port=node.dns_port, timeout=(0.3 if transport == "udp" else 5) * mesh.SLOWNESS)
    except dns.exception.Timeout:
        return None


def takes(node, cookie):
    """Three queries in a row: over the rate, only a good cookie has all of them answered."""
    answers = [ask(node, cookie) for _ in range(3)]
    return all(answer and answer.rcode() != dns.rcode.BADCOOKIE and not answer.flags & dns.flags.TC for answer in answers)


def cookie_from(node):
    return next(option.data for option in ask(node, b"clientck").options if option.otype == 10)


def reload(node):
    before = node.log().count("received signal")
    node.process.send_signal(signal.SIGHUP)
    mesh.wait_until(lambda: node.log().count("received signal") > before, "the signal is taken")


def test_nodes_with_the_same_secret_take_each_others_cookies_and_others_do_not(make_node, tmp_path):
    file = tmp_path / "cookie-secret"
    file.write_text(OLD + "\n")
    first, second = make(make_node, "first", file), make(make_node, "second", file)
    stranger = make_node("stranger", environment={"DMP_DNS_RATE": "0.0001", "DMP_DNS_BURST": "1"}).start()
    cookie = cookie_from(first)
    assert takes(first, cookie) and takes(second, cookie)
    assert not takes(stranger, cookie)
    assert OLD not in first.log()


def test_secrets_are_rolled_over_by_sighup(make_node, tmp_path):
    file = tmp_path / "cookie-secret"
    file.write_text(OLD + "\n")
    node = make(make_node, "node", file)
    old_cookie = cookie_from(node)
    file.write_text(f"{NEW}\n{OLD}\n")
    reload(node)
    mesh.wait_until(lambda: takes(node, old_cookie), "the old secret is accepted beside the new one")
    renewed = next(option.data for option in ask(node, old_cookie).options if option.otype == 10)
    file.write_text(NEW + "\n")
    reload(node)
    mesh.wait_until(lambda: not takes(node, old_cookie), "the old secret is gone")
    assert takes(node, renewed)


def test_a_bad_secret_file_stops_the_start_in_one_line_and_changes_nothing_in_a_running_node(make_node, tmp_path):
    file = tmp_path / "cookie-secret"
    file.write_text(OLD + "\n")
    node = make(make_node, "node", file)
    cookie = cookie_from(node)
    for bad in (OLD[:-1], OLD + "\n" + NEW + "\n" + OLD, "not hex, but of thirty-two octets", ""):
        file.write_text(bad)
        checked = subprocess.run([str(mesh.NODE)], env=node.environment, capture_output=True, text=True, timeout=30)
        assert checked.returncode == 2 and checked.stderr.count("\n") == 1, checked.stderr
        assert "DMP_DNS_COOKIE_SECRET_FILE" in checked.stderr and OLD not in checked.stderr
        reload(node)
        mesh.wait_until(lambda: "configuration not taken over" in node.log(), "the node says so")
        assert takes(node, cookie)
    file.unlink()
    missing = subprocess.run([str(mesh.NODE)], env=node.environment, capture_output=True, text=True, timeout=30)
    assert missing.returncode == 2 and str(file) in missing.stderr
