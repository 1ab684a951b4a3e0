#!/bin/sh
# CTest's fixtures: one test alone brings what sets up and cleans up for it, as ctest -R does.
. "$(dirname "$0")/lib.sh"
need ctest

mkdir b
cat >b/CTestTestfile.cmake <<'END2'
add_test(use "/bin/sh" "-c" "test -f flag")
set_tests_properties(use PROPERTIES FIXTURES_REQUIRED "db")
add_test(clean "/bin/sh" "-c" "rm flag")
set_tests_properties(clean PROPERTIES FIXTURES_CLEANUP "db")
add_test(up "/bin/sh" "-c" "touch flag")
set_tests_properties(up PROPERTIES FIXTURES_SETUP "db")
add_test(other "/bin/true")
END2
for how in "-n 2" "-n 0"; do
	# shellcheck disable=SC2086 # words
	run 0 "$gangway" $how b -k use
	has "$out" "3 passed, 1 deselected"
	[ ! -e b/flag ] || fail "nothing cleaned up"
done
run 0 "$gangway" -n 2 b
has "$out" "4 passed"
(cd b && ctest -R '^use$' >"$out") || fail "ctest sees it otherwise"
has "$out" "100% tests passed, 0 tests failed out of 3"
