#!/bin/sh
# What docs/guide-pytest.md promises and no other scenario of pytest shows: a CMake folder and a pytest tree in one run, addopts in
# each of pytest's files, the order of tests, pytest_collection_modifyitems, the lines for CI.
. "$(dirname "$0")/lib.sh"
need cmake ninja

if ! /usr/bin/python3 -c 'import pytest, coverage' 2>"$err"; then
	echo "skipped: no pytest or coverage for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON

# --- one run ------------------------------------------------------------------------------------------------
mkdir -p mixed/tests
cd mixed
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(mixed NONE)
enable_testing()
add_test(NAME passes COMMAND true)
add_test(NAME fails COMMAND false)
set_tests_properties(passes PROPERTIES LABELS unit)
END
cat >tests/test_it.py <<'END'
import pytest
@pytest.mark.unit
def test_passes(): pass
def test_fails(): assert 0
END
printf '[pytest]\nmarkers = unit: quick\n' >pytest.ini
run 0 cmake -S . -B build -G Ninja
run 1 "$gangway" -n 2 --junitxml=junit.xml tests/ build/
[ "$(grep -c 'test session starts' "$out")" = 1 ] || fail "not one header"
has "$out" "gw0 [4] / gw1 [4]"
has "$out" "2 failed, 2 passed in"
verdicts junit.xml >got.txt
[ "$(wc -l <got.txt)" = 4 ] && [ "$(grep -c passed got.txt)" = 2 ] || fail "$(cat got.txt)"
run 0 "$gangway" -n 2 -m unit tests build
has "$out" "4 items / 2 deselected / 2 selected"
run 1 "$gangway" -n 2 --lf tests build
has "$out" "2 failed, 2 deselected"
cd ..

# --- addopts, wherever pytest has them ------------------------------------------------------------------------
mkdir words
cd words
printf 'def test_1(): pass\ndef test_2(): pass\ndef test_3(): pass\n' >test_a.py
echo '[pytest]
addopts = -n 3 --dist=load' >pytest.ini
echo '[tool.pytest.ini_options]
addopts = "-n 3 --dist=load"' >pyproject.toml
echo '[pytest]
addopts = -n 3 --dist=load' >tox.ini
echo '[tool:pytest]
addopts = -n 3 --dist=load' >setup.cfg
mkdir files
mv pytest.ini pyproject.toml tox.ini setup.cfg files
for f in files/*; do
	cp "$f" .
	run 0 "$gangway" --no-history # what is known to be quick takes one worker
	has "$out" "gw2 [3]"
	run 0 "$gangway" -n 0
	has "$out" "collected 3 items"
	rm "${f#files/}"
done
cd ..

# --- the order; hooks with items -------------------------------------------------------------------------------
mkdir order
cd order
LOG=$work/log.txt
export LOG
cat >conftest.py <<'END'
import os


def pytest_collection_modifyitems(config, items):
    who = "worker" if hasattr(config, "workerinput") else "controller"
    with open(os.environ["LOG"], "a") as f:
        f.write("%s %s\n" % (who, " ".join(i.name for i in items)))


def pytest_runtest_setup(item):
    with open(os.environ["LOG"] + ".ran", "a") as f:
        f.write(item.name + "\n")
END
printf 'def test_1(): pass\ndef test_2(): pass\n' >test_a.py
printf 'def test_3(): pass\ndef test_4(): assert 0\n' >test_b.py
run 1 "$gangway" -n 1
grep '^controller' "$LOG" >got.txt
echo 'controller test_1 test_2 test_3 test_4' | same got.txt -
grep -q '^worker .*test_1' "$LOG" || fail "no hook in the worker: $(cat "$LOG")"
rm -f "$LOG.ran"
run 1 "$gangway" -n 1 --dist=loadfile
printf 'test_3\ntest_4\ntest_1\ntest_2\n' | same "$LOG.ran" -
rm -f "$LOG.ran"
run 1 "$gangway" -n 1 --no-history
printf 'test_1\ntest_2\ntest_3\ntest_4\n' | same "$LOG.ran" -
cd ..

# --- the lines for CI -------------------------------------------------------------------------------------------
mkdir -p ci/src ci/tests
cd ci
echo 'def f(): return 1' >src/code.py
printf 'import sys\nsys.path.insert(0, "src")\n' >tests/conftest.py
printf 'from code import f\ndef test_f(): assert f() == 1\n' >tests/test_f.py
mv src/code.py src/part.py
sed -i 's/from code/from part/' tests/test_f.py
sed -n 's/^ *- gangway \(.*\)/\1/p' "$top/docs/guide-pytest.md" >words
[ "$(wc -l <words)" = 1 ] || fail "the guide has not one line to run: $(cat words)"
# shellcheck disable=SC2046 # words
run 0 "$gangway" $(cat words)
[ "$(verdicts junit.xml | wc -l)" = 1 ] || fail "no JUnit file"
has coverage.xml 'filename="src/part.py"'
