#!/bin/sh
# What pytest's own words say of a tree is what pytest says: --durations with set-ups and tear-downs, --durations-min, each
# --tb, -x and --maxfail, and that nothing runs where a file could not be collected.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON
pytest() {
	/usr/bin/python3 -m pytest -p no:cacheprovider "$@"
}

mkdir tree
cd tree
cat >test_a.py <<'END'
import pytest


@pytest.fixture
def thing():
    yield 1
    print("torn down")


@pytest.fixture
def broken(): assert 0, "in set-up"


def helper(x):
    total = x + 1
    assert total == 5, "the sum"


def test_1(thing): pass
def test_2(): helper(1)
def test_3(): helper(2)
def test_4(): helper(3)
def test_5(broken): pass
@pytest.mark.skip(reason="no")
def test_6(): pass
END

# --- durations ---------------------------------------------------------------------------------------------
phases() {
	grep -E 's (setup|call|teardown) ' "$out" | sed 's/^ *[0-9.]*s //' | sort
}
run 1 pytest --durations=0 -vv
phases >../theirs.txt
[ "$(wc -l <../theirs.txt)" = 16 ] || fail "pytest lists $(wc -l <../theirs.txt) durations"
for n in 0 2; do
	run 1 "$gangway" -n $n --durations=0 -vv
	has "$out" "= slowest durations ="
	phases >../ours.txt
	same ../theirs.txt ../ours.txt
done
run 1 "$gangway" report --durations=0 -vv
phases >../ours.txt
same ../theirs.txt ../ours.txt
run 1 "$gangway" -n 2 --durations=3 --durations-min=100
has "$out" "= slowest 3 durations ="
has "$out" "(3 durations < 100s hidden.  Use -vv to show these durations.)"
run 1 "$gangway" -n 2 --durations=0 --durations-min=0.25
has "$out" "(16 durations < 0.25s hidden."
run 1 pytest --durations=0 --durations-min=0.25
has "$out" "(16 durations < 0.25s hidden."

# --- tracebacks --------------------------------------------------------------------------------------------
# from the first line of source to where it failed, as pytest has it
blocks() {
	grep -E '^(>|E|    def|test_a.py:|x =|Traceback|  File|AssertionError|total|/)' "$out" | grep -v 'in set-up' | sort -u
}
for tb in auto long short native; do
	run 1 pytest --tb=$tb test_a.py::test_2
	blocks >../theirs.txt
	[ -s ../theirs.txt ] || fail "--tb=$tb: nothing of pytest's is compared"
	run 1 "$gangway" -n 2 --tb=$tb test_a.py::test_2
	blocks >../ours.txt
	same ../theirs.txt ../ours.txt
done
# addopts have a say where nobody else has
printf '[pytest]\naddopts = --tb=short\n' >pytest.ini
run 1 "$gangway" -n 2 test_a.py::test_2
lacks "$out" "def helper(x)"
run 1 "$gangway" -n 2 --tb=long test_a.py::test_2
has "$out" "def helper(x)"
rm pytest.ini
run 1 "$gangway" -n 2 --tb=line
has "$out" "test_a.py:16: AssertionError: the sum"
lacks "$out" "helper(1)"
run 1 "$gangway" -n 2 --tb=no
lacks "$out" "= FAILURES ="
has "$out" "FAILED test_a.py::test_2 - AssertionError: the sum"
run 4 "$gangway" -n 2 --tb=wrong
has "$err" "native"

# --- stopping -------------------------------------------------------------------------------------------------
# (what failed last time would come first)
for option in -x --exitfirst --maxfail=1 --maxfail=2 --maxfail=3 --maxfail=100; do
	run 1 pytest $option --tb=no
	grep -oE '!+ stopping.*' "$out" >../theirs.txt || :
	sed -n 's/=*\(.*\) in .*/\1/p' "$out" | tr -d ' ' >>../theirs.txt
	for n in 0 1; do
		run 1 "$gangway" -n $n $option --tb=no --no-history
		grep -oE '!+ stopping.*' "$out" >../ours.txt || :
		sed -n 's/=*\(.*\) in .*/\1/p' "$out" | tr -d ' ' >>../ours.txt
		same ../theirs.txt ../ours.txt
	done
done
run 1 "$gangway" -n 2 --maxfail=2 --tb=no
has "$out" "stopping after 2 failures"

# --- what cannot be collected -----------------------------------------------------------------------------------
mkdir ../broken
cd ../broken
echo 'import no_such_module' >test_bad.py
echo 'def f(' >test_worse.py
printf 'def test_a(): pass\ndef test_b(): pass\n' >test_good.py
told() {
	grep -E '^(collected|ERROR |!|=+ .* in )' "$out" | sed 's/ in [0-9.]*s//; s/=*//g; s/ - .*//'
}
run 2 pytest
told >../theirs.txt
has ../theirs.txt "Interrupted: 2 errors during collection"
for n in 0 2; do
	run 2 "$gangway" -n $n
	told >../ours.txt
	same ../theirs.txt ../ours.txt
done
has .gangway/latest/selected.tsv "not run: pytest could not collect all files"
run 1 "$gangway" report
told | grep -v '^collected' >../ours.txt
grep -v '^collected' ../theirs.txt | same - ../ours.txt
run 2 "$gangway" --collect-only
has "$out" "test_good.py::test_b"
has "$out" "2 items / 2 errors"
has "$err" "no_such_module"
run 2 pytest -k test_a
told >../theirs.txt
run 2 "$gangway" -n 2 -k test_a
told >../ours.txt
same ../theirs.txt ../ours.txt
run 2 "$gangway" -n 2 --lf
has "$out" "Interrupted: 2 errors during collection"
run 1 "$gangway" -n 2 -- --continue-on-collection-errors
has "$out" "2 passed, 2 errors"
lacks "$out" "Interrupted"
rm test_good.py
run 2 "$gangway" -n 2
has "$out" "collected 0 items / 2 errors"
