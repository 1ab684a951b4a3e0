#!/bin/sh
# A pytest tree of 1,225 tests has the same outcomes in each mode as with pytest-xdist, where that has the mode, and
# as with pytest alone.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest, xdist' 2>"$err"; then
	echo "skipped: no pytest-xdist for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON
pytest() {
	/usr/bin/python3 -m pytest -p no:cacheprovider -q "$@"
}

/usr/bin/python3 "$top/tests/pytest/tree.py" tree
cd tree
run 0 pytest --junitxml=../alone.xml
verdicts ../alone.xml >../alone.txt
[ "$(wc -l <../alone.txt)" = 1225 ] || fail "the tree has not 1,225 tests"

# (worksteal came with pytest-xdist 3.2)
for mode in load loadscope loadfile loadgroup worksteal; do
	cp ../alone.txt ../theirs.txt
	if [ $mode != worksteal ]; then
		run 0 pytest -n 2 --dist=$mode --junitxml=../theirs.xml
		verdicts ../theirs.xml | sed 's/@database//' >../theirs.txt
	fi
	run 0 "$gangway" -n 2 --dist=$mode --junitxml=../ours.xml
	verdicts ../ours.xml >../ours.txt
	same ../theirs.txt ../ours.txt
	same ../alone.txt ../ours.txt
done
