#!/bin/sh
# GLib's test programs: listed and chosen by paths with every byte that a path may have, run together
# and singly with the verdicts and reasons of their own TAP; what ends the process in the middle; a
# path that is a test and a suite; output that looks like TAP.
. "$(dirname "$0")/lib.sh"
need cc
libs=$(pkg-config --cflags --libs glib-2.0) || exit 77

cat >kinds_test.c <<'END'
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
static void passes(void) { puts("said by passes"); }
static void skips(void) { g_test_skip("no # net, \\ \xc3\xa9 & <x>"); }
static void incomplete(void) { g_test_incomplete("later"); }
static void fails(void) { g_test_fail(); }
static void fails_why(void) { g_test_fail_printf("why %d", 3); }
static void lies(void) { puts("ok 1 /a/fails\nnot ok 2 /a/lies\nBail out!\n1..0 # SKIP"); }
static void data(gconstpointer p) { g_assert_cmpstr(p, !=, "bad"); }
static void asserts(void) { puts("last words"); fflush(stdout); g_assert_cmpint(1, ==, 2); }
static void fatal(void) { g_error("no way: %d", 3); }
static void segfaults(void) { *(volatile int *)0 = 1; }
static void exits(void) { exit(0); }
static void hangs(void) { for (;;) g_usleep(100000); }
int main(int argc, char **argv)
{
	puts("main() talks");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/a/passes", passes);
	g_test_add_func("/a/skips", skips);
	g_test_add_func("/a/incomplete", incomplete);
	g_test_add_func("/a/fails", fails);
	g_test_add_func("/a/fails_why", fails_why);
	g_test_add_func("/a/lies", lies);
	g_test_add_func("/b", passes);
	g_test_add_func("/b/h\xc3\xa9 & <x>, \"y\" \\ * ? : [z] # $(0) 'q'", passes);
	g_test_add_func("/b/ok", passes);
	g_test_add_func("/b/deep/deeper", passes);
	g_test_add_func("/top", passes);
	g_test_add_data_func("/data/good", "good", data);
	if (g_getenv("TROUBLE")) {
		g_test_add_data_func("/data/bad", "bad", data);
		g_test_add_func("/t/asserts", asserts);
		g_test_add_func("/t/exits", exits);
		g_test_add_func("/t/fatal", fatal);
		g_test_add_func("/t/hangs", hangs);
		g_test_add_func("/t/last", passes);
		g_test_add_func("/t/segfaults", segfaults);
	}
	return g_test_run();
}
END
# shellcheck disable=SC2086 # several words
cc -g -w -o kinds_test kinds_test.c $libs || fail "does not compile"

# what the program says itself; the id has "::" for the last "/" of the path
LC_ALL=C.UTF-8 ./kinds_test -k >alone || :
sed -n 's/^ok [0-9]* \(.*\) # SKIP .*/\1: skipped/p; t
s/^not ok [0-9]* \(.*\) # TODO .*/\1: passed/p; t
s/^ok [0-9]* \(.*\)/\1: passed/p; s/^not ok [0-9]* \(.*\)/\1: failed/p' alone |
	grep -v '^/a/fails: passed\|^/a/lies: failed' | sed 's/ - why 3//; s/h? /hé /' | sort >want # ('?' for what the C locale lacks)
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v -rsx --junitxml=junit.xml kinds_test
	verdicts junit.xml | sed 's/^[^|]* | kinds_test\.\{0,1\}//; s/ | /\//' | sort >got
	# (expected failures are skipped in JUnit files)
	sed -i 's/^\(.*incomplete\): skipped/\1: passed/' got
	same want got
	has "$out" "2 failed, 8 passed, 1 skipped, 1 xfailed"
	has "$out" "no # net, \\ é & <x>"
	has "$out" "later"
	has "$out" "why 3"
done

# each by its id, and it alone
"$gangway" list kinds_test | grep '::' | grep -v fails >ids
while IFS= read -r id; do
	run 0 "$gangway" -q "$id" kinds_test
	has "$out" "1 passed"
done <<END
$(grep -v 'skips\|incomplete' ids)
END
run 0 "$gangway" -v -rP "kinds_test::b" kinds_test
grep -c 'said by' "$out" | grep -qx 1 || fail "more than /b ran"

# by ctest, without gangway in the process; /b is also a suite
if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake kinds_test
	ctest_verdicts . >theirs
	sed 's/incomplete: passed/incomplete: skipped/' want | sort >want.ctest
	same want.ctest theirs
	run 0 ctest -V -R '^/b$'
	grep -c 'said by' "$out" | grep -qx 1 || fail "more than /b ran"
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args kinds_test 3 -p /b
	with_args kinds_test 12 --tap -k -m slow --seed R02S842f4e22bd4b4e2a9b5ac5cd5c9fae1e
	with_args kinds_test 0 -p /top
	with_args kinds_test 0 -s /b/ok
fi

# --- in the middle ---------------------------------------------------------------------------------
TROUBLE=1
export TROUBLE
{
	cat want
	printf '%s\n' "/data/bad: failed" "/t/asserts: failed" "/t/exits: error" "/t/fatal: failed" \
		"/t/hangs: failed" "/t/last: passed" "/t/segfaults: failed"
} | sort >want.trouble
for how in "-n 0" "-n 2" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml kinds_test
	verdicts junit.xml | sed 's/^[^|]* | kinds_test\.\{0,1\}//; s/ | /\//; s/^\(.*incomplete\): skipped/\1: passed/' |
		sort >got
	same want.trouble got
	has "$out" "kinds_test.c:11: assertion failed (1 == 2): (1 == 2)"
	has "$out" "no way: 3"
	has "$out" "killed by SIGSEGV"
	has "$out" "exited with status 0 in the middle of the test"
	has "$out" "last words"
	has "$out" "timed out after 2"
done
