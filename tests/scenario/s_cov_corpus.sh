#!/bin/sh
# The corpus of tests/fixtures/cov: the odd things that C and C++ do to counters, each counted as gcov
# counts it, whatever the optimisation, the number of workers and the way tests are spread; the
# same bytes every time.  tests/cov/compare.py is the judge, tests/cov/build.sh the builder.
. "$(dirname "$0")/lib.sh"
need gcc g++ gcov

compare() {
	run 0 "$top/tests/cov/compare.py" --gangway "$gangway" "$@"
	tail -n 1 "$out"
}
build() {
	"$top/tests/cov/build.sh" "$@" 2>build.log || fail "build.sh $*: $(cat build.log)"
}
# each program once, one after the other, with its counters where gcc puts them
run_in_place() {
	find . -name '*_test' -exec sh -c 'for t; do "$t" || echo "$t"; done' sh {} + >failed
	[ ! -s failed ] || fail "programs fail: $(cat failed)"
}
cov() {
	run 0 "$gangway" --cov --cov-branch "$@" .
}

for level in -O0 -O2; do
	build tree$level gcc $level
	cd tree$level

	cov -n 0 --cov-report=json:serial.json
	lacks "$out" "left out"
	cov -n 1 --cov-throw-branches --cov-report=json:throws.json
	[ -z "$(find . -name '*.gcda')" ] || fail "counters were left in the tree"
	for n in 1 2 8; do
		for dist in load loadscope loadfile loadgroup worksteal no; do
			[ $level = -O0 ] || [ $dist = load ] || continue
			cov -n $n --dist $dist --cov-report=json:n.json
			same serial.json n.json
		done
	done
	# every worker runs every test: what a serial run counts, as often as there are workers
	cov -n 1 --dist each --cov-report=json:n.json
	same serial.json n.json
	cov -n 2 --dist each --cov-report=json:n.json
	cp serial.json other.json
	run 0 "$gangway" merge coverage -o twice.json serial.json other.json
	same twice.json n.json
	# the work of gathering, shared by the lanes
	for engine in ninja make; do
		GANGWAY_COV_PART_BYTES=0 cov -n 3 --engine $engine --cov-report=json:n.json
		same serial.json n.json
	done

	run_in_place
	compare --markers --json serial.json .
	compare --markers --throws --json throws.json .
	compare --merge --each build again
	compare --merge --throws build again
	cd ..
done

# threads that race on plain counters: lost counts, some below 0; the same counters are judged
mkdir racing
cp "$fixtures/cov/threads.c" racing
cd racing
gcc -O0 --coverage -fprofile-update=single -c threads.c
gcc --coverage -pthread -o threads threads.o
printf '#!/bin/sh\n' >nothing_test
chmod +x nothing_test
touch gangway.ini
for i in 1 2 3; do
	./threads
done
cov -n 1 --cov-append --cov-report=json:racing.json
compare --json racing.json .
cd ..

# clang, whose text llvm-cov writes
if command -v clang++ >/dev/null && command -v llvm-cov >/dev/null; then
	for level in -O0 -O2; do
		build clang$level clang $level
		cd clang$level
		cov -n 2 --cov-throw-branches --cov-report=json:throws.json
		run_in_place
		compare --llvm --markers --throws --json throws.json .
		cd ..
	done
fi
