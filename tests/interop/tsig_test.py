# SPDX-License-Identifier: Apache-2.0
"""dnspython signs requests that we verify, and verifies the answers that we sign.

usage: tsig_test.py PROGRAM
"""
import subprocess
import sys
import time
import unittest

import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.tsig
import dns.update

PROGRAM = ""
ALGORITHMS = ["hmac-sha256", "hmac-sha256-128", "hmac-sha384", "hmac-sha384-192", "hmac-sha512", "hmac-sha512-256"]
SECRETS = [b"k" * 32, b"k", b"\0" * 64, b"k" * 200]


def ask(algorithm, secret, request):
    line = f"{algorithm} {secret.hex()} {int(time.time())} {request.hex()}\n"
    done = subprocess.run([PROGRAM], input=line, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.split()


def signed_update(algorithm, secret, value="hello"):
    key = dns.tsig.Key("Alice.mesh.test.", secret, algorithm + ".")
    update = dns.update.UpdateMessage("mesh.test", keyring=key)
    update.add("n1", 300, "TXT", value)
    return key, update, update.to_wire()


class Tsig(unittest.TestCase):
    def test_requests_that_dnspython_signs_verify_and_it_verifies_the_answers(self):
        for algorithm in ALGORITHMS:
            for secret in SECRETS:
                with self.subTest(algorithm=algorithm, secret=secret):
                    key, update, wire = signed_update(algorithm, secret)
                    verdict, answer = ask(algorithm, secret, wire)
                    self.assertEqual(verdict, "verified")
                    # Raises when the MAC of the answer is wrong.
                    read = dns.message.from_wire(bytes.fromhex(answer), keyring=key, request_mac=update.mac)
                    self.assertTrue(read.had_tsig)
                    self.assertEqual(read.tsig_error, 0)
                    broken = bytearray(bytes.fromhex(answer))
                    broken[3] ^= 5
                    with self.assertRaises(dns.tsig.BadSignature):
                        dns.message.from_wire(bytes(broken), keyring=key, request_mac=update.mac)

    def test_requests_that_dnspython_signs_with_another_secret_or_algorithm_are_refused(self):
        for algorithm in ALGORITHMS:
            wire = signed_update(algorithm, b"k" * 32)[2]
            self.assertEqual(ask(algorithm, b"x" * 32, wire), ["refused", "16"])
            other = ALGORITHMS[ALGORITHMS.index(algorithm) - 1]
            self.assertEqual(ask(other, b"k" * 32, wire), ["refused", "17"])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop()
    unittest.main()
