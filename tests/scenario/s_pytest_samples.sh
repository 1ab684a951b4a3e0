#!/bin/sh
# The command lines that people know from pytest-xdist's guides, as they stand there with `gangway` for `pytest`, and the same
# words in pytest.ini and gangway.ini: the outcomes are pytest's.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest, coverage' 2>"$err"; then
	echo "skipped: no pytest or coverage for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON

/usr/bin/python3 "$top/tests/pytest/tree.py" tree 6 60
cd tree
echo 'def twice(x): return 2 * x' >part0/code.py
printf 'from code import twice\ndef test_twice(): assert twice(2) == 4\n' >part0/test_code.py
sed -i 's/^from code/from part0.code/' part0/test_code.py
printf 'import sys\nsys.path.insert(0, ".")\n' >>conftest.py
summary() {
	grep -E '^(PASSED|SKIPPED|XFAIL|XPASS|FAILED|ERROR) ' "$out" | sort
}
run 0 /usr/bin/python3 -m pytest -p no:cacheprovider -q -rA --junitxml=../theirs.xml
summary >../theirs.txt
[ "$(wc -l <../theirs.txt)" = 61 ] || fail "the tree has $(wc -l <../theirs.txt) tests"

# sample WORKERS WORDS...: all tests, on so many workers (0: as many as there are CPUs)
sample() {
	workers=$1
	shift
	run 0 "$gangway" "$@"
	has "$out" "60 passed, 1 skipped"
	if [ "$workers" != 0 ]; then
		has "$out" "gw$((workers - 1)) [61]"
		lacks "$out" "gw$workers [61]"
	fi
	cp "$out" ../shown.txt
	run 0 "$gangway" report -rA
	summary >../ours.txt
	same ../theirs.txt ../ours.txt
}

sample 0 -n auto
sample 2 -n 2
sample 8 -n 8 --no-history # where tests are known to be quick, a worker that would have too few is not started
sample 0 -n 8
sample 0 -n 0
sample 0 -n auto --dist=load
sample 0 -n auto --dist=loadfile
sample 0 -n auto --dist=loadgroup
sample 0 -n auto --timeout=30
sample 0 -n auto --cov=. --cov-report=html
[ -f htmlcov/index.html ] || fail "no HTML"
sample 0 -n auto --cov=. --cov-report=term --cov-report=xml --junitxml=junit.xml
has coverage.xml 'filename="part0/code.py"'
has ../shown.txt "part0/code.py"
has ../shown.txt "TOTAL"
verdicts ../theirs.xml >../theirs_xml.txt
verdicts junit.xml | same ../theirs_xml.txt -
sample 0 -n auto -vv --tb=short
grep -q '^\[gw[0-9]*\] \[ *[0-9]*%\] PASSED part0/test_code.py::test_twice' ../shown.txt || fail "no line for each test"

# --- the same in files ----------------------------------------------------------------------------------
printf '[pytest]\naddopts = -n 3 --dist=loadfile --timeout=30 --strict-markers --junitxml=addopts.xml\nmarkers = unit: quick\n' >pytest.ini
sample 3
verdicts addopts.xml | same ../theirs_xml.txt -
printf '[gangway]\naddopts = -n 2\n' >gangway.ini
sample 2
sample 4 -n 4
printf '[gangway]\naddopts = -n auto --dist=loadgroup\n' >gangway.ini
sample 0
run 0 "$gangway" -n 0
has "$out" "collected 61 items"
lacks "$out" "gw0 ["

# --- -m unit: 188 of 1,225 are not ----------------------------------------------------------------------
/usr/bin/python3 "$top/tests/pytest/tree.py" ../large
cd ../large
run 0 "$gangway" -n auto -m unit
has "$out" "188 deselected / 1037 selected"
has "$out" "1033 passed, 3 skipped, 188 deselected, 1 xfailed"
