#!/bin/sh
# --reruns: a test that failed is tried again in a process of its own, on the same lane; the last
# attempt counts in the exit code, the report, the JUnit file and --maxfail.  --reruns-delay,
# --only-rerun, --flaky-result, and retries in gangway.ini.
. "$(dirname "$0")/lib.sh"

junit() { # FILE XPATH-LIKE: how many elements of this name
	grep -c "<$2" "$1" || :
}

mkdir t
# Fails the first N times; each process leaves a line.
program() {
	cat >"t/$1_test" <<-SH
		#!/bin/sh
		echo "\$\$ \$GANGWAY_WORKER" >>$work/$1.log
		n=\$(wc -l <$work/$1.log)
		echo "attempt \$n of $1"
		[ \$n -gt $2 ] || { echo "sorry \$n" >&2; exit 3; }
	SH
	chmod +x "t/$1_test"
}
again() {
	rm -f ./*.log
}
program flaky 1
program flakier 2
program broken 99
program good 0

# Without --reruns a failure is one.
run 1 "$gangway" -n 2 t
has "$out" "3 failed, 1 passed in"
lacks "$out" " rerun"

# With it, R for each rerun, and the last attempt counts.
for n in 0 1 3; do
	again
	run 1 "$gangway" -n $n --reruns 2 --junitxml=j.xml --junit-family=files t
	has "$out" "1 failed, 3 passed, 5 rerun, 2 flaky in"
	has "$out" "FAILED t/broken_test - "
	lacks "$out" "FAILED t/flaky_test"
	marks=$(grep '\[100%\]' "$out" | tr -cd 'R.F' | fold -w1 | sort | tr -d '\n')
	[ "$marks" = "...FRRRRR" ] || fail "marks are '$marks'"
	[ "$(wc -l <flaky.log)" = 2 ] || fail "flaky ran $(wc -l <flaky.log) times"
	[ "$(wc -l <flakier.log)" = 3 ] || fail "flakier ran $(wc -l <flakier.log) times"
	[ "$(wc -l <broken.log)" = 3 ] || fail "broken ran $(wc -l <broken.log) times"
	[ "$(wc -l <good.log)" = 1 ] || fail "good ran $(wc -l <good.log) times"
	[ "$(cut -d' ' -f1 broken.log | sort -u | wc -l)" = 3 ] || fail "attempts share a process"
	[ "$(cut -d' ' -f2 broken.log | sort -u | wc -l)" = 1 ] || fail "attempts changed the lane"
	has j.xml '<testsuites name="gangway" tests="4" failures="1" errors="0"'
	[ "$(junit j.xml testcase)" = 4 ] || fail "a test has several cases"
	[ "$(junit j.xml flakyFailure)" = 3 ] || fail "flakyFailure: $(junit j.xml flakyFailure)"
	[ "$(junit j.xml rerunFailure)" = 2 ] || fail "rerunFailure: $(junit j.xml rerunFailure)"
	[ "$(junit j.xml 'failure ')" = 1 ] || fail "failure: $(junit j.xml 'failure ')"
	has j.xml "attempt 1 of flaky"
	has j.xml "sorry 2"
	# the files tell the same again
	run 1 "$gangway" report
	has "$out" "1 failed, 3 passed, 5 rerun, 2 flaky in"
done

# All flaky is a pass; -v and -rR show each attempt; the history knows.
again
run 0 "$gangway" -n 2 -v -rR --reruns 2 t/flaky_test t/flakier_test t/good_test
has "$out" "RERUN t/flaky_test"
has "$out" "PASSED t/flakier_test"
has "$out" "RERUN t/flaky_test - "
has "$out" "3 passed, 3 rerun, 2 flaky in"

# --flaky-result=fail
again
run 1 "$gangway" -n 2 --reruns 2 --flaky-result=fail --junitxml=j.xml t/flaky_test t/flakier_test t/good_test
has "$out" "FAILED t/flaky_test - flaky: failed 1 time before it passed"
has "$out" "FAILED t/flakier_test - flaky: failed 2 times before it passed"
has "$out" "2 failed, 1 passed, 3 rerun in"
has j.xml 'tests="3" failures="2"'

# --maxfail counts last attempts only.
again
run 0 "$gangway" -n 0 -x --reruns 2 t/flaky_test t/flakier_test t/good_test
again
run 1 "$gangway" -n 0 -x --reruns 1 t/broken_test t/good_test
has "$out" "stopping after 1 failures"
has "$out" "1 test was not run"

# --only-rerun: a POSIX extended expression on the message, any of several.
again
run 1 "$gangway" -n 0 --reruns 2 --only-rerun 'refused' t/flaky_test
has "$out" "1 failed in"
again
run 0 "$gangway" -n 0 --reruns 2 --only-rerun 'refused' --only-rerun '(status|code) 3' t/flaky_test
has "$out" "1 passed, 1 rerun"
run 4 "$gangway" -n 0 --reruns 2 --only-rerun '(' t/flaky_test
has "$err" "--only-rerun: '('"

# --reruns-delay: between attempts, not before the first one.
again
start=$(date +%s%N)
run 0 "$gangway" -n 0 --reruns 1 --reruns-delay 0.6 t/flaky_test
[ $(($(date +%s%N) - start)) -ge 600000000 ] || fail "no delay"

# gangway.ini has a word on each test.
cat >gangway.ini <<'INI'
[test "t/flaky*"]
retries = 1
[test "t/broken_test"]
retries = 0
INI
again
run 1 "$gangway" -n 2 t
has "$out" "2 failed, 2 passed, 1 rerun, 1 flaky in"
again
run 1 "$gangway" -n 2 --reruns 5 t
has "$out" "1 failed, 3 passed, 3 rerun, 2 flaky in"
rm gangway.ini

# Graphs for other people's builds have reruns as well.
if command -v ninja >/dev/null; then
	for shape in lanes queue; do
		again
		rm -rf g.ninja*
		run 0 "$gangway" graph -o g.ninja --shape=$shape -n 2 --reruns 2 t
		run 1 ninja -f g.ninja
		has "$out" "1 failed, 3 passed, 5 rerun, 2 flaky in"
	done
fi

# Interrupted before the next attempt: the failure that was seen counts.
for n in 0 1; do
	again
	rm -rf .gangway
	"$gangway" -n $n --reruns 1 --reruns-delay 30 --junitxml=i.xml t/broken_test >"$out" 2>"$err" &
	pid=$!
	wait_for "no attempt ended" grep -qs '^r' .gangway/latest/gw0/journal.tsv
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	[ "$code" = 2 ] || fail "exit code $code after an interrupt"
	has "$out" "1 failed, 1 rerun in"
	has i.xml 'tests="1" failures="1"'
	# and it is tried again when the run goes on
	run 1 "$gangway" --resume
	has "$out" "1 failed, 1 rerun in"
	[ "$(wc -l <broken.log)" = 2 ] || fail "broken ran $(wc -l <broken.log) times"
done

# A worker killed between two attempts: another one goes on with the next attempt.
if command -v ninja >/dev/null; then
	for n in 1 2; do
		again
		rm -rf .gangway
		cat >t/flaky_test <<-SH
			#!/bin/sh
			echo \$PPID >>$work/flaky.log
			[ \$(wc -l <$work/flaky.log) -ge 2 ]
		SH
		"$gangway" -n $n --reruns 2 --reruns-delay 2 --junitxml=k.xml t/flaky_test t/good_test >"$out" 2>"$err" &
		pid=$!
		wait_for "no attempt ended" grep -qs '^r' .gangway/latest/gw0/journal.tsv .gangway/latest/gw1/journal.tsv
		kill -9 "$(head -n 1 flaky.log)"
		code=0
		wait $pid || code=$?
		[ $code = 0 ] || fail "-n $n: exit code $code: $(cat "$out" "$err")"
		has "$out" "2 passed, 1 rerun, 1 flaky in"
		has k.xml 'tests="2" failures="0"'
		[ "$(wc -l <flaky.log)" = 2 ] || fail "-n $n: it ran $(wc -l <flaky.log) times"
	done
	# A worker that dies in the second attempt: that is the verdict, once.
	again
	cat >t/flaky_test <<-SH
		#!/bin/sh
		echo x >>$work/flaky.log
		[ \$(wc -l <$work/flaky.log) -lt 2 ] || kill -9 \$PPID
		exit 1
	SH
	run 1 "$gangway" -n 2 --reruns 3 --junitxml=k.xml t/flaky_test t/good_test
	has "$out" "1 passed, 1 error, 1 rerun in"
	has "$out" "crashed while running 't/flaky_test'"
	has k.xml 'tests="2" failures="0" errors="1"'
fi
