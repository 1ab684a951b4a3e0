#!/bin/sh
# Suites that Debian ships (parts of networkx, bs4, pyflakes): the same outcomes as with pytest alone.
. "$(dirname "$0")/lib.sh"

lib=/usr/lib/python3/dist-packages
if ! /usr/bin/python3 -c 'import pytest, networkx, bs4, pyflakes' 2>"$err"; then
	echo "skipped: no pytest, networkx, bs4 or pyflakes for /usr/bin/python3"
	exit 77
fi
GANGWAY_PYTHON=/usr/bin/python3
export GANGWAY_PYTHON

# The order of a set is another in each process.
PYTHONHASHSEED=0
export PYTHONHASHSEED

for suite in networkx/utils bs4/tests pyflakes/test; do
	code=0
	/usr/bin/python3 -m pytest -p no:cacheprovider -q --rootdir=$lib -o junit_suite_name=pytest \
		--junitxml=theirs.xml $lib/$suite >"$out" 2>&1 || code=$?
	verdicts theirs.xml >theirs.txt
	[ "$(wc -l <theirs.txt)" -gt 50 ] || fail "$suite: $(wc -l <theirs.txt) tests"
	run $code "$gangway" -n 2 --rootdir="$work" --junitxml=ours.xml $lib/$suite -- --rootdir=$lib -p no:cacheprovider
	verdicts ours.xml >ours.txt
	same theirs.txt ours.txt
done
