#!/bin/sh
# --cov-context=test: the lines of each test are those of running this test alone, with every number
# of workers, behind a killed worker, a symbolic link, an interrupt and --resume; kept in the JSON, united by
# `merge coverage`, asked for by `report --cov-tests`; five hundred tests in little memory.
. "$(dirname "$0")/lib.sh"
need gcc g++ pkg-config
pkg-config --exists gtest_main || {
	echo "GoogleTest is not installed"
	exit 77
}

mkdir src build
cat >src/calc.h <<'EOF'
#ifdef __cplusplus
extern "C"
#endif
int calc_sign(int n);
static inline int calc_twice(int n)
{
	if (n > 4)
		return 0;
	return 2 * n;
}
EOF
cat >src/calc.c <<'EOF'
#include "calc.h"
int calc_sign(int n)
{
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++)
		n += calc_twice(0);
	return n > 0 && n < 1000;
}
int calc_never(int n)
{
	return n;
}
EOF
gcc -O0 --coverage -c -o build/calc.o src/calc.c
for i in 1 2 3 4 5 6; do
	cat >src/t$i.c <<EOF
#include "calc.h"
int main(void)
{
	return calc_sign($i - 3) + calc_twice($i) > 99;
}
EOF
	gcc -O0 --coverage -c -o build/t$i.o src/t$i.c
	gcc --coverage -o build/t${i}_test build/t$i.o build/calc.o
done
cat >src/cases.cc <<'EOF'
#include <gtest/gtest.h>
#include <stdexcept>
#include "calc.h"
template <typename T> static T most(T a, T b)
{
	if (a < b)
		return b;
	return a;
}
struct Fixture : testing::Test {
	int n = 0;
	void SetUp() override { n = calc_sign(2); }
};
TEST_F(Fixture, Ints)
{
	EXPECT_EQ(most(n, 2), 2);
}
TEST_F(Fixture, Doubles)
{
	EXPECT_EQ(most(3.0, 2.0), 3.0);
}
TEST(Plain, Throws)
{
	try {
		if (calc_twice(3) == 6) throw std::runtime_error("x");
		FAIL();
	} catch (const std::exception &) {
		SUCCEED();
	}
}
TEST(Plain, Loops)
{
	for (int i = 0; i < 9; i++) if (calc_twice(i) == 7) FAIL();
}
TEST(Plain, Skips)
{
	GTEST_SKIP();
}
EOF
# shellcheck disable=SC2046
g++ -O0 --coverage -o build/cases_test src/cases.cc build/calc.o $(pkg-config --cflags --libs gtest_main) ||
	fail "does not compile"
touch gangway.ini

# --- every number of workers, the work of gathering shared or not ------------------------------------
run 0 "$gangway" -n 0 --cov --cov-branch --cov-context=test --cov-report=json:serial.json \
	--cov-report=lcov:with.lcov build
for n in 1 2 8; do
	run 0 "$gangway" -n $n --cov --cov-branch --cov-context=test --cov-report=json:n.json build
	same serial.json n.json
done
GANGWAY_COV_PART_BYTES=0 run 0 "$gangway" -n 3 --cov --cov-branch --cov-context=test \
	--cov-report=json:n.json build
same serial.json n.json
# the figures are those of the same run without
run 0 "$gangway" -n 2 --isolate --cov --cov-branch --cov-report=lcov:without.lcov \
	--cov-report=json:without.json build
same without.lcov with.lcov
lacks without.json context

# --- the lines of each test are those that it runs alone ---------------------------------------------
cat >alone.py <<'EOF'
import json, subprocess, sys
gangway = sys.argv[1]
whole = json.load(open("serial.json"))
sets = [[k for m in s for k in (range(m[0], m[1] + 1) if isinstance(m, list) else [m])]
        for s in whole["context_sets"]]
lines = {}
for f in whole["files"]:
    for l in f["lines"]:
        assert (l[1] > 0) == (len(l) > 4), (f["path"], l)
        for test in sets[l[4]] if len(l) > 4 else []:
            lines.setdefault(whole["contexts"][test], set()).add((f["path"], l[0]))
