#!/bin/sh
# GoogleTest and Check programs in a Meson project are taken apart into their cases, under the protocols exitcode
# and gtest: all cases of a test together say what `meson test` says of it, with any number of workers and one by
# one.  The cases have its suites as marks, its variables, folder, priority and is_parallel; a program that is
# called in a way that is not one run of all its cases stays whole.
. "$(dirname "$0")/lib.sh"
need meson ninja cc c++ pkg-config

mkdir proj
cd proj
cat >meson.build <<'END'
project('p', 'c', 'cpp', default_options: ['cpp_std=c++17'])
gtest = [dependency('gtest'), dependency('threads')]
check = dependency('check')
good = executable('good', 'good.cc', dependencies: gtest)
bad = executable('bad', 'bad.cc', dependencies: gtest)
dies = executable('dies', 'dies.cc', dependencies: gtest)
cgood = executable('cgood', 'cgood.c', dependencies: check)
cbad = executable('cbad', 'cgood.c', dependencies: check, c_args: '-DBAD')
catch = executable('catch', 'catch.cc')
usual = ['SPOOL=' + meson.current_build_dir() / 'spool', 'SAYS=it is $HOME']
foreach protocol : ['exitcode', 'gtest']
  test('good ' + protocol, good, protocol: protocol, suite: ['unit', 'g t'], env: usual,
    workdir: meson.current_source_dir())
  test('bad ' + protocol, bad, protocol: protocol, suite: 'unit', env: usual)
  test('dies ' + protocol, dies, protocol: protocol, env: usual)
  test('part ' + protocol, bad, protocol: protocol, args: '--gtest_filter=Bad.good*', env: usual)
  test('whole ' + protocol, good, protocol: protocol, args: ['--gtest_repeat=2'], env: usual,
    workdir: meson.current_source_dir())
  test('to fail ' + protocol, bad, protocol: protocol, should_fail: true, env: usual)
