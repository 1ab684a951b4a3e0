#!/bin/sh
# --setup chooses one of Meson's test setups, as `meson test --setup` does: its variables, limit, wrapper and
# excluded suites; the verdicts are those of `meson test`.  --wrapper puts a command in front of every test, of any
# kind: a test to a process, so that what the wrapper finds is charged to the right one.  Setups and wrappers that
# cannot be are one clear line.
. "$(dirname "$0")/lib.sh"
need meson ninja cc c++ valgrind automake

mkdir proj
cd proj
cat >meson.build <<'END'
project('v', 'c', 'cpp', default_options: ['cpp_std=c++17'])
gt = executable('gt', 'gt.cc', dependencies: [dependency('gtest'), dependency('threads')])
ck = executable('ck', 'ck.c', dependencies: dependency('check'))
plain = executable('plain', 'plain.c')
sh = find_program('sh')
test('gt', gt)
test('ck', ck)
test('plain', plain)
test('leaks', plain, args: 'leak')
test('variable', sh, args: ['-c', '[ "$UNDER" = "it is" ]'], suite: 'usual')
test('slow', sh, args: ['-c', 'sleep 1.3'], timeout: 1, suite: 'slow')
add_test_setup('vg', exe_wrapper: ['valgrind', '-q', '--leak-check=full', '--error-exitcode=9'],
  timeout_multiplier: 100, exclude_suites: ['usual', 'slow'])
add_test_setup('vars', env: ['UNDER=it is'], timeout_multiplier: 3)
add_test_setup('quick', is_default: true, exclude_suites: 'slow')
END
cat >gt.cc <<'END'
#include <gtest/gtest.h>
TEST(G, good) {}
TEST(G, leaks) { char *volatile p = (char *)malloc(10); p = nullptr; }
TEST(G, good_too) {}
int main(int argc, char **argv) { testing::InitGoogleTest(&argc, argv); return RUN_ALL_TESTS(); }
END
cat >ck.c <<'END'
#include <check.h>
START_TEST(good) { } END_TEST
START_TEST(good_too) { } END_TEST
int main(void)
{
	Suite *s = suite_create("s");
	TCase *c = tcase_create("c");

	tcase_add_test(c, good);
	tcase_add_test(c, good_too);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_NORMAL);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n > 0;
}
END
cat >plain.c <<'END'
#include <stdlib.h>
int main(int argc, char **argv)
{
	char *volatile p = malloc(10);

	(void)argv;
	if (argc < 2)
		free(p);
	p = NULL;
	return 0;
}
END
(meson setup b && ninja -C b) >../setup.log 2>&1 || fail "meson: $(cat ../setup.log)"
reports() { /usr/bin/python3 "$top/tests/scenario/reports.py" "$@"; }

# what each setup says, and none: the same as meson test; a wrapper's word is of the whole program
for setup in vg v:vars ''; do
	meson test -C b --no-rebuild ${setup:+--setup=$setup} >../meson.log 2>&1 || :
	log=testlog${setup:+-$(echo "$setup" | tr : _)}.json
	reports meson "b/meson-logs/$log" >../theirs
	for n in 0 2; do
		code=0
		"$gangway" -n $n -v ${setup:+--setup "$setup"} b >"$out" 2>"$err" || code=$?
		[ $code -lt 2 ] || fail "--setup $setup: $(cat "$err")"
		reports gangway "$out" | sed 's/::[^ ]*:/:/' | sort -u >../ours
		same ../theirs ../ours
	done
done
run 1 "$gangway" -n 2 -v --setup=vg b
has "$out" "FAILED v / gt - exit status 9"
has "$out" "definitely lost"
run 0 "$gangway" -n 2 -v --setup=vars b
has "$out" "PASSED v:slow / slow"
has "$out" "PASSED v / gt::G::good"
run 0 "$gangway" -n 0 --setup=vars -k variable b

# a wrapper in front of anything: what it finds belongs to one test
printf '#!/bin/sh\necho 1..1; [ -n "$WRAPPED" ] && echo ok 1\n' >test_tap
printf '@test "in bats" { [ -n "$WRAPPED" ]; }\n' >some.bats
printf '#!/bin/sh\nexit 77\n' >test_skips
mkdir c pt
printf 'add_test(cmade sh "-c" "test -n \\"$WRAPPED\\"")\n' >c/CTestTestfile.cmake
printf 'import os\ndef test_env():\n    assert os.environ["WRAPPED"]\n' >pt/test_it.py
printf '#!/bin/sh\nWRAPPED="$1" && shift && export WRAPPED && exec "$@"\n' >wrap.sh
chmod +x test_tap test_skips wrap.sh
run 0 "$gangway" -n 2 -v --wrapper "./wrap.sh 'a b'" test_tap some.bats test_skips c pt
has "$out" "4 passed, 1 skipped"
run 1 "$gangway" -n 0 test_tap some.bats test_skips c pt
has "$out" "1 skipped"
for n in 1 2; do
	run 1 "$gangway" -n $n -v --wrapper 'valgrind -q --leak-check=full --error-exitcode=9' \
		b/gt b/ck b/plain
	has "$out" "ERROR b/gt::G::leaks - exit status 9 although every test passed"
	has "$out" "PASSED b/gt::G::good_too"
	has "$out" "PASSED b/ck"
	has "$out" "PASSED b/plain"
	has "$out" "1 error"
done

# in a graph for other people's ninja, too
run 0 "$gangway" graph --wrapper "./wrap.sh 'a b'" -n 2 -o tests.ninja test_tap test_skips
run 0 ninja -f tests.ninja

# what cannot be
run 4 "$gangway" --setup=nothing b
has "$err" "--setup: there is no test setup 'v:nothing'; there is 'v:vg', 'v:vars', 'v:quick'"
run 4 "$gangway" --setup=vg c
has "$err" "--setup is for Meson build folders, and none of the paths is one"
run 4 "$gangway" --setup=vg --wrapper ./wrap.sh b
has "$err" "--wrapper: the test setup 'v:vg' has an exe_wrapper of its own"
for bad in nowhere ./nowhere ./meson.build ''; do
	run 4 "$gangway" --wrapper "$bad" b
	has "$err" "--wrapper: '$bad' is no program"
done
run 4 "$gangway" --wrapper "'a" b
has "$err" "--wrapper: a quote is not closed"
mkdir am
cat >am/Makefile <<'END'
# Makefile.in generated by automake 1.16.5 from Makefile.am.
srcdir = .
TESTS = made.x
TEST_LOGS = made.x.log
made.x.log: made.x
	@./made.x >$@ 2>&1; echo ':test-result: PASS' >made.x.trs
END
printf '#!/bin/sh\n' >am/made.x
chmod +x am/made.x
run 4 "$gangway" --wrapper ./wrap.sh am
has "$err" "am/made.x: --wrapper: make starts this test, and would be wrapped in its place"
run 0 "$gangway" --setup=vars --deselect am/made.x --wrapper ./wrap.sh am b -k 'plain or made'
