"""A client of a cluster as clients of the protocol are: writes to a quorum, reads the union of all nodes."""
import concurrent.futures

DEADLINE_S = 5


class QuorumClient:
    def __init__(self, nodes):
        self.nodes = list(nodes)

    @property
    def quorum(self):
        """ceil(N / 2), where N counts the nodes of the manifest, dead or alive."""
        return (len(self.nodes) + 1) // 2

    def publish(self, name, value, ttl=300):
        """Writes to all nodes at once; gives whether a quorum said 201 within the deadline."""
        return self._acknowledged(lambda node: node.publish(name, value, ttl) == 201) >= self.quorum

    def read(self, name):
        """The distinct values that any node has; a node that fails counts as one that has none."""
        values = set()
        for future in concurrent.futures.as_completed(self._ask(lambda node: node.resolve(name))):
            if not future.exception():
                values |= future.result()
        return values

    def _acknowledged(self, ask):
        count = 0
        try:
            for future in concurrent.futures.as_completed(self._ask(ask), timeout=DEADLINE_S):
                count += not future.exception() and future.result()
                if count >= self.quorum:
                    break
        except concurrent.futures.TimeoutError:
            pass
        return count

    def _ask(self, ask):
        pool = concurrent.futures.ThreadPoolExecutor(max_workers=16)
        futures = [pool.submit(ask, node) for node in self.nodes]
        pool.shutdown(wait=False)
        return futures
