#!/bin/sh
# A short storm: a random member of the process tree is killed at a random moment, or the run is
# interrupted; nothing is lost, doubled, wrong or left behind.  `make storm` is the long one.
. "$(dirname "$0")/lib.sh"
need ctest c++
export TMPDIR="$work"
/usr/bin/python3 "$top/tests/storm/storm.py" "$gangway" 9 3 || exit 1
