"""On a full disk every publish of a stranger made two lines in the log, and /health said yes and no by turns."""
import mesh


def test_a_full_disk_is_told_once_however_many_publish(make_node):
    node = make_node(file_bytes_max=400 * 1024).start()
    number = 0
    while node.publish(f"r{number}.{mesh.ZONE}", "x" * 1500) == 201:
        number += 1
    answers = set()
    for more in range(30):
        answers.add((node.publish(f"r{number + more}.{mesh.ZONE}", "x" * 1500), node.request("GET", "/health")[0]))
    assert answers == {(502, 503)}
    assert node.log().count("cannot be written: disk I/O error: File too large") == 1, node.log()
    assert "can be written again" not in node.log()

    node.give_space_back()
    assert node.publish(f"later.{mesh.ZONE}", "x" * 1500) == 201
    assert node.request("GET", "/health")[0] == 200
    assert node.log().count("can be written again") == 1
