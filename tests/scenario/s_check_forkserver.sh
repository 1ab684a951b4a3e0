#!/bin/sh
# Check programs that wait at their tests and fork for each batch: the same verdicts as a start for each
# test, one start for each worker; nothing is left behind, also after the worker or all of gangway is killed.
. "$(dirname "$0")/lib.sh"
need cc pkg-config pgrep

cat >warm_test.c <<'END'
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
START_TEST(quick) { ck_assert_int_ne(_i, 7); } END_TEST
START_TEST(crashes) { raise(SIGSEGV); } END_TEST
START_TEST(leaks) { if (fork() == 0) pause(); } END_TEST
START_TEST(exits) { exit(0); } END_TEST
START_TEST(hangs) { for (;;) pause(); } END_TEST
START_TEST(kills_its_group) { kill(0, SIGKILL); } END_TEST
int main(void)
{
	Suite *s = suite_create("S");
	TCase *c = tcase_create("c"), *d = tcase_create("slow");
	FILE *f = fopen(getenv("STARTS"), "a");
	fputs("start\n", f);
	fclose(f);
	usleep(50000);
	tcase_add_loop_test(c, quick, 0, 30);
	tcase_add_test(c, crashes);
	tcase_add_test(c, leaks);
	tcase_add_test(c, exits);
	tcase_add_test(c, kills_its_group);
	tcase_add_test_raise_signal(c, crashes, SIGSEGV);
	tcase_set_timeout(d, 0);
	tcase_add_test(d, hangs);
	suite_add_tcase(s, c);
	suite_add_tcase(s, d);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n > 0;
}
END
# shellcheck disable=SC2046 # words
cc -w -o warm_test warm_test.c $(pkg-config --cflags --libs check) || fail "does not compile"
STARTS=$work/starts
export STARTS
is_gone() {
	! pgrep -f "^$work/warm_test" >/dev/null
}

run 0 "$gangway" list warm_test # remembered: no start of the runs below
for use in no yes auto; do
	: >"$STARTS"
	run 1 "$gangway" -n 2 --isolate --check-forkserver=$use --junitxml=$use.xml -k "not hangs" warm_test
	wc -l <"$STARTS" >$use.starts
	verdicts $use.xml >$use.verdicts
	same no.verdicts $use.verdicts
	is_gone || fail "something is left of the run with --check-forkserver=$use"
done
[ "$(cat no.starts)" = 35 ] || fail "$(cat no.starts) starts, one for each test were to be"
[ "$(cat yes.starts)" -le 2 ] || fail "$(cat yes.starts) starts, one for each worker were to be"
[ "$(cat auto.starts)" -le 6 ] || fail "$(cat auto.starts) starts of a program whose start is dear"

# all of gangway is killed while a test runs: the servers go with their workers
"$gangway" -n 2 --isolate --check-forkserver=yes -k "quick or hangs" warm_test >run.log 2>&1 &
pid=$!
is_up() {
	pgrep -f "^$work/warm_test" >/dev/null
}
wait_for "no server came up" is_up
kill -9 $pid
wait $pid 2>/dev/null || :
wait_for "a server outlived gangway" is_gone
