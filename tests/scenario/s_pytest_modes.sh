#!/bin/sh
# A pytest tree of 1,225 tests has the same outcomes with gangway, whatever the number of workers, as with pytest
# alone; under --dist=each on every worker.
. "$(dirname "$0")/lib.sh"

if ! /usr/bin/python3 -c 'import pytest' 2>"$err"; then
	echo "skipped: no pytest for /usr/bin/python3"
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

for n in 0 2 8; do
	run 0 "$gangway" -n $n --junitxml=../ours.xml
	verdicts ../ours.xml >../ours.txt
	same ../alone.txt ../ours.txt
	has "$out" "1219 passed, 4 skipped, 2 xfailed"
done
run 0 "$gangway" -n 2 --dist=each --junitxml=../ours.xml
verdicts ../ours.xml >../ours.txt
for w in gw0 gw1; do
	sed -n "s/ \[$w\]: /: /p" ../ours.txt | sort >../one.txt
	same ../alone.txt ../one.txt
done
