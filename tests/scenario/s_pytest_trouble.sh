#!/bin/sh
# pytest tests that end their process, hang, or fail around the test: each is charged to its own test, and the others
# run; fixtures are set up once for each process and torn down; files that cannot be collected; reruns; -x.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON

# --- crashes -------------------------------------------------------------------------------------------
mkdir crash
cat >crash/conftest.py <<'END'
import os

import pytest


def log(word):
    with open(os.environ["LOG"], "a") as f:
        f.write(word + "\n")


@pytest.fixture(scope="session", autouse=True)
def whole():
    log("session")
    yield
    log("/session")


@pytest.fixture(scope="module", autouse=True)
def part(request):
    log(request.module.__name__)
    yield
    log("/" + request.module.__name__)
END
cat >crash/test_a.py <<'END'
import os
import signal
import sys
import time

import pytest


def test_first(): pass
def test_exits(): os._exit(3)
def test_between(): print("printed")


def test_dies():
    sys.stdout.write("before it died\n")
    os.kill(os.getpid(), signal.SIGSEGV)


def test_after(): pass
def test_sysexit(): sys.exit(3)
def test_hangs(): time.sleep(1000)


@pytest.fixture
def bad(): assert 0, "in set-up"


@pytest.fixture
def bad_after():
    yield
    assert 0, "in tear-down"


def test_setup(bad): pass
def test_teardown(bad_after): pass
def test_both(bad_after): assert 0, "in the test"


@pytest.mark.xfail(strict=True, reason="wrong")
def test_strict(): pass


@pytest.mark.xfail
def test_xpass(): pass


@pytest.mark.xfail(reason="known \u00fc")
def test_xfail(): assert 0


@pytest.mark.skipif(True, reason="not <here>")
def test_skip(): pass


@pytest.mark.parametrize("x", ["a::b", "]::[", "a b", "\u00fc", "tab\t", "n\nl", "\\x41", "<&>", "$HOME `x` *"])
def test_names(x): assert x
END
echo 'def test_c(): pass' >crash/test_c.py
LOG=$work/log.txt
export LOG
run 1 "$gangway" -n 1 --timeout=3 --junitxml=ours.xml -rsxX crash
verdicts ours.xml >ours.txt
has ours.txt "pytest | crash.test_a | test_first: passed"
has ours.txt "pytest | crash.test_a | test_exits: error"
has ours.txt "pytest | crash.test_a | test_between: passed"
has ours.txt "pytest | crash.test_a | test_dies: failed"
has ours.txt "pytest | crash.test_a | test_after: passed"
has ours.txt "pytest | crash.test_a | test_sysexit: failed"
has ours.txt "pytest | crash.test_a | test_setup: error"
has ours.txt "pytest | crash.test_a | test_teardown: error"
has ours.txt "pytest | crash.test_a | test_both: failed"
has ours.txt "pytest | crash.test_a | test_strict: failed"
has ours.txt "pytest | crash.test_a | test_xpass: passed"
has ours.txt "pytest | crash.test_a | test_xfail: skipped"
has ours.txt "pytest | crash.test_a | test_skip: skipped"
has ours.txt "pytest | crash.test_c | test_c: passed"
[ "$(grep -c test_names ours.txt)" = 9 ] || fail "not nine names"
[ "$(grep -c . ours.txt)" = 24 ] || fail "not every test once"
has "$out" "the program exited with status 3 in the middle of the test"
has "$out" "killed by SIGSEGV"
has "$out" "Fatal Python error: Segmentation fault"
has "$out" "timed out after 3.000 s"
has "$out" "time.sleep(1000)"
has "$out" "not <here>"
has "$out" "XFAIL crash/test_a.py::test_xfail"
# two crashes and a time-out: four processes, of which the timed out one and the last tear down
[ "$(grep -c '^session' log.txt)" = 4 ] || fail "processes: $(cat log.txt)"
[ "$(grep -c '^/session' log.txt)" = 2 ] || fail "tear-downs: $(cat log.txt)"
tail -n 3 log.txt >tail.txt
printf 'test_c\n/test_c\n/session\n' | same tail.txt -