assert whole["contexts"] == sorted(whole["contexts"]) and len(whole["contexts"]) == 11, whole["contexts"]
for test in whole["contexts"]:
    subprocess.run([gangway, "-n", "0", "-q", "--cov", "--cov-report=json:one.json", test],
                   check=True, stdout=subprocess.DEVNULL)
    alone = {(f["path"], l[0]) for f in json.load(open("one.json"))["files"] for l in f["lines"] if l[1]}
    if alone != lines[test]:
        sys.exit(f"{test}: alone {sorted(alone - lines[test])}, in the run {sorted(lines[test] - alone)}")
print(len(lines), "tests compared")
EOF
run 0 /usr/bin/python3 alone.py "$gangway"
has "$out" "11 tests compared"

# --- asked for one line ------------------------------------------------------------------------------
run 0 "$gangway" -n 2 -q --cov --cov-context=test build
printf 'build/t1_test\nbuild/t2_test\n' >want
run 0 "$gangway" report --cov-tests=src/calc.c:5
same want "$out"
(
	cd src
	run 0 "$gangway" report --cov-tests=./calc.c:5
	same ../want "$out"
)
printf '%s\n' build/cases_test::Fixture::Doubles build/cases_test::Fixture::Ints >want
run 0 "$gangway" report --cov-tests "$work/src/cases.cc:6"
same want "$out"
: >want
run 0 "$gangway" report --cov-tests=src/calc.c:12 # which no test ran
same want "$out"
one_line() {
	[ "$(wc -l <"$err")" = 1 ] || fail "more than one line: $(cat "$err")"
	has "$err" "$1"
}
run 4 "$gangway" report --cov-tests=src/calc.c:3
one_line "src/calc.c:3: there is no code on this line"
run 4 "$gangway" report --cov-tests=src/none.c:3
one_line "none.c: nothing was counted in this file"
for word in src/calc.c src/calc.c: src/calc.c:0 :7 src/calc.c:x; do
	run 4 "$gangway" report --cov-tests=$word
	one_line "'$word' is no value for '--cov-tests'; accepted: FILE:LINE"
done
run 4 "$gangway" --cov --cov-context=file build
one_line "'file' is no value for '--cov-context'; accepted: test"
run 4 "$gangway" --cov --cov-context=test --cov-in-place build
one_line "--cov-in-place"

