#!/bin/sh
# CUnit programs, which can neither list nor select: listed with file and line, run together and
# singly, whatever interface they use, with the verdicts that they print themselves; suites and tests
# that are inactive, fixtures that fail, a crash and an exit in the middle; names that make CUnit's
# own XML ill-formed.
. "$(dirname "$0")/lib.sh"
need cc addr2line
libs=$(pkg-config --cflags --libs cunit) || exit 77

cat >kinds_test.c <<'END'
#include <CUnit/Automated.h>
#include <CUnit/Basic.h>
#include <CUnit/Console.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void passes(void) { puts("said by passes"); CU_ASSERT(1); }
static void fails(void) { CU_ASSERT_EQUAL(1, 2); CU_ASSERT_STRING_EQUAL("a", "]]> \001"); }
static void fatal(void) { CU_ASSERT_FATAL(0 == 1); abort(); }
static void aborts(void) { puts("last words"); fflush(stdout); abort(); }
static void exits(void) { exit(0); }
static int ninit;
static int init(void) { printf("init %d\n", ++ninit); return 0; }
static int bad(void) { return 1; }
int main(int argc, char **argv)
{
	const char *interface = getenv("INTERFACE");
	CU_initialize_registry();
	CU_pSuite s = CU_add_suite("S & <1>", init, NULL);
	CU_add_test(s, "passes", passes);
	CU_add_test(s, "a name, with: <every> & \"kind\" [of] \\ * ? byte", passes);
	CU_add_test(s, "fails", fails);
	CU_add_test(s, "fatal", fatal);
	CU_set_test_active(CU_add_test(s, "off", passes), CU_FALSE);
	if (!getenv("QUIET")) {
		CU_add_test(s, "aborts", aborts);
		CU_add_test(s, "behind", passes);
		CU_add_test(s, "exits", exits);
	}
	CU_add_test(s, "last", passes);
	CU_pSuite off = CU_add_suite("inactive suite", NULL, NULL);
	CU_add_test(off, "in it", passes);
	CU_set_suite_active(off, CU_FALSE);
	s = CU_add_suite("bad init", bad, NULL);
	CU_add_test(s, "never", passes);
	s = CU_add_suite("bad clean-up", NULL, bad);
	CU_add_test(s, "charged", passes);
	if (interface && !strcmp(interface, "automated"))
		CU_automated_run_tests();
	else if (interface && !strcmp(interface, "console"))
		CU_console_run_tests();
	else if (interface && !strcmp(interface, "bare"))
		CU_run_all_tests();
	else
		CU_basic_set_mode(CU_BRM_VERBOSE), CU_basic_run_tests();
	CU_cleanup_registry();
	return 0;
}
END
# shellcheck disable=SC2086 # several words
cc -g -w -o kinds_test kinds_test.c $libs || fail "does not compile"
run 0 "$gangway" list kinds_test
has "$out" "12 items"
run 0 "$gangway" explain "kinds_test::S & <1>::fails" kinds_test
has "$out" "kinds_test.c:8"

cat >want <<'END'
kinds_test.S & <1> | a name, with: <every> & "kind" [of] \ * ? byte: passed
kinds_test.S & <1> | aborts: failed
kinds_test.S & <1> | behind: passed
kinds_test.S & <1> | exits: error
kinds_test.S & <1> | fails: failed
kinds_test.S & <1> | fatal: failed
kinds_test.S & <1> | last: passed
kinds_test.S & <1> | off: skipped
kinds_test.S & <1> | passes: passed
kinds_test.bad clean-up | charged: error
kinds_test.bad init | never: error
kinds_test.inactive suite | in it: skipped
END
for interface in basic automated console bare; do
	for how in "-n 0" "-n 2 --isolate"; do
		# shellcheck disable=SC2086 # words
		INTERFACE=$interface run 1 "$gangway" $how -v -rP --junitxml=junit.xml kinds_test
		verdicts junit.xml | sed 's/^[^|]* | //' >got
		same want got
		xmllint --noout junit.xml || fail "not well-formed"
		has "$out" "kinds_test.c:8: CU_ASSERT_EQUAL(1,2)"
		has "$out" "killed by SIGABRT"
		has "$out" "last words"
		has "$out" "exited with status 0 in the middle of the test"
		has "$out" "the suite's initialisation failed"
		has "$out" "the suite's clean-up failed"
		has "$out" "said by passes"
		lacks "$out" "init 2"
	done
done

# what the program prints itself of those that do not end it
QUIET=1 ./kinds_test >alone || :
sed -n 's/^  Test: \(.*\) \.\.\.\([a-zA-Z]*\)$/\1: \2/p' alone | grep -v '^never' |
	sed 's/FAILED/failed/' | sort >alone.verdicts
QUIET=1 run 1 "$gangway" -q --junitxml=junit.xml kinds_test
verdicts junit.xml | sed 's/.* | //' | grep -v 'skipped$\|never\|charged' | sort >got
grep -v '^charged\|^said' alone.verdicts >alone.most
# (a passing test's word stands behind what it printed)
sed 's/: [a-z]*$//' got >got.names
sed -n 's/^  Test: \(.*\) \.\.\..*/\1/p' alone | grep -v '^never\|^charged' | sort >alone.names
same alone.names got.names
grep failed alone.most >alone.failed
grep failed got >got.failed
same alone.failed got.failed

# one, by its name; the suite is set up for it
run 0 "$gangway" -v -rP 'kinds_test::S & <1>::a name, with: <every> & "kind" [of] \ * ? byte' kinds_test
has "$out" "1 passed"
has "$out" "init 1"

# without gangway in it there is no way to choose
run 4 "$gangway" discover -o CTestTestfile.cmake kinds_test
has "$err" "kinds_test: a cunit program: only gangway can run a single test of it; use add_test() or gangway_add_tests()"
