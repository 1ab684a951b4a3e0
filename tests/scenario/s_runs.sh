#!/bin/sh
# Runs beside and behind each other: a short run does not clear away one that still works, a graph
# that runs again tells nothing of its earlier runs, and what could not be collected twice has two
# ids.
. "$(dirname "$0")/lib.sh"

mkdir t
program() {
	printf '#!/bin/sh\n%s\n' "$2" >"t/$1_test"
	chmod +x "t/$1_test"
}

# More runs than are kept begin and end while one works.
program waits 'until [ -e go ]; do sleep 0.05; done'
program quick 'exit 0'
{
	code=0
	"$gangway" -n 2 t/waits_test >slow.out 2>&1 || code=$?
	echo "code $code" >>slow.out
} &
slow=$!
wait_for "no run began" test -e .gangway/latest
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	run 0 "$gangway" -n 0 -q t/quick_test
done
: >go
wait $slow
has slow.out "1 passed"
has slow.out "code 0"
kept=$(find .gangway/runs -mindepth 1 -maxdepth 1 | wc -l)
[ "$kept" -le 11 ] || fail "$kept runs are kept"
# Now it is over, it may go like the others.
run 0 "$gangway" -n 0 -q t/quick_test
kept=$(find .gangway/runs -mindepth 1 -maxdepth 1 | wc -l)
[ "$kept" = 10 ] || fail "$kept runs are kept"

# A worker that is killed leaves no result of the run before.
if command -v ninja >/dev/null; then
	for shape in lanes queue; do
		program killer 'exit 0'
		run 0 "$gangway" graph --shape=$shape -n 1 -o g.ninja t/killer_test
		run 0 ninja -f g.ninja
		verdicts g.ninja.d/junit.xml >first
		program killer 'kill -9 $PPID; while kill -0 $PPID 2>/dev/null; do sleep 0.01; done'
		run 1 ninja -f g.ninja
		verdicts g.ninja.d/junit.xml >second
		[ "$(wc -l <second)" = 1 ] || fail "$shape: $(cat second)"
		lacks second passed
		rm -rf g.ninja*
	done
fi

# Two that cannot be collected have the same name.
if command -v ctest >/dev/null && command -v c++ >/dev/null; then
	cat >dies.cc <<-'CC'
		#include <gtest/gtest.h>
		#include <cstdlib>
		TEST(A, b) {}
		int main(int c, char **v) { std::abort(); testing::InitGoogleTest(&c, v); return RUN_ALL_TESTS(); }
	CC
	c++ -o dies dies.cc $(pkg-config --cflags --libs gtest) || fail "does not compile"
	for n in 1 2; do
		mkdir b$n
		printf 'add_test(twin "%s/dies")\n' "$work" >b$n/CTestTestfile.cmake
	done
	run 1 "$gangway" -n 0 b1 b2
	has "$out" "ERROR twin - "
	has "$out" "ERROR twin#2 - "
fi
