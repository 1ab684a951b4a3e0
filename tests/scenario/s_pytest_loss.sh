#!/bin/sh
# SIGKILL for a worker in the middle of a pytest tree: the test in flight is charged with it, in whatever phase it was, what
# ended is not run again, the rest runs once, in its modules' fixtures, and no Python process stays behind.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
RAN=$work/ran.txt
export GANGWAY_PYTHON RAN

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"
}

mkdir tree
cd tree
cat >conftest.py <<'END'
import os
import signal
import time

import pytest


def kill_worker():
    """The process above this one is `gangway worker`."""
    with open("/proc/%d/cmdline" % os.getppid()) as f:
        assert f.read().split("\0")[1] == "worker"
    with open(os.environ["RAN"] + ".pid", "w") as f:
        f.write(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGKILL)
    while True:
        time.sleep(0.05)


@pytest.fixture
def killing_late():
    yield
    kill_worker()


@pytest.fixture(scope="module", autouse=True)
def module(): yield


@pytest.fixture(autouse=True)
def log(request):
    with open(os.environ["RAN"], "a") as f:
        f.write(request.node.nodeid + "\n")
END
for i in 1 2 3; do
	for k in 1 2 3 4 5; do
		printf 'def test_%s(): print("said by %s")\n\n\n' $k $k
	done >test_$i.py
done
cat >test_2.py <<'END'
from conftest import kill_worker


def test_1(): pass
def test_2(): pass
def test_3(): kill_worker()
def test_4(): pass
def test_5(): assert 0, "after it"
END

# expect WORKERS MODE: all but the killer's as they are, each once
expect() {
	rm -f "$RAN" junit.xml
	run 1 "$gangway" -n "$1" --dist="$2" --junitxml=junit.xml
	has "$out" "1 failed, 13 passed, 1 error in"
	[ "$(grep -c "crashed while running 'test_2.py::test_3'" "$out")" -ge 1 ] || fail "$(cat "$out")"
	[ "$(grep -c '^ERROR test_2.py::test_3 - worker' "$out")" = 1 ] || fail "said twice: $(cat "$out")"
	[ "$(grep -c '^FAILED' "$out")" = 1 ] || fail "$(cat "$out")"
	verdicts junit.xml >../got.txt
	[ "$(wc -l <../got.txt)" = 15 ] && [ "$(grep -c ': passed' ../got.txt)" = 13 ] ||
		fail "-n $1 --dist=$2: $(cat ../got.txt)"
	[ "$(sort "$RAN" | uniq -d)" = "" ] || fail "-n $1 --dist=$2: ran twice: $(sort "$RAN" | uniq -d)"
	[ "$(wc -l <"$RAN")" = 15 ] || fail "-n $1 --dist=$2: $(cat "$RAN")"
	wait_for "the killer stayed behind" is_gone "$(cat "$RAN.pid")"
}
for n in 1 2; do
	for mode in load loadfile worksteal; do
		expect $n $mode
	done
done
run 1 "$gangway" report
has "$out" "crashed while running 'test_2.py::test_3'"
run 1 "$gangway" -n 2 --lf
has "$out" "1 failed, 13 deselected, 1 error in"

# in a tear-down: what the test did is told by nobody
sed -i 's/def test_3(): kill_worker()/def test_3(killing_late): pass/' test_2.py
expect 2 load

# each worker in turn, until none may be started again
mkdir ../all
cd ../all
cp ../tree/conftest.py .
for i in 1 2 3; do
	printf 'from conftest import kill_worker\ndef test_a(): pass\ndef test_k(): kill_worker()\ndef test_z(): pass\n' >test_$i.py
done
rm -f "$RAN"
run 1 "$gangway" -n 1
has "$out" "restarting 1 worker"
has "$out" "6 passed, 3 errors in"
[ "$(sort "$RAN" | uniq -d)" = "" ] || fail "ran twice: $(sort "$RAN" | uniq -d)"
run 1 "$gangway" -n 1 --max-worker-restart=0
lacks "$out" "restarting"
has "$out" "ended before it could run this test"
