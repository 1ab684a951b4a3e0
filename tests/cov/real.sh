#!/bin/sh
# real.sh DIR [ARG...]: coverage of a real project, judged by gcov.
#
# The project in DIR (CMake, autotools or a Makefile) is compiled with --coverage in DIR/gw-build,
# unless that is there, and its tests are run by gangway:
#   - one after the other with counters in place: what gangway tells of them against gcov's figures of
#     the same counters, the whole tree by `--cov` and by `gangway merge coverage`, each object alone;
#   - with 1, 2 and 8 workers and in every --dist mode: the same bytes as the serial run, a process for
#     each test, so that main() counts as often.  Tests that do not do the same twice (threads, time,
#     random numbers) are found by more serial runs; sources that differ then may differ later.
# ARGs are which tests gangway runs, gw-build by default: real.sh fmt gw-build -k chrono.  JOBS (1)
# compilers run at once; FLAGS are more flags for them, CMAKE_ARGS more arguments of cmake.  Not a part of
# `make test`: it needs a project.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
gangway=${GANGWAY:-$here/../../build/gangway}
gangway=$(cd "$(dirname "$gangway")" && pwd)/$(basename "$gangway")
[ $# -ge 1 ] && [ -d "$1" ] || {
	echo "usage: real.sh DIR [ARG...]" >&2
	exit 4
}
project=$1
shift
[ $# != 0 ] || set -- gw-build
cd "$project"
flags="-O0 --coverage ${FLAGS-}"
jobs=${JOBS:-1}

compile() {
	if [ -e CMakeLists.txt ]; then
		# shellcheck disable=SC2086 # words
		cmake -S . -B gw-build -DCMAKE_BUILD_TYPE=None "-DCMAKE_C_FLAGS=$flags" \
			"-DCMAKE_CXX_FLAGS=$flags" -DCMAKE_EXE_LINKER_FLAGS=--coverage ${CMAKE_ARGS-} &&
			cmake --build gw-build -j "$jobs"
	elif [ -e configure ]; then
		mkdir -p gw-build &&
			(cd gw-build && ../configure "CFLAGS=$flags" "CXXFLAGS=$flags" LDFLAGS=--coverage &&
				make -j "$jobs" && make -j "$jobs" check TESTS=)
	else
		mkdir -p gw-build && cp -R ./*akefile* ./*.[ch]* gw-build &&
			make -C gw-build -j "$jobs" "CC=gcc $flags" "CXX=g++ $flags"
	fi
}
if [ ! -d gw-build ]; then
	compile >gw-build.log 2>&1 || {
		tail -n 20 gw-build.log
		echo "real.sh: $project does not compile: gw-build.log" >&2
		exit 1
	}
fi
touch gangway.ini

status=0
# told JSON ARG...: a run with coverage; the last line of it is shown
told() {
	json=$1
	shift
	code=0
	"$gangway" --isolate --cov --cov-branch "--cov-report=json:$json" "$@" >gw-run.log 2>&1 || code=$?
	[ $code -le 1 ] || { cat gw-run.log && exit 1; }
	echo "$json: $(tail -n 1 gw-run.log)"
	! grep '^warning: ' gw-run.log || :
}

told gw-serial.json -n 1 --dist no --cov-in-place "$@"
"$here/compare.py" --gangway "$gangway" --markers --json gw-serial.json gw-build || status=1
"$here/compare.py" --gangway "$gangway" --merge --each gw-build >gw-each.log || status=1
tail -n 1 gw-each.log
find gw-build -name '*.gcda' -exec rm {} +

# Sources of which two reports tell other things.
differing() {
	awk 'NR == FNR { a[FNR] = $0; next } /"path":/ { file = $0 } $0 != a[FNR] && file { print file }' \
		"$1" "$2" | sort -u
}
# judge: the last run against the serial one
judge() {
	cmp -s gw-serial.json gw-n.json && echo "  the same bytes" && return
	differing gw-serial.json gw-n.json >gw-differing
	comm -13 gw-unsteady gw-differing >gw-wrong
	[ ! -s gw-wrong ] || { sed 's/^/  differs: /' gw-wrong && status=1; }
	echo "  $(wc -l <gw-differing) sources differ, $(wc -l <gw-wrong) of them are steady otherwise"
}
: >gw-unsteady
for i in 1 2 3; do
	told gw-again.json -n 1 --dist no "$@"
	differing gw-serial.json gw-again.json | sort -u -o gw-unsteady - gw-unsteady
done
sed 's/^/not the same in two serial runs: /' gw-unsteady
for n in 1 2 8; do
	told gw-n.json -n $n "$@"
	judge
done
for dist in loadscope loadfile loadgroup worksteal; do
	told gw-n.json -n 2 --dist $dist "$@"
	judge
done
exit $status
