#!/bin/sh
# Modules whose asserts pytest rewrote are kept for other processes and the next run where Python keeps no bytecode itself:
# nothing is written beside the sources, a changed file or a damaged copy is rewritten, what pytest says of an assert
# is the same.  Lines of tests in the list, also of decorated and of inherited ones.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
PYTHONDONTWRITEBYTECODE=1
export GANGWAY_PYTHON PYTHONDONTWRITEBYTECODE

# How many lines of the kept code hold this constant.
copies() {
	cat .gangway/cache/pytest/*.pyc | grep -a -c "$1" || :
}

mkdir tree
cd tree
echo >conftest.py
printf 'def test_sum():\n    total = 40 + 2\n    assert total == 43, "as kept"\n' >test_part.py
echo 'def test_more(): pass' >test_more.py
run 1 "$gangway" -n 2
has "$out" "assert 42 == 43"
[ ! -e __pycache__ ] || fail "bytecode beside the sources"
[ "$(copies "as kept")" = 1 ] || fail "not kept"
run 1 "$gangway" -n 2
has "$out" "assert 42 == 43"
# as large as before
printf 'def test_sum():\n    total = 40 + 2\n    assert total == 44, "as kept"\n' >test_part.py
run 1 "$gangway" -n 2
has "$out" "assert 42 == 44"
for f in .gangway/cache/pytest/*.pyc; do
	head -c 150 "$f" >start.pyc
	cat start.pyc >"$f"
done
run 1 "$gangway" -n 2
has "$out" "assert 42 == 44"
[ "$(copies "as kept")" = 1 ] || fail "a damaged copy stays"
run 1 "$gangway" -n 2 --cache-clear
has "$out" "assert 42 == 44"

# --- lines ---------------------------------------------------------------------------------------------
mkdir ../lines
cd ../lines
cat >conftest.py <<'END'
import functools


def again(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)
    return wrapper


class Base:
    def test_inherited(self): pass
END
cat >test_lines.py <<'END'
import unittest

import pytest
from conftest import Base, again


def test_plain(): pass


@pytest.mark.parametrize("x", [1])
def test_parameter(x): pass


@again
def test_decorated(): pass


class TestIt(Base):
    def test_method(self): pass


class Case(unittest.TestCase):
    def test_case(self): pass
END
run 0 /usr/bin/python3 -m pytest -p no:cacheprovider -o junit_family=xunit1 --junitxml=theirs.xml
# pytest counts from 0 there
sed 's/<testcase/\n&/g' theirs.xml | sed -n 's/.* name="\([^"]*\)" file="\([^"]*\)" line="\([^"]*\)".*/\1 \2 \3/p' |
	awk '$1 != "test_inherited" { print $1, $2, $3 + 1 }' | sort >theirs.txt
[ "$(wc -l <theirs.txt)" = 5 ] || fail "not five tests: $(cat theirs.txt)"
run 0 "$gangway" -n 0 --junit-family=files --junitxml=ours.xml
sed 's/<testcase/\n&/g' ours.xml | sed -n 's/.* name="\([^"]*\)".* file="\([^"]*\)" line="\([^"]*\)".*/\1 \2 \3/p' |
	grep -v test_inherited | sort >ours.txt
same theirs.txt ours.txt
lacks ours.txt conftest.py