# what pytest says of the same tests, where these are its words
run 1 /usr/bin/python3 -m pytest -p no:cacheprovider -q --junitxml=theirs.xml crash \
	--deselect crash/test_a.py::test_exits --deselect crash/test_a.py::test_dies \
	--deselect crash/test_a.py::test_hangs
verdicts theirs.xml | grep -v test_both >theirs.txt
grep -v -e test_both -e test_exits -e test_dies -e test_hangs ours.txt >rest.txt
same theirs.txt rest.txt

# --- the same fixtures, more workers; the first failure ---------------------------------------------------
rm log.txt
mkdir few
cp crash/conftest.py few
for i in 1 2 3 4 5 6; do
	printf 'def test_1(): pass\ndef test_2(): pass\ndef test_3(): pass\n' >few/test_$i.py
done
run 0 "$gangway" -n 2 --dist=loadfile few
[ "$(grep -c '^session' log.txt)" = 2 ] && [ "$(grep -c '^/session' log.txt)" = 2 ] || fail "sessions: $(cat log.txt)"
[ "$(grep -c '^test_' log.txt)" = 6 ] || fail "a module was set up again: $(cat log.txt)"
printf 'def test_1(): assert 0\n' >few/test_0.py
run 1 "$gangway" -n 1 -x few
has "$out" "1 failed"
lacks "$out" "18 passed"
run 0 "$gangway" -n 2 few/test_1.py::test_1 few/test_6.py
has "$out" "4 passed"
run 1 "$gangway" -n 2 --lf few
has "$out" "1 failed, 18 deselected"

# --- reruns --------------------------------------------------------------------------------------------
mkdir flaky
cat >flaky/test_flaky.py <<'END'
import os


def test_flaky():
    if not os.path.exists("been"):
        open("been", "w").close()
        assert 0


def test_sound(): pass
END
run 0 "$gangway" -n 2 --reruns 1 flaky
has "$out" "2 passed"
has "$out" "1 rerun"

# --- what cannot be collected ---------------------------------------------------------------------------
mkdir broken
echo 'import no_such_module' >broken/test_bad.py
echo 'def test_a(): pass' >broken/test_good.py
echo 'import pytest; pytest.skip("none of it", allow_module_level=True)' >broken/test_skipped.py
run 2 "$gangway" -n 2 broken
has "$out" "No module named 'no_such_module'"
lacks "$out" " passed"
run 1 "$gangway" -n 2 -rs broken -- --continue-on-collection-errors
has "$out" "1 passed, 1 skipped, 1 error"
has "$out" "none of it"
echo 'raise RuntimeError("in conftest")' >broken/conftest.py
run 4 "$gangway" -n 2 broken
has "$err" "in conftest"
GANGWAY_PYTHON=/bin/false run 1 "$gangway" -n 2 few
has "$out" "pytest could not list its tests: exit status 1"
GANGWAY_PYTHON=/no/python run 4 "$gangway" -n 2 few
has "$err" "cannot start '/no/python'"

# --- a slow start is no test's time ----------------------------------------------------------------------
mkdir slow
printf 'import os, time\nif "PYTEST_XDIST_WORKER" in os.environ: time.sleep(2)\n' >slow/conftest.py
echo 'def test_a(): pass' >slow/test_a.py
run 0 "$gangway" -n 1 --timeout=1.5 slow

# --- no pytest -------------------------------------------------------------------------------------------
printf '#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n' >bare-python
chmod +x bare-python
GANGWAY_PYTHON=$PWD/bare-python run 4 "$gangway" -n 2 few
has "$err" "these are tests for pytest, and there is none"
# files that only look like pytest's, beside a program
mkdir mixed
echo 'def test_a(): pass' >mixed/test_helper.py
printf '#!/bin/sh\n' >mixed/run_test
chmod +x mixed/run_test
GANGWAY_PYTHON=$PWD/bare-python run 0 "$gangway" -n 2 mixed
has "$out" "1 passed"
run 0 "$gangway" -n 2 mixed
has "$out" "2 passed"
# a script that can be executed is a program, unless the folder is pytest's
mkdir scripts
printf '#!/bin/sh\n' >scripts/test_tool.py
chmod +x scripts/test_tool.py
run 0 "$gangway" -n 2 -v scripts
has "$out" "PASSED scripts/test_tool.py"
