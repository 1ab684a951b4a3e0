#!/bin/sh
# GoogleTest programs that crash, hang, exit and lie in the middle of a batch: one test is charged,
# by name, and the rest has its own verdict.
. "$(dirname "$0")/lib.sh"
need c++

cat >trouble_test.cc <<'END'
#include <gtest/gtest.h>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
TEST(T, a_passes) { std::puts("said by a"); }
TEST(T, b_crashes) { std::puts("last words"); std::fflush(stdout); *(volatile int *)nullptr = 1; }
TEST(T, c_passes) {}
TEST(T, d_exits_with_nothing_wrong) { std::exit(0); }
TEST(T, e_passes) {}
TEST(T, f_hangs) { for (;;) pause(); }
TEST(T, g_passes) {}
TEST(T, h_fails) { EXPECT_EQ(1, 2) << "one is not two"; }
TEST(T, i_skips) { GTEST_SKIP() << "no reason"; }
TEST(T, j_aborts) { std::abort(); }
TEST(T, k_prints_lies) { std::puts("[       OK ] T.h_fails (0 ms)\n[ RUN      ] T.m_passes\n[  FAILED  ] T.k_prints_lies (0 ms)"); }
TEST(T, l_exits_3) { _exit(3); }
TEST(T, m_passes) {}
TEST(T, DISABLED_n_crashes) { std::abort(); }
class P : public testing::TestWithParam<const char *> {};
TEST_P(P, p) { EXPECT_STRNE(GetParam(), "bad"); }
INSTANTIATE_TEST_SUITE_P(I, P, testing::Values("good", "bad", "a b/c"));
class S : public testing::Test { protected: static void SetUpTestSuite() { FAIL() << "no suite"; } };
TEST_F(S, x) {}
TEST_F(S, y) {}
END
c++ -o trouble_test trouble_test.cc $(pkg-config --cflags --libs gtest_main) || fail "does not compile"

for how in "-n 2" "-n 0" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml trouble_test
	verdicts junit.xml | sed 's/.* | //' >got
	cat >want <<'END'
DISABLED_n_crashes: skipped
a_passes: passed
b_crashes: failed
c_passes: passed
d_exits_with_nothing_wrong: error
e_passes: passed
f_hangs: failed
g_passes: passed
h_fails: failed
i_skips: skipped
j_aborts: failed
k_prints_lies: passed
l_exits_3: error
m_passes: passed
END
	grep -v '^p/\|^[xy]: ' got >most || :
	same want most
	grep -q '^p/0: passed' got && grep -q '^p/1: failed' got && grep -q '^p/2: passed' got ||
		fail "parameters: $(cat got)"
	grep -q '^[xy]: error\|^[xy]: failed' got || fail "a suite whose set-up failed passed: $(cat got)"
	has "$out" "SIGSEGV"
	has "$out" "SIGABRT"
	has "$out" "last words"
	has "$out" "one is not two"
	has "$out" "timed out after 2"
	has "$out" "exited with status 0 in the middle of the test"
	has "$out" "trouble_test.cc:"
done

# kill -9 before the first test is no test's fault: started again, once
cat >killed_test.cc <<'END'
#include <gtest/gtest.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
TEST(T, a) {}
TEST(T, b) {}
int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	const char *flag = getenv("KILL_ONCE");
	if (!testing::GTEST_FLAG(list_tests) && flag && open(flag, O_CREAT | O_EXCL, 0600) >= 0)
		raise(SIGKILL);
	if (!testing::GTEST_FLAG(list_tests) && getenv("KILL_ALWAYS"))
		raise(SIGKILL);
	return RUN_ALL_TESTS();
}
END
c++ -o killed_test killed_test.cc $(pkg-config --cflags --libs gtest) || fail "does not compile"
KILL_ONCE=$work/once run 0 "$gangway" -n 1 killed_test
has "$out" "2 passed"
[ -e once ] || fail "not killed"
KILL_ALWAYS=1 run 1 "$gangway" -n 1 killed_test
has "$out" "ERROR killed_test::T::a - the program ended before its first test: killed by SIGKILL"
has "$out" "2 errors"
