#!/bin/sh
# The bundled project, built by CMake: every verdict equals ctest's and the programs' own, id by id;
# the merged JUnit file validates and an independent reader counts the same.
. "$(dirname "$0")/lib.sh"
need cmake ninja xmllint

cmake -S "$top/tests/example" -B build -G Ninja >log 2>&1 || fail "$(cat log)"
cmake --build build >log 2>&1 || fail "$(cat log)"

run 0 "$gangway" -n 2 --junitxml=junit.xml build
has "$out" "test session starts"
has "$out" "gw0 ["
has "$out" " skipped"

# Whole entries: the name is the entry's.
ctest --test-dir build -j1 --output-junit "$work/ctest.xml" >ctest.log 2>&1 || :
run 0 "$gangway" -n 2 -v build
cp "$out" ours.txt
/usr/bin/python3 - "$work/ctest.xml" ours.txt >differences <<'END' || fail "$(cat differences)"
import re, sys, xml.etree.ElementTree as tree
def word(c):
    for t in ("failure", "error", "skipped"):
        if c.find(t) is not None:
            return t
    return "passed"
theirs = {c.get("name"): word(c) for c in tree.parse(sys.argv[1]).iter("testcase")}
ours, entries = {}, set()
for line in open(sys.argv[2], encoding="utf-8"):
    m = re.match(r"\[gw\d+\] \[ *\d+%\] (\w+) (.*)$", line)
    if m:
        ours[m[2]] = m[1].lower()
bad = 0
for name, verdict in sorted(theirs.items()):
    got = [v for i, v in ours.items() if i == name or i.startswith(name + "::")]
    entries.add(name)
    if not got or (verdict == "passed") != all(v in ("passed", "skipped") for v in got):
        print(name, verdict, "ours:", got); bad = 1
for i in ours:
    if i not in entries and i.split("::")[0] not in entries:
        print("not theirs:", i); bad = 1
sys.exit(bad)
END

# Every case of the GoogleTest programs, as they tell it themselves.
for program in lru_test intern_test; do
	build/tests/$program --gtest_output=xml:"$work/$program.xml" >/dev/null || :
done
/usr/bin/python3 - junit.xml lru_test.xml intern_test.xml >differences <<'END' || fail "$(cat differences)"
import sys, xml.etree.ElementTree as tree
def word(c):
    if c.get("status") == "notrun": return "skipped"
    for t in ("failure", "error", "skipped"):
        if c.find(t) is not None: return t
    return "passed"
ours = {}
for c in tree.parse(sys.argv[1]).iter("testcase"):
    ours.setdefault(c.get("name").split(".")[-1].split("/")[0], []).append(word(c))
bad = 0
for path in sys.argv[2:]:
    for c in tree.parse(path).iter("testcase"):
        if word(c) not in ours.get(c.get("name").split("/")[0], []):
            print(path, c.get("classname"), c.get("name"), word(c)); bad = 1
sys.exit(bad)
END

for schema in strict files; do
	run 0 "$gangway" -n 2 -q --junit-family=$schema --junitxml=$schema.xml build
	run 0 xmllint --noout --schema "$fixtures/schema/junit-$schema.xsd" $schema.xml
done
/usr/bin/python3 - strict.xml "$out" <<'END' || fail "junitparser counts otherwise"
import sys
from junitparser import JUnitXml
x = JUnitXml.fromfile(sys.argv[1])
cases = [c for s in x for c in s]
assert x.tests == len(cases) > 20, (x.tests, len(cases))
count = lambda kind: sum(any(type(r).__name__ == kind for r in c.result) for c in cases)
assert x.failures == count("Failure") == 0
assert x.errors == count("Error") == 0
assert x.skipped == count("Skipped") > 0
END

# Two runs say the same, whatever the order; one lane and many too.
verdicts junit.xml >two
for n in 0 1 4; do
	run 0 "$gangway" -n $n --junitxml=again.xml build
	verdicts again.xml >again
	same two again
done
