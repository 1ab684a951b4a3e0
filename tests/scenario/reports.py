"""reports.py KIND FILE...: what a tool's own report says, "id: verdict", sorted; a second test of a name
counts as the name itself.

  gangway   the output of gangway -v         meson     meson-logs/testlog.json
  automake  .trs files                       tap       what bats prints
"""
import json
import re
import sys

kind, files = sys.argv[1], sys.argv[2:]
lines = []

WORDS = {"PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed",
         "XPASS": "xpassed"}
MESON = {"OK": "passed", "FAIL": "failed", "ERROR": "error", "SKIP": "skipped", "EXPECTEDFAIL": "xfailed",
         "UNEXPECTEDPASS": "failed", "TIMEOUT": "failed"}
AUTOMAKE = {"PASS": "passed", "FAIL": "failed", "ERROR": "error", "SKIP": "skipped", "XFAIL": "xfailed",
            "XPASS": "failed"}

for path in files:
    text = open(path, encoding="utf-8", errors="surrogateescape").read()
    if kind == "gangway":
        for found in re.finditer(r"^(?:\[gw\d+\] )?\[ *\d+%\] ([A-Z]+) (.*?)(?:#\d+)?$", text, re.M):
            lines.append(f"{found[2]}: {WORDS[found[1]]}")
    elif kind == "meson":
        for record in map(json.loads, text.splitlines()):
            lines.append(f"{record['name']}: {MESON[record['result']]}")
    elif kind == "automake":
        word = re.search(r"^:(?:global-)?test-result: *(\w+)", text[text.find(":global-test-result"):]
                         if ":global-test-result" in text else text, re.M)[1]
        lines.append(f"{path.removesuffix('.trs')}: {AUTOMAKE[word]}")
    else:
        for found in re.finditer(r"^(?:not ok \d+ (.*)|ok \d+ (.*?)( # skip.*)?)$", text, re.M):
            verdict = "failed" if found[1] else "skipped" if found[3] else "passed"
            lines.append(f"{found[1] or found[2]}: {verdict}")

sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
print("\n".join(sorted(lines)))
