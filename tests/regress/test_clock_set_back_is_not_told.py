"""After the clock was set back other nodes may not take new records for as long, and nothing said so."""
import sqlite3
import time

import mesh


def test_stamps_far_ahead_of_the_clock_are_told_once_and_their_end_too(make_node):
    node = make_node(environment={"DMP_CLEANUP_INTERVAL": "0.05"}).start()
    assert node.stop()[0] == 0
    with sqlite3.connect(node.database) as database:
        # As if stamps had been given out by a clock that was ahead.
        database.execute("UPDATE node_state SET last_assigned_ms = ?", (int(time.time() * 1000) + 34_000,))
    database.close()
    node.start()
    mesh.wait_until(lambda: "the clock was set back" in node.log(), "the operator is told")
    mesh.wait_until(lambda: "the clock has caught up" in node.log(), "the operator is told of the end")
    assert node.log().count("the clock was set back") == 1
    assert node.log().count("the clock has caught up") == 1
