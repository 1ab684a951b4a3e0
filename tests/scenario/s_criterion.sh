#!/bin/sh
# Criterion programs: listed, run together and singly with the verdicts and reasons that they print
# themselves; parameters as parts of one test; what crashes, exits, hangs, and kills Criterion itself
# in the middle; tests that were not asked for and that Criterion calls skipped; output that lies.
. "$(dirname "$0")/lib.sh"
need cc
libs=$(pkg-config --cflags --libs criterion) || exit 77

cat >kinds_test.c <<'END'
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
Test(basic, passes) { puts("said by passes"); }
Test(hé, ä_b) { }
Test(basic, no_newline) { printf("no newline"); fflush(stdout); }
Test(basic, fails) { fprintf(stderr, "in fails\n"); cr_assert_eq(1, 2, "one & <two> ]]> %c", 1); }
Test(basic, expects) { cr_expect(0, "first"); cr_expect(0); }
Test(odd, segfaults) { *(volatile int *)0 = 1; }
Test(odd, aborts) { abort(); }
Test(odd, exits3) { exit(3); }
Test(odd, dis, .disabled = true) { }
Test(odd, skips) { cr_skip_test("no | net & <x>"); }
Test(odd, expected, .signal = SIGSEGV) { *(volatile int *)0 = 1; }
Test(odd, slow, .timeout = 0.2) { for (;;) pause(); }
Test(odd, lies) { fprintf(stderr, "[PASS] odd::lies: (0.00s)\n[RUN ] basic::passes\n"); cr_assert(0, "lied"); }
ParameterizedTestParameters(par, each) { static int p[] = { 1, 2, 3 }; return cr_make_param_array(int, p, 3); }
ParameterizedTest(int *p, par, each) { cr_assert_neq(*p, 2, "two"); }
ParameterizedTestParameters(par, good) { static int p[] = { 1, 2, 3 }; return cr_make_param_array(int, p, 3); }
ParameterizedTest(int *p, par, good) { }
#ifdef TROUBLE
Test(t, a) { }
Test(t, b_kills) { kill(getppid(), SIGKILL); pause(); }
Test(t, c) { }
Test(t, d_hangs) { for (;;) pause(); }
Test(t, e) { }
#endif
END
# shellcheck disable=SC2086 # several words
cc -g -w -o kinds_test kinds_test.c $libs && cc -g -w -DTROUBLE -o trouble_test kinds_test.c $libs ||
	fail "does not compile"
run 0 "$gangway" list kinds_test
has "$out" "15 items"

# what the program says itself; of parameters the worst counts
./kinds_test -j1 --verbose --color=never >/dev/null 2>alone && fail "the program is content"
sed -n 's/^\[\(PASS\|FAIL\|SKIP\)\] \([^ :]*\)::\([^ :]*\): .*/kinds_test.\2 | \3: \1/p' alone |
	grep -v 'lies: PASS' | sed 's/PASS/passed/; s/FAIL/failed/; s/SKIP/skipped/' | sort -u |
	grep -v 'each: passed' >want
grep '^\[SKIP\]' alone | sed 's/.*: //' | sort >reasons
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v -rfsP --junitxml=junit.xml kinds_test
	verdicts junit.xml | sed 's/^[^|]* | //' | sed '/each\[.*passed/d; s/each\[1\]/each/' >got
	grep -v 'each\|good' got >most
	grep -v 'each\|good' want >want.most
	same want.most most
	xmllint --noout junit.xml || fail "not well-formed"
	has "$out" "kinds_test::par::each - two"
	has "$out" "said by passes"
	has "$out" "kinds_test.c:10: one & <two> ]]>"
	while IFS= read -r reason; do
		has "$out" "$reason"
	done <reasons
	# 'lies' and the one it speaks of
	has "$out" "FAILED kinds_test::odd::lies"
	has "$out" "PASSED kinds_test::basic::passes"
done
run 0 "$gangway" -v 'kinds_test::par::good' kinds_test
has "$out" "1 passed"

if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake kinds_test
	sed 's/^kinds_test\.//; s/ | /::/; s/\[[0-9]\]:/:/' got | sort -u >want.ctest
	ctest_verdicts . >theirs
	same want.ctest theirs
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args kinds_test 15 --jobs 1 --timeout 5
	with_args kinds_test 0 --filter 'par/*'
fi

run 1 "$gangway" -n 1 --timeout 2 -v -k "::t::" trouble_test
has "$out" "3 passed"
has "$out" "FAILED trouble_test::t::b_kills - killed by SIGKILL"
has "$out" "FAILED trouble_test::t::d_hangs - timed out after 2"
