#!/bin/sh
# doctest: ids, verdicts and skips are the framework's own, many to a process, one to a process, and
# with crashes in the middle; tests of equal or no name, and names of every special character.
. "$(dirname "$0")/lib.sh"
need c++
[ -f /usr/include/doctest/doctest.h ] || {
	echo "doctest is not installed"
	exit 77
}

cat >own.cc <<'END2'
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#define DOCTEST_CONFIG_NO_UNPREFIXED_OPTIONS
#include <doctest/doctest.h>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>
TEST_CASE("twice") { CHECK(1 == 1); puts("said by twice"); }
TEST_CASE("twice") { puts("said by the second"); CHECK(1 == 2); }
TEST_CASE("fails") { CHECK(1 == 2); CHECK_MESSAGE(2 == 3, "msg <&> ]]> \x01\xff"); }
TEST_SUITE("suite A") {
TEST_CASE("in suite") { CHECK(true); }
TEST_CASE("skipped" * doctest::skip()) { CHECK(false); }
TEST_CASE("described" * doctest::description("a description") * doctest::timeout(5)) { CHECK(true); }
TEST_CASE("twice") { FAIL("odd\nsecond"); }
}
TEST_CASE("may fail" * doctest::may_fail()) { CHECK(false); }
TEST_CASE("should fail" * doctest::should_fail()) { CHECK(false); }
TEST_CASE("should fail ok" * doctest::should_fail()) { CHECK(true); }
TEST_CASE("expected 2" * doctest::expected_failures(2)) { CHECK(false); CHECK(false); }
TEST_CASE("expected 2 gets 1" * doctest::expected_failures(2)) { CHECK(false); }
TEST_CASE("subcases") { SUBCASE("a") { CHECK(1 == 1); } SUBCASE("b") { fprintf(stderr, "in b\n"); CHECK(2 == 3); SUBCASE("c") {} } }
TEST_CASE_TEMPLATE("tmpl", T, int, double) { CHECK(sizeof(T) == 4); }
TEST_CASE("throws") { throw std::runtime_error("thrown & text"); }
TEST_CASE("empty") {}
TEST_CASE("") { CHECK(true); }
TEST_CASE("infos") { INFO("the info"); MESSAGE("a message"); CHECK_THROWS(0); REQUIRE(false); }
TEST_CASE("liar") { puts("</TestCase><TestCase name=\"fails\">"); fflush(stdout); if (write(1, "<raw\n", 5) != 5) abort(); CHECK(true);}
SCENARIO("scen") { GIVEN("x") { WHEN("y") { THEN("z") { WARN(1 == 2); CHECK(true); } } } }
#ifdef CRASH
TEST_CASE("segv") { puts("last words"); CHECK(true); *(volatile int *)nullptr = 1; }
TEST_CASE("after segv") { CHECK(true); }
TEST_CASE("aborts") { abort(); }
TEST_CASE("leaves") { exit(0); }
TEST_CASE("hangs") { for (;;) pause(); }
TEST_CASE("after all") { CHECK(1 == 2); }
#endif
END2
build() { # PROGRAM SOURCE [FLAG...]
	program=$1 source=$2
	shift 2
	c++ -std=c++17 -O0 "$@" -o "$program" "$source" || fail "$program does not compile"
}
junit_verdicts() { # names that are there twice were told apart
	verdicts "$1" | sed 's/.* | //; s/#[23]: /: /; s/^own::(no name): /: /; s/^crash::(no name): /: /; s/^stripped::(no name): /: /' | sort
}

build own own.cc
./own --dt-reporters=xml --dt-out=own.xml >/dev/null 2>&1 || :
/usr/bin/python3 "$top/tests/scenario/own_report.py" doctest own.xml | sort >want
for how in "-n 2" "-n 0" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v --junitxml=junit.xml own
	junit_verdicts junit.xml >got
	same want got
	has "$out" "PASSED own::twice"
	has "$out" "FAILED own::twice#2 - CHECK( 1 == 2 )"
	has "$out" "FAILED own::suite A::twice - odd"
	has "$out" "own.cc:9: CHECK( 1 == 2 )"
	has "$out" "said by the second"
	has "$out" "in b"
	has "$out" "the info"
	has "$out" 'msg <&> ]]> \x01\xFF'
	has "$out" "1 failures instead of the expected 2"
	lacks "$out" "<OverallResultsAsserts"
