#!/bin/sh
# Plug-ins of pytest: coverage by --cov (the figures of pytest-cov), pytest-timeout, hypothesis, pytest-asyncio, subtests;
# the fixtures, hooks and names of pytest-xdist, with and without it.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest, pytest_cov, pytest_timeout, pytest_asyncio, hypothesis, pytest_subtests' 2>"$err"; then
	echo "skipped: a plug-in of pytest is missing"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON

# --- coverage --------------------------------------------------------------------------------------------
mkdir -p cov/src/pkg cov/tests
cat >cov/src/pkg/__init__.py <<'END'
def choose(x):
    if x > 3:
        return "large"
    elif x > 1:
        return "middle"
    return "small"


def never():
    return 1
END
echo 'x = 1' >cov/src/pkg/unused.py
echo 'import sys; sys.path.insert(0, "src")' >cov/tests/conftest.py
for i in 1 2; do
	printf 'from pkg import choose\ndef test_%s(): assert choose(%s)\n' $i $((i * 2)) >cov/tests/test_$i.py
done
cd cov
run 0 /usr/bin/python3 -m pytest -q -p no:cacheprovider --cov=src --cov-report=term
grep '^src\|^TOTAL' "$out" | tr -s ' ' >theirs.txt
run 0 "$gangway" -n 2 --dist=loadfile --cov=src --cov-report=term --cov-report=xml --junitxml=junit.xml
grep '^src\|^TOTAL' "$out" | tr -s ' ' >ours.txt
same theirs.txt ours.txt
has coverage.xml 'filename="src/pkg/__init__.py"'
has junit.xml 'tests="2"'
run 0 "$gangway" -n auto --cov=. --cov-report=html
[ -f htmlcov/index.html ] || fail "no HTML"
# the same words in pytest.ini
printf '[pytest]\naddopts = -n 2 --cov=src\n' >pytest.ini
run 0 "$gangway"
grep '^src\|^TOTAL' "$out" | tr -s ' ' >ours.txt
same theirs.txt ours.txt
[ ! -e .coverage ] || rm .coverage
cd ..

# --- others ----------------------------------------------------------------------------------------------
mkdir plug
cat >plug/test_plug.py <<'END'
import asyncio
import os
import time

import pytest
from hypothesis import given, strategies


@given(strategies.integers())
def test_hypothesis(x): assert x * 0 == 0


@pytest.mark.asyncio
async def test_asyncio(): await asyncio.sleep(0)


@pytest.mark.timeout(1, method="signal")
def test_timeout(): time.sleep(60)


def test_subtests(subtests):
    for i in range(3):
        with subtests.test("part", i=i):
            assert i != 1


def test_names(worker_id, testrun_uid, request):
    assert worker_id == os.environ["PYTEST_XDIST_WORKER"] == request.config.workerinput["workerid"]
    assert os.environ["PYTEST_XDIST_WORKER_COUNT"] == "2"
    assert testrun_uid == os.environ["PYTEST_XDIST_TESTRUNUID"]


def test_shared(tmp_path_factory, worker_id):
    base = tmp_path_factory.getbasetemp()
    assert base.name == "popen-" + worker_id
    (base.parent / "seen").write_text("shared by all workers")


@pytest.mark.no_cover
def test_cov(cov, no_cover): assert cov is None
END
printf 'def pytest_configure_node(node): pass\ndef pytest_xdist_auto_num_workers(config): return 7\n' >plug/conftest.py
echo 'def test_one(): pass' >plug/test_more.py
run 1 "$gangway" -n 2 --dist=loadfile plug --junitxml=ours.xml
verdicts ours.xml | sed 's/.* | //' | sort >ours.txt
printf '%s\n' '[part] (i=0): passed' '[part] (i=1): failed' '[part] (i=2): passed' 'test_asyncio: passed' \
	'test_cov: passed' 'test_hypothesis: passed' 'test_names: passed' 'test_one: passed' 'test_shared: passed' \
	'test_timeout: failed' | same ours.txt -
has "$out" "FAILED plug/test_plug.py::test_subtests"
has "$out" "Failed: Timeout >1.0s"
has "$out" "part"
