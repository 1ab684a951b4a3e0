#!/bin/sh
# Coverage files of real tools, merged: the figures are theirs, the output is read by others, the
# same input gives the same bytes, and what is hostile is refused.
. "$(dirname "$0")/lib.sh"
need c++ gcov xmllint

cat >m.h <<'END'
#define PICK(a, b) ((a) > (b) ? (a) : (b))
template <class T> T twice(T x)
{
	if (x > 3)
		return x + x;
	return x * 2;
}
END
cat >a.cc <<'END'
#include "m.h"
#include <cstdio>
#include <string>
static int helper(int n)
{
	for (int i = 0; i < n; i++)
		if ((i % 2 && n > 3) || i == 7) std::printf("x");
	return n;
}
int never(int x)
{
	return x ? 1 : 2;
}
int main(int argc, char **argv)
{
	std::string s(argc > 1 ? argv[1] : "abc");
	int m = PICK(argc, 4);

	while (m > 0) {
		m--;
		switch (m) { case 1: helper(3); break; case 0: helper(9); break; default: break; }
	}
	return twice(2) + twice(3L) + (int)s.size() > 100;
}
END
merge() {
	run 0 "$gangway" merge coverage "$@"
}

# gcov's JSON, plain and compressed, one document or many; version and shape by content.
c++ -O0 --coverage -c a.cc && c++ --coverage -o a a.o || fail "does not compile"
./a >/dev/null
gcov -b -j -t a.gcda >one.anything 2>/dev/null
gcov -b -j a.gcda >/dev/null 2>&1
cat one.anything one.anything >two.anything
rm a.gcda a.gcno
merge -o one.info one.anything
merge -o gz.info a.gcov.json.gz
same one.info gz.info
has one.info "SF:a.cc"
has one.info "FNDA:0,_Z5neveri"
has one.info "BRDA:12,0,0,-"
merge -o two.info two.anything
merge -o sum.info one.info one.anything
same two.info sum.info

# Any format on the way, any order, any grouping: the same bytes.
merge -o one.json one.anything
merge -o one.xml one.json
merge -o again.json one.json
same one.json again.json
merge -o ab.json one.anything one.info
merge -o ba.json one.info one.anything
same ab.json ba.json
mkdir -p d/sub
cp one.info d/z
gzip -c one.json >d/sub/a
echo "int x;" >d/x.c
echo '{"version": 1}' >d/other.json
merge -o d/out.json d
merge -o d/out.json d # the output is no input
mkdir -p d/.gangway/runs/1
cp one.json d/.gangway/runs/1/coverage.json
merge -o d/out.json d # nor are old runs, but where they are asked for
merge -o - --format=json d/.gangway
same "$out" one.json
merge -o - --format=json d/z d/sub/a
same "$out" d/out.json
/usr/bin/python3 - one.json one.info one.xml <<'END' || fail "the formats disagree"
import json, re, sys
import xml.etree.ElementTree as xml
j = json.load(open(sys.argv[1]))
t = j["totals"]
info = open(sys.argv[2]).read()
sums = lambda tag: sum(int(n) for n in re.findall("^" + tag + r":(\d+)$", info, re.M))
x = xml.parse(sys.argv[3]).getroot().attrib
lines = [l for f in j["files"] for l in f["lines"]]
assert t["lines"] == sums("LF") == int(x["lines-valid"]) == len(lines) > 20, t
assert t["lines_hit"] == sums("LH") == int(x["lines-covered"]) == sum(l[1] > 0 for l in lines)
assert t["branches"] == sums("BRF") == int(x["branches-valid"]) > 8
assert t["branches_hit"] == sums("BRH") == int(x["branches-covered"])
assert t["functions"] == sums("FNF") and t["functions_hit"] == sums("FNH")
END

# Cobertura's DTD; every line with branches says how many.
run 0 xmllint --noout --dtdvalid "$fixtures/schema/coverage-04.dtd" one.xml
! grep 'branch="true"' one.xml | grep -vq 'condition-coverage="' || fail "branches without coverage"
SOURCE_DATE_EPOCH=7 "$gangway" merge coverage -o at.xml one.json
has at.xml 'timestamp="7"'
merge -o - --format=xml one.xml
grep -v '^<coverage' one.xml >want
grep -v '^<coverage' "$out" >got
same want got

# lcov reads what is written, and says nothing; its figures are ours.
if command -v lcov >/dev/null && command -v genhtml >/dev/null; then
	genhtml --branch-coverage -q -o html one.info >log 2>&1 || fail "genhtml: $(cat log)"
	grep -v 'redefined at' log >left || :
	[ ! -s left ] || fail "genhtml complains: $(cat left)"
	lcov -q --rc lcov_branch_coverage=1 -a one.info -a two.info -o theirs.info >log 2>&1 ||
		fail "lcov -a: $(cat log)"
	merge -o theirs.json theirs.info
	merge -o ours.json one.info two.info
	same theirs.json ours.json
else
	echo "lcov is not installed"
fi

