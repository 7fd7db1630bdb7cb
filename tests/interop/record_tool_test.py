# SPDX-License-Identifier: Apache-2.0
"""Pipes every vector through the program dnsmesh-record, and tries its stream and its command line.

usage: record_tool_test.py PROGRAM
Folders: DNSMESH_OWN_VECTORS, and DNSMESH_SPEC_VECTORS or DNSMESH_SPEC_VECTORS_DEFAULT (the latter may be absent).
"""
import hashlib
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import unittest

PROGRAM = ""
DEFAULT_NOW = 2050000000
RECORDS = {
    "cluster_manifest": ("ClusterManifest", ["operator"]),
    "bootstrap_record": ("BootstrapRecord", ["signer"]),
    "identity_record": ("IdentityRecord", ["identity"]),
    "prekey": ("Prekey", ["signer"]),
    "slot_manifest": ("SlotManifest", ["sender"]),
    "rotation_record": ("RotationRecord", ["old", "new"]),
    "revocation_record": ("RevocationRecord", ["revoked"]),
    "heartbeat_record": ("HeartbeatRecord", ["operator"]),
    "claim_record": ("ClaimRecord", ["sender"]),
}
PINNED = {"ClusterManifest": "operator_spk_hex", "BootstrapRecord": "signer_spk_hex"}


def run(arguments, text=""):
    return subprocess.run([PROGRAM, *arguments], input=text.encode(), capture_output=True, timeout=60, check=False)


def ask(mode, questions):
    """The answers to a list of questions, and the exit status."""
    lines = [json.dumps({"id": number, **question}) for number, question in enumerate(questions)]
    done = run([mode], "".join(line + "\n" for line in lines))
    return [json.loads(line) for line in done.stdout.decode().splitlines()], done.returncode


def vector_folders():
    yield pathlib.Path(os.environ["DNSMESH_OWN_VECTORS"])
    named = os.environ.get("DNSMESH_SPEC_VECTORS")
    folder = pathlib.Path(named or os.environ["DNSMESH_SPEC_VECTORS_DEFAULT"])
    if named or folder.is_dir():
        yield folder
    else:
        print("the specification's vectors are not here; only our own are run", file=sys.stderr)


def seed(case, name):
    direct = case.get(f"{name}_ed25519_seed_hex")
    if direct:
        return direct
    secret = bytes.fromhex(case[f"{name}_seed_hex"])
    return hashlib.sha256(secret + b"DMP-v1-Ed25519-signing-key").hexdigest()


def check_question(record, case, cases):
    question = {"record": record, "now": DEFAULT_NOW, "wire": bytes.fromhex(case["expected_wire_hex"]).decode()}
    if record in PINNED:
        original = case if "inputs" in case else cases[case["wire_from_case"]]
        question[PINNED[record]] = original["inputs"][PINNED[record]]
    prefix = "verify_with_"
    question.update({key[len(prefix):]: value for key, value in case.items() if key.startswith(prefix)})
    return question


class Vectors(unittest.TestCase):
    def cases(self):
        for folder in vector_folders():
            for stem, (record, seeds) in RECORDS.items():
                cases = json.loads((folder / f"{stem}.json").read_text())
                for case in cases:
                    yield record, seeds, case, cases

    def test_every_text_is_checked_as_its_vector_says(self):
        rows = list(self.cases())
        answers, status = ask("check", [check_question(record, case, cases) for record, _, case, cases in rows])
        self.assertEqual(status, 0)
        self.assertEqual([answer["id"] for answer in answers], list(range(len(rows))))
        for (record, _, case, _), answer in zip(rows, answers):
            with self.subTest(record=record, case=case["description"]):
                rejected = case.get("expected_parse_result") == "none"
                self.assertEqual(answer["verdict"], "reject" if rejected else "accept")
                self.assertEqual(answer["reason"] == "ok", not rejected)
                self.assertEqual("parsed" in answer, not rejected)
                prefix = "expected_parse_"
                for key, value in case.items():
                    if key.startswith(prefix) and not rejected:
                        self.assertEqual(answer["parsed"][key[len(prefix):]], value)

    def test_every_input_is_issued_to_the_byte(self):
        rows = [row for row in self.cases() if "inputs" in row[2] and "legacy_magic" not in row[2]]
        answers, status = ask("issue", [
            {"record": record, "inputs": case["inputs"], "seeds_hex": [seed(case, name) for name in seeds]}
            for record, seeds, case, _ in rows])
        self.assertEqual(status, 0)
        for (record, _, case, _), answer in zip(rows, answers):
            with self.subTest(record=record, case=case["description"]):
                self.assertEqual(answer["verdict"], "accept")
                self.assertEqual(answer["wire"].encode().hex(), case["expected_wire_hex"])

    def test_chunks(self):
        for folder in vector_folders():
            for case in json.loads((folder / "chunk_record.json").read_text()):
                wraps = "expected_blob_hex" in case
                question = {"record": "chunk-wrap", "block_hex": case["block_hex"]} if wraps else {
                    "record": "chunk", "blob_hex": case["blob_hex"]}
                (answer,), _ = ask("check", [question])
                if wraps:
                    self.assertEqual(answer["blob_hex"], case["expected_blob_hex"])
                else:
                    self.assertEqual(answer["block_hex"], case.get("expected_block_hex"))
                    self.assertEqual(answer["verdict"], "accept" if case.get("expected_block_hex") else "reject")