endforeach
test('alone', good, is_parallel: false, env: usual + ['ALONE=1', 'WHO=alone'], workdir: meson.current_source_dir())
test('first', cgood, priority: 10, suite: ['unit', 'c'], env: usual + ['WHO=first'])
test('last', cgood, priority: -10, env: usual + ['WHO=last'])
test('cbad', cbad, env: usual)
test('one case', cbad, env: usual + ['CK_RUN_CASE=good'])
test('by tag', catch, args: ['[good]'])
test('all of catch', catch)
END
cat >spool.h <<'END'
/* Who runs: a file for each in $SPOOL.  ALONE: there may be no other.  $SPOOL.order: who began, in order. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int in_spool(const char *what)
{
	const char *spool = getenv("SPOOL"), *who = getenv("WHO") ? getenv("WHO") : "other";
	char path[4096], line[300];
	int n = 0;

	snprintf(path, sizeof path, "%s/%d", spool, (int)getpid());
	close(open(path, O_CREAT | O_WRONLY, 0600));
	DIR *d = opendir(spool);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	usleep(20000);
	unlink(path);
	snprintf(path, sizeof path, "%s.order", spool);
	int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
	snprintf(line, sizeof line, "%s %s\n", who, what);
	int written = (int)write(fd, line, strlen(line));
	close(fd);
	return written > 0 && (!getenv("ALONE") || n == 3) && !strcmp(getenv("SAYS"), "it is $HOME");
}
END
cat >good.cc <<'END'
#include <gtest/gtest.h>
#include "spool.h"
TEST(Good, here) { EXPECT_EQ(access("meson.build", R_OK), 0); EXPECT_TRUE(in_spool("here")); }
TEST(Good, skips) { GTEST_SKIP() << "no net"; }
class Each : public testing::TestWithParam<int> {};
TEST_P(Each, one) { EXPECT_TRUE(in_spool("each")); }
INSTANTIATE_TEST_SUITE_P(All, Each, testing::Range(0, 8));
int main(int argc, char **argv) { testing::InitGoogleTest(&argc, argv); return RUN_ALL_TESTS(); }
END
cat >bad.cc <<'END'
#include <gtest/gtest.h>
#include "spool.h"
TEST(Bad, good) { EXPECT_TRUE(in_spool("good")); }
TEST(Bad, good_too) {}
TEST(Bad, bad) { EXPECT_EQ(1, 2); }
TEST(Skips, skips) { GTEST_SKIP(); }
int main(int argc, char **argv) { testing::InitGoogleTest(&argc, argv); return RUN_ALL_TESTS(); }
END
cat >dies.cc <<'END'
#include <gtest/gtest.h>
TEST(Dies, before) {}
TEST(Dies, dies) { abort(); }
TEST(Dies, behind) {}
int main(int argc, char **argv) { testing::InitGoogleTest(&argc, argv); return RUN_ALL_TESTS(); }
END
cat >cgood.c <<'END'
#include <check.h>
#include "spool.h"
START_TEST(good_one) { ck_assert(in_spool("good_one")); } END_TEST
START_TEST(good_loop) { ck_assert(_i < 3); } END_TEST
START_TEST(bad_one) { ck_assert_int_eq(_i, 2); } END_TEST
int main(void)
{
	Suite *s = suite_create("s");
	TCase *c = tcase_create("good"), *d = tcase_create("bad");

	tcase_add_test(c, good_one);
	tcase_add_loop_test(c, good_loop, 0, 3);
	suite_add_tcase(s, c);
	suite_add_tcase(s, d);
#ifdef BAD
	tcase_add_test(d, bad_one);
#else
	tcase_add_loop_test(d, bad_one, 2, 3);
#endif
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n > 0;
}
END
cat >catch.cc <<'END'
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
TEST_CASE("good", "[good]") { CHECK(1 == 1); }
TEST_CASE("bad", "[bad]") { CHECK(1 == 2); }
END
meson setup b >../setup.log 2>&1 || fail "meson setup: $(cat ../setup.log)"
ninja -C b >../ninja.log 2>&1 || fail "ninja: $(cat ../ninja.log)"
mkdir b/spool
meson test -C b --no-rebuild >../meson.log 2>&1 || :
reports() { /usr/bin/python3 "$top/tests/scenario/reports.py" "$@"; }
reports meson b/meson-logs/testlog.json >../theirs
[ "$(wc -l <../theirs)" = 19 ] || fail "not all tests: $(cat ../meson.log)"

# what all cases of a Meson test together are; to an exit status a skip is none
together() {
	reports gangway "$@" | sed 's/: skipped$/: passed/' | awk '
		{ verdict = $NF; sub(/: [a-z]*$/, ""); sub(/::.*/, "")
		  if (!($0 in all) || verdict == "failed" || verdict == "error") all[$0] = verdict }
		END { for (id in all) print id ": " all[id] }' | sort
}
for n in 0 1 4; do
	rm -f b/spool.order
	run 1 "$gangway" -n $n -v --no-history b
	together "$out" >../ours
	same ../theirs ../ours
	has "$out" "PASSED p:unit+g t / good gtest::Good::here"
	has "$out" "SKIPPED p:unit+g t / good exitcode::Good::skips"
	has "$out" "PASSED p / dies gtest::Dies::behind"
	has "$out" "FAILED p / dies gtest::Dies::dies - killed by SIGABRT"
	has "$out" "PASSED p:unit+g t / good gtest::All/Each::one/7"
	has "$out" "FAILED p / cbad::s::bad::bad_one"
	has "$out" "PASSED p / one case"
	has "$out" "XFAIL p / to fail gtest"
	has "$out" "PASSED p / whole exitcode"
	has "$out" "PASSED p / by tag::good"
	lacks "$out" "part gtest::Bad::bad"
	lacks "$out" "by tag::bad"
	# those of the highest priority began first, those of the lowest last
	cut -d ' ' -f 1 b/spool.order | grep -v alone | uniq >../order
	[ $n = 4 ] || [ "$(cat ../order)" = "first
other
last" ] || fail "-n $n: order of priorities: $(uniq <b/spool.order)"
done

# one by one
: >../ours
"$gangway" list -q b | grep ' / ' >../ids
while IFS= read -r id; do
	"$gangway" -n 0 -v b "$id" >"$out" 2>"$err" </dev/null || [ $? = 1 ] || fail "$id: $(cat "$err")"
	[ "$(reports gangway "$out" | wc -l)" = 1 ] || fail "'$id' is not one test: $(cat "$out")"
	cat "$out" >>../ours
done <../ids
together ../ours >../singly
same ../theirs ../singly

# suites and the project are marks of each case
run 0 "$gangway" list -q -m 'unit and p and not c' b
[ "$(grep -c '::' "$out")" = 28 ] || fail "-m: $(cat "$out")"
run 0 "$gangway" list -q -m 'unit and c' b
[ "$(grep '::' "$out" | sed 's/::.*//' | sort -u)" = 'p:unit+c / first' ] || fail "-m: $(cat "$out")"
"$gangway" plan -n 4 b 'p / alone' --cache-clear >"$out"
has "$out" "runs alone"
