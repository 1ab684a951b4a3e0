#!/bin/sh
# Gangway.cmake after `make install`: gangway_enable() builds what tests need and runs them, with make's
# jobserver under make; gangway_add_tests() makes results products of the build under Ninja and Make:
# up to date where nothing changed, made again for a changed program, changed DATA or a failure, the
# tests of a group one behind the other in their order, also across folders; ctest and `gangway build`
# see the same tests with the same group, lock and slots.  All of it in a folder with a blank.
. "$(dirname "$0")/lib.sh"
need cmake ctest ninja make cc

make -s -C "$top" install BUILD="$(dirname "$gangway")" PREFIX=/opt/g DESTDIR="$work" >log 2>&1 ||
	fail "$(cat log)"
mkdir "p q" "p q/sub" && cd "p q"
cat >one.c <<'END'
#include <stdio.h>
#include <time.h>
int main(void)
{
	FILE *log = fopen(LOG, "a"), *data = fopen(DATA, "r");
	struct timespec ms = { 0, 20000000 };

	fprintf(log, "begin %s\n", NAME);
	fflush(log);
	nanosleep(&ms, NULL);
	fprintf(log, "end %s\n", NAME);
	fclose(log);
	return data && fgetc(data) == 'x' ? 1 : VALUE;
}
END
echo good >data.txt
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(p C)
find_package(Gangway 0.1 REQUIRED)
set(VALUE 0 CACHE STRING "")
enable_testing()
gangway_enable(DEPENDS late)
function(one name)
  add_executable(${name} "${CMAKE_SOURCE_DIR}/one.c")
  target_compile_definitions(${name} PRIVATE NAME="${name}" VALUE=${VALUE}
    LOG="${CMAKE_BINARY_DIR}/log" DATA="${CMAKE_SOURCE_DIR}/data.txt")
endfunction()
one(zeta)
one(beta)
one(lock1)
one(lock2)
one(plain)
one(late)
set_target_properties(late PROPERTIES EXCLUDE_FROM_ALL TRUE)
gangway_add_tests(TARGET zeta GROUP db DATA data.txt TIMEOUT 5)
add_subdirectory(sub)
gangway_add_tests(TARGET beta GROUP db LABELS fast "small")
gangway_add_tests(TARGET lock1 LOCK "a b" c SLOTS 2)
gangway_add_tests(TARGET lock2 LOCK c)
add_test(NAME old COMMAND plain)
set_tests_properties(old PROPERTIES xdist_group database)
add_test(NAME late COMMAND late)
END
cat >sub/CMakeLists.txt <<'END'
one(mid)
gangway_add_tests(TARGET mid GROUP db)
END

# No two lines "begin" of these tests without an "end" between them.
apart() {
	grep -E " ($1)$" "$b/log" | awk '$1 == "begin" && open { bad = 1 }
		{ open = $1 == "begin" } END { exit bad }' || fail "$(cat "$b/log")"
}
ran() { # how often each, since the last time
	sed -n 's/^begin //p' "$b/log" | sort | uniq -c | awk '{ printf "%s%s:%s", (NR > 1 ? " " : ""), $2, $1 }'
	: >"$b/log"
}
expect() {
	got=$(ran)
	[ "$got" = "$1" ] || fail "ran '$got', not '$1'"
}
build() { # CODE TARGET
	code=$1
	shift
	run "$code" cmake --build "$b" -j2 --config "$config" --target "$@"
}

