#!/bin/sh
# What a conftest.py does only in pytest-xdist's controller (where config has no workerinput) is done once, before the first worker
# begins and until the last has ended, as there; it hears whether tests failed, and ends too when gangway is killed.  Its hooks
# for workers are called: what they put into workerinput arrives, and workeroutput comes back.
. "$(dirname "$0")/lib.sh"

need ninja
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

# --- hooks for workers ---------------------------------------------------------------------------------------
mkdir ../nodes
cd ../nodes
cat >conftest.py <<'END'
import os
import signal

import pytest


def log(*words):
    with open(os.environ["LOG"], "a") as f:
        f.write(" ".join(str(w) for w in words) + "\n")


def pytest_configure_node(node):
    assert node.workerinput["workerid"] == node.gateway.id
    node.workerinput["port"] = (4000 + int(node.gateway.id[2:]), "\u00fc", None)
    log("configure", node.gateway.id, node.workerinput["workercount"])


def pytest_testnodeready(node):
    log("ready", node.gateway.id, node.workerinfo["id"])


def pytest_testnodedown(node, error):
    log("down", node.gateway.id, error and "crashed", node.workeroutput.get("port"), node.workeroutput.get("exitstatus"))


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workerinput"):
        config.workeroutput["port"] = config.workerinput["port"][0]


@pytest.fixture
def port(request, worker_id):
    port, text, nothing = request.config.workerinput["port"]
    assert port == 4000 + int(worker_id[2:]) and text == "\u00fc" and nothing is None


@pytest.fixture
def killed(): os.kill(os.getpid(), signal.SIGKILL)
END
for i in 1 2 3 4; do
	printf 'def test_1(port): pass\ndef test_2(port): pass\n' >test_$i.py
done
printf 'configure gw%s 2\nready gw%s gw%s\ndown gw%s None 400%s 0\n' 0 0 0 0 0 1 1 1 1 1 | sort >../theirs_nodes.txt
if /usr/bin/python3 -c 'import xdist' 2>"$err"; then
	rm -f "$LOG"
	run 0 /usr/bin/python3 -m pytest -p no:cacheprovider -n 2
	sort "$LOG" | same ../theirs_nodes.txt -
fi
rm -f "$LOG"
run 0 "$gangway" -n 2 --dist=loadfile
sort "$LOG" | same ../theirs_nodes.txt -
rm -f "$LOG"
echo 'def test_k(killed): pass' >test_0.py
run 1 "$gangway" -n 1
has "$out" "8 passed"
grep -c '^configure gw0' "$LOG" >../count.txt
echo 2 | same - ../count.txt
has "$LOG" "down gw0 crashed None None"
has "$LOG" "down gw0 None 4000 0"
# a worker for which that fails cannot begin
rm test_0.py
printf '\n\ndef pytest_configure_node(node): raise RuntimeError("no database for it")\n' >>conftest.py
run 1 "$gangway" -n 2
has "$out" "pytest's controller could not set this worker up"
lacks "$out" " passed"
# in a graph that is run without gangway there is none: tests that can do without it run
echo 'def test_1(): pass' >test_1.py
run 0 "$gangway" graph -n 1 -o tests.ninja test_1.py
run 0 ninja -f tests.ninja
cd ../tree

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
