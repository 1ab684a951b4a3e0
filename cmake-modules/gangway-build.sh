#!/bin/sh
# What the targets of Gangway.cmake run.  It is here, not in CMakeLists.txt, so that a build needs no
# second CMake for each of its steps.
#
#   run MAKE COMMAND...       the command, unless make was only asked what it would do (-n, -q, -t):
#                             a recipe that names $(MAKE), as this one must to get make's jobserver,
#                             is carried out then as well
#   result [--lock FILE]... BASE GANGWAY ARG...
#                             run tests as a build product.  BASE.xml and BASE.log tell what happened;
#                             BASE.passed is there only if all passed.  A failed test is no failed
#                             command, or the build would stop before the other tests have run
#   tell LIST XML GANGWAY     the last step: all results whose BASEs LIST names, a line each, merged
#                             into XML; what failed; exit code 1 if anything did
set -u

run() {
	shift
	flags=${MAKEFLAGS-}
	flags=${flags%% *}
	case $flags in
	-* | *=*) flags= ;; # the first word has the letters, where there are any
	esac
	case $flags in
	*[nqt]*) echo "would run: $*" ;;
	*) exec "$@" ;;
	esac
}

result() {
	if [ "$1" = --lock ]; then
		lock=$2
		shift 2
		mkdir -p "${lock%/*}" || exit 3
		exec flock -o "$lock" "$0" result "$@"
	fi
	base=$1
	shift
	mkdir -p "${base%/*}" && rm -f "$base.passed" "$base.xml" || exit 3
	"$@" --junitxml="$base.xml" >"$base.log" 2>&1 </dev/null
	status=$?
	case $status in
	0) : >"$base.passed" || exit 3 ;;
	1) cat "$base.log" ;;
	*)
		cat "$base.log"
		exit $status
		;;
	esac
}

# The number of an attribute of <testsuites> in $xml.
total() {
	sed -n "s/^<testsuites .* $1=\"\([0-9]*\)\".*/\1/p" "$xml"
}

tell() {
	list=$1 xml=$2 gangway=$3
	nfailed=0 nresults=0
	set --
	while IFS= read -r base; do
		[ -n "$base" ] || continue
		nresults=$((nresults + 1))
		set -- "$@" "$base.xml"
		if ! [ -e "$base.passed" ]; then
			nfailed=$((nfailed + 1))
			grep -E '^(FAILED|ERROR) ' "$base.log" || echo "FAILED ${base##*/} (see $base.log)"
		fi
	done <"$list"
	if [ $nresults = 0 ]; then
		echo "no results: gangway_add_tests() was not called" >&2
		exit 4
	fi
	"$gangway" merge junit -o "$xml" "$@" || exit
	bad=$(($(total failures) + $(total errors)))
	echo "$bad failed, $(($(total tests) - bad)) passed or skipped ($nresults results, all of them in $xml)"
	[ $nfailed = 0 ]
}

case ${1-} in
run | result | tell)
	verb=$1
	shift
	"$verb" "$@"
	;;
*)
	echo "usage: gangway-build.sh run|result|tell ..." >&2
	exit 4
	;;
esac