done
run 1 "$gangway" -n 0 -rs own
has "$out" "skipped by its decorator (skip)"
run 0 "$gangway" -n 0 "own::twice"
has "$out" "1 passed"
# not one behind the other: by name, and by number where names will not do
run 0 "$gangway" -n 0 own::twice own::empty "own::tmpl<int>" own::liar
has "$out" "4 passed"
run 1 "$gangway" -n 0 own::empty "own::twice#2" own::liar
has "$out" "1 failed, 2 passed"
strip -o stripped own
run 1 "$gangway" -n 0 --junitxml=junit.xml stripped
junit_verdicts junit.xml >got
same want got

build crash own.cc -DCRASH
{
	cat want
	printf '%s\n' "segv: failed" "after segv: passed" "aborts: failed" "leaves: error" \
		"hangs: failed" "after all: failed"
} | sort >want.crash
for how in "-n 2" "-n 0" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 3 -v --junitxml=junit.xml crash
	junit_verdicts junit.xml >got
	same want.crash got
	has "$out" "FAILED crash::segv - killed by SIGSEGV"
	has "$out" "FAILED crash::aborts - killed by SIGABRT"
	has "$out" "last words"
	has "$out" "timed out after 3"
	has "$out" "exited with status 0 in the middle of the test"
done

# every special character of a filter
/usr/bin/python3 - >names.cc <<'END2'
special = ',[]*\\"~ #:/-\'<&;.!?@(){}|%$`='
names = [n for c in special for n in (c + "x1", "x2" + c, c + c + "x3" + c + "y")]
names += ["a,b", "\\,", ",", "*", "?", "Case", "case", "-tc=x", "x" * 300]
print('#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n#include <cstdlib>')
for i, name in enumerate(names):
    if i == len(names) // 2:
        print('TEST_CASE("dies, in the \\\\ \\"middle\\"*") { if (std::getenv("DIE")) std::abort(); CHECK(true); }')
    text = name.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    print('TEST_CASE("%s") { CHECK(true); }' % text)
END2
build names names.cc
nnames=$(grep -c TEST_CASE names.cc)
run 0 "$gangway" -n 1 names
has "$out" "$nnames passed"
run 0 "$gangway" -n 2 --isolate names
has "$out" "$nnames passed"
DIE=1 run 1 "$gangway" -n 1 names
has "$out" "1 failed, $((nnames - 1)) passed"
run 0 "$gangway" -n 0 -k x1 names # each third
has "$out" " passed"
lacks "$out" "failed"

if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake names
	run 0 ctest --test-dir . -V
	[ "$(grep -c 'assertions: *1 | *1 passed' "$out")" = "$nnames" ] || fail "an entry ran no test"
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args own 3 --dt-tc='twice*'
	with_args own 4 '--dt-test-suite=suite A' --dt-order-by=rand -dt-rs=4
	with_args own "$(wc -l <want)" --dt-order-by=name --dt-no-colors=true
	with_args own 0 --dt-tc=fails
	with_args own 0 --dt-success
fi

printf '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n' >nothing.cc
build nothing nothing.cc
run 5 "$gangway" nothing
printf '#define DOCTEST_CONFIG_IMPLEMENT\n#include <doctest/doctest.h>\n#include <cstdio>\nint main() { doctest::Context c; puts("I do not listen"); return c.shouldExit(); }\n' >deaf.cc
build deaf deaf.cc
run 1 "$gangway" deaf
has "$out" "was asked to list its tests and did not: exit status 0: I do not listen"
printf '#include <cstdlib>\nstruct B { B() { std::abort(); } } b;\n' | cat nothing.cc - >broken.cc
build broken broken.cc
run 1 "$gangway" broken
has "$out" "was asked to list its tests and did not: killed by SIGABRT"
