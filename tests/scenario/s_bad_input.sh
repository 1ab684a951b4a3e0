#!/bin/sh
# Bad input of every kind: one clear line with its place, exit code 4, nothing lost.
. "$(dirname "$0")/lib.sh"
need ctest

mkdir t
printf '#!/bin/sh\nexit 0\n' >t/ok_test
chmod +x t/ok_test
one_line() {
	[ "$(wc -l <"$err")" = 1 ] || fail "not one line: $(cat "$err")"
	has "$err" "gangway: error: $1"
}

printf '[gangway]\naddops = -n 2\n' >gangway.ini
run 4 "$gangway" t
one_line "gangway.ini:2: "
has "$err" "addopts"
printf '[gangway\n' >gangway.ini
run 4 "$gangway" t
one_line "gangway.ini:1: "
printf '[gangway]\naddopts = --no-such\n' >gangway.ini
run 4 "$gangway" t
one_line "gangway.ini:2: "
has "$err" "--no-such"
printf '[gangway]\naddopts = --rootdir=/\n' >gangway.ini
run 4 "$gangway" t
one_line "gangway.ini:2: "
rm gangway.ini

run 4 "$gangway" missing_dir
one_line ""
has "$err" "missing_dir"
run 4 "$gangway" -n many t
one_line ""
run 4 "$gangway" --dist=loadfiles t
has "$err" "loadfile"

# A plan that somebody changed.
run 0 "$gangway" -n 1 t
run 4 "$gangway" report nowhere
one_line ""
cp -r .gangway/latest/. run
sed -i '2s/^/x/' run/plan.tsv
run 4 "$gangway" worker --run run --lane 0
has "$err" "plan.tsv:2: "
cp .gangway/latest/plan.tsv run/
sed -i 's/^plan	.*/plan	999/' run/plan.tsv
run 4 "$gangway" worker --run run --lane 0
has "$err" "plan.tsv:1: "
cp .gangway/latest/plan.tsv run/
head -c 60 .gangway/latest/tests.tsv >run/tests.tsv
run 4 "$gangway" worker --run run --lane 0
has "$err" "tests.tsv:"

# JUnit files that are none.
printf 'not xml' >bad.xml
run 4 "$gangway" merge junit -o m.xml bad.xml
has "$err" "bad.xml"
printf '<testsuite name="s"><testcase name="whole" classname="c"/><testcase name="half' >cut.xml
run 4 "$gangway" merge junit -o m.xml cut.xml
has "$err" "cut.xml:1: "
verdicts m.xml >got
has got "whole: passed"
printf '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite name="&a;"><testcase name="n"/></testsuite>' >ent.xml
run 4 "$gangway" merge junit -o m2.xml ent.xml
run 4 "$gangway" merge junit -o m3.xml none.xml
one_line "none.xml"

# A CTest folder that ctest cannot read, and one with an entry that was never built.
mkdir broken
echo 'add_test(' >broken/CTestTestfile.cmake
run 1 "$gangway" -n 1 broken t
has "$out" "broken"
has "$out" "1 passed"
mkdir unbuilt
echo 'add_test(gone "/no/such/program")' >unbuilt/CTestTestfile.cmake
run 1 "$gangway" -n 1 unbuilt
has "$out" "ERROR gone"
has "$out" "1 error"

# Several configurations, none chosen.
mkdir multi
cat >multi/CMakeCache.txt <<'END'
CMAKE_GENERATOR:INTERNAL=Ninja Multi-Config
CMAKE_CONFIGURATION_TYPES:STRING=Debug;Release
END
cat >multi/CTestTestfile.cmake <<'END'
if(CTEST_CONFIGURATION_TYPE MATCHES "^([Dd][Ee][Bb][Uu][Gg])$")
  add_test(deb "/bin/true")
endif()
END
run 4 "$gangway" -n 1 multi
one_line ""
has "$err" "Debug"
has "$err" "Release"
run 0 "$gangway" -n 1 -C Debug multi
has "$out" "1 passed"

# A GoogleTest program that cannot list.
cat >liar.cc <<'END'
#include <gtest/gtest.h>
#include <cstdio>
TEST(A, a) {}
int main(int argc, char **argv)
{
	std::fputs("cannot open display\n", stderr);
	return argc > 5 ? (testing::InitGoogleTest(&argc, argv), RUN_ALL_TESTS()) : 9;
}
END
c++ -o t/liar_test liar.cc $(pkg-config --cflags --libs gtest) || fail "does not compile"
run 1 "$gangway" -n 1 t
has "$out" "ERROR t/liar_test"
has "$out" "cannot open display"
has "$out" "1 passed"
run 1 "$gangway" --collect-only t
has "$err" "liar_test"
has "$err" "cannot open display"
has "$out" "t/ok_test"
rm t/liar_test

# Folders that may not be read or written (root may, always).
if [ "$(id -u)" != 0 ]; then
	mkdir shut
	chmod 0 shut
	run 1 "$gangway" -n 1 shut t
	has "$out" "shut"
fi
