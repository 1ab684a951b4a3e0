#!/bin/sh
# What a conftest.py does only in pytest-xdist's controller (where config has no workerinput) is done once, before the first worker
# begins and until the last has ended, as there; it hears whether tests failed, and ends too when gangway is killed.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
LOG=$work/log.txt
export GANGWAY_PYTHON LOG

mkdir tree
cd tree
cat >conftest.py <<'END'
import os

import pytest


def log(*words):
    with open(os.environ["LOG"], "a") as f:
        f.write(" ".join(words) + "\n")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        open("server", "w").close()
        log("server starts")
    else:
        assert os.path.exists("server")


def pytest_sessionstart(session):
    log("worker" if hasattr(session.config, "workerinput") else "controller", "begins")


def pytest_sessionfinish(session, exitstatus):
    if hasattr(session.config, "workerinput"):
        log("worker ends")
    else:
        log("controller ends with", str(int(exitstatus)))


def pytest_unconfigure(config):
    print("unconfigured " * 20000)
    if not hasattr(config, "workerinput"):
        os.remove("server")
        log("server ends")


@pytest.fixture
def server():
    assert os.path.exists("server")
    yield
    assert os.path.exists("server")
END
for i in 1 2 3 4; do
	printf 'def test_1(server): pass\ndef test_2(server): pass\n' >test_$i.py
done

if /usr/bin/python3 -c 'import xdist' 2>"$err"; then
	run 0 /usr/bin/python3 -m pytest -p no:cacheprovider -n 2
	grep -v '^worker' "$LOG" >../theirs.txt
else
	printf 'server starts\ncontroller begins\ncontroller ends with 0\nserver ends\n' >../theirs.txt
fi
for n in 0 1 2; do
	rm -f "$LOG"
	run 0 "$gangway" -n $n
	grep -v '^worker' "$LOG" | same ../theirs.txt -
	[ "$(head -n 1 "$LOG")" = "server starts" ] && [ "$(tail -n 1 "$LOG")" = "server ends" ] || fail "$(cat "$LOG")"
	[ "$(grep -c '^worker begins' "$LOG")" -ge 1 ] || fail "no worker: $(cat "$LOG")"
	[ ! -e server ] || fail "the server stays"
done

# tests that fail; nothing that runs
echo 'def test_f(): assert 0' >test_5.py
rm -f "$LOG"
run 1 "$gangway" -n 2
has "$LOG" "controller ends with 1"
rm test_5.py "$LOG"
run 0 "$gangway" --collect-only
grep -v '^worker' "$LOG" | same ../theirs.txt -
rm "$LOG"
run 4 "$gangway" test_1.py::no_such_test
grep -v '^worker' "$LOG" | same ../theirs.txt -

# --- how it may end otherwise ------------------------------------------------------------------------------
cat >test_6.py <<'END'
import os
import time


def test_waits():
    open("waiting", "w").close()
    while not os.path.exists("go on"):
        time.sleep(0.05)
END
for signal in INT KILL; do
	rm -f "$LOG" waiting
	setsid "$gangway" -n 2 >"$out" 2>&1 </dev/null &
	pid=$!
	wait_for "the test did not begin" test -e waiting
	kill -s $signal $pid
	wait $pid && fail "ended well after SIG$signal" || :
	wait_for "the server stays after SIG$signal" test ! -e server
	wait_for "not ended in order" grep -q "server ends" "$LOG"
done
touch "go on"

# what goes wrong there is said, and changes no verdict
cat >>conftest.py <<'END'


def pytest_sessionfinish(session, exitstatus):
    if not hasattr(session.config, "workerinput"):
        raise RuntimeError("the report of the house was lost")
END
run 0 "$gangway" -n 2
has "$out" "9 passed"
has "$err" "pytest's own session ended badly"
has "$err" "the report of the house was lost"
cat >>conftest.py <<'END'


def pytest_sessionfinish(session, exitstatus):
    if not hasattr(session.config, "workerinput"):
        import time
        time.sleep(1000)
END
run 0 "$gangway" -n 2 --list-timeout=3
has "$err" "pytest's own session ended badly: killed by SIGKILL (--list-timeout)"
