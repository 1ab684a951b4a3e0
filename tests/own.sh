#!/bin/sh
# own.sh LOGDIR TEST...: gangway runs its own tests: Check programs case by case, scripts and the rest
# by their exit code.  The last line is "N passed, N failed", counted from the merged JUnit file by
# somebody else's parser.  tests/run.sh does the same without gangway, for when it is broken.
set -u

logs=$1
shift
mkdir -p "$logs" || exit 3
rm -f "$logs/junit.xml"
"$GANGWAY" -n auto --timeout "${TEST_TIMEOUT_S:-600}" --junitxml="$logs/junit.xml" "$@"
status=$?

count() { # attribute of <testsuites>, or a number of elements
	xmllint --xpath "$1" "$logs/junit.xml" 2>/dev/null || echo 0
}
tests=$(count 'count(//testcase)')
failed=$(count 'count(//testcase[failure or error])')
skipped=$(count 'count(//testcase[skipped])')

# Every program given has at least one test; whoever finds less is not to be believed.
passed=$((tests - failed - skipped))
[ "$tests" -ge $# ] || failed=$((failed + 1))
[ $status = 0 ] || [ "$failed" != 0 ] || failed=1
[ "$tests" != 0 ] || echo "gangway ended with $status and no results: make check-plain does without it"
[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