class Stream(unittest.TestCase):
    def test_bad_lines_are_answered_and_the_stream_goes_on(self):
        good = '{"id": "x", "record": "txt", "value": ""}'
        lines = ["nope", "", "[]", '{"id": 1}', '{"id": 2, "record": "other"}', '{"id": 3, "record": "txt"}',
                 '{"id": 4, "record": "txt", "value": 7}', '{"id": 5, "record": "base64", "input": "\\ud800"}', good]
        done = run(["check"], "\n".join(lines))  # the last line has no line feed
        answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.assertEqual(done.returncode, 1)
        self.assertEqual([answer["id"] for answer in answers], [None, None, None, 1, 2, 3, 4, None, "x"])
        self.assertTrue(all("error" in answer for answer in answers[:-1]))
        self.assertEqual(answers[-1], {"id": "x", "string_lens": [0]})

    def test_a_line_above_the_bound_is_skipped(self):
        done = run(["check"], '{"id": 1, "x": "' + "a" * 1048576 + '"}\n{"id": 2, "record": "txt", "value": "b"}\n')
        first, second = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.assertIn("longer than", first["error"])
        self.assertEqual(second, {"id": 2, "string_lens": [1]})

    def test_an_answer_comes_before_the_next_question(self):
        with subprocess.Popen([PROGRAM, "check"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for number in (1, 2):
                process.stdin.write(b'{"id": %d, "record": "txt", "value": "a"}\n' % number)
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["id"], number)
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), 0)

    def test_the_id_of_a_line_beyond_the_bounds_is_kept_when_it_was_read(self):
        deep = "[" * 9 + "]" * 9
        many = ", ".join(f'"k{number}": 1' for number in range(300))
        lines = ['{"id": 1, "x": %s}' % deep, '{"x": %s, "id": 2}' % deep, '{"id": %s}' % deep, '{"id": {"a": 3}, %s}' % many]
        answers = [json.loads(line) for line in run(["check"], "\n".join(lines)).stdout.decode().splitlines()]
        self.assertEqual([answer["id"] for answer in answers], [1, None, None, {"a": 3}])
        self.assertIn("nested deeper than 8", answers[0]["error"])
        self.assertIn("more than 256 members", answers[3]["error"])

    def test_an_answer_that_cannot_be_written_ends_the_run(self):
        text = '{"id": 1, "record": "txt", "value": "a"}\n'
        for arguments in (["check"], ["issue"], ["show", "text"], ["show", "x" * 5000], ["--help"], ["--version"]):
            with self.subTest(command=arguments[0]), open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([PROGRAM, *arguments], input=text.encode(), stdout=full, stderr=subprocess.PIPE,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stderr, b"dnsmesh-record: standard output: No space left on device\n")

    def test_nothing_asked_is_all_understood(self):
        self.assertEqual((run(["check"]).returncode, run(["issue"]).returncode), (0, 0))