for generator in Ninja "Unix Makefiles" "Ninja Multi-Config"; do
	b="b $generator"
	config=Release
	bad=1
	below= # where programs are, below the build folder
	case $generator in *Multi*) below=Release/ ;; esac
	[ "$generator" != "Unix Makefiles" ] || bad=2
	run 0 cmake -S . -B "$b" -G "$generator" -DCMAKE_PREFIX_PATH="$work/opt/g" -DGANGWAY_ARGS=-v
	: >"$b/log"

	build 0 gangway-results
	has "$out" "0 failed, 5 passed or skipped"
	grep -E '^begin (zeta|mid|beta)$' "$b/log" | tr '\n' ' ' >order
	[ "$(cat order)" = "begin zeta begin mid begin beta " ] || fail "$(cat "$b/log")"
	apart 'zeta|mid|beta'
	apart 'lock1|lock2'
	expect "beta:1 lock1:1 lock2:1 mid:1 zeta:1"

	# Nothing changed; DATA did; a failure is tried again, what passed is not.
	build 0 gangway-results
	expect ""
	echo xbad >data.txt
	build $bad gangway-results
	has "$out" "FAILED ${below}zeta - exit status 1"
	has "$out" "1 failed, 4 passed or skipped"
	expect "zeta:1"
	build $bad gangway-results
	expect "zeta:1"
	echo good >data.txt
	build 0 gangway-results
	expect "zeta:1"

	# Another program; one result alone, with those before it in its group.
	run 0 cmake -B "$b" -DVALUE=3
	build 0 gangway-results-mid
	expect "mid:1 zeta:1"
	build $bad gangway-results
	has "$out" "5 failed, 0 passed or skipped"
	has "$out" "FAILED ${below}lock2 - exit status 3"
	expect "beta:1 lock1:1 lock2:1 mid:1 zeta:1"
	run 0 cmake -B "$b" -DVALUE=0
	xml=$(find "$b" -maxdepth 1 -name 'gangway-results*.xml')
	verdicts "$xml" >all
	[ "$(grep -c ": failed" all)" = 5 ] || fail "$(cat all)"

	# All tests at once: `late`, which `all` leaves out, is built too.
	build 0 check-parallel
	has "$out" "PASSED old"
	has "$out" "PASSED late"
	has "$out" "7 passed"
	: >"$b/log"
	run 0 ctest --test-dir "$b" -C "$config" -j2
	has "$out" "100% tests passed, 0 tests failed out of 7"
	apart 'lock1|lock2'
	expect "beta:1 late:1 lock1:1 lock2:1 mid:1 plain:1 zeta:1"

	# What they say of themselves.
	run 0 "$gangway" explain -C "$config" "$b"
	cp "$out" explained
	/usr/bin/python3 - explained <<'END' || fail "$(cat explained)"
import sys
tests = {}
for line in open(sys.argv[1]):
    if not line.startswith(" "):
        words = tests[line.strip()] = []
    else:
        words.append(line.strip().split(None, 1))
have = lambda name, *words: any(name == t and all(list(w) in tests[t] for w in words) for t in tests)
assert have("zeta", ("group", "db"), ("property", "TIMEOUT = 5.0")), "zeta"
assert have("beta", ("group", "db"), ("mark", "fast"), ("mark", "small")), "beta"
assert have("mid", ("group", "db")), "mid"
assert have("lock1", ("lock", "a b"), ("lock", "c"), ("property", "PROCESSORS = 2")), "lock1"
assert have("old", ("group", "database")), "old"
END
	: >"$b/log"
	run 0 "$gangway" -n 3 --dist=loadgroup -C "$config" "$b"
	apart 'zeta|mid|beta'
	apart 'lock1|lock2'
	[ ! -e "$b/Testing/TAG" ] || fail "gangway wrote to Testing/"
done

# Under make -jN the workers are jobs of that make, which is not asked for what it did not give.
b="b Unix Makefiles"
run 0 make -C "$b" -j3 gangway
has "$out" "GNU Make"
has "$out" "7 passed"
lacks "$err" "jobserver unavailable"
lacks "$err" "resetting"
: >"$b/log"
run 0 make -C "$b" -n gangway
has "$out" "would run: "
expect ""

# What is wrong is said.
echo 'gangway_add_tests(TARGET zeta SLOTS many)' >>CMakeLists.txt
run 1 cmake -B "$b"
has "$err" "gangway_add_tests: SLOTS is a number from 1, not 'many'"
sed -i '$s/.*/gangway_add_tests(TARGET plain GROUP)/' CMakeLists.txt
run 1 cmake -B "$b"
has "$err" "gangway_add_tests: nothing follows GROUP"
sed -i '$s/.*/gangway_enable()/' CMakeLists.txt
run 1 cmake -B "$b"
has "$err" "gangway_enable: there is a target 'gangway'"
sed -i '$d; s/Gangway 0.1/Gangway 99/' CMakeLists.txt
run 1 cmake -B "$b"
has "$err" "0.1"
version=$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$top/cmake-modules/GangwayConfigVersion.cmake")
[ "gangway $version" = "$("$gangway" --version)" ] || fail "GangwayConfigVersion.cmake says $version"