# llvm-cov's JSON gives the lines and branches of its tracefile.
if command -v clang++ >/dev/null && command -v llvm-profdata >/dev/null && command -v llvm-cov >/dev/null &&
	clang++ -O0 -fprofile-instr-generate -fcoverage-mapping -o b a.cc 2>/dev/null; then
	LLVM_PROFILE_FILE=b.profraw ./b >/dev/null
	llvm-profdata merge -o b.profdata b.profraw
	llvm-cov export -format=lcov ./b -instr-profile b.profdata >b.lcov
	llvm-cov export ./b -instr-profile b.profdata >b.llvm
	merge -o x.info b.lcov
	merge -o y.info b.llvm
	for f in x y; do # instances of a template are one here, static functions go without their file
		sed -n '/^SF:a.cc/,/^end/p' $f.info | sed 's/^\(BRDA:[0-9]*\),[0-9]*,/\1,/; s/a\.cc://' >$f
	done
	same x y
	grep '^SF\|^DA\|^L[FH]' x.info >x
	grep '^SF\|^DA\|^L[FH]' y.info >y
	same x y
else
	echo "clang++ or llvm-cov is not installed"
fi

# Names: below the root they are relative to it, other machines' folders are mapped.
printf 'SF:/ci/build/src/a.c\nDA:1,1\nend_of_record\nSF:./src/a.c\nDA:1,1\nend_of_record\n' >ci.info
printf 'SF:%s/src/a.c\nDA:1,1\nend_of_record\n' "$work" >here.info
merge --cov-path-map=/ci/build=. -o - --format=lcov ci.info here.info
has "$out" "SF:src/a.c"
has "$out" "DA:1,3"
merge --rootdir=src -o - --format=lcov here.info
has "$out" "SF:a.c"
run 4 "$gangway" merge coverage --cov-path-map=x -o o.info here.info
has "$err" "FROM=TO"

# Damage: named with its line, the rest is true and written.
printf 'SF:a.c\nDA:1,1\nend_of_record\nSF:b.c\nDA:1,x\n' >bad.info
run 4 "$gangway" merge coverage -o o.info bad.info here.info gone.info
has "$err" "bad.info:5: a count is missing"
has "$err" "gone.info: no such file"
has o.info "SF:src/a.c"
has o.info "SF:a.c"
head -c 300 a.gcov.json.gz >cut.gz
run 4 "$gangway" merge coverage -o o.info cut.gz here.info
has "$err" "cut.gz"
has o.info "SF:src/a.c"
run 4 "$gangway" merge coverage -o o.bin here.info
has "$err" "add --format"
run 4 "$gangway" merge coverage -o o.info d/x.c
has "$err" "no coverage"
mkdir empty
run 4 "$gangway" merge coverage -o o.info empty
run 4 "$gangway" merge coverage here.info
has "$err" "-o FILE"
run 3 "$gangway" merge coverage -o no/such/o.info here.info

# Versions of a source that differ are named with both origins.
printf 'SF:v.c\nDA:1,1,aa\nend_of_record\n' >v1
printf 'SF:v.c\nDA:1,1,bb\nend_of_record\n' >v2
merge -o o.info v1 v2
has "$err" "v.c: line 1 is not the same in v1 and in v2"

# Attacks: a bomb of zeroes, one that looks like coverage, entities, paths, far lines.
head -c 300000000 /dev/zero | gzip -1 >zero.gz
run 4 "$gangway" merge coverage -o o.info zero.gz
has "$err" "no coverage"
{ printf '{"gangway_coverage":1,"x":"' && head -c 600000000 /dev/zero | tr '\0' ' '; } | gzip -9 >bomb.gz
cat >memory.py <<'END'
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss // 1024, "MB at most")
sys.exit(os.waitstatus_to_exitcode(status) if usage.ru_maxrss < 400 << 10 else 1)
END
run 4 /usr/bin/python3 memory.py "$gangway" merge coverage -o o.info bomb.gz
has "$err" "times its size"
cat >laugh.xml <<'END'
<!DOCTYPE coverage [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>
<coverage><sources><source>&c;&f;</source></sources><packages><package><classes>
<class filename="&f;x.c"><lines><line number="1" hits="1"/></lines></class>
</classes></package></packages></coverage>
END
code=0
"$gangway" merge coverage -o o.info laugh.xml >"$out" 2>"$err" || code=$?
[ $code = 0 ] || [ $code = 4 ] || fail "exit code $code on entities"
lacks o.info root:
printf 'SF:../../../../tmp/x\nFN:1,<svg onload=alert(1)>\nDA:1,1\nend_of_record\n' >odd.info
merge -o o.xml odd.info
run 0 xmllint --noout o.xml
printf '{"gangway_coverage":1,"files":[{"path":"a\\nSF:b","lines":[[1,1]]}]}' >lines.json
merge -o o.info lines.json
[ "$(grep -c '^SF:' o.info)" = 1 ] || fail "a name broke its line: $(cat o.info)"
printf 'SF:a.c\nDA:99999999,1\nend_of_record\n' >far.info
run 4 "$gangway" merge coverage -o o.info far.info
has "$err" "far.info:2: a line number above the limit"