class Questions(unittest.TestCase):
    def check_all(self, rows):
        answers, status = ask("check", [question for question, _ in rows])
        self.assertEqual(status, 0)
        for (question, wanted), answer in zip(rows, answers):
            with self.subTest(question=question):
                del answer["id"]
                self.assertEqual(answer, wanted)

    def test_texts_and_names(self):
        self.check_all([
            ({"record": "base64", "input": "AAA=="}, {"strict_hex": None, "lenient_hex": "0000"}),
            ({"record": "txt", "value": "\u00e9" * 200}, {"string_lens": [255, 145]}),
            ({"record": "hostname", "input": "a_b"}, {"verdict": "reject"}),
            ({"record": "hostname", "input": "A.b."},
             {"verdict": "accept", "cluster_owner": "cluster.A.b", "bootstrap_owner": "_dmp.A.b",
              "rotate_cluster_owner": "rotate.cluster.A.b", "rotate_bootstrap_owner": "rotate._dmp.A.b"}),
            ({"record": "node-name", "input": "claim-99.mb-0123456789ab.z", "claim_zone": "Z."},
             {"reserved": True, "claim_hash12": "0123456789ab", "digest_name_ok": True, "http_name_ok": True}),
            ({"record": "node-name", "input": "a\n", "claim_zone": "z"},
             {"reserved": False, "claim_hash12": None, "digest_name_ok": False, "http_name_ok": False}),
            ({"record": "owner-name", "kind": "slot_choice", "msg_id_hex": "00000107" + "00" * 12}, {"slot": 3}),
            ({"record": "owner-name", "kind": "slot_choice", "msg_id_hex": "ff"}, {"slot": None}),
            ({"record": "owner-name", "kind": "heartbeat", "zone": ""}, {"owner": None}),
            ({"record": "owner-name", "kind": "slot", "x25519_pub_hex": "00" * 31, "slot": 9, "zone": "z"}, {"owner": None}),
            ({"record": "owner-name", "kind": "claim", "x25519_pub_hex": "", "slot": 9, "zone": "z"}, {"owner": None}),
            ({"record": "owner-name", "kind": "slot", "x25519_pub_hex": "00" * 32, "slot": 9, "zone": "z"},
             {"owner": "slot-9.mb-2b32db6c2c0a.z"}),
            ({"record": "owner-name", "kind": "claim", "recipient_id_hex": "00", "slot": 9, "zone": "z"}, {"owner": None}),
            ({"record": "owner-name", "kind": "claim_args", "recipient_id_hex": "00" * 32, "slot": 9, "zone": "z"},
             {"verdict": "accept"}),
            ({"record": "owner-name", "kind": "claim_args", "recipient_id_hex": "00" * 32, "slot": -1, "zone": "z"},
             {"verdict": "reject"}),
            ({"record": "owner-name", "kind": "claim_args", "recipient_id_hex": "00" * 31, "slot": 1, "zone": "z"},
             {"verdict": "reject"}),
            ({"record": "owner-name", "kind": "claim_args", "recipient_id_hex": "00" * 32, "slot": 1, "zone": ""},
             {"verdict": "reject"}),
        ])

    def test_keys_sync_and_cluster_files(self):
        seed_hex = bytes(range(32)).hex()
        (dmp, operator), _ = ask("check", [{"record": "key", "kind": kind, "seed_hex": seed_hex, "sign_message_hex": "00"}
                                           for kind in ("dmp", "operator")])
        self.assertEqual(operator["ed25519_seed_hex"], seed_hex)
        self.assertEqual(operator["ed25519_spk_hex"], "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
        self.assertNotEqual(dmp["ed25519_spk_hex"], operator["ed25519_spk_hex"])
        self.assertIn("x25519_pk_hex", dmp)
        self.check_all([
            ({"record": "ed25519", "public_key_hex": operator["ed25519_spk_hex"],
              "signature_hex": operator["signature_hex"], "message_hex": "00"}, {"verdict": "accept"}),
            ({"record": "ed25519", "public_key_hex": "00" * 31, "signature_hex": "", "message_hex": ""},
             {"verdict": "reject"}),
            ({"record": "key", "kind": "operator_hex", "text": f" {seed_hex.upper()}\n"}, {"verdict": "accept"}),
            ({"record": "key", "kind": "operator_hex", "text": f"operator_seed_hex={seed_hex}\n"}, {"verdict": "reject"}),
            ({"record": "sync", "name": "n", "value": "v=dmp1;t=heartbeat;", "now": 1}, {"verdict": "reject"}),
            ({"record": "sync", "name": "a b.", "value": "text", "now": 1, "cluster_operator_spk_hex": None},
             {"verdict": "accept"}),
            ({"record": "cluster-file", "self_node_id": "b", "self_http_endpoint": None,
              "content": ' {"nodes": [{"node_id": "a", "http_endpoint": "x"}, {"node_id": "b", "http_endpoint": "y"}]}'},
             {"peers": [["a", "x"]]}),
        ])

    def test_what_no_record_can_hold_is_rejected_and_what_is_no_question_is_an_error(self):
        inputs = {"prekey_id": 1, "x25519_pub_hex": "00" * 32, "exp": 1}
        seeds = ["01" * 32]
        answers, status = ask("issue", [
            {"record": "Prekey", "inputs": inputs, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "prekey_id": 2 ** 32}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "exp": -1}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "exp": 2 ** 64}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "x25519_pub_hex": "00"}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "exp": 1.5}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": {**inputs, "exp": True}, "seeds_hex": seeds},
            {"record": "Prekey", "inputs": inputs, "seeds_hex": seeds * 2},
            {"record": "Prekey", "inputs": [], "seeds_hex": seeds},
            {"record": "sync", "inputs": {}, "seeds_hex": seeds},
        ])
        self.assertEqual(status, 1)
        self.assertEqual([answer.get("verdict", "error") for answer in answers],
                         ["accept"] + ["reject"] * 4 + ["error"] * 5)


    def test_numbers_have_their_domains(self):
        heartbeat = {"record": "HeartbeatRecord", "wire": "v=dmp1;t=heartbeat;"}
        revocation = {"record": "RevocationRecord", "wire": "v=dmp1;t=revocation;"}
        rows = [
            ({**heartbeat, "now": 2 ** 63 - 1}, None), ({**heartbeat, "now": -2 ** 63}, None),
            ({**heartbeat, "now": 2 ** 63}, "now is beyond 2^63-1"), ({**heartbeat, "now": 2 ** 64 - 1}, "now is beyond 2^63-1"),
            ({**heartbeat, "now": 2 ** 64}, "now is not an integer of 64 bits"),
            ({**heartbeat, "now": 1.0}, "now is not an integer of 64 bits"),
            ({**heartbeat, "now": 1, "ts_skew_seconds": 2 ** 64 - 1}, None),
            ({**heartbeat, "now": 1, "ts_skew_seconds": -1}, "ts_skew_seconds is not an unsigned integer of 64 bits"),
            ({**revocation, "now": 1, "max_age_seconds": 2 ** 64 - 1}, None),
            ({**revocation, "now": 1, "max_age_seconds": 2 ** 64}, "max_age_seconds is not an unsigned integer of 64 bits"),
            ({**revocation, "now": 1, "max_age_seconds": -1}, "max_age_seconds is not an unsigned integer of 64 bits"),
            ({"record": "sync", "name": "n", "value": "text", "now": 1, "cluster_operator_spk_hex": "00" * 31},
             "cluster_operator_spk_hex is not 32 bytes"),
        ]
        answers, status = ask("check", [question for question, _ in rows])
        self.assertEqual(status, 1)
        self.assertEqual([answer.get("error") for answer in answers], [wanted for _, wanted in rows])


