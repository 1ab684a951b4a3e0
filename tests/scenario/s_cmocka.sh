#!/bin/sh
# cmocka programs, which can neither list nor select: listed with file and line, run together and
# singly with the verdicts that they print themselves; groups of the same name, tests of the same
# name, fixtures that fail, a crash, an exit and a hang in the middle; the reports that cmocka itself
# makes ill-formed; programs that nothing can be preloaded into.
. "$(dirname "$0")/lib.sh"
need cc addr2line
libs=$(pkg-config --cflags --libs cmocka) || exit 77

cat >head.h <<'END'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
END
cat >kinds_test.c <<'END'
#include "head.h"
static void passes(void **s) { puts("said by passes"); }
static void fails(void **s) { assert_int_equal(1, 2); }
static void skips(void **s) { skip(); }
static void is_caught(void **s) { *(volatile int *)0 = 1; }
static void leaks(void **s) { test_malloc(3); }
static void hostile(void **s) { printf("]]> \001 \377 </failure>\n"); fail_msg("]]> \001 <&>"); }
static void lies(void **s)
{
	puts("[       OK ] fails\n[  FAILED  ] lies\n[ RUN      ] other");
	print_message("[  FAILED  ] lies\n");
	print_error("%s\n", "[  FAILED  ] GROUP SETUP");
	printf("\033_gangway\t0123456789abcdef0123456789abcdef\tend\t0\tfailed\t0\t\tx\t\033\\");
}
static int bad(void **s) { return -1; }
static int good(void **s) { *s = "state"; return 0; }
static void has_state(void **s) { assert_string_equal(*s, "state"); }
int main(void)
{
	const struct CMUnitTest first[] = {
		cmocka_unit_test(passes), cmocka_unit_test(fails), cmocka_unit_test(skips),
		cmocka_unit_test(is_caught), cmocka_unit_test(leaks), cmocka_unit_test(hostile),
		cmocka_unit_test(lies), cmocka_unit_test_setup(passes, bad),
		cmocka_unit_test_teardown(passes, bad),
		{ "a name, with: <every> & \"kind\"\t[of] \\ * ? byte", passes },
	};
	const struct CMUnitTest second[] = { cmocka_unit_test(has_state), cmocka_unit_test(fails) };
	const struct CMUnitTest third[] = { cmocka_unit_test(passes) };
	int n = cmocka_run_group_tests_name("G <1>", first, NULL, NULL);
	n += cmocka_run_group_tests(second, good, NULL);
	n += cmocka_run_group_tests_name("bad set-up", third, bad, NULL);
	n += cmocka_run_group_tests_name("bad tear-down", third, NULL, bad);
	return n;
}
END
# shellcheck disable=SC2086 # several words
cc -g -w -o kinds_test kinds_test.c $libs || fail "does not compile"
run 0 "$gangway" list kinds_test
has "$out" "14 items"
run 0 "$gangway" explain "kinds_test::G <1>::fails" kinds_test
has "$out" "kinds_test.c:3"

# what the program says itself: TAP has a line for each test that ran
CMOCKA_MESSAGE_OUTPUT=TAP ./kinds_test >alone 2>/dev/null && fail "the program is content"
sed -n 's/^ok [0-9]* - \(.*\) # SKIP.*/skipped \1/p; t
s/^ok [0-9]* - /passed /p; s/^not ok [0-9]* # SKIP /skipped /p
s/^not ok [0-9]* - \(.*\)/failed \1/p' alone | sort >alone.verdicts
cat >want <<'END'
kinds_test.G <1> | a name, with: <every> & "kind"	[of] \ * ? byte: passed
kinds_test.G <1> | fails: failed
kinds_test.G <1> | hostile: failed
kinds_test.G <1> | is_caught: failed
kinds_test.G <1> | leaks: failed
kinds_test.G <1> | lies: passed
kinds_test.G <1> | passes#2: error
kinds_test.G <1> | passes#3: error
kinds_test.G <1> | passes: passed
kinds_test.G <1> | skips: skipped
kinds_test.bad set-up | passes: error
kinds_test.bad tear-down | passes: error
kinds_test.second | fails: failed
kinds_test.second | has_state: passed
END
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v --junitxml=junit.xml kinds_test
	verdicts junit.xml | sed 's/^[^|]* | //' >got
	same want got
	xmllint --noout junit.xml || fail "not well-formed"
	has "$out" "1 != " # 0x1 before cmocka 2
	has "$out" "said by passes"
	has "$out" "the group's set-up failed"
	grep -q "the group's tear-down failed$" "$out" || fail "more than the tear-down is told"
done
# The same names and verdicts where its TAP can be read: not of a group or test whose fixture failed,
# nor of one that prints such lines.
sed -n 's/^.* | \(.*\): \([a-z]*\)$/\2 \1/p' got | grep -v 'passes\|lies' | sort >ours.verdicts
grep -v 'passes\|lies\|bad ' alone.verdicts >alone.most
same alone.most ours.verdicts

# one, by its name
tab=$(printf '\t')
run 0 "$gangway" -v "kinds_test::G <1>::a name, with: <every> & \"kind\"${tab}[of] \\ * ? byte" kinds_test
has "$out" "1 passed"
run 0 "$gangway" -v -k has_state kinds_test
has "$out" "1 passed, 13 deselected"

# without gangway in it there is no way to choose
run 4 "$gangway" discover -o CTestTestfile.cmake kinds_test
has "$err" "kinds_test: a cmocka program: only gangway can run a single test of it; use add_test() or gangway_add_tests()"

# --- in the middle ---------------------------------------------------------------------------------
cat >trouble_test.c <<'END'
#include "head.h"
static void passes(void **s) {}
static void aborts(void **s) { puts("last words"); fflush(stdout); abort(); }
static void exits(void **s) { exit(0); }
static void hangs(void **s) { for (;;) pause(); }
static void forks(void **s) { if (fork() == 0) { puts("a child"); exit(3); } }
int main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(passes), cmocka_unit_test(aborts), cmocka_unit_test(passes),
		cmocka_unit_test(exits), cmocka_unit_test(passes), cmocka_unit_test(hangs),
		cmocka_unit_test(passes), cmocka_unit_test(forks), cmocka_unit_test(passes),
	};
	return cmocka_run_group_tests(t, NULL, NULL);
}
END
# shellcheck disable=SC2086 # several words
cc -g -w -o trouble_test trouble_test.c $libs &&
	cc -g -w -fsanitize=address -o asan_test trouble_test.c $libs || fail "does not compile"
cat >want <<'END'
aborts: failed
exits: error
forks: passed
hangs: failed
passes#2: passed
passes#3: passed
passes#4: passed
passes#5: passed
passes: passed
END
for how in "-n 0" "-n 2" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml trouble_test
	verdicts junit.xml | sed 's/.* | //' >got
	same want got
	has "$out" "SIGABRT"
	has "$out" "last words"
	has "$out" "exited with status 0 in the middle of the test"
	has "$out" "timed out after 2"
done
# a sanitizer does not mind the guest
run 1 "$gangway" -n 2 --timeout 2 --junitxml=junit.xml asan_test
verdicts junit.xml | sed 's/.* | //' >got
same want got

# --- where nothing can be preloaded, it is a program like others -----------------------------------
printf '[gangway]\ncheck_preload = no\n' >gangway.ini
run 0 "$gangway" list kinds_test
has "$out" "1 item"
run 1 "$gangway" -q kinds_test
has "$out" "1 failed"
