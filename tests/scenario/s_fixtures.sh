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

# what waits for one set-up runs side by side: each of two users waits for the other
cat >b/CTestTestfile.cmake <<'END2'
add_test(up "/bin/sh" "-c" "touch flag")
set_tests_properties(up PROPERTIES FIXTURES_SETUP "db")
add_test(one "/bin/sh" "-c" "touch one; i=0; until test -e two; do i=$((i + 1)); test $i -lt 600; sleep 0.05; done; test -f flag")
add_test(two "/bin/sh" "-c" "touch two; i=0; until test -e one; do i=$((i + 1)); test $i -lt 600; sleep 0.05; done; test -f flag")
add_test(clean "/bin/sh" "-c" "test -e one && test -e two && rm flag")
set_tests_properties(one two PROPERTIES FIXTURES_REQUIRED "db" TIMEOUT 60)
set_tests_properties(clean PROPERTIES FIXTURES_CLEANUP "db")
END2
for engine in ninja make; do
	rm -f b/one b/two
	run 0 "$gangway" -n 2 --engine=$engine b
	has "$out" "4 passed"
done
rm -f b/one b/two
run 0 "$gangway" -n 2 --dist=worksteal b
run 0 "$gangway" plan -n 2 --no-history b
has "$out" "up"
has "$out" "one, after u1"
has "$out" "clean, after u2 and 2 more"

# whoever ran a set-up that failed: all who need it are not run, on every worker, and clean-up runs
{
	echo 'add_test(up "/bin/sh" "-c" "exit 3")'
	echo 'set_tests_properties(up PROPERTIES FIXTURES_SETUP "db")'
	for i in 1 2 3 4 5 6 7 8; do
		echo "add_test(use$i \"/bin/sh\" \"-c\" \"touch ran\")"
		echo "set_tests_properties(use$i PROPERTIES FIXTURES_REQUIRED db)"
		echo "add_test(other$i \"/bin/sleep\" \"0.05\")"
	done
	echo 'add_test(clean "/bin/sh" "-c" "touch cleaned")'
	echo 'set_tests_properties(clean PROPERTIES FIXTURES_CLEANUP "db")'
} >b/CTestTestfile.cmake
for n in 1 2 8; do
	rm -f b/cleaned
	run 1 "$gangway" -n $n --no-history b
	has "$out" "1 failed, 9 passed, 8 errors"
	[ "$(grep -c "not run: the set-up of its fixture failed: up" "$out")" -ge 8 ] || fail "-n $n"
	[ -e b/cleaned ] || fail "-n $n: nothing cleaned up"
	[ ! -e b/ran ] || fail "-n $n: a test ran without its fixture"
done

# the death of the worker in the set-up is the set-up's; others take over what waits for it
sed -i 's/exit 3/kill -KILL $PPID; sleep 1/' b/CTestTestfile.cmake
rm -f b/cleaned
run 1 "$gangway" -n 4 --no-history b
has "$out" "crashed while running 'up'"
has "$out" "9 passed, 9 errors"
[ -e b/cleaned ] || fail "nothing cleaned up"

# and the death in a user is that user's: the others and the clean-up still run
sed -i -e 's/kill -KILL $PPID; sleep 1/true/' -e '/use3/s/touch ran/kill -KILL $PPID; sleep 1/' b/CTestTestfile.cmake
rm -f b/cleaned
run 1 "$gangway" -n 4 --no-history b
has "$out" "crashed while running 'use3'"
has "$out" "17 passed, 1 error"
[ -e b/cleaned ] || fail "nothing cleaned up"
