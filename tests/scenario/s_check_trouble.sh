#!/bin/sh
# Check programs: suites, TCases and tests are listed without a change to the program; crashes, time
# limits and exits are charged to their test; verdicts equal those of the program alone.
. "$(dirname "$0")/lib.sh"
need cc

cat >store_test.c <<'END'
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
START_TEST(passes) { }
END_TEST
START_TEST(fails) { ck_assert_int_eq(1, 2); }
END_TEST
START_TEST(crashes) { raise(SIGSEGV); }
END_TEST
START_TEST(hangs) { for (;;) pause(); }
END_TEST
START_TEST(exits) { exit(0); }
END_TEST
START_TEST(is_to_be_killed) { raise(SIGTERM); }
END_TEST
START_TEST(loops) { ck_assert_int_ne(_i, 2); }
END_TEST
int main(void)
{
	Suite *s = suite_create("Store & <x>"), *empty = suite_create("Other");
	TCase *a = tcase_create("basic"), *b = tcase_create("hard ones");
	tcase_add_test(a, passes);
	tcase_add_test(a, fails);
	tcase_add_loop_test(a, loops, 0, 4);
	tcase_set_tags(b, "slow nightly");
	tcase_set_timeout(b, 1);
	tcase_add_test(b, crashes);
	tcase_add_test(b, hangs);
	tcase_add_test(b, exits);
	tcase_add_test_raise_signal(b, is_to_be_killed, SIGTERM);
	tcase_add_test(b, passes);
	suite_add_tcase(s, a);
	suite_add_tcase(s, b);
	TCase *c = tcase_create("c");
	tcase_add_test(c, passes);
	suite_add_tcase(empty, c);
	SRunner *r = srunner_create(s);
	srunner_add_suite(r, empty);
	srunner_run_all(r, CK_ENV);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n > 0;
}
END
cc -o store_test store_test.c $(pkg-config --cflags --libs check) || fail "does not compile"

run 0 "$gangway" list store_test
[ "$(grep -c '^store_test::' "$out")" = 12 ] || fail "$(cat "$out")"
run 0 "$gangway" list -m "slow and nightly" store_test
has "$out" "/ 7 deselected / 5 selected"

run 1 "$gangway" -n 2 --junitxml=junit.xml store_test
CK_XML_LOG_FILE_NAME=alone.xml CK_VERBOSITY=silent ./store_test || :
/usr/bin/python3 - alone.xml junit.xml >differences <<'END' || fail "$(cat differences)"
import collections, sys, xml.etree.ElementTree as tree
ns = "{http://check.sourceforge.net/ns}"
alone = collections.Counter(
    (t.find(ns + "id").text, t.get("result") == "success") for t in tree.parse(sys.argv[1]).iter(ns + "test"))
ours = collections.Counter(
    (c.get("name").split("::")[-1].split("[")[0], c.find("failure") is None and c.find("error") is None)
    for c in tree.parse(sys.argv[2]).iter("testcase"))
print("alone", alone - ours, "ours", ours - alone)
sys.exit(alone != ours)
END
has "$out" "store_test.c:"
has "$out" "SIGSEGV"

# One TCase alone, and a program that says nothing of itself.
run 0 "$gangway" -v "store_test::Other"
has "$out" "1 passed"
strip -o stripped_test store_test
run 1 "$gangway" -n 2 --junitxml=stripped.xml stripped_test
