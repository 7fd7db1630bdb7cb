#!/usr/bin/env python3
"""Counts tests in Meson's testlog.json and pytest's JUnit files; prints `N passed, N failed`, exits 1 unless all passed.

A doctest program counts as its test cases; any other Meson test, and a program that ended without its summary, as one.
"""
import json
import re
import sys
import xml.etree.ElementTree as xml

DOCTEST = re.compile(r"test cases:\s+(\d+)\s+\|\s+(\d+) passed\s+\|\s+(\d+) failed")


def of_meson(path):
    passed = failed = 0
    for line in open(path, encoding="utf-8"):
        test = json.loads(line)
        summary = DOCTEST.search(re.sub(r"\x1b\[[0-9;]*m", "", test.get("stdout") or ""))
        good = test["result"] == "OK"
        if summary and int(summary[1]) > 0:
            passed += int(summary[2])
            failed += int(summary[3]) or (0 if good else 1)
        else:
            passed += good
            failed += not good
    return passed, failed


def of_junit(path):
    passed = failed = 0
    for suite in xml.parse(path).getroot().iter("testsuite"):
        total, skipped = int(suite.get("tests")), int(suite.get("skipped", 0))
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        passed, failed = passed + total - bad - skipped, failed + bad + skipped  # a skipped check is not a passed one
    return passed, failed


def main(paths):
    passed = failed = 0
    for path in paths:
        try:
            more_passed, more_failed = (of_junit if path.endswith(".xml") else of_meson)(path)
        except (OSError, ValueError, xml.ParseError) as error:
            print(f"no result in {path}: {error}")
            more_passed, more_failed = 0, 1
        passed, failed = passed + more_passed, failed + more_failed
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
