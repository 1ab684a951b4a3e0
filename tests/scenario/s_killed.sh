#!/bin/sh
# SIGKILL for the job engine or for gangway itself: no worker goes on with the next tests, no test
# stays behind, and what had finished is reported.
. "$(dirname "$0")/lib.sh"
need ninja make

mkdir t
printf '#!/bin/sh\nexit 0\n' >t/a_test
# shellcheck disable=SC2016 # for the test's own shell
printf '#!/bin/sh\necho $$ >%s/pid.new\nmv %s/pid.new %s/pid\nwhile :; do sleep 0.05; done\n' \
	"$work" "$work" "$work" >t/b_test
printf '#!/bin/sh\n: >%s/went_on\n' "$work" >t/c_test
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

for engine in ninja make; do
	for victim in engine gangway; do
		rm -rf pid went_on .gangway
		"$gangway" -n 1 --engine=$engine --dist=no --junitxml=junit.xml t >"$out" 2>"$err" &
		main=$!
		wait_for "$engine: never began" test -e pid
		test_pid=$(cat pid)
		if [ $victim = engine ]; then
			killed=$(child_of $main $engine)
			[ -n "$killed" ] || exit 77 # no list of children in this /proc
		else
			killed=$main
		fi
		kill -9 "$killed"
		code=0
		wait $main || code=$?
		wait_for "$engine, $victim killed: the test stayed behind" is_gone "$test_pid"
		if [ $victim = engine ]; then
			[ $code = 3 ] || fail "exit code $code: $(cat "$out" "$err")"
			has "$out" "1 passed, 2 errors"
			has "$err" "SIGKILL"
			verdicts junit.xml >got
			has got "a_test: passed"
			has got "c_test: error"
		else
			[ $code = 137 ] || fail "exit code $code"
		fi
		[ ! -e went_on ] || fail "$engine, $victim killed: the worker went on"
	done
done