class OneAnswerServer:
    """A DNS server for one test: truncated over UDP, the values over TCP."""

    def __init__(self, values):
        self.values = values
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.serve_udp, self.serve_tcp)]
        for thread in self.threads:
            thread.start()

    def serve_udp(self):
        question, peer = self.udp.recvfrom(4096)
        self.udp.sendto(self.answer(question, [], 0x8600), peer)

    def serve_tcp(self):
        connection, _ = self.tcp.accept()
        with connection, connection.makefile("rwb") as stream:
            (size,) = struct.unpack("!H", stream.read(2))
            reply = self.answer(stream.read(size), self.values, 0x8400)
            stream.write(struct.pack("!H", len(reply)) + reply)

    @staticmethod
    def answer(question, values, flags):
        end = question.index(b"\0", 12) + 5
        message = question[:2] + struct.pack("!5H", flags, 1, len(values), 0, 0) + question[12:end]
        for value in values:
            pieces = [value[i:i + 255] for i in range(0, len(value), 255)]
            data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
            message += struct.pack("!HHHIH", 0xC00C, 16, 1, 60, len(data)) + data
        return message

    def close(self):
        self.udp.close()
        self.tcp.close()


class Show(unittest.TestCase):
    def own_text(self, stem, number=0):
        path = pathlib.Path(os.environ["DNSMESH_OWN_VECTORS"]) / f"{stem}.json"
        return bytes.fromhex(json.loads(path.read_text())[number]["expected_wire_hex"]).decode()

    def test_an_identity_is_explained(self):
        for arguments, text in ((["show", self.own_text("identity_record")], ""),
                                (["show", "-"], self.own_text("identity_record") + "\n")):
            done = run(arguments, text)
            shown = done.stdout.decode()
            self.assertEqual(done.returncode, 0, shown)
            self.assertIn("identity record", shown)
            self.assertIn("alice", shown)
            self.assertIn("2027-01-15 08:00:00 UTC", shown)
            self.assertIn("valid: signed by the key that it carries", shown)
            self.assertNotIn("\x1b", shown)

    def test_every_type_is_explained_in_words(self):
        for stem in RECORDS:
            done = run(["show", self.own_text(stem)])
            self.assertIn(done.returncode, (0, 1))
            self.assertGreater(len(done.stdout.decode().splitlines()), 4, stem)

    def test_a_prekey_needs_a_key(self):
        text = self.own_text("prekey", 1)
        without = run(["show", text])
        self.assertEqual(without.returncode, 1)
        self.assertIn("give the user's Ed25519 key with --key", without.stdout.decode())
        key = json.loads(run(["check"], json.dumps(
            {"record": "key", "kind": "operator", "seed_hex": "01" * 32}) + "\n").stdout)["ed25519_spk_hex"]
        self.assertEqual(run(["show", text, "--key", key]).returncode, 0)
        self.assertEqual(run(["show", text, "--key", "00" * 32]).returncode, 1)

    def test_hostile_text_cannot_steer_the_terminal(self):
        shown = run(["show", "text \x1b[2J \u009b \u202e end"]).stdout.decode()
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\u009b", shown)
        self.assertNotIn("\u202e", shown)
        self.assertIn("\\x1b[2J", shown)

    def test_a_long_value_is_cut(self):
        done = subprocess.run([PROGRAM, "show", "-"], input=b"\xff" * 900000, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"\\xff... (897952 bytes more)\n", done.stdout)
        self.assertLess(len(done.stdout), 10000)
        self.assertIn("x" * 2048 + "\n", run(["show", "x" * 2048]).stdout.decode())

    def test_records_are_fetched_over_dns_and_over_tcp_when_truncated(self):
        server = OneAnswerServer([self.own_text("identity_record").encode(), b"x" * 300])
        try:
            for_port = f"@127.0.0.1:{server.port}"
            done = run(["show", "--dns", "id-0.mesh.test", for_port])
        finally:
            server.close()
        shown = done.stdout.decode()
        self.assertIn("alice", shown, done.stderr.decode())
        self.assertIn("x" * 300, shown)

    def test_the_command_line_is_checked(self):
        self.assertEqual(run(["--version"]).returncode, 0)
        shown = run(["show", "--help"])
        self.assertEqual(shown.returncode, 0)
        self.assertIn(b"--dns", shown.stdout)
        for arguments in ([], ["other"], ["show"], ["show", "a\nb", "c\n"], ["show", "x", "--key", "00"], ["show", "x", "--key", "zz"],
                          ["show", "--dns", "a.test", "127.0.0.1"], ["show", "--dns", "a.test", "@"],
                          ["show", "--dns", "a.test", "@127.0.0.1:0"], ["show", "--dns", "a.test", "@127.0.0.1:65536"],
                          ["show", "--dns", "a.test", "@[::1"], ["show", "--dns", "a.test", "@[::1]x"],
                          ["show", "--dns", "a..test", "@127.0.0.1"]):
            with self.subTest(arguments=arguments):
                done = run(arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
                self.assertTrue(done.stderr.startswith(b"dnsmesh-record: "), done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
