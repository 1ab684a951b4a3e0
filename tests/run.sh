#!/bin/sh
# run.sh [-j N] LOGDIR TEST...: run gangway's own tests side by side, and count.
#
# A test is a program or script.  What it prints goes to LOGDIR and is shown if it failed.
#   Check programs (they print "100%: Checks: 3, Failures: 0, Errors: 0") count by their checks,
#   all others by their exit code: 0 passed, 77 skipped, anything else failed.
# The last line is "N passed, N failed"; the exit code is 1 if anything failed.
set -u

limit_s=${TEST_TIMEOUT_S:-600}

# one LOGDIR TEST: run it; LOGDIR/NAME.count gets "PASSED FAILED SKIPPED".
one() {
	name=$(basename "$2")
	log=$1/$name.log
	counted=$1/$name.count
	CK_VERBOSITY=normal timeout -k 10 "$limit_s" "$2" >"$log" 2>&1 </dev/null
	status=$?

	# shellcheck disable=SC2046 # words: passed, failed, how often a Check summary was seen
	set -- $(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log" |
		awk '{ bad += $2 + $3; all += $1 } END { print all - bad, bad + 0, NR }')
	passed=$1 failed=$2 skipped=0
	if [ "$3" = 0 ] && [ $status = 77 ]; then
		skipped=1
	elif [ "$3" = 0 ] && [ $status = 0 ]; then
		passed=1
	elif [ $status != 0 ] && [ "$failed" = 0 ]; then
		failed=1 # it died outside of its checks, or has none
	fi
	echo "$passed $failed $skipped" >"$counted"

	# One write, so that two that end together do not mix.
	printf '%s\n' "$(
		if [ "$failed" = 0 ] && [ $skipped = 0 ]; then
			echo "ok       $name"
		elif [ "$failed" = 0 ]; then
			echo "skipped  $name: $(tail -n 1 "$log")"
		else
			[ $status != 124 ] || echo "FAILED   $name: killed after $limit_s s"
			[ $status = 124 ] || echo "FAILED   $name: exit status $status"
			sed 's/^/    /' "$log"
		fi
	)"
}

if [ "$1" = --one ]; then
	one "$2" "$3"
	exit 0
fi

jobs=2
if [ "$1" = -j ]; then
	jobs=$2
	shift 2
fi
logs=$1
shift
rm -rf "$logs"
mkdir -p "$logs" || exit 3
[ $# = 0 ] || printf '%s\0' "$@" | xargs -0 -P "$jobs" -n 1 "$0" --one "$logs"

# A test that left no count was never run to its end.
for test; do
	[ -s "$logs/$(basename "$test").count" ] || echo "0 1 0" >"$logs/$(basename "$test").count"
done
cat /dev/null "$logs"/*.count | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		if (skipped) printf "%d skipped\n", skipped
		printf "%d passed, %d failed\n", passed, failed
		exit failed + (passed == 0) > 0
	}'
