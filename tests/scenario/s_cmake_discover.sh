#!/bin/sh
# gangway_discover_tests() in place of gtest_discover_tests(): the same tests by the same names, with
# the same verdicts; lists stay lists; what looks alike has names of its own; a program that was
# linked again and is the same is not asked again; Check programs too; anything else stops the build.
. "$(dirname "$0")/lib.sh"
need cmake ctest ninja make c++

mkdir "p q" && cd "p q"
cat >g.cc <<'END'
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
TEST(Plain, Ok) {}
TEST(Plain, Bad) { FAIL(); }
TEST(Plain, Skipped) { GTEST_SKIP(); }
TEST(Plain, DISABLED_Off) { FAIL(); }
TEST(DISABLED_All, Off) { FAIL(); }
class P : public testing::TestWithParam<const char *> {};
TEST_P(P, Each) { ASSERT_TRUE(*GetParam()); }
INSTANTIATE_TEST_SUITE_P(Inst, P, testing::Values("a b", "c;d", "[e", "\\f]", "a\nb", "$h{x}\"q@y@", ""));
template <class T> class Ty : public testing::Test {};
using Types = testing::Types<int, char>;
TYPED_TEST_SUITE(Ty, Types);
TYPED_TEST(Ty, Size) {}
#ifdef MORE
TEST(Plain, More) {}
#endif
int main(int argc, char **argv)
{
	if (FILE *f = fopen("started", "a")) { fputs("x\n", f); fclose(f); }
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
END
cat >own.cc <<'END'
#include <cstdlib>
#include <gtest/gtest.h>
struct Opaque { char c; };
class O : public testing::TestWithParam<Opaque> {};
TEST_P(O, Each) { EXPECT_EQ(GetParam().c, 'x'); }
INSTANTIATE_TEST_SUITE_P(Same, O, testing::Values(Opaque{'x'}, Opaque{'x'}));
TEST(Env, Given) { EXPECT_STREQ(getenv("B"), "x;y"); EXPECT_STREQ(getenv("A"), "1 2"); }
class N : public testing::TestWithParam<int> {};
TEST_P(N, Each) {}
INSTANTIATE_TEST_SUITE_P(Named, N, testing::Values(1, 2), [](const auto &i) { return "v" + std::to_string(i.param); });
END
cat >c.c <<'END'
#include <check.h>
START_TEST(ok) {} END_TEST
START_TEST(bad) { ck_abort_msg("no luck"); } END_TEST
int main(void)
{
	Suite *s = suite_create("Core");
	TCase *a = tcase_create("a"), *b = tcase_create("b;x");
	SRunner *r = srunner_create(s);

	suite_add_tcase(s, a);
	suite_add_tcase(s, b);
	tcase_set_tags(b, "slow net");
	tcase_add_test(a, ok);
	tcase_add_loop_test(b, ok, 0, 3);
	tcase_add_test(b, bad);
	srunner_run_all(r, CK_ENV);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n != 0;
}
END
echo 'int main(void) { return 0; }' >plain.c
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(p C CXX)
enable_testing()
include(GoogleTest)
include(Gangway)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
option(MORE "" OFF)
option(PLAIN "" OFF)
foreach(t theirs ours)
  add_executable(${t} g.cc)
  target_link_libraries(${t} GTest::gtest)
  if(MORE)
    target_compile_definitions(${t} PRIVATE MORE)
  endif()
endforeach()
set(words PROPERTIES TIMEOUT 9 xdist_group db EXTRA_ARGS --my "a b,c")
gtest_discover_tests(theirs TEST_PREFIX "x theirs." ${words})
gangway_discover_tests(ours TEST_PREFIX "x ours." ${words} TEST_LIST found)
file(WRITE "${CMAKE_BINARY_DIR}/found.cmake" "file(WRITE \"${CMAKE_BINARY_DIR}/found.txt\" \"\${found}\")\n")
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${CMAKE_BINARY_DIR}/found.cmake")
add_executable(own own.cc)
target_link_libraries(own GTest::gtest_main)
gangway_discover_tests(own EXTRA_ARGS "a;b c"
  PROPERTIES LABELS "a;b" ENVIRONMENT "A=1 2;B=x\;y")
gangway_discover_tests(own TEST_PREFIX again. TEST_FILTER "Named*" NO_PRETTY_VALUES)
add_executable(c c.c)
target_link_libraries(c PkgConfig::CHECK)
gangway_discover_tests(c PROPERTIES LABELS own)
add_executable(plain plain.c)
if(PLAIN)
  gangway_discover_tests(plain)
endif()
END

# What ctest says of each test: "name: verdict", of theirs and of ours, one a line.
outcomes() {
	ctest --test-dir "$1" -j2 --output-junit "$work/o.xml" >"$1/ctest.log" 2>&1 || :
	/usr/bin/python3 - "$work/o.xml" <<'END'
import sys, xml.etree.ElementTree as tree
for c in tree.parse(sys.argv[1]).iter("testcase"):
    print(c.get("name") + ":", c.get("status"))
END
}

# The tests of one program in ctest's JSON, but for the LABELS: gtest_discover_tests() flattens those.
entries() {
	ctest --test-dir "$1" --show-only=json-v1 >"$work/all.json"
	/usr/bin/python3 - "$work/all.json" "$2" <<'END'
import json, os, sys
for t in json.load(open(sys.argv[1]))["tests"]:
    if os.path.basename(t.get("command", ["?"])[0]) != sys.argv[2]:
        continue
    props = {p["name"]: p["value"] for p in t["properties"] if p["name"] != "LABELS"}
    print(json.dumps([t["name"], t["command"][1:], props], sort_keys=True))
END
}

programs="theirs ours own c"
for generator in Ninja "Unix Makefiles" "Ninja Multi-Config"; do
	b="b $generator"
	config=
	case $generator in *Multi*) config=Release ;; esac
	run 0 cmake -S . -B "$b" -G "$generator" -DCMAKE_MODULE_PATH="$top/cmake-modules" \
		-DGANGWAY_EXECUTABLE="$gangway"
	run 0 ctest --test-dir "$b" -C "${config:-Debug}" -N
	has "$out" "ours_NOT_BUILT"
	run 0 cmake --build "$b" -j2 --config "${config:-Debug}"
	[ -z "$config" ] || continue

	entries "$b" theirs | sed 's/^\["x theirs\./["/' >theirs.txt
	entries "$b" ours | sed 's/^\["x ours\./["/' >ours.txt
	[ "$(wc -l <ours.txt)" = 14 ] || fail "$(cat ours.txt)"
	same theirs.txt ours.txt

	outcomes "$b" >all
	sed -n 's/^x theirs\.//p' all >theirs.txt
	sed -n 's/^x ours\.//p' all >ours.txt
	same theirs.txt ours.txt
	has all 'x ours.Plain.Bad: fail'
	has all 'Env.Given: run'
	has all 'x ours.Plain.Off: disabled'
	has all 'x ours.Inst/P.Each/"": fail'
	has all 'Same/O.Each/1-byte object <78>: run'
	has all 'Same/O.Each/1: run'
	has all 'Named/N.Each/v1: run'
	has all 'again.Named/N.Each/v1: run'
	lacks all 'again.Same'
	has all 'Core::a: run'
	has all 'Core::b;x: fail'
	run 0 ctest --test-dir "$b" -N -L '^b$'
	has "$out" "Total Tests: 5"
	run 0 ctest --test-dir "$b" -N -L '^net$' -L own
	has "$out" "Total Tests: 1"
	has "$b/found.txt" 'x ours.Plain.Ok;x ours.'
	has "$b/found.txt" '/"c\;d";'

	run 0 ctest --test-dir "$b" -V -R Env.Given
	has "$out" '"a;b c"'

	# And gangway: the same tests by the same names, many to a process, and their group.
	run 1 "$gangway" -n 2 -v "$b"
	has "$out" 'PASSED x ours.Inst/P.Each/"c;d"'
	has "$out" 'FAILED x ours.Plain.Bad'
	has "$out" 'PASSED Core::b;x::ok[2]'
	has "$out" 'FAILED Core::b;x::bad'
	run 0 "$gangway" explain "$b" 'x ours.Plain.Ok'
	has "$out" "group      db"

	# Linked again, and the same: nobody asks it.  The file for ctest stays as old as it was.
	tests="$b/ours[g1]_tests.cmake"
	before=$(stat -c %y "$tests")
	rm -f "$b/started" "$b/ours"
	run 0 cmake --build "$b" --target ours
	[ ! -e "$b/started" ] || fail "the same program was asked again"
	[ "$(stat -c %y "$tests")" = "$before" ] || fail "the file for ctest was written again"
	run 0 cmake -B "$b" -DMORE=ON
	run 0 cmake --build "$b" --target ours
	[ -e "$b/started" ] || fail "another program was not asked"
	run 0 ctest --test-dir "$b" -N
	has "$out" "x ours.Plain.More"
