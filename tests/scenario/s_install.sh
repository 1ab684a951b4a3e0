#!/bin/sh
# make install, and what it installs at work: gangway.mk in a Makefile, gangway.ninja in a build.ninja,
# find_package(Gangway) in CMake.  What was installed is gone after make uninstall.
. "$(dirname "$0")/lib.sh"
need cmake ninja make

prefix="$work/pre fix"
make -s -C "$top" -o "$gangway" -o "${gangway%/*}/gangway-cov.o" install BUILD="${gangway%/*}" PREFIX=/usr DESTDIR="$prefix" >log 2>&1 ||
	fail "$(cat log)"
[ -x "$prefix/usr/bin/gangway" ] || fail "no program"
[ -f "$prefix/usr/share/man/man1/gangway.1" ] || fail "no man page"
PATH=$prefix/usr/bin:$PATH
cp -r "$prefix/usr/share/gangway" share

mkdir t
printf '#!/bin/sh\nexit 0\n' >t/a_test
printf '#!/bin/sh\nexit 77\n' >t/b_test
chmod +x t/*
printf 'GANGWAY_TESTS := t\ninclude share/gangway.mk\n' >Makefile
run 0 make test
has "$out" "1 passed, 1 skipped"
run 0 make test -j auto
has "$out" "1 passed, 1 skipped"
run 0 make test -j2 ARGS='-k a_test -v'
has "$out" "PASSED t/a_test"
has "$out" "1 passed, 1 deselected"
run 0 make -n test
lacks "$out" "passed"

printf 'include share/gangway.ninja\nbuild test: gangway t/a_test t/b_test\n' >build.ninja
run 0 ninja test
has "$out" "1 passed, 1 skipped"

mkdir p
cat >p/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(p LANGUAGES NONE)
find_package(Gangway REQUIRED)
enable_testing()
add_test(NAME one COMMAND "${CMAKE_COMMAND}" -E true)
gangway_enable()
END
run 0 cmake -S p -B pb -G Ninja -DCMAKE_PREFIX_PATH="$prefix/usr" -DGANGWAY_ARGS=-v
run 0 cmake --build pb --target check-parallel
has "$out" "PASSED one"

# Whatever install made, uninstall takes away, and nothing else.
inventory() {
	(cd "$prefix" && find . ! -type d | sort)
}
: >"$prefix/usr/bin/other"
: >"$prefix/usr/share/man/man1/other.1"
make -s -C "$top" uninstall BUILD="$(dirname "$gangway")" PREFIX=/usr DESTDIR="$prefix" >log 2>&1 ||
	fail "$(cat log)"
inventory >left
printf './usr/bin/other\n./usr/share/man/man1/other.1\n' >want
same want left
