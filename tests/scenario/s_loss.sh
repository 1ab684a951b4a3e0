#!/bin/sh
# SIGKILL for a worker, for all of them, for the job engine, for gangway itself: the test in flight is
# charged with the death of its worker, every other test has its own verdict, once, and no process
# stays behind.
. "$(dirname "$0")/lib.sh"
need ninja make

mkdir t
for n in 1 2 3 4 5 6; do
	printf '#!/bin/sh\nexit 0\n' >t/p${n}_test
done
# shellcheck disable=SC2016 # for the test's own shell
printf '#!/bin/sh\necho $$ >%s/pid\nkill -9 $PPID\nwhile :; do sleep 0.05; done\n' "$work" >t/killer_test
chmod +x t/*

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"
}

# child_of PID NAME
child_of() {
	# shellcheck disable=SC2013 # words
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" != "$2" ] || echo "$child"
	done
}

# A test that kills its worker: the others are run all the same.
for engine in ninja make; do
	for n in 1 2 4; do
		run 1 "$gangway" -n $n --engine=$engine --junitxml=junit.xml t
		has "$out" "6 passed, 1 error in"
		has "$out" "ERROR t/killer_test - worker 'gw"
		has "$out" "crashed while running 't/killer_test'"
		verdicts junit.xml >got
		[ "$(wc -l <got)" = 7 ] || fail "$engine -n $n: $(cat got)"
		[ "$(grep -c passed got)" = 6 ] || fail "$engine -n $n: $(cat got)"
		wait_for "the killer stayed behind" is_gone "$(cat pid)"
	done
done

# Each round of workers ends like that until no more may be started; what is left is lost.
mkdir many
for n in 1 2 3 4 5 6 7; do
	cp t/killer_test many/k${n}_test
done
run 1 "$gangway" -n 1 many
has "$out" "restarting 1 worker: 7 units of tests left"
[ "$(grep -c 'crashed while running' "$out")" -ge 5 ] || fail "$(cat "$out")"
has "$out" " 7 errors in"
run 1 "$gangway" -n 1 --max-worker-restart=0 t
lacks "$out" restarting
has "$out" "ended before it could run this test"
has "$out" "errors in"
run 1 "$gangway" -n 1 --max-worker-restart=20 many
[ "$(grep -c '^ERROR .* crashed while running' "$out")" = 7 ] || fail "$(cat "$out")"

# The others are run in the group of the dead worker's unit, and those that ended before are not run
# again.
mkdir g
for n in 1 2 3; do
	printf '#!/bin/sh\necho ran >>%s/ran%s\n' "$work" $n >g/${n}_test
done
# shellcheck disable=SC2016 # for the test's own shell
printf '#!/bin/sh\nkill -9 $PPID\nwhile :; do sleep 0.05; done\n' >g/2_test
chmod +x g/*
printf '[groups]\ndb = g/*\n' >gangway.ini
for n in 1 2; do
	rm -f ran*
	run 1 "$gangway" -n $n --dist=loadgroup g
	has "$out" "2 passed, 1 error in"
	[ "$(cat ran1 ran3)" = "ran
ran" ] || fail "-n $n: a test ran twice: $(cat ran1 ran3)"
done
rm gangway.ini

# --dist=each: a worker's own tests are run by its next life.
run 1 "$gangway" -n 2 --dist=each -v t
[ "$(grep -c PASSED "$out")" = 12 ] || fail "$(cat "$out")"
has "$out" "12 passed, 2 errors in"

# The engine: its workers go on.  Gangway: they end, with their tests.
mkdir w
printf '#!/bin/sh\nexit 0\n' >w/a_test
# shellcheck disable=SC2016 # for the test's own shell
printf '#!/bin/sh\necho $$ >%s/pid.new\nmv %s/pid.new %s/pid\nuntil [ -e %s/go ]; do sleep 0.05; done\n' \
	"$work" "$work" "$work" "$work" >w/b_test
printf '#!/bin/sh\n: >%s/went_on\n' "$work" >w/c_test
chmod +x w/*
for engine in ninja make; do
	for victim in engine gangway; do
		rm -rf pid went_on go .gangway
		"$gangway" -n 1 --engine=$engine --dist=no --junitxml=junit.xml w >"$out" 2>"$err" &
		main=$!
		wait_for "$engine: never began" test -e pid
		test_pid=$(cat pid)
		if [ $victim = engine ]; then
			killed=$(child_of $main $engine)
			[ -n "$killed" ] || exit 77 # no list of children in this /proc
			kill -9 "$killed"
			: >go
			code=0
			wait $main || code=$?
			[ $code = 0 ] || fail "exit code $code: $(cat "$out" "$err")"
			has "$out" "3 passed in"
			verdicts junit.xml >got
			[ "$(grep -c passed got)" = 3 ] || fail "$(cat got)"
		else
			kill -9 $main
			code=0
			wait $main || code=$?
			[ $code = 137 ] || fail "exit code $code"
			wait_for "$engine: the test stayed behind" is_gone "$test_pid"
			[ ! -e went_on ] || fail "$engine: the worker went on"
		fi
	done
done
