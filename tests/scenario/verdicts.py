"""verdicts.py JUNIT...: one line a test case, "suite | classname | name: verdict", sorted.

Read by Python's own expat, a parser that gangway does not use.
"""
import sys
import xml.etree.ElementTree as tree


def verdict(case):
    for tag, word in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return word
    return "skipped" if case.get("status") == "disabled" else "passed"


lines = []
for path in sys.argv[1:]:
    for suite in tree.parse(path).getroot().iter("testsuite"):
        for case in suite.findall("testcase"):
            where = " | ".join((suite.get("name", ""), case.get("classname", ""), case.get("name")))
            lines.append(f"{where}: {verdict(case)}")
print("\n".join(sorted(lines)))
