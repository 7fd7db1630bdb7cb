# SPDX-License-Identifier: Apache-2.0
"""The manifest generator as its user meets it: files, modes, sequence numbers, and every way of saying no."""
import base64
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

GENERATOR = os.environ["GENERATOR"]
RECORD_TOOL = os.environ["RECORD_TOOL"]
SOURCE_ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
PREFIX = b"v=dmp1;t=cluster;"
SEQ_MAX = 2**64 - 1

# The key file of spec/records.md 15.3 for the X25519 value 00 01 .. 1f.
SEED_HEX = bytes(range(32)).hex()


def run(*arguments, cwd=None):
    return subprocess.run([GENERATOR, *arguments], cwd=cwd, text=True, capture_output=True, timeout=20, check=False)


def seq_of(manifest):
    return int.from_bytes(base64.b64decode(manifest[len(PREFIX):])[7:15], "big")


def exp_of(manifest):
    return int.from_bytes(base64.b64decode(manifest[len(PREFIX):])[15:23], "big")


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.manifest = self.folder / "manifest.wire"
        self.key = self.folder / "operator.key"

    def issue(self, *arguments, key="--operator-key-out"):
        return run("--manifest-out", str(self.manifest), key, str(self.key), *arguments)

    def issued(self, *arguments, key="--operator-key-out"):
        result = self.issue(*arguments, key=key)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def reissued(self, *arguments):
        return self.issued(*arguments, key="--operator-key-in")

    def public_key(self):
        return re.search(r"^operator_public_hex=([0-9a-f]{64})$", self.key.read_text(), re.M).group(1)

    def assert_refused(self, result, *parts):
        """One line on standard error that says all of `parts`, and status 2."""
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("generate-cluster-manifest: "), result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def snapshot(self):
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    # --- what is written ---

    def test_a_first_run_writes_a_manifest_that_verifies_and_a_private_key_file(self):
        result = self.issued()
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        manifest = self.manifest.read_bytes()
        self.assertTrue(manifest.startswith(PREFIX))
        self.assertNotIn(b"\n", manifest)
        self.assertEqual(seq_of(manifest), 1)
        self.assertAlmostEqual(exp_of(manifest), time.time() + 365 * 86400, delta=60)
        for part in ("development", "manifest seq: 1\n", f"wrote manifest: {self.manifest} ({len(manifest)} bytes)\n",
                     f"wrote operator key: {self.key}\n", self.public_key()):
            self.assertIn(part, result.stdout)
        self.assertEqual(result.stderr, "")
        verified = run("verify", str(self.manifest), "--operator-spk", self.public_key(), "--cluster-name", "mesh.local")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertTrue(verified.stdout.endswith("valid\n"))
        for letter in "abc":
            self.assertIn(f"  node-{letter}  http://dnsmesh-node-{letter}:8053  dnsmesh-node-{letter}:5353\n", verified.stdout)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["manifest.wire", "operator.key"])

    def test_the_seed_is_never_printed(self):
        result = self.issued()
        seed = re.search(r"^operator_seed_hex=([0-9a-f]{64})$", self.key.read_text(), re.M).group(1)
        self.assertNotIn(seed, result.stdout + result.stderr)

    def test_the_key_file_is_private_whatever_the_umask(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        self.issued()
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.manifest.stat().st_mode), 0o666)

    def test_directories_of_the_outputs_are_made(self):
        self.manifest = self.folder / "a" / "b" / "m.wire"
        self.key = self.folder / "c" / "key"
        self.issued()
        self.assertTrue(self.manifest.is_file() and self.key.is_file())

    def test_every_run_makes_another_key(self):
        self.issued()
        first = self.public_key()
        self.issued("--force")
        self.assertNotEqual(self.public_key(), first)

    def test_an_existing_key_file_of_the_older_generator_signs(self):
        self.key.write_text(f"# a comment\n#\noperator_seed_hex={SEED_HEX}\noperator_public_hex={self.expected_public()}\n")
        self.key.chmod(0o600)
        result = self.reissued()
        self.assertNotIn("wrote operator key", result.stdout)
        self.assertEqual(run("verify", str(self.manifest), "--operator-spk", self.expected_public()).returncode, 0)

    @staticmethod
    def expected_public():
        # Ed25519 public key of the seed SHA-256(00 01 .. 1f || "DMP-v1-Ed25519-signing-key"), as OpenSSL gives it.
        return "8432ab77c7fe1e7d44ca9de559449e17ab68ae91378f59c39c284e3451b705d6"

    def test_nodes_are_written_in_the_order_given_and_replace_the_three(self):
        result = self.issued("--cluster-name", "Prod.Example.", "--node", "z,https://z.example:8443/dmp", "--node",
                    "a,http://[2001:db8::1]:80,[2001:db8::1]:53", "--node", "m,HTTP://192.0.2.1")
        self.assertIn("\nCluster Prod.Example of 3 nodes", result.stdout)
        shown = run("show", str(self.manifest)).stdout
        self.assertRegex(shown, r"cluster: +Prod\.Example\n")
        self.assertIn("nodes:        3\n  z  https://z.example:8443/dmp  (no DNS endpoint)\n"
                      "  a  http://[2001:db8::1]:80  [2001:db8::1]:53\n  m  HTTP://192.0.2.1  (no DNS endpoint)\n", shown)

    # --- sequence numbers and ends ---

    def test_the_next_manifest_has_the_next_seq_even_after_a_line_end_or_an_expiry(self):
        self.issued("--seq", "41", "--exp-days", "-2")
        self.manifest.write_bytes(self.manifest.read_bytes() + b"\n")
        self.reissued()
        self.assertEqual(seq_of(self.manifest.read_bytes()), 42)
        self.manifest.write_bytes(b" \r\n" + self.manifest.read_bytes() + b"\r\n")
        self.issued("--force")
        self.assertEqual(seq_of(self.manifest.read_bytes()), 43)

    def test_with_a_fresh_key_all_that_counts_of_the_old_manifest_is_where_its_seq_stands(self):
        head = b"DMPCL01" + (41).to_bytes(8, "big")
        for rest, seq in ((bytes(64), 42), (bytes(63), 1), (bytes(65), 42), (bytes(4000), 42)):
            with self.subTest(rest=len(rest)):
                self.manifest.write_bytes(PREFIX + base64.b64encode(head + rest) + b"\n")
                self.issued("--force")
                self.assertEqual(seq_of(self.manifest.read_bytes()), seq)
        self.manifest.write_bytes(PREFIX + base64.b64encode(b"DMPCL02" + head[7:] + bytes(64)))
        self.issued("--force")
        self.assertEqual(seq_of(self.manifest.read_bytes()), 1)
        self.manifest.write_bytes(PREFIX + base64.b64encode(head + bytes(64)))
        self.assertIn("seq 41 is not above 41", self.issued("--force", "--seq", "41").stderr)

    def test_an_empty_manifest_file_counts_as_none(self):
        self.manifest.write_text("\n")
        self.issued()
        self.assertEqual(seq_of(self.manifest.read_bytes()), 1)

    def test_with_a_fresh_key_a_file_that_is_no_manifest_is_followed_by_1(self):
        self.manifest.write_text("v=dmp1;t=cluster;AAAA")
        self.issued()
        self.assertEqual(seq_of(self.manifest.read_bytes()), 1)

    def test_a_manifest_of_another_key_stops_a_reissue_unless_seq_is_given(self):
        self.issued()
        self.manifest.rename(self.folder / "other.wire")
        self.issued("--force")
        (self.folder / "other.wire").rename(self.manifest)
        before = self.snapshot()
        self.assert_refused(self.issue(key="--operator-key-in"), str(self.manifest), "signature", "--seq")
        self.assertEqual(self.snapshot(), before)
        self.reissued("--seq", "7")
        self.assertEqual(seq_of(self.manifest.read_bytes()), 7)

    def test_a_damaged_manifest_stops_a_reissue(self):
        self.issued()
        self.manifest.write_bytes(PREFIX + b"AAAA")
        self.assert_refused(self.issue(key="--operator-key-in"), "short", "--seq")
        self.assertEqual(self.manifest.read_bytes(), PREFIX + b"AAAA")

    def test_a_file_that_is_no_manifest_is_replaced_with_force_only(self):
        self.issued()
        self.manifest.write_text("something else")
        for arguments in ((), ("--seq", "9")):
            self.assert_refused(self.issue(*arguments, key="--operator-key-in"), str(self.manifest), "--force")
        self.assertEqual(self.manifest.read_text(), "something else")
        self.reissued("--seq", "9", "--force")
        self.assertEqual(seq_of(self.manifest.read_bytes()), 9)

    def test_an_operator_key_is_never_replaced_by_a_manifest(self):
        other = self.folder / "a.key"
        self.manifest, self.key = self.folder / "m", other
        self.issued()
        self.key = self.folder / "b.key"
        self.manifest = other
        before = self.snapshot()
        for arguments in ((), ("--force",), ("--force", "--seq", "5")):
            self.assert_refused(self.issue(*arguments), str(other), "holds an operator key")
        for path in (self.folder / "ln.key", self.folder / "hard.key"):
            path.symlink_to("a.key") if path.stem == "ln" else path.hardlink_to(other)
            result = run("--manifest-out", str(other), "--operator-key-in", str(path), "--seq", "9", "--force")
            self.assert_refused(result, str(other), "same file")
            path.unlink()
        self.assert_refused(run("--manifest-out", "a.key", "--operator-key-in", str(other), "--seq", "5", cwd=self.folder),
                            "a.key", "same file")
        (self.folder / "new.key").symlink_to("new.wire")
        self.assert_refused(run("--manifest-out", str(self.folder / "new.wire"), "--operator-key-out",
                                str(self.folder / "new.key"), "--force"), "same file")
        (self.folder / "new.key").unlink()
        self.assertEqual(self.snapshot(), before)

    def test_what_is_no_regular_file_is_neither_replaced_nor_waited_for(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.issued()
        key = str(self.key)
        for arguments in (("--manifest-out", str(fifo), "--operator-key-in", key),
                          ("--manifest-out", str(self.manifest), "--operator-key-in", str(fifo)),
                          ("--manifest-out", str(self.manifest), "--operator-key-out", str(fifo), "--force"),
                          ("show", str(fifo)), ("verify", str(fifo), "--operator-spk", "ab" * 32)):
            with self.subTest(arguments=arguments):
                self.assert_refused(run(*arguments), str(fifo), "not a regular file")
        self.assertTrue(fifo.is_fifo())
        self.assert_refused(run("--manifest-out", "/dev/null", "--operator-key-in", key), "/dev/null", "not a regular file")

    def test_a_link_is_followed_and_stays(self):
        (self.folder / "real").mkdir()
        for path in (self.manifest, self.key):
            path.symlink_to(pathlib.Path("real") / path.name)
        self.issued("--force")  # both lead nowhere yet
        self.issued("--force")
        self.assertTrue(self.manifest.is_symlink() and self.key.is_symlink())
        self.assertEqual(sorted(path.name for path in (self.folder / "real").iterdir()), ["manifest.wire", "operator.key"])
        self.assertEqual(seq_of((self.folder / "real" / "manifest.wire").read_bytes()), 2)
        self.key.unlink()
        self.key.symlink_to(self.key.name)
        self.assert_refused(self.issue("--force"), str(self.key))

    def test_force_keeps_the_old_key_when_the_manifest_cannot_be_replaced(self):
        if os.geteuid() != 0:
            self.skipTest("only root can own a file that another user is kept from replacing")
        nobody = 65534
        self.issued()
        os.chown(self.key, nobody, nobody)
        self.folder.chmod(0o1777)  # everybody may write here, and nobody may replace the manifest of root
        program = shutil.copy(GENERATOR, self.folder / "program")
        before = self.snapshot()
        for key in (self.key, self.folder / "fresh.key"):
            result = subprocess.run([program, "--manifest-out", self.manifest, "--operator-key-out", key, "--force"],
                                    text=True, capture_output=True, timeout=20, check=False, user=nobody, group=nobody)
            self.assert_refused(result, f"{self.manifest}: Operation not permitted")
            self.assertEqual(self.snapshot(), before)

    def test_force_keeps_the_old_key_when_the_manifest_is_a_mount(self):
        self.issued()
        before = self.snapshot()
        script = 'mount --bind "$1" "$1" || exit 77; exec "$2" --manifest-out "$1" --operator-key-out "$3" --force'
        result = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", self.manifest,
                                 GENERATOR, self.key], text=True, capture_output=True, timeout=20, check=False)
        if result.returncode in (1, 77):
            self.skipTest("mounts are not allowed here: " + result.stderr.strip())
        self.assert_refused(result, str(self.manifest), "mounted by itself")
        self.assertEqual(self.snapshot(), before)

    def test_seq_reaches_its_last_number_and_no_further(self):
        self.issued("--seq", str(SEQ_MAX))
        self.assertEqual(seq_of(self.manifest.read_bytes()), SEQ_MAX)
        self.assert_refused(self.issue(key="--operator-key-in"), str(SEQ_MAX), "last")

    def test_a_seq_that_does_not_rise_warns(self):
        self.issued("--seq", "5")
        result = self.reissued("--seq", "5")
        self.assertIn("seq 5 is not above 5", result.stderr)
        self.assertEqual(self.reissued("--seq", "6").stderr, "")

    def test_an_end_that_nodes_do_not_accept_warns(self):
        self.assertEqual(self.issued("--exp-days", "1825").stderr, "")
        self.assertIn("1 more than the 1825", self.issued("--force", "--exp-days", "1826").stderr)
        self.assertIn("expired", self.issued("--force", "--exp-days", "-1").stderr)

    def test_an_operator_key_that_others_may_read_warns(self):
        self.issued()
        self.key.chmod(0o640)
        result = self.reissued()
        self.assertIn("mode 0640", result.stderr)

    # --- refusals ---

    def test_an_existing_key_file_is_not_replaced_without_force(self):
        self.key.write_text("precious")
        self.assert_refused(self.issue(), str(self.key), "--force")
        self.assertEqual(self.key.read_text(), "precious")
        self.assertFalse(self.manifest.exists())
        self.key.unlink()
        self.key.symlink_to(self.folder / "nowhere")
        self.assert_refused(self.issue(), str(self.key), "--force")

    def test_force_replaces_a_key_file_of_any_mode_by_a_private_one(self):
        self.key.write_text("old")
        self.key.chmod(0o644)
        self.issued("--force")
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        self.assertIn("operator_seed_hex=", self.key.read_text())

    def test_faults_of_the_command_line_are_one_line_each(self):
        out = ("--manifest-out", str(self.manifest))
        key = ("--operator-key-out", str(self.key))
        for arguments, parts in (
            (key, ["--manifest-out is required"]),
            (out, ["--operator-key-out", "--operator-key-in", "is required"]),
            ((*out, *key, "--operator-key-in", "x"), ["only one of them"]),
            ((*out, "--operator-key-out", f"{self.folder}/./manifest.wire"), ["same file"]),
            ((*out, "--operator-key-out", f"{self.folder}/none/../manifest.wire"), ["same file"]),
            ((*out, "--operator-key-out", ""), ["empty"]),
            ((*out, *key, "--seq", ""), ["--seq", "whole number"]),
            ((*out, "show", "x"), ["--manifest-out", "show"]),
            (("--force", "verify", "x", "--operator-spk", "ab" * 32), ["--force", "verify"]),
            ((*out, *key, "--nonsense"), ["--nonsense"]),
            ((*out, *key, "extra"), ["extra"]),
            ((*out, *key, "--seq", "-1"), ['"-1"', "18446744073709551615"]),
            ((*out, *key, "--seq", str(SEQ_MAX + 1)), [str(SEQ_MAX + 1)]),
            ((*out, *key, "--seq", "1x"), ['"1x"']),
            ((*out, *key, "--exp-days", "soon"), ['"soon"']),
            ((*out, *key, "--exp-days", "9223372036854775807"), ["9223372036854775807"]),
            ((*out, *key, "--exp-days", "-30000"), ["-30000"]),
            ((*out, *key, "--cluster-name", "a b"), ["cluster name"]),
            ((*out, *key, "--cluster-name", "a" * 64), ["cluster name"]),
            ((*out, *key, "--cluster-name", ""), ["cluster name"]),
            (("verify", str(self.manifest)), ["--operator-spk"]),
            (("verify", str(self.manifest), "--operator-spk", "ab"), ["64 hex digits", "2 characters"]),
            (("verify", str(self.manifest), "--operator-spk", "g" * 64), ["64 hex digits"]),
            (("show",), ["FILE"]),
            (("show", str(self.folder / "none")), [str(self.folder / "none"), "No such file"]),
        ):
            with self.subTest(arguments=arguments):
                self.assert_refused(run(*arguments), *parts)
        self.assertEqual(self.snapshot(), {})

    def test_bad_nodes_are_refused_with_what_is_wrong_and_by_how_much(self):
        long_host = "h" * (129 - len("http://"))
        for node, parts in (
            ("node-a", ["ID,HTTP_URL"]),
            ("a,http://h,d,x", ["ID,HTTP_URL"]),
            (",http://h", ["id is empty"]),
            ("a,", ["URL is empty"]),
            ("a,http://h,", ["DNS endpoint is empty"]),
            ("abcdefghijklmnopq,http://h", ["17 bytes", "1 more than the 16"]),
            ("a b,http://h", ["blanks"]),
            ("\u00e9,http://h", ["ASCII"]),
            (f"a,http://{long_host}", ["129 bytes", "1 more than the 128"]),
            (f"a,http://h,{'d' * 67}", ["67 bytes", "3 more than the 64"]),
            ("a,h:8053", ["http:// or https://"]),
            ("a,ftp://h", ["http:// or https://"]),
            ("a,//h", ["http:// or https://"]),
            ("a,http://", ["host"]),
            ("a,http:///path", ["host"]),
            ("a,http://:80", ["host"]),
            ("a,http://h:", ["port"]),
            ("a,http://h:0", ["port"]),
            ("a,http://h:65536", ["port"]),
            ("a,http://h:8x", ["port"]),
            ("a,http://[::1", ["bracket"]),
            ("a,http://[::g]", ["IPv6"]),
            ("a,http://[::1]x", ["port"]),
            ("a,http://::1", ["host"]),
            ("a,http://u:p@h", ["user information"]),
            ("a,http://h/?q", ["query"]),
            ("a,http://h/#f", ["fragment"]),
            ("a,http://h h", ["blanks"]),
            ("a,http://h\nx", ["blanks"]),
            ("a,http://h/\u00e9", ["ASCII"]),
            ("a,http://h..x", ["host"]),
            ("a,http://h\\x", ["host"]),
            ("a,http://h,d:0", ["DNS endpoint", "port"]),
            ("a,http://h,d/x", ["DNS endpoint", "host"]),
        ):
            with self.subTest(node=node):
                self.assert_refused(self.issue("--node", node), *parts)
        self.assertEqual(self.snapshot(), {})

    def test_nodes_at_their_limits_are_accepted(self):
        self.issued("--node", f"abcdefghijklmnop,http://{'h' * 121},{'d' * 64}", "--node", "b,http://h:65535,d:65535")

    def test_two_nodes_of_one_id_are_refused(self):
        self.assert_refused(self.issue("--node", "a,http://x", "--node", "a,http://y"), "a", "twice")

    def test_too_many_nodes_and_too_long_a_manifest_are_refused_by_how_much(self):
        nodes = [part for i in range(33) for part in ("--node", f"{i},http://h")]
        self.assert_refused(self.issue(*nodes), "32", "33")
        wide = [part for i in range(8) for part in ("--node", f"{i},http://{'h' * 100}")]
        result = self.issue(*wide)
        self.assert_refused(result, "1200")
        size, over = map(int, re.search(r"(\d+) bytes.*\((\d+) too many\)", result.stderr).groups())
        self.assertEqual(size - over, 1200)
        self.assertEqual(self.snapshot(), {})
        self.issued(*wide[:12])

    def test_a_wrong_key_file_is_refused_and_nothing_is_written(self):
        for content in ("", "operator_seed_hex=12\n", f"operator_seed_hex={SEED_HEX}\n" * 2, f"{SEED_HEX}\n", "operator_public_hex=" + "a" * 64 + "\n",
                        f"operator_seed_hex={SEED_HEX}\noperator_public_hex={'a' * 64}\n"):
            with self.subTest(content=content):
                self.key.write_text(content)
                before = self.snapshot()
                self.assert_refused(self.issue(key="--operator-key-in"), str(self.key))
                self.assertEqual(self.snapshot(), before)
        self.key.unlink()
        self.assert_refused(self.issue(key="--operator-key-in"), str(self.key), "No such file")

    def test_a_directory_in_place_of_an_output_is_refused(self):
        self.manifest.mkdir()
        self.assert_refused(self.issue(), str(self.manifest), "is a directory", "docker")
        self.assertEqual(self.snapshot(), {})
        self.manifest.rmdir()
        self.key.mkdir()
        self.assert_refused(self.issue("--force"), str(self.key), "is a directory")
        self.assertFalse(self.manifest.exists())

    def test_a_failed_run_leaves_no_folder_and_its_error_names_the_target(self):
        self.key = self.folder / "a" / "b" / "key"
        self.manifest = self.folder / "c" / ("m" * 250)  # no room for the name of the temporary file
        self.assert_refused(self.issue(), f"generate-cluster-manifest: {self.manifest}"[:200])
        self.assertEqual(list(self.folder.iterdir()), [])
        self.key = self.folder / "a" / "b" / ("k" * 256)
        self.manifest = self.folder / "m"
        self.assert_refused(self.issue(), "File name too long")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_output_in_an_impossible_folder_is_refused_and_the_other_is_not_written(self):
        (self.folder / "file").write_text("")
        before = self.snapshot()
        self.key = self.folder / "file" / "key"
        self.assert_refused(self.issue())
        self.key = self.folder / "key"
        self.manifest = self.folder / "file" / "m.wire"
        self.assert_refused(self.issue())
        self.assertEqual(self.snapshot(), before)

    # --- show and verify ---

    def test_show_escapes_what_a_hostile_manifest_holds(self):
        body = b"DMPCL01" + (9).to_bytes(8, "big") + (1).to_bytes(8, "big") + bytes(32) + b"\x01x" + b"\x01"
        body += b"\x02\x1b[" + (3).to_bytes(2, "big") + b"a\nb" + (0).to_bytes(2, "big")
        self.manifest.write_bytes(PREFIX + base64.b64encode(body + bytes(64)))
        result = run("show", str(self.manifest))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("  \\x1b[  a\\x0ab  (no DNS endpoint)\n", result.stdout)
        self.assertIn("1970-01-01T00:00:01Z (expired)", result.stdout)
        self.assertIn("not checked", result.stdout)

    def test_verify_says_why_a_manifest_is_refused(self):
        self.issued()
        spk = self.public_key()
        good = self.manifest.read_bytes()
        blob = bytearray(base64.b64decode(good[len(PREFIX):]))
        blob[10] ^= 1
        for content, parts in (
            (PREFIX + base64.b64encode(blob), ["signature"]),
            (b"nothing", ["prefix"]),
            (good[:-1], ["base64"]),
            (good + b"A" * (1203 - len(good)), ["oversize", "3 more"]),
            (PREFIX + b"AAAA", ["short"]),
            (b"", ["prefix"]),
            (b"x" * 70000, ["longer than 65536"]),
        ):
            with self.subTest(parts=parts):
                self.manifest.write_bytes(content)
                self.assert_refused(run("verify", str(self.manifest), "--operator-spk", spk), str(self.manifest), *parts)
        self.manifest.write_bytes(good + b"\n")
        self.assertEqual(run("verify", str(self.manifest), "--operator-spk", spk.upper()).returncode, 0)
        self.assert_refused(run("verify", str(self.manifest), "--operator-spk", spk, "--cluster-name", "other"), "name-mismatch",
                            "another name")
        self.assert_refused(run("verify", str(self.manifest), "--operator-spk", spk, "--cluster-name", ""), "name-mismatch")
        self.assert_refused(run("verify", str(self.manifest), "--operator-spk", "ab" * 32), "signature")
        self.reissued("--exp-days", "-1")
        self.assert_refused(run("verify", str(self.manifest), "--operator-spk", spk), "expired")
        self.reissued("--exp-days", "1826")
        self.assert_refused(run("verify", str(self.manifest), "--operator-spk", spk), "exp-too-far")

    def test_the_record_tool_reads_the_same_manifest(self):
        self.issued("--seq", "12", "--node", "a,http://a:1,a:2", "--node", "b,https://b")
        question = {"id": 1, "record": "ClusterManifest", "wire": self.manifest.read_text(), "now": int(time.time()),
                    "operator_spk_hex": self.public_key(), "expected_cluster_name": "mesh.local"}
        result = subprocess.run([RECORD_TOOL, "check"], input=json.dumps(question) + "\n", text=True, capture_output=True,
                                timeout=20, check=True)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["verdict"], answer["reason"]), ("accept", "ok"))
        self.assertEqual(answer["parsed"]["seq"], 12)
        self.assertEqual(answer["parsed"]["nodes"], [
            {"node_id": "a", "http_endpoint": "http://a:1", "dns_endpoint": "a:2"},
            {"node_id": "b", "http_endpoint": "https://b", "dns_endpoint": None}])

    # --- help ---

    def test_help_version_and_a_bare_call(self):
        shown = run("--help")
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        for arguments in (("show", "--help"), ("verify", "--help"), ("verify", "x", "-h")):
            self.assertEqual(run(*arguments).stdout, shown.stdout)
            self.assertEqual(run(*arguments).returncode, 0)
        bare = run()
        self.assertEqual((bare.returncode, bare.stdout), (2, ""))
        self.assertEqual(bare.stderr, shown.stdout)
        self.assertIn("generate-cluster-manifest --manifest-out docker/cluster/cluster-manifest.wire "
                      "--operator-key-out docker/cluster/operator-key.txt\n", shown.stdout)
        self.assertRegex(run("--version").stdout, r"^generate-cluster-manifest \d+\.\d+\.\d+\n$")

    def test_an_output_that_cannot_be_written_is_a_failure(self):
        self.issued()
        for arguments in (("--help",), ("--version",), ("show", str(self.manifest)),
                          ("--manifest-out", str(self.manifest), "--operator-key-in", str(self.key))):
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                result = subprocess.run([GENERATOR, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                        timeout=20, check=False)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stderr, "generate-cluster-manifest: standard output: No space left on device\n")

    def test_what_the_compose_command_writes_is_kept_out_of_repository_and_image(self):
        for name in (".gitignore", ".dockerignore"):
            lines = (SOURCE_ROOT / name).read_text().splitlines()
            self.assertIn("/docker/cluster/cluster-manifest.wire", lines, name)
            self.assertIn("/docker/cluster/operator-key*", lines, name)


if __name__ == "__main__":
    unittest.main()
