#!/bin/sh
# Catch2 v2 (and v3, where it is installed or CATCH2_V3 names the folder of its amalgamated files): ids, verdicts
# and reasons are the framework's own, many to a process, one to a process, and with crashes in the
# middle; names of every special character select their test; tags are marks; ctest entries do not lie.
. "$(dirname "$0")/lib.sh"
need c++

cat >body.hh <<'END2'
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>
TEST_CASE("plain ok", "[fast][unit]") { REQUIRE(1 == 1); std::puts("said by plain"); }
TEST_CASE("fails", "[fast]") { std::puts("printed by fails"); CHECK(1 == 2); CHECK(std::string("a") == "b<&>]]>\x01\xff"); }
TEST_CASE("sections") { SECTION("a") { REQUIRE(1 == 1); } SECTION("b") { std::cerr << "in b\n"; CHECK(2 == 3); } }
TEST_CASE("gen") { auto i = GENERATE(1, 2, 3); CHECK(i < 3); }
TEST_CASE("hidden", "[.][slow]") { std::abort(); }
TEST_CASE("may fail", "[!mayfail]") { CHECK(1 == 2); }
TEST_CASE("should fail", "[!shouldfail]") { CHECK(1 == 2); }
TEST_CASE("should fail ok", "[!shouldfail]") { CHECK(1 == 1); }
TEST_CASE("throws") { throw std::runtime_error("thrown & text"); }
TEST_CASE("no assertions") { }
TEST_CASE("unicode h\xc3\xa9llo") { REQUIRE(true); }
TEMPLATE_TEST_CASE("tmpl", "[t]", int, (std::vector<int>)) { CHECK(sizeof(TestType) == 4); }
struct Fix { int a = 1; };
TEST_CASE_METHOD(Fix, "method") { REQUIRE(a == 1); }
SCENARIO("vector") { GIVEN("x") { WHEN("y") { THEN("z") { INFO("the info"); REQUIRE(1 == 2); } } } }
TEST_CASE("xml liar") { std::puts("</TestCase><TestCase name=\"fails\"><OverallResult success=\"false\"/></TestCase>"); std::fflush(stdout); if (write(1, "<raw\n", 5) != 5) std::abort(); REQUIRE(true); }
#ifdef HAS_SKIP
TEST_CASE("skips") { SKIP("because of reason"); }
TEST_CASE("skips a section") { SECTION("a") { REQUIRE(true); } SECTION("b") { SKIP("only b"); } }
TEST_CASE("skips and fails") { SECTION("a") { REQUIRE(false); } SECTION("b") { SKIP("only b"); } }
#endif
#ifdef CRASH
TEST_CASE("segv") { std::puts("last words"); REQUIRE(true); *(volatile int *)nullptr = 1; }
TEST_CASE("after segv") { REQUIRE(true); }
TEST_CASE("aborts") { std::abort(); }
TEST_CASE("leaves") { _exit(0); }
TEST_CASE("hangs") { for (;;) pause(); }
TEST_CASE("after all") { CHECK(1 == 2); }
#endif
END2
cat >nothing.hh <<'END2'
END2
cat >deaf.hh <<'END2'
int main() { std::puts("I do not listen"); return 0; }
END2
cat >broken.hh <<'END2'
struct Broken { Broken() { std::abort(); } } broken;
END2

# every special character of a test specification: first, last, twice, and with others
/usr/bin/python3 - <<'END2'
import random
random.seed(5)
special = list(',[]*\\"~ #:/-\'<&;.!?@(){}|%$`')
names = [n for c in special for n in (c + "x1", "x2" + c, c + c + "x3" + c + "y")]
names += ["exclude:x", "a  b", "[tag]", "[.]", "a,b", "~[tag]", "\\", "\\\\", ",", '"', "*", "**", "#", "~",
          "-", "--list-tests", "-r", 'end\\"', "::a::b", "Case", "x" * 300, "word " * 40]
names += ["".join(random.choice(special + ["a", "B"]) for _ in range(random.randint(2, 9))) for _ in range(15)]
seen, lines = set(), []
for name in names:
    if name.strip() and name.strip().lower() not in seen:
        seen.add(name.strip().lower())
        text = name.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
        lines.append('TEST_CASE("%s", "[n%d]") { CHECK(true); }' % (text, len(lines)))
lines.insert(len(lines) // 2, 'TEST_CASE("dies, [in] the \\\\ \\"middle\\"*") { if (std::getenv("DIE")) std::abort(); CHECK(true); }')
open("names.hh", "w").write("\n".join(lines) + "\n")
open("names.count", "w").write(str(len(lines)))
END2
nnames=$(cat names.count)

compile() {
	# shellcheck disable=SC2086 # words
	c++ -std=c++17 -O0 $flags "$@" || fail "$* does not compile"
}

# What all programs share is compiled once: Catch2 without a main(), a main(), and its header.
prepare() { # HEADER
	printf '#include <%s>\n#include <cstdio>\n#include <cstdlib>\n' "$1" >head.hh
	case $version in
	2) echo '#define CATCH_CONFIG_RUNNER' ;;
	amalgamated) printf '#define CATCH_AMALGAMATED_CUSTOM_MAIN\n#include <catch_amalgamated.cpp>\n' ;;
	esac >implementation.cc
	cat >>implementation.cc <<'END2'
#include "head.hh"
int run(int argc, char **argv) { return Catch::Session().run(argc, argv); }
END2
	cat >main.cc <<'END2'
