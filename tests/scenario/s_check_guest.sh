#!/bin/sh
# Check programs run test by test, sources and build files untouched: a libcheck that is found through
# PKG_CONFIG_PATH (by make and by CMake), an archive with --wrap, LD_PRELOAD. Lists are equal in all
# ways and equal to what is seen by looking on; verdicts are those of the program's own run; single
# tests are selected, isolated, repeated, grouped; where it cannot work, that is said.
. "$(dirname "$0")/lib.sh"
need cc cmake make pkg-config

prefix=$work/inst
make -s -C "$top" install BUILD="$(dirname "$gangway")" PREFIX="$prefix" >log 2>&1 || fail "$(cat log)"
lib=$prefix/lib/gangway
[ -f "$lib/check/pkgconfig/check.pc" ] || fail "no replacement of libcheck was installed"
gangway=$prefix/bin/gangway

# --- a project that knows nothing of gangway -------------------------------------------------------
mkdir project
cp "$fixtures/check/kinds.c" "$fixtures/check/counted.c" "$fixtures/check/runners.c" project
cat >project/Makefile <<'END'
CFLAGS += -g -w $(shell pkg-config --cflags check)
LDLIBS += $(shell pkg-config --libs check)
all: kinds counted runners
END
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(p C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CHECK REQUIRED check)
enable_testing()
foreach(t kinds counted runners)
	add_executable(${t} ${t}.c)
	target_include_directories(${t} PRIVATE ${CHECK_INCLUDE_DIRS})
	target_link_directories(${t} PRIVATE ${CHECK_LIBRARY_DIRS})
	target_link_libraries(${t} PRIVATE ${CHECK_LIBRARIES})
	add_test(NAME ${t} COMMAND ${t})
endforeach()
END
build() { # NAME COMMAND...: in a copy of the project, for every copy the same name
	mkdir "$1"
	cp -r project "$1/t"
	(cd "$1/t" && shift && "$@") >log 2>&1 || fail "$(cat log)"
}
build plain make
build replaced env PKG_CONFIG_PATH="$lib/check/pkgconfig" make
build wrapped env PKG_CONFIG_PATH="$prefix/lib/pkgconfig" \
	make LDLIBS="$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --libs gangway-check)"
build by_L make LDFLAGS="-L$lib/check"
build by_cmake env PKG_CONFIG_PATH="$lib/check/pkgconfig" sh -c 'cmake -S . -B b && cmake --build b'
cp -r plain looked_at
printf '[gangway]\ncheck_preload = no\n' >looked_at/gangway.ini

# --- lists -----------------------------------------------------------------------------------------
for way in looked_at plain replaced wrapped by_L; do
	(cd $way && "$gangway" list t/kinds t/counted t/runners) >$way.list || fail "no list of $way"
	[ $way = looked_at ] || same looked_at.list $way.list
	case $way in
	plain) text="yes: preloaded" ;;
	looked_at) text="no: check_preload = no" ;;
	*) text="yes: linked with gangway's guest" ;;
	esac
	(cd $way && "$gangway" explain 't/kinds::Core hé & <x>::ends::fails' t/kinds) >explained
	has explained "check_alone = $text"
done
has looked_at.list "46 items"
grep '^t/' looked_at.list | sed 's|^t/||' | sort >by_looking
(cd by_cmake/t/b && "$gangway" list .) | grep '::' | sort >by_cmake.list
same by_looking by_cmake.list
lacks replaced/t/Makefile gangway

# --- verdicts are those of the program alone -------------------------------------------------------
cat >compare.py <<'END'
import collections, sys, xml.etree.ElementTree as tree
ns = "{http://check.sourceforge.net/ns}"
alone = collections.Counter(
    (t.find(ns + "id").text, t.get("result") == "success") for t in tree.parse(sys.argv[1]).iter(ns + "test"))
ours = collections.Counter(
    (c.get("name").split("::")[-1].split("[")[0].split("#")[0],
     c.find("failure") is None and c.find("error") is None) for c in tree.parse(sys.argv[2]).iter("testcase"))
