# shellcheck shell=sh
# What every scenario shares: a folder of its own, gangway, and ways to look.  Source it first.
#
#   run CODE CMD...   the command ends with this exit code; its output is in $out and $err (files)
#   has FILE TEXT     the file has a line with TEXT in it (lacks: none)
#   same A B          two files are equal; the difference is shown
#   verdicts JUNIT    "suite classname name: verdict", sorted, one a line
#   ctest_verdicts DIR   what ctest says of the tests of a folder: "name: verdict", sorted
#   with_args PROGRAM N ARG...   as a CTest entry with arguments of its own it is taken apart into N tests (0: whole),
#                     and the verdict on all of them is ctest's
#   wait_for TEXT CMD...   until it is so; fail with TEXT after a minute
#   fail TEXT         the scenario ends here
set -eu
LC_ALL=C
export LC_ALL
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GANGWAY_ADDOPTS NO_COLOR FORCE_COLOR COLUMNS BUILD \
	CFLAGS LDFLAGS CI 2>/dev/null || :

# What a sanitizer finds in gangway is no exit code that a scenario waits for.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99
TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck disable=SC2034 # for the scenarios
fixtures=$top/tests/fixtures
gangway=${GANGWAY:-$top/build/gangway}
work=$(mktemp -d "${TMPDIR:-/tmp}/gangway-scenario.XXXXXX")
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
out=$work/.out
err=$work/.err
# A scratch folder within gangway's own tree is not a part of it.
GIT_CEILING_DIRECTORIES=$(dirname "$work")
export GIT_CEILING_DIRECTORIES
cd "$work"

fail() {
	echo "FAILED: $*"
	exit 1
}

run() {
	want=$1
	shift
	code=0
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	if [ "$code" != "$want" ]; then
		echo "--- stdout"
		head -c 20000 "$out"
		echo "--- stderr"
		head -c 20000 "$err"
		fail "exit code $code in place of $want: $*"
	fi
}

has() {
	grep -qF -e "$2" "$1" || {
		echo "--- $1"
		head -c 20000 "$1"
		fail "'$2' is missing in $1"
	}
}

lacks() {
	! grep -qF -e "$2" "$1" || {
		grep -nF -e "$2" "$1"
		fail "'$2' should not be in $1"
	}
}

same() {
	diff -u "$1" "$2" || fail "$1 and $2 differ"
}

verdicts() {
	/usr/bin/python3 "$top/tests/scenario/verdicts.py" "$1"
}

ctest_verdicts() {
	ctest --test-dir "$1" --output-junit "$work/.ctest.xml" >"$out" 2>&1 || :
	verdicts "$work/.ctest.xml" | sed 's/^[^|]* | [^|]* | //' | sort
}

with_args() {
	program=$1 ntests=$2
	shift 2
	{
		printf 'add_test(e [=[%s]=]' "$work/$program"
		printf ' [=[%s]=]' "$@"
		echo ')'
	} >CTestTestfile.cmake
	theirs=0
	ctest --test-dir . >"$work/.ctest" 2>&1 || theirs=1
	run 0 "$gangway" list .
	n=$(grep -c '^e::' "$out" || :)
	[ "$n" = "$ntests" ] || fail "$program $*: $n tests in place of $ntests: $(cat "$out")"
	run $theirs "$gangway" -n 1 -v .
	has "$out" " e"
	rm CTestTestfile.cmake
}

wait_for() {
	text=$1
	shift
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 1200 ] || fail "$text"
		sleep 0.05
	done
}

need() {
	for command; do
		command -v "$command" >/dev/null 2>&1 || {
			echo "$command is not installed"
			exit 77
		}
	done
}
