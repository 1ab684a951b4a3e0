#!/bin/sh
# --repeat N: every selected test N times, side by side on the workers; names end in " [2/5]", ids and
# what is remembered of them stay.  In one process a test is there once; fixtures' set-ups run once.
. "$(dirname "$0")/lib.sh"

mkdir t
cat >t/a_test <<SH
#!/bin/sh
echo "\$GANGWAY_TEST_ID \$GANGWAY_WORKER" >>$work/a.log
SH
# Two of its repetitions must run at the same time.
cat >t/meets_test <<SH
#!/bin/sh
mkdir $work/met.\$\$
i=0
until [ \$(ls -d $work/met.* | wc -l) -ge 2 ]; do
	i=\$((i + 1))
	[ \$i -lt 200 ] || exit 1
	sleep 0.05
done
SH
cat >t/third_test <<SH
#!/bin/sh
echo x >>$work/third.log
[ \$(wc -l <$work/third.log) != 3 ] || exit 7
SH
chmod +x t/*

run 0 "$gangway" -n 2 --repeat 5 --junitxml=j.xml t/a_test
has "$out" "5 passed in"
[ "$(cut -d' ' -f1 a.log | sort -u)" = t/a_test ] || fail "the id changed: $(cat a.log)"
[ "$(wc -l <a.log)" = 5 ] || fail "a ran $(wc -l <a.log) times"
verdicts j.xml >got
for k in 1 2 3 4 5; do
	has got "a_test [$k/5]: passed"
done
run 0 "$gangway" report
has "$out" "5 passed in"
run 0 "$gangway" -n 2 --repeat 2 t/meets_test

# One of many fails: which one is said, and --lf finds the test.
run 1 "$gangway" -n 0 --repeat 4 t/third_test t/a_test
has "$out" "FAILED t/third_test [3/4] - exit status 7"
has "$out" "1 failed, 7 passed in"
run 0 "$gangway" history
has "$out" "t/third_test"
lacks "$out" "/4]"
run 0 "$gangway" -n 0 --repeat 2 -k third t
has "$out" "2 passed, 2 deselected in"
# Repetitions are tried again as well.
rm -f third.log
run 0 "$gangway" -n 0 --repeat 4 --reruns 1 t/third_test
has "$out" "4 passed, 1 rerun, 1 flaky in"
run 0 "$gangway" --collect-only -q --repeat 2 t/a_test
has "$out" "t/a_test [2/2]"
run 4 "$gangway" --repeat 100000 t/a_test

if command -v c++ >/dev/null && pkg-config --exists gtest 2>/dev/null; then
	cat >many.cc <<-'CC'
		#include <gtest/gtest.h>
		#include <cstdio>
		#include <unistd.h>
		static void note(const char *what) {
			FILE *f = std::fopen("many.log", "a");
			std::fprintf(f, "%s %d\n", what, (int)getpid());
			std::fclose(f);
		}
		struct N : testing::TestWithParam<int> {};
		TEST_P(N, p) { note("p"); }
		INSTANTIATE_TEST_SUITE_P(I, N, testing::Range(0, 40));
		TEST(A, left_out) { note("left_out"); }
		TEST(A, other) { note("other"); }
		int main(int c, char **v) { testing::InitGoogleTest(&c, v); return RUN_ALL_TESTS(); }
	CC
	c++ -o many_test many.cc $(pkg-config --cflags --libs gtest) || fail "does not compile"
	for dist in load loadfile loadscope each; do
		rm -f many.log
		run 0 "$gangway" -n 2 --dist=$dist --repeat 3 --deselect many_test::A::left_out many_test
		factor=3
		[ $dist != each ] || factor=6
		has "$out" "$((factor * 41)) passed, 1 deselected in"
		[ "$(grep -c '^p' many.log)" = $((factor * 40)) ] || fail "$dist: $(grep -c '^p' many.log) ran"
		lacks many.log left_out
		[ "$(sort -u many.log | grep -c '^other')" = $factor ] || fail "$dist: twice in a process"
	done
fi

# Set-up once, then all repetitions, then clean-up.
if command -v ctest >/dev/null; then
	mkdir b
	for name in up it down; do
		printf '#!/bin/sh\necho %s >>%s/order.log\n' $name "$work" >b/$name
		chmod +x b/$name
	done
	cat >b/CTestTestfile.cmake <<-CMAKE
		add_test(up "$work/b/up")
		set_tests_properties(up PROPERTIES FIXTURES_SETUP F)
		add_test(it "$work/b/it")
		set_tests_properties(it PROPERTIES FIXTURES_REQUIRED F)
		add_test(down "$work/b/down")
		set_tests_properties(down PROPERTIES FIXTURES_CLEANUP F)
	CMAKE
	run 0 "$gangway" -n 2 --repeat 3 b
	has "$out" "5 passed in"
	[ "$(tr '\n' ' ' <order.log)" = "up it it it down " ] || fail "order: $(cat order.log)"
fi
