#!/bin/sh
# Ctrl-C: the tests get the signal, what had finished is reported and in the JUnit file, exit code 2.
. "$(dirname "$0")/lib.sh"

mkdir t
printf '#!/bin/sh\nexit 0\n' >t/a_test
printf '#!/bin/sh\ntrap "echo int >%s/got; exit 1" INT TERM\n: >%s/ready\nwhile :; do sleep 0.05; done\n' \
	"$work" "$work" >t/b_test
printf '#!/bin/sh\nexit 0\n' >t/c_test
chmod +x t/*

for n in 1 0; do
	for signal in INT TERM; do
		rm -f ready got
		# a script's background jobs ignore SIGINT: python gives it back
		/usr/bin/python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.execv(sys.argv[1], sys.argv[1:])' "$gangway" -n $n --dist=no --junitxml=junit.xml t >"$out" 2>"$err" &
		pid=$!
		wait_for "never ready" test -e ready
		kill -$signal $pid
		code=0
		wait $pid || code=$?
		[ $code = 2 ] || fail "exit code $code: $(cat "$out" "$err")"
		[ -e got ] || fail "-n $n: the test did not get SIG$signal: $(cat "$out" "$err")"
		has "$out" "1 passed"
		has "$out" "nterrupt"
		verdicts junit.xml >got
		has got "a_test: passed"
		lacks got "c_test: passed"
	done
done
