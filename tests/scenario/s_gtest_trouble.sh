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
