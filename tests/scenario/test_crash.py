"""kill -9 at random moments of a publish stream, and SIGTERM under load: what was acknowledged is there afterwards."""
import http.client
import json
import os
import random
import sqlite3
import threading
import time

import mesh

ROUNDS = int(os.environ.get("DNSMESH_KILL_ROUNDS", "20" if mesh.SANITIZER else "100"))
PUBLISHERS = 8


class Stream:
    """Publishers that write until the node is gone; `acknowledged` holds what they were told is stored."""

    def __init__(self, node, label):
        self.node, self.label = node, label
        self.acknowledged, self.lock, self.stopping = [], threading.Lock(), False
        self.threads = [threading.Thread(target=self.publish, args=(number,)) for number in range(PUBLISHERS)]
        for thread in self.threads:
            thread.start()

    def publish(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=20 * mesh.SLOWNESS)
        count = 0
        while not self.stopping:
            name, value = f"{self.label}-{number}-{count // 3}.{mesh.ZONE}", f"value {count}"
            try:
                connection.request("POST", f"/v1/records/{name}", json.dumps({"value": value, "ttl": 3600}))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 201:
                with self.lock:
                    self.acknowledged.append((name, value))
            count += 1

    def port(self):
        return self.node.http_port

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def join(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def rows_of(node):
    with sqlite3.connect(f"file:{node.database}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return set(database.execute("SELECT name, value FROM records"))


def test_kill_9_in_the_middle_of_a_publish_stream_loses_no_acknowledged_write(make_node):
    node = make_node()
    random.seed(20261124)
    everything = set()
    for number in range(ROUNDS):
        node.start()
        stream = Stream(node, f"round{number}")
        floor = random.randrange(1, 60)
        mesh.wait_until(lambda: stream.count() >= floor, f"{floor} writes are acknowledged")
        node.kill()
        stream.join()
        everything.update(stream.acknowledged)
        missing = set(stream.acknowledged) - rows_of(node)
        assert not missing, f"round {number}: {len(missing)} acknowledged writes are gone, such as {sorted(missing)[0]}"
    node.start()
    assert everything <= rows_of(node)
    for name, value in random.sample(sorted(everything), 50):
        assert value in node.resolve(name)


def test_sigterm_under_load_stops_within_five_seconds_and_keeps_every_acknowledged_write(make_node):
    node = make_node().start()
    stream = Stream(node, "term")
    mesh.wait_until(lambda: stream.count() >= 50, "the load is on")
    status, seconds = node.stop()
    stream.join()
    assert status == 0, node.log()
    assert seconds < 5 * mesh.SLOWNESS
    assert not (node.folder / "dmp.db-wal").exists(), "an orderly stop brings the write-ahead log back into the file"
    assert set(stream.acknowledged) <= rows_of(node)


def test_a_second_signal_ends_the_process_at_once(make_node):
    # Ending at once leaves threads unjoined, which the thread sanitizer would call a leak.
    options = os.environ.get("TSAN_OPTIONS", "")
    node = make_node(environment={"TSAN_OPTIONS": options + ":report_thread_leaks=0"} if options else None).start()
    # A client that holds a request half-sent keeps the orderly stop waiting.
    connection = http.client.HTTPConnection("127.0.0.1", node.http_port)
    connection.connect()
    connection.sock.sendall(b"POST /v1/records/a.mesh.test HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    node.process.terminate()
    mesh.wait_until(lambda: "received signal 15" in node.log(), "the first signal is seen")
    if node.process.poll() is None:
        node.process.terminate()
    began = time.monotonic()
    assert node.process.wait(timeout=10 * mesh.SLOWNESS) in (0, 1)
    assert time.monotonic() - began < 5 * mesh.SLOWNESS
    connection.close()
