#!/bin/sh
# Every way to spread tests gives the same verdicts; groups and files stay together, in order.
. "$(dirname "$0")/lib.sh"
need ctest c++

cat >cases_test.cc <<'END'
#include <gtest/gtest.h>
#include <cstdio>
#include <cstdlib>
#define T(s, n) TEST(s, n) { std::printf("worker %s\n", std::getenv("GANGWAY_WORKER")); }
T(A, a) T(A, b) T(A, c) T(B, a) T(B, b) T(C, a)
TEST(C, fails) { EXPECT_EQ(1, 2); }
END
c++ -o cases_test cases_test.cc $(pkg-config --cflags --libs gtest_main) || fail "does not compile"
cat >say_worker <<'END'
#!/bin/sh
echo "$1 $GANGWAY_WORKER" >>"$2"
END
chmod +x say_worker
{
	for i in 1 2 3 4 5 6 7 8; do
		echo "add_test(g$i \"$work/say_worker\" g$i \"$work/log\")"
		echo "set_tests_properties(g$i PROPERTIES LABELS \"xdist_group=g$((i % 2))\")"
	done
	echo "add_test(cases \"$work/cases_test\")"
} >CTestTestfile.cmake

for dist in load loadscope loadfile loadgroup worksteal no; do
	rm -f log
	run 1 "$gangway" -n 3 --dist=$dist --junitxml=$dist.xml .
	has "$out" "1 failed, 14 passed"
	verdicts $dist.xml >$dist.txt
	same load.txt $dist.txt
	run 0 "$gangway" plan -n 3 --dist=$dist .
	[ "$dist" != no ] || has "$out" "1 unit"
done
rm -f log
run 1 "$gangway" -n 2 --dist=loadgroup .
for g in 0 1; do
	[ "$(awk -v g=$g '(substr($1, 2) % 2) == g { print $2 }' log | sort -u | wc -l)" = 1 ] ||
		fail "group g$g was torn: $(cat log)"
done
run 0 "$gangway" explain --dist=loadgroup g1
has "$out" "g1"
has "$out" "group"

# each: every worker runs everything.
rm -f log
run 1 "$gangway" -n 2 --dist=each --junitxml=each.xml .
has "$out" "2 failed, 28 passed"
[ "$(sort log | uniq | wc -l)" = 16 ] || fail "not all by each worker: $(cat log)"
verdicts each.xml >each.txt
[ "$(wc -l <each.txt)" = 30 ] || fail "$(cat each.txt)"