# --- on the page of a source -------------------------------------------------------------------------------
run 0 "$gangway" report --cov --cov-report=html:html
page=$(grep -l '<title>src/calc.c' html/*.html)
[ -n "$page" ] || fail "no page of src/calc.c"
number=$(sed -n 's/^<li id=L5 .*<b><a href=#S\([0-9]*\)>2<.*/\1/p' "$page")
sed -n "/^<li id=S$number>/,/^<\/ul>/p" "$page" >names
printf '<li id=S%s>2 tests\n<ul>\n<li>build/t1_test\n<li>build/t2_test\n</ul>\n' "$number" >want
same want names

# --- parts of a suite, merged, are the whole -----------------------------------------------------------
run 0 "$gangway" -n 2 -k cases --cov --cov-branch --cov-context=test --cov-report=json:a.json build
run 0 "$gangway" -n 2 -k "not cases" --cov --cov-branch --cov-context=test --cov-report=json:b.json build
run 0 "$gangway" merge coverage -o merged.json b.json a.json
# but for blocks that only one part ran: nobody can tell of a line which of them did
for name in serial merged; do
	sed 's/^\(\[[0-9]*,[0-9]*\),[01]\([],]\)/\1\2/' $name.json >$name.even
done
same serial.even merged.even
# and told again
run 0 "$gangway" report --cov --cov-report=json:again.json
same b.json again.json

# --- a killed worker -----------------------------------------------------------------------------------
printf '#!/bin/sh\nkill -9 $PPID\n' >build/killer_test
chmod +x build/killer_test
for n in 1 3; do
	run 1 "$gangway" -n $n --cov --cov-branch --cov-context=test --cov-report=json:n.json build
	has "$out" "crashed while running 'build/killer_test'"
	same serial.json n.json
done
rm build/killer_test

# --- objects that were compiled behind a symbolic link ---------------------------------------------------
mkdir -p far/away
ln -s far/away near
for i in 1 2; do
	gcc -O0 --coverage -o "$work/near/l${i}_test" src/t$i.c src/calc.c
done
linked() {
	run "$1" "$gangway" -n "$2" --cov --cov-context=test far/away
	run 0 "$gangway" report --cov-tests=src/calc.c:5
	printf 'far/away/l1_test\nfar/away/l2_test\n' >want
	same want "$out"
}
linked 0 2
linked 0 0
cp /bin/true far/away/a_test
printf '#!/bin/sh\nkill -9 $PPID\n' >far/away/killer_test
chmod +x far/away/killer_test
linked 1 1
rm -r near far

# --- stopped, and taken up again -------------------------------------------------------------------------
cat >build/slow_test <<'EOF'
#!/bin/sh
[ -e go ] || kill -INT "$(cat gangway.pid)"
[ -e go ] || sleep 60
EOF
chmod +x build/slow_test
(
	echo 'echo $$ >gangway.pid'
	echo 'exec "$0" -n 1 --cov --cov-branch --cov-context=test --cov-report=json:half.json build'
) >start
run 2 sh -c '. ./start' "$gangway"
touch go
run 0 "$gangway" --resume
same serial.json half.json
rm build/slow_test

# --- a graph of one's own ----------------------------------------------------------------------------------
if command -v ninja >/dev/null; then
	run 0 "$gangway" graph -n 2 --engine ninja -o ninja.graph --cov --cov-branch --cov-context=test \
		--cov-report=json:graph.json build
	run 0 ninja -f ninja.graph
	same serial.json graph.json
fi

# --- a run without, and data that does not say it --------------------------------------------------------------
run 0 "$gangway" -n 2 --cov build
run 4 "$gangway" report --cov-tests=src/calc.c:5
one_line "this run was made without --cov-context=test"
if command -v python3-coverage >/dev/null; then
	mkdir py
	printf 'print(1)\n' >py/x.py
	for i in 1 2; do
		printf '#!/bin/sh\nexec python3-coverage run %s/py/x.py\n' "$work" >py/p${i}_test
		chmod +x py/p${i}_test
	done
	run 0 "$gangway" -n 2 --cov --cov-context=test py
	[ "$(grep -c "which tests ran a line is not known from coverage.py's data" "$out")" = 1 ] ||
		fail "said not once: $(cat "$out")"
fi

# --- many tests in little memory -----------------------------------------------------------------------------------
mkdir many
/usr/bin/python3 - <<'EOF'
with open("many/many.c", "w") as f:
    for i in range(500):
        f.write(f"int f{i}(int n)\n{{\n\tfor (int i = 0; i < n; i++)\n\t\tn -= i;\n\treturn n;\n}}\n")
    f.write("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void)\n{\n")
    f.write("\tconst char *id = getenv(\"GANGWAY_TEST_ID\");\n\tint n = atoi(strrchr(id, '_') + 1);\n")
    f.write("\tint (*all[])(int) = {\n" + "".join(f"f{i}, " for i in range(500)) + "};\n")
    f.write("\tfor (int i = 0; i <= n % 500; i++)\n\t\tall[i](i * n);\n\treturn 0;\n}\n")
EOF
gcc -O0 --coverage -c -o many/many.o many/many.c
gcc --coverage -o many/many many/many.o
i=0
while [ $i -lt 500 ]; do
	ln many/many many/test_$i
	i=$((i + 1))
done
rm many/many
cat >peak.py <<'EOF'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
EOF
run 0 /usr/bin/python3 peak.py "$gangway" -n 0 --cov --cov-context=test --cov-report=json:many.json many
peak=$(cat "$out")
# a sanitizer takes many times as much
if ! grep -q __asan_init "$gangway" && [ "$peak" -gt 60000 ]; then
	fail "the peak of memory was $peak kB"
fi
run 0 "$gangway" report --cov-tests=many/many.c:1
[ "$(wc -l <"$out")" = 500 ] || fail "not every test ran the first function"
run 0 "$gangway" report --cov-tests=many/many.c:$((499 * 6 + 1))
echo many/test_499 >want
same want "$out"