done

# One configuration of several.
run 0 ctest --test-dir "$b" -C Release -N
has "$out" "x ours.Plain.Ok"
has "$out" "Core::a"
run 0 ctest --test-dir "$b" -C Debug -N
has "$out" "ours_NOT_BUILT"
lacks "$out" "Core::a"
run 1 "$gangway" -n 2 -v --config Release "$b"
has "$out" "PASSED x ours.Plain.Ok"
run 0 "$gangway" explain -C Release "$b" 'x ours.Plain.Ok'
has "$out" "group      db"
run 4 "$gangway" "$b"
has "$err" "choose one with --build-config (Debug, Release, RelWithDebInfo)"

# The only one there is needs no word.
mkdir only
cat >only/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(only NONE)
enable_testing()
add_test(NAME one CONFIGURATIONS Alone COMMAND "${CMAKE_COMMAND}" -E true)
END
run 0 cmake -S only -B "b only" -G "Ninja Multi-Config" -DCMAKE_CONFIGURATION_TYPES=Alone
run 0 "$gangway" -v "b only"
has "$out" "PASSED one"

# What is not to be discovered says so, where and why.
run 0 cmake -B "b Ninja" -DPLAIN=ON
! cmake --build "b Ninja" --target plain >"$out" || fail "it built" # ninja's exit code is 1, since 1.13 the command's
has "$out" "plain: not a program of a framework that gangway can list"
echo 'gangway_discover_tests(nothing)' >>CMakeLists.txt
run 1 cmake -B "b Ninja"
has "$err" "gangway_discover_tests: there is no target 'nothing'"
sed -i '$s/.*/gangway_discover_tests(own COLOUR red)/' CMakeLists.txt
run 1 cmake -B "b Ninja"
has "$err" "gangway_discover_tests: what is 'COLOUR;red'?"
run 4 "$gangway" discover -o x.cmake --property=x -- "b Ninja/own"
has "$err" "KEY=VALUE"
[ ! -e x.cmake ] || fail "a file without a listing"
run 4 "$gangway" discover --filter=a -- "b Ninja/c"
has "$err" "only those can be asked with a filter"
