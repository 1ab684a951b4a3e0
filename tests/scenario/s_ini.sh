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

# A program may be told to stay whole, whatever it is made with.
cat >cases_test.cc <<'END'
#include <gtest/gtest.h>
TEST(A, a) {}
TEST(A, b) {}
END
c++ -o t/cases_test cases_test.cc $(pkg-config --cflags --libs gtest_main) || fail "does not compile"
printf 'add_test(entry "%s/t/cases_test")\n' "$work" >CTestTestfile.cmake
printf '[test "t/cases_test"]\nprotocol = exitcode\n' >gangway.ini
run 0 "$gangway" -v t/cases_test
has "$out" "PASSED t/cases_test"
has "$out" "1 passed"
printf '[test "entry"]\nprotocol = exitcode\n' >gangway.ini
run 0 "$gangway" -v .
has "$out" "PASSED entry"
has "$out" "1 passed"
run 0 "$gangway" -v t/cases_test
has "$out" "PASSED t/cases_test::A::a"
