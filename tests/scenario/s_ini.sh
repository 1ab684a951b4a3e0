#!/bin/sh
# gangway.ini: addopts come before the command line; marks, groups and overrides by pattern.
. "$(dirname "$0")/lib.sh"

mkdir t sub
for n in fast slow odd; do
	printf '#!/bin/sh\necho "$GANGWAY_WORKER" >>"$0.log"\n' >t/${n}_test
	chmod +x t/${n}_test
done
cat >gangway.ini <<'END'
[gangway]
addopts = -n 2 -v --dist=loadgroup
testpaths = t

[marks]
unit = t/fast_test t/odd_test

[groups]
store = t/slow_test t/odd_test

[test "t/slow_test"]
timeout = 1

[test "t/odd_test"]
skip = not today
END
run 0 "$gangway"
has "$out" "configfile: gangway.ini"
has "$out" "gw0 ["
has "$out" "SKIPPED"
has "$out" "2 passed, 1 skipped"
run 0 "$gangway" -n 0 -qq
lacks "$out" "gw0 ["
run 0 "$gangway" --collect-only -m unit
has "$out" "/ 1 deselected / 2 selected"
run 0 "$gangway" explain t/odd_test
has "$out" "group      store"
has "$out" "not today"
# From a folder below, ids stay relative to the rootdir.
cd sub
run 0 "$gangway" list ../t/fast_test
has "$out" "t/fast_test"
lacks "$out" "../"
cd ..
echo 'sleep 100' >>t/slow_test
run 1 "$gangway"
has "$out" "timed out after 1"
GANGWAY_ADDOPTS="-k fast" run 0 "$gangway"
has "$out" "1 passed, 2 deselected"
