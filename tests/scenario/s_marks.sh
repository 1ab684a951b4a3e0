#!/bin/sh
# gangway.h: marks, groups, locks, time limits and slots said in the source of Check, GoogleTest and plain
# programs are read from the file, whatever compiler, linker and kind of program, and heeded.
. "$(dirname "$0")/lib.sh"
need cc c++ pkg-config

header=-I$top/src/guest
cat >plain_test.c <<'END'
#include <gangway.h>
GANGWAY_MARK(*, "nightly");
GANGWAY_LOCK(*, "a disk, and what is on it");
GANGWAY_SLOTS(*, 1 + 1);
GANGWAY_TIMEOUT(*, 0.75);
int main(void) { return 0; }
END
mkdir plain
try() { # COMPILER FLAGS...
	rm -f plain/*
	"$@" "$header" -o plain/plain_test plain_test.c >log 2>&1 || fail "$* does not compile: $(cat log)"
	run 0 "$gangway" explain plain/plain_test plain
	for text in "mark       nightly" "lock       a disk, and what is on it" "slots      2" "timeout    0.750 s"; do
		has "$out" "$text"
	done
}
for cc in gcc clang; do
	command -v $cc >/dev/null || continue
	try $cc -Wall -Wextra -Werror -pedantic -std=c99
	try $cc -O2 -ffunction-sections -fdata-sections -Wl,--gc-sections -s
	try $cc -static -s
	try $cc -no-pie
	try $cc -fsanitize=address,undefined
	try $cc -x c++ -Wall -Wextra -Werror -O2
done
try gcc -O2 -flto -Wl,--gc-sections
for ld in gold lld; do
	command -v ld.$ld >/dev/null && try gcc -fuse-ld=$ld -Wl,--gc-sections -fdata-sections
done

cat >store_test.c <<'END'
#include <check.h>
#include <gangway.h>
#include <unistd.h>
START_TEST(inserts) { } END_TEST
GANGWAY_MARK(inserts, "unit");
GANGWAY_GROUP(inserts, "database");
START_TEST(loops) { } END_TEST
GANGWAY_GROUP(loops, "database");
START_TEST(hangs) { for (;;) pause(); } END_TEST
GANGWAY_TIMEOUT(hangs, 0.2);
GANGWAY_MARK(*, "everything");
int main(void)
{
	Suite *s = suite_create("Store");
	TCase *c = tcase_create("c"), *d = tcase_create("d");
	tcase_set_tags(c, "tag");
	tcase_add_test(c, inserts);
	tcase_add_test(c, hangs);
	tcase_add_loop_test(d, loops, 0, 2);
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
cc -w -O2 "$header" -o store_test store_test.c $(pkg-config --cflags --libs check) || fail "does not compile"
run 0 "$gangway" list -m "unit and tag and everything" store_test
has "$out" "store_test::Store::c::inserts"
has "$out" "1 selected"
run 0 "$gangway" plan -n 2 --dist=loadgroup -k "not hangs" store_test
has "$out" "group 'database'"
run 1 "$gangway" store_test
has "$out" "FAILED store_test::Store::c::hangs - timed out"
has "$out" "1 failed, 3 passed"
# the ini file has the last word
printf '[test "*::hangs"]\ntimeout = 0.1\n[groups]\nother = *::inserts\n' >gangway.ini
run 0 "$gangway" explain store_test::Store::c::hangs store_test
has "$out" "timeout    0.100 s"
run 0 "$gangway" explain store_test::Store::c::inserts store_test
has "$out" "group      other"
rm gangway.ini

cat >db_test.cc <<'END'
#include <gangway.h>
#include <gtest/gtest.h>
TEST(Db, Insert) {}
TEST(Db, Remove) {}
TEST(Net, Insert) {}
class P : public testing::TestWithParam<int> {};
TEST_P(P, Each) {}
INSTANTIATE_TEST_SUITE_P(Inst, P, testing::Values(1, 2));
namespace here {
GANGWAY_MARK(Db.Insert, "unit");
GANGWAY_GROUP(Db.*, "database");
GANGWAY_LOCK(Inst/P.Each/0, "port");
}
END
# shellcheck disable=SC2046 # words
c++ -O2 "$header" -o db_test db_test.cc $(pkg-config --cflags --libs gtest_main) || fail "does not compile"
run 0 "$gangway" list -m unit db_test
has "$out" "db_test::Db::Insert"
has "$out" "1 selected"
run 0 "$gangway" explain db_test::Db::Remove db_test
has "$out" "group      database"
run 0 "$gangway" explain db_test::Inst/P::Each/0 db_test
has "$out" "lock       port"
run 0 "$gangway" explain db_test::Net::Insert db_test
lacks "$out" "group"
