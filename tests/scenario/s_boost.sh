#!/bin/sh
# Boost.Test: ids, verdicts and skip reasons are those of its own report (not of its JUnit file, which has expected
# failures as failures and bytes that are no XML), many to a process, one to a process, with crashes in the middle;
# static, shared and stripped programs; data, templates, dependencies.
. "$(dirname "$0")/lib.sh"
need c++
[ -f /usr/include/boost/test/unit_test.hpp ] || {
	echo "Boost.Test is not installed"
	exit 77
}

cat >own.cc <<'END2'
#define BOOST_TEST_MODULE my module
#ifdef SHARED
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#else
#include <boost/test/included/unit_test.hpp>
#endif
#include <boost/mpl/list.hpp>
#include <boost/test/data/test_case.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <unistd.h>
#include <utility>
namespace ut = boost::unit_test;
namespace bdata = boost::unit_test::data;
static boost::test_tools::assertion_result never(ut::test_unit_id) { return false; }
BOOST_AUTO_TEST_CASE(plain_ok, *ut::label("fast") *ut::label("unit")) { BOOST_TEST(1 == 1); std::puts("said by plain"); }
BOOST_AUTO_TEST_CASE(fails, *ut::label("fast")) { std::puts("printed by fails"); BOOST_TEST(1 == 2); BOOST_CHECK_MESSAGE(false, "msg <&> ]]> </Error> \x01\xff\nsecond"); }
BOOST_AUTO_TEST_SUITE(su, *ut::label("lab"))
BOOST_AUTO_TEST_CASE(ok) { std::cerr << "in ok\n"; BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(bad) { BOOST_REQUIRE(1 == 2); }
BOOST_AUTO_TEST_CASE(disabled_one, *ut::disabled()) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(expected, *ut::expected_failures(1)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(expected_req, *ut::expected_failures(1)) { BOOST_REQUIRE(false); }
BOOST_AUTO_TEST_CASE(expected_two, *ut::expected_failures(1)) { BOOST_TEST(false); BOOST_TEST(1==2); }
BOOST_AUTO_TEST_CASE(expected_none, *ut::expected_failures(1)) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(expected_exc, *ut::expected_failures(1)) { throw std::runtime_error("x"); }
BOOST_AUTO_TEST_SUITE(inner)
BOOST_AUTO_TEST_CASE(deep) { BOOST_TEST_MESSAGE("a message"); BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(off, *ut::disabled())
BOOST_AUTO_TEST_CASE(never_run) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(unmet, *ut::precondition(never))
BOOST_AUTO_TEST_CASE(a) { BOOST_TEST(false); }
BOOST_AUTO_TEST_CASE(b) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_CASE(dep, *ut::depends_on("fails")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(dep2, *ut::depends_on("plain_ok")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(precond, *ut::precondition(never)) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(throws) { throw std::runtime_error("thrown & text"); }
BOOST_AUTO_TEST_CASE(no_assertions) { }
BOOST_AUTO_TEST_CASE(warns) { BOOST_WARN(false); BOOST_TEST_CONTEXT("ctx " << 3) { BOOST_TEST(1 == 3); } }
BOOST_DATA_TEST_CASE(data, bdata::make({1, 2, 3}), x) { BOOST_TEST(x < 3); }
typedef boost::mpl::list<int, double, unsigned char, std::pair<int, int *>> types;
BOOST_AUTO_TEST_CASE_TEMPLATE(tmpl, T, types) { BOOST_TEST(sizeof(T) == 4u); }
BOOST_AUTO_TEST_CASE(liar) { std::puts("</TestCase><TestCase name=\"fails\">"); std::fflush(stdout); if (write(1, "<raw\n", 5) != 5) std::abort(); BOOST_TEST(true); }
#ifdef CRASH
BOOST_AUTO_TEST_CASE(segv) { std::puts("last words"); std::fflush(stdout); BOOST_TEST(true); *(volatile int *)nullptr = 1; }
BOOST_AUTO_TEST_CASE(after_segv) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(aborts) { std::abort(); }
BOOST_AUTO_TEST_CASE(leaves) { _exit(0); }
BOOST_AUTO_TEST_CASE(hangs) { for (;;) pause(); }
BOOST_AUTO_TEST_CASE(after_all) { BOOST_TEST(1 == 2); }
#endif
END2
build() { # PROGRAM [FLAG...]
	program=$1
	shift
	c++ -std=c++17 -O0 -o "$program" own.cc "$@" || fail "$program does not compile"
}

build own -DSHARED -lboost_unit_test_framework
build static
./own --report_level=detailed --report_format=XML --report_sink=own.xml --log_level=nothing >/dev/null 2>&1 || :
/usr/bin/python3 "$top/tests/scenario/own_report.py" boost own.xml | sed 's/.*\///' >want
# its report has no word of what is disabled, or in a suite that is skipped; the log has
printf '%s: skipped\n' disabled_one never_run a b >>want
sort -o want want
for how in "-n 2 own" "-n 0 own" "-n 2 --isolate own" "-n 0 static"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" -v --junitxml=junit.xml $how
	verdicts junit.xml | sed 's/.* | //' | sort >got
	same want got
	has "$out" "su/inner::deep"
	has "$out" "own.cc:$(grep -n "(fails," own.cc | cut -d: -f1): check 1 == 2 has failed [1 != 2]"
	has "$out" 'msg <&> ]]> </Error> \x01'
	has "$out" "ctx 3"
	has "$out" "x = 3"
	lacks "$out" "<TestingTime>"
done
run 1 "$gangway" -n 0 --isolate own
has "$out" "printed by fails"
run 1 "$gangway" -n 0 -rs own
has "$out" "disabled"
has "$out" 'dependency test case "fails" has failed'
has "$out" "precondition failed"
run 1 "$gangway" -n 0 -m "lab" own
has "$out" "4 failed, 4 passed, 1 skipped"
run 1 "$gangway" -n 0 -m "fast" own
has "$out" "1 failed, 1 passed"
BOOST_TEST_LOG_LEVEL=nothing BOOST_TEST_RUN_FILTERS=throws run 1 "$gangway" -n 0 --junitxml=junit.xml own
verdicts junit.xml | sed 's/.* | //' | sort >got
same want got
strip -o stripped static
run 1 "$gangway" -n 0 --junitxml=junit.xml stripped
verdicts junit.xml | sed 's/.* | //' | sort >got
same want got

# names that no identifier has, and one of them that dies in the middle
cat >names.cc <<'END2'
#define BOOST_TEST_MODULE names
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <cstdlib>
static void passes() { BOOST_TEST(true); }
static void dies() { BOOST_TEST(true); if (std::getenv("DIE")) std::abort(); }
static struct names {
	names()
	{
		const char *list[] = { "a*aa", "*b", "c*", "d,dd", ",e", "f,", "!g", "@lab", "+h", "i:ii", ":j", "k&kk", "l ll", "<m>",
			"\"n\"", "it's", "o\\\\oo", "[p]", "{q}", "(r)", "#s", "%t", "$u", "`v`", "w|ww", "h\xc3\xa9", "x=xx", "--y", "~z", "?1" };
		size_t n = 0;
		for (const char *name : list) {
			auto &all = boost::unit_test::framework::master_test_suite();
			if (n++ == 15)
				all.add(boost::unit_test::make_test_case(dies, "dies, in*the @middle", __FILE__, __LINE__));
			all.add(boost::unit_test::make_test_case(passes, name, __FILE__, __LINE__));
		}
	}
} names;
END2
c++ -std=c++17 -O0 -o names names.cc -lboost_unit_test_framework || fail "names does not compile"
for how in "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 0 "$gangway" $how names
	has "$out" "31 passed"
	# shellcheck disable=SC2086 # words
	DIE=1 run 1 "$gangway" $how names
	has "$out" "1 failed, 30 passed"
done

build crash -DCRASH
{
	cat want
	printf '%s\n' "segv: failed" "after_segv: passed" "aborts: failed" "leaves: error" \
		"hangs: failed" "after_all: failed"
} | sort >want.crash
for how in "-n 2" "-n 0" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 3 -v --junitxml=junit.xml crash
	verdicts junit.xml | sed 's/.* | //' | sort >got
	same want.crash got
	has "$out" "FAILED crash::segv - killed by SIGSEGV"
	has "$out" "FAILED crash::aborts - killed by SIGABRT"
	has "$out" "last words"
	has "$out" "timed out after 3"
	has "$out" "exited with status 0 in the middle of the test"
done

if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake own
	run 8 ctest --test-dir . -V
	has "$out" "su/inner/deep"
	! grep -q "no test cases matching" "$out" || fail "an entry ran no test"
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args own "$(wc -l <want)" --random=7 -- --data 'a b'
	with_args own "$(wc -l <want)" --detect_memory_leaks=0
	with_args own 0 --run_test=su
	with_args own 0 --log_level=all
fi