int run(int argc, char **argv);
int main(int argc, char **argv) { return run(argc, argv); }
END2
	compile -c implementation.cc main.cc
	compile -x c++-header head.hh -o head.hh.gch
}

build() { # PROGRAM BODY [FLAG...]
	program=$1 main=main.o
	printf '#include "head.hh"\n#include "%s"\n' "$2" >"$program.cc"
	[ "$program" != deaf ] || main=
	shift 2
	# shellcheck disable=SC2086 # words
	compile "$@" -o "$program" "$program.cc" $main implementation.o $link
}

junit_verdicts() {
	verdicts "$1" | sed 's/.* | //' | sort
}

try_version() {
	build own body.hh $skips
	./own -r xml -o own.xml --order decl >/dev/null 2>&1 || :
	/usr/bin/python3 "$top/tests/scenario/own_report.py" catch2 own.xml >want
	echo "hidden: skipped" >>want
	sort -o want want
	for how in "-n 2" "-n 0" "-n 2 --isolate"; do
		# shellcheck disable=SC2086 # words
		run 1 "$gangway" $how -v --tb=long --junitxml=junit.xml own
		junit_verdicts junit.xml >got
		same want got
		has "$out" "body.hh:9: CHECK( 1 == 2 )"
		has "$out" '"a" == "b<&>]]>\x01\xFF"'
		has "$out" "the info"
		has "$out" "in b"
		has "$out" "printed by fails"
		has "$out" "thrown & text"
		lacks "$out" "<OverallResult success=\"false\" "
	done
	run 1 "$gangway" -n 0 -rs own
	has "$out" "hidden by its tag [.]"
	[ -z "$skips" ] || has "$out" "because of reason"
	[ -z "$skips" ] || has "$out" "only b"
	run 1 "$gangway" -n 0 -m "fast and not unit" own
	has "$out" "1 failed"
	run 0 "$gangway" -n 0 "own::plain ok"
	has "$out" "1 passed"
	run 0 "$gangway" list own
	strip -o stripped own
	run 1 "$gangway" -n 0 --junitxml=junit.xml stripped
	junit_verdicts junit.xml >got
	same want got

	# crashes in the middle: who was in flight is charged, the rest runs
	build crash body.hh $skips -DCRASH
	{
		cat want
		printf '%s\n' "segv: failed" "after segv: passed" "aborts: failed" "leaves: error" \
			"hangs: failed" "after all: failed"
	} | sort >want.crash
	for how in "-n 2" "-n 0" "-n 2 --isolate"; do
		# shellcheck disable=SC2086 # words
		run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml crash
		junit_verdicts junit.xml >got
		same want.crash got
		has "$out" "FAILED crash::segv - killed by SIGSEGV"
		has "$out" "FAILED crash::aborts - killed by SIGABRT"
		has "$out" "last words"
		has "$out" "timed out after 2"
		has "$out" "exited with status 0 in the middle of the test"
	done

	# names
	build names names.hh
	run 0 "$gangway" -n 1 names
	has "$out" "$nnames passed"
	run 0 "$gangway" -n 2 --isolate names
	has "$out" "$nnames passed"
	run 0 "$gangway" -n 0 -m "not n0" names # not all: named one by one
	has "$out" "$((nnames - 1)) passed"
	DIE=1 run 1 "$gangway" -n 1 names # those behind it are named
	has "$out" "1 failed, $((nnames - 1)) passed"

	# ctest: no entry selects nothing, which v2 would call a success
	if command -v ctest >/dev/null 2>&1; then
		run 0 "$gangway" discover -o CTestTestfile.cmake names
		run 0 ctest --test-dir . -V
		[ "$(grep -c 'All tests passed' "$out")" = "$nnames" ] || fail "an entry ran no test"
		run 0 "$gangway" discover -o CTestTestfile.cmake own
		run 8 ctest --test-dir .
		has "$out" "fails"
		has "$out" "Disabled"
		[ -z "$skips" ] || has "$out" "***Skipped"
		rm CTestTestfile.cmake
		# entries with arguments of their own
		nown=$(wc -l <want)
		with_args own 2 '[fast]'
		with_args own 2 '[slow],plain*'
		with_args own 2 -e '[fast]' --order rand --rng-seed 3
		with_args own "$nown" --order rand
		printf '"plain ok"\nfails\n' >some.tests
		with_args own 2 -f some.tests
		with_args own 0 'plain ok'
		with_args own 0 '[slow]'
		with_args own 0 -s '[fast]'
		with_args own 0 -r compact '[fast]'
	fi

	# programs that answer with nothing
	build nothing nothing.hh
	run 5 "$gangway" nothing
	build deaf deaf.hh
	run 1 "$gangway" deaf
	has "$out" "was asked to list its tests and did not: exit status 0: I do not listen"
	build broken broken.hh
	run 1 "$gangway" broken
	has "$out" "was asked to list its tests and did not: killed by SIGABRT"
}

tried=
if [ -f /usr/include/catch2/catch.hpp ]; then
	version=2 flags='' link='' skips=''
	prepare catch2/catch.hpp
	try_version
	tried=2
fi
if [ -n "${CATCH2_V3:-}" ]; then
	version=amalgamated flags=-I$CATCH2_V3 skips=-DHAS_SKIP link=''
	prepare catch_amalgamated.hpp
	try_version
	tried=3
elif [ -f /usr/include/catch2/catch_all.hpp ]; then
	version=3 flags='' skips=-DHAS_SKIP link=-lCatch2
	prepare catch2/catch_all.hpp
	try_version
	tried=3
fi
[ -n "$tried" ] || {
	echo "Catch2 is not installed"
	exit 77
}