print("alone", alone - ours, "ours", ours - alone)
sys.exit(alone != ours)
END
(cd plain && CK_XML_LOG_FILE_NAME=../alone.xml CK_VERBOSITY=silent t/kinds >/dev/null 2>&1) || :
for way in plain replaced wrapped by_L looked_at; do
	for options in "-n 2" "-n 1 --isolate" "-n 2 --dist=loadgroup"; do
		# shellcheck disable=SC2086 # several words
		(cd $way && run 1 "$gangway" $options --junitxml=../$way.xml t/kinds)
		/usr/bin/python3 compare.py alone.xml $way.xml || fail "$way, $options: verdicts differ"
	done
	(cd $way && run 0 "$gangway" -n 2 --junitxml=../$way.counted.xml t/counted)
	verdicts $way.counted.xml >$way.counted
	same plain.counted $way.counted
done

# --- single tests ----------------------------------------------------------------------------------
cd plain
run 1 "$gangway" -v 't/kinds::Core hé & <x>::loop::loops[3]'
has "$out" "1 failed, 15 deselected"
run 0 "$gangway" -k "simple and not plain" -rP t/counted
has "$out" "3 passed, 23 deselected"
has "$out" "ran simple 0"
lacks "$out" "ran loop"
run 0 "$gangway" --isolate -rP -k "tab_and_more" t/counted
has "$out" "3 passed"
lacks "$out" "ran simple"
# a rerun of one test leaves its TCase alone
printf '[test "*::loops[[]3]"]\nretries = 2\n' >gangway.ini
run 1 "$gangway" -n 1 -v t/kinds
has "$out" "RERUN t/kinds::Core hé & <x>::loop::loops[3]"
lacks "$out" "RERUN t/kinds::Core hé & <x>::loop::loops[2]"
# a group of single tests of two TCases
printf '[groups]\none = *::loops[[]4] *::Twice::same::fails\n' >gangway.ini
run 0 "$gangway" plan -n 2 --dist=loadgroup t/kinds
has "$out" "group 'one'"
grep -A2 "group 'one'" "$out" | grep -c 't/kinds::' | grep -qx 2 || fail "$(cat "$out")"
rm gangway.ini
cd ..

# --- where it cannot work --------------------------------------------------------------------------
mkdir cannot
cp project/runners.c cannot
cd cannot
libs="-lcheck -lsubunit -lm -lrt"
# shellcheck disable=SC2086 # several words
cc -w -static -o static_test runners.c $libs && cc -w -s -o stripped_test runners.c $libs &&
	cc -w -fsanitize=address -o asan_test runners.c $libs || fail "does not compile"
for t in static asan; do
	run 0 "$gangway" list ${t}_test
	has "$out" "4 items"
	run 1 "$gangway" -q ${t}_test
	has "$out" "2 failed, 2 passed"
done
run 0 "$gangway" explain static_test::A::x::one .
has "$out" "check_alone = no: it is linked statically"
run 0 "$gangway" explain asan_test::A::x::one .
has "$out" "check_alone = no: it is built with a sanitizer"
run 0 "$gangway" list stripped_test
has "$out" "1 item"
# the linked guest works in all of these
# shellcheck disable=SC2086 # several words
cc -w -static -s -o static_test -L"$lib/check" runners.c $libs &&
	cc -w -fsanitize=address -o asan_test -L"$lib/check" runners.c $libs || fail "does not compile"
for t in static asan; do
	run 1 "$gangway" -q --isolate ${t}_test
	has "$out" "2 failed, 2 passed"
	run 0 "$gangway" explain ${t}_test::A::x::one .
	has "$out" "check_alone = yes: linked with gangway's guest"
done
printf '[gangway]\ncheck_preload = never\n' >gangway.ini
run 4 "$gangway" list static_test
has "$err" "gangway.ini:2: 'never' is no value for 'check_preload'; accepted: auto, no"
