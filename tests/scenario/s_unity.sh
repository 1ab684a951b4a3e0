#!/bin/sh
# Unity programs: recognised when stripped, one test each whose points are the program's tests; what
# fails, is ignored, lies, exits and aborts.  Debian has no package of Unity: UNITY_SRC names the folder
# of its unity.c; tests/unit/t_unity.c has recorded output of the same.
. "$(dirname "$0")/lib.sh"
need cc
[ -f "${UNITY_SRC:-/usr/src/unity}/unity.c" ] || {
	echo "UNITY_SRC does not name a folder with unity.c"
	exit 77
}
src=${UNITY_SRC:-/usr/src/unity}

cat >kinds.c <<'END'
#include "unity.h"
#include <stdlib.h>
#include <string.h>
void setUp(void) {}
void tearDown(void) {}
static void test_ok(void) { TEST_ASSERT_EQUAL_INT(1, 1); }
static void test_bad(void) { TEST_ASSERT_EQUAL_INT_MESSAGE(1, 2, "a:b: <c> & d"); }
static void test_later(void) { TEST_IGNORE_MESSAGE("no: net"); }
static void test_lies(void) { puts("t.c:1:test_fake:FAIL: no"); }
static int is_kind(const char *kind)
{
	return strcmp(getenv("KIND"), kind) == 0;
}
int main(void)
{
	UNITY_BEGIN();
	if (!is_kind("ignored"))
		RUN_TEST(test_ok);
	if (is_kind("mixed"))
		RUN_TEST(test_bad);
	if (is_kind("mixed") || is_kind("ignored"))
		RUN_TEST(test_later);
	if (is_kind("lies"))
		RUN_TEST(test_lies);
	if (is_kind("exits"))
		exit(0);
	fflush(stdout);
	if (is_kind("aborts"))
		abort();
	return UNITY_END();
}
END
cc -O2 -w -s -o kinds_test -I"$src" kinds.c "$src/unity.c" || fail "does not compile"
run 0 "$gangway" explain kinds_test kinds_test
has "$out" "framework  unity"
KIND=mixed run 1 "$gangway" -n 0 --junitxml=junit.xml kinds_test
has "$out" "1 of 3 tests failed: test_bad: Expected 1 Was 2:a:b: <c> & d"
verdicts junit.xml | sed 's/.* | //' >got
cat >want <<'END'
test_bad: failed
test_later: skipped
test_ok: passed
END
same want got
KIND=good run 0 "$gangway" -n 0 kinds_test
KIND=ignored run 0 "$gangway" -n 0 -rs kinds_test
has "$out" "no: net"
KIND=lies run 1 "$gangway" -n 0 kinds_test
has "$out" "Unity counts 2 tests and 0 failures, its output shows 3 and 1"
KIND=exits run 1 "$gangway" -n 0 kinds_test
has "$out" "ended without Unity's total, with exit status 0"
KIND=aborts run 1 "$gangway" -n 0 kinds_test
has "$out" "killed by SIGABRT after 1 tests"
