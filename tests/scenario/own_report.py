"""own_report.py catch2|doctest|boost FILE: what the framework's own XML report says of its tests,
"NAME: passed|failed|skipped", sorted, one a line.

Read by Python's own expat, a parser that gangway does not use.
"""
import sys
import xml.etree.ElementTree as tree


def catch2(root):
    for case in root.iter("TestCase"):
        end = case.find("OverallResult")
        good = end.get("success") == "true"
        skipped = end.get("skips", "0") != "0"
        yield case.get("name"), "skipped" if good and skipped else "passed" if good else "failed"


def doctest(root):
    for case in root.iter("TestCase"):
        end = case.find("OverallResultsAsserts")
        if end is None:
            yield case.get("name", ""), "skipped"
        else:
            yield case.get("name", ""), "passed" if end.get("test_case_success") == "true" else "failed"


def boost(suite, path=""):
    words = {"passed": "passed", "failed": "failed", "aborted": "failed", "skipped": "skipped"}
    for part in suite:
        if part.tag == "TestCase":
            yield path + part.get("name"), words[part.get("result")]
        elif part.tag == "TestSuite":
            yield from boost(part, path + part.get("name") + "/")


root = tree.parse(sys.argv[2]).getroot()
reader = {"catch2": catch2, "doctest": doctest, "boost": lambda r: boost(r[0])}[sys.argv[1]]
print("\n".join(sorted(f"{name}: {verdict}" for name, verdict in reader(root))))
