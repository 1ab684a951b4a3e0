#!/bin/sh
# A run whose gangway was killed: report tells what had finished, --resume runs the rest, once, into the
# same folder.  The same after Ctrl-C and after -x.
. "$(dirname "$0")/lib.sh"
need ninja

mkdir t
for n in 1 3 4; do
	printf '#!/bin/sh\necho ran >>%s/ran%s\n' "$work" $n >t/${n}_test
done
printf '#!/bin/sh\n: >%s/ready\nuntil [ -e %s/go ]; do sleep 0.05; done\necho ran >>%s/ran2\n' \
	"$work" "$work" "$work" >t/2_test
chmod +x t/*
one='ran'

ran_once() {
	for n in 1 2 3 4; do
		[ "$(cat ran$n)" = "$one" ] || fail "test $n: $(cat ran$n)"
	done
}

for signal in KILL TERM; do
	for n in 0 1 2; do
		rm -rf ran* go ready .gangway junit.xml
		"$gangway" -n $n --dist=no t/1_test t/2_test t/3_test t/4_test >"$out" 2>"$err" &
		main=$!
		wait_for "never ready" test -e ready
		kill -$signal $main
		wait $main || :
		# A report waits for workers that are about to end.
		run 2 "$gangway" report --last
		has "$out" "passed"
		has "$out" "were not run"
		lacks "$out" "error"
		if [ $n = 0 ] && [ $signal = KILL ]; then
			: >go # nobody told the test of -n 0
			wait_for "the test goes on" test -e ran2
			rm ran2
		fi
		: >go
		run 0 "$gangway" -n $n --resume --junitxml=junit.xml
		has "$out" "4 passed in"
		ran_once
		[ "$(verdicts junit.xml | grep -c passed)" = 4 ] || fail "$(verdicts junit.xml)"
		[ "$(find .gangway/runs -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || fail "a second run"
		run 0 "$gangway" report
		has "$out" "4 passed in"
		# Nothing is left: nothing runs.
		run 0 "$gangway" --resume .gangway/latest
		has "$out" "4 passed in"
		ran_once
	done
done

# After -x it goes on.
printf '#!/bin/sh\nexit 1\n' >t/2_test
rm -f ran*
run 1 "$gangway" -n 1 --dist=no -x t/1_test t/2_test t/3_test t/4_test
has "$out" "1 failed, 1 passed in"
run 1 "$gangway" --resume
has "$out" "1 failed, 3 passed in"
[ "$(cat ran1 ran3 ran4 | wc -l)" = 3 ] || fail "$(cat ran*)"

# What cannot be resumed.
run 4 "$gangway" --resume nowhere
run 4 "$gangway" --resume t t
rm -rf .gangway
run 4 "$gangway" --resume
has "$err" "no run here that could be resumed"
run 4 "$gangway" report --last here
