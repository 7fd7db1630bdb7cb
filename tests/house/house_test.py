#!/usr/bin/env python3
"""The rules of the house, held by a test: which folder may include which, how long a file may be, what no file may hold."""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# docs/architecture.md, "The house": a folder may include only itself and folders before it.
FOLDERS = ["base", "crypto", "record", "store", "access", "sync", "discovery", "dns", "http", "net", "app"]
STRANGERS_TO_EACH_OTHER = {("dns", "http"), ("http", "dns")}
# Folders whose engines do no I/O, start no thread and read no wall clock; the headers that would let them.
PURE = ["record", "sync", "discovery", "dns"]
IMPURE_HEADERS = re.compile(r"#include <(sys/socket\.h|netinet/.*|poll\.h|sys/epoll\.h|thread|mutex|fstream|"
                            r"condition_variable|unistd\.h|fcntl\.h|ctime|time\.h|sqlite3\.h|iostream|filesystem)>")
HEAVY_IN_HEADERS = re.compile(r"#include <(spdlog/.*|CLI/.*|httplib\.h|nlohmann/json\.hpp|sqlite3\.h)>")
INCLUDE = re.compile(r'#include "([a-z]+)/')
# docs/testing.md, "Rows of the specification": `| row | `test`; `test` |`; names of C++ tests are strings, in pieces at times.
ROW = re.compile(r"^\| [^|]+ \| (`.+`) \|$", re.M)
CPP_TEST = re.compile(r'TEST_CASE\(\s*((?:"[^"\n]*"\s*)+)\)')
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.DOTALL)
LINES_MAX = {".hpp": 400, ".cpp": 600}
COLUMNS_MAX = 120


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                yield path


def folder_of(path):
    return path.relative_to(ROOT / "node").parts[0]


class House(unittest.TestCase):
    def test_includes_go_one_way(self):
        for path in sources("node"):
            if path.parent == ROOT / "node":
                continue
            here = folder_of(path)
            for target in INCLUDE.findall(path.read_text()):
                if target not in FOLDERS:
                    self.fail(f"{path}: includes {target}/, which is no folder of the house")
                self.assertLessEqual(FOLDERS.index(target), FOLDERS.index(here), f"{path} includes up: {target}/")
                self.assertNotIn((here, target), STRANGERS_TO_EACH_OTHER, str(path))

    def test_engines_have_no_header_that_does_input_or_output(self):
        for path in sources(*(f"node/{folder}" for folder in PURE)):
            found = IMPURE_HEADERS.search(path.read_text())
            self.assertIsNone(found, f"{path}: {found and found[0]}")

    def test_heavy_headers_stay_out_of_headers(self):
        for path in sources("node"):
            if path.suffix == ".hpp":
                found = HEAVY_IN_HEADERS.search(path.read_text())
                self.assertIsNone(found, f"{path}: {found and found[0]}")

    def test_only_the_store_speaks_sql_and_only_net_opens_sockets(self):
        for path in sources("node"):
            text, here = path.read_text(), folder_of(path) if path.parent != ROOT / "node" else "app"
            if here != "store":
                self.assertNotIn("sqlite3_", text, str(path))
            if here != "net":
                self.assertIsNone(re.search(r"\b(::)?socket\(", text), str(path))
            if here != "app":
                self.assertIsNone(re.search(r"\bgetenv\(|\benviron\b", text), str(path))

    def test_casts_of_bytes_are_in_one_place(self):
        # Bytes are read through base/bytes.hpp; net/ must cast socket addresses.
        for path in sources("node/record", "node/store", "node/access", "node/dns", "node/http", "node/app", "tools"):
            self.assertNotIn("reinterpret_cast", path.read_text(), str(path))

    def test_files_are_short_and_lines_fit(self):
        for path in sources("node", "tools", "tests"):
            text = path.read_text()
            self.assertLessEqual(text.count("\n"), LINES_MAX[path.suffix], f"{path} holds two subjects")
            # What is printed or parsed as it stands may be wider.
            for number, line in enumerate(RAW_STRING.sub(lambda raw: "\n" * raw[0].count("\n"), text).splitlines(), 1):
                self.assertLessEqual(len(line), COLUMNS_MAX, f"{path}:{number}")

    def test_every_source_names_its_licence(self):
        for path in sources("node", "tools", "tests"):
            self.assertTrue(path.read_text().startswith("// SPDX-License-Identifier: Apache-2.0\n"), str(path))

    def test_nothing_is_left_half_done(self):
        for path in sources("node", "tools"):
            text = path.read_text()
            for banned in ("TODO", "FIXME", "not implemented", "using namespace std;"):
                self.assertNotIn(banned, text, str(path))
            if path.suffix == ".hpp":
                self.assertNotIn("using namespace", text, str(path))

    def test_the_failure_table_names_tests_that_exist(self):
        places = {"unit": "tests/unit/sync/{}_test.cpp", "real": "tests/scenario/test_{}.py", "compose": "tests/compose/test_{}.py"}
        rows = re.findall(r"^\| F(\d+) \|.*\| ([^|]+) \|$", (ROOT / "docs/cluster.md").read_text(), re.MULTILINE)
        self.assertEqual([int(number) for number, _ in rows], list(range(1, 47)))
        for number, tested_by in rows:
            for kind, names in re.findall(r"(unit|real|compose) ((?:`\w+`(?:, )?)+)", tested_by):
                for name in re.findall(r"\w+", names):
                    self.assertTrue((ROOT / places[kind].format(name)).is_file(), f"F{number}: {kind} {name}")

    def test_every_limit_has_a_reason(self):
        lines = [line for path in (ROOT / "node/base").glob("*limits.hpp") for line in path.read_text().splitlines()]
        previous_is_reason = False
        for line in lines:
            if line.startswith("inline constexpr"):
                self.assertTrue(previous_is_reason, line)
            else:
                previous_is_reason = line.startswith("///")

    def test_every_row_of_the_specification_names_tests_that_exist(self):
        page = (ROOT / "docs/testing.md").read_text()
        page = page[page.index("## Rows of the specification"):page.index("## Track record")]
        tests = {name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)\(", path.read_text())}
        for path in sources("tests"):
            tests.update("".join(re.findall(r'"([^"]*)"', name)) for name in CPP_TEST.findall(path.read_text()))
        rows = ROW.findall(page)
        self.assertGreater(len(rows), 100)
        for row in rows:
            for name in re.findall(r"`([^`]+)`", row):
                self.assertTrue(name in tests, f"docs/testing.md names a test that does not exist: {name}")

    def test_shell_scripts_have_no_syntax_error(self):
        for script in ("tools/quickstart", "tools/test", "tools/lib.sh", ".ci/run", "docker/make-root", "docker/image-from-build"):
            subprocess.run(["bash", "-n", str(ROOT / script)], check=True)


if __name__ == "__main__":
    sys.exit(unittest.main())
