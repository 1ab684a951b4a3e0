#!/bin/sh
# A pytest tree: one process for each worker; groups and files stay together; keywords, ids, and what
# only pytest knows.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON
pytest() {
	/usr/bin/python3 -m pytest -p no:cacheprovider -q "$@"
}

/usr/bin/python3 "$top/tests/pytest/tree.py" tree
cd tree

# --- one process for each worker; what is together ---------------------------------------------------
cat >>conftest.py <<'END'


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item):
    with open(os.environ["RAN"], "a") as f:
        f.write("%d %s %s\n" % (os.getpid(), os.environ["PYTEST_XDIST_WORKER"], item.nodeid))
END
RAN=$work/ran.txt
export RAN
run 0 "$gangway" -n 2 --dist=loadgroup
[ "$(cut -d' ' -f1 "$RAN" | sort -u | wc -l)" = 2 ] || fail "not two processes: $(cut -d' ' -f1 "$RAN" | sort -u)"
rm -f "$RAN"
run 0 "$gangway" -n 2 --dist=loadgroup -m xdist_group
[ "$(cut -d' ' -f1,2 "$RAN" | sort -u | wc -l)" = 1 ] || fail "the group was run by several"
[ "$(cut -d' ' -f3 "$RAN" | cut -d: -f1 | sort -u | wc -l)" = 3 ] || fail "the group is not of three files"
rm -f "$RAN"
run 0 "$gangway" -n 2 --dist=loadfile
cut -d' ' -f2,3 "$RAN" | cut -d: -f1 | sort -u >../files.txt
[ "$(wc -l <../files.txt)" = "$(cut -d' ' -f2 ../files.txt | sort -u | wc -l)" ] ||
	fail "--dist=loadfile: a file was run by two workers"
unset RAN
/usr/bin/python3 "$top/tests/pytest/tree.py" .

# --- choosing -----------------------------------------------------------------------------------------
run 0 pytest -k "test_1 and not test_11" --collect-only
grep -c :: "$out" >../theirs.txt || :
run 0 "$gangway" -n 2 -k "test_1 and not test_11" --collect-only
grep -c "^part.*::" "$out" >../ours.txt || :
same ../theirs.txt ../ours.txt
run 0 "$gangway" -n 2 part0/test_000.py::test_1 part1/test_001.py
has "$out" "26 passed"
run 0 "$gangway" part0/test_000.py::test_1
has "$out" "1 passed"
run 4 "$gangway" part0/test_000.py::test_none
has "$err" "no path and no test 'part0/test_000.py::test_none'"

# --- what only pytest knows ---------------------------------------------------------------------------
run 0 "$gangway" -n 2 -- --ignore=part0 --ignore=part1
lacks "$out" " failed"
run 4 "$gangway" -n 2 -- --no-such-option
has "$err" "unrecognized arguments: --no-such-option"
mkdir ../empty
cd ../empty
run 4 "$gangway" -- --no-such-option
has "$err" "what stands behind '--' is for pytest"
echo >conftest.py
run 5 "$gangway"
