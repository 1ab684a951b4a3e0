#!/bin/sh
# Coverage: what a run counts is what gcov counts, however many workers there are and however tests
# are spread over them; the build tree stays as it is; reports of old runs, limits, gangway.ini.
. "$(dirname "$0")/lib.sh"
need gcc gcov

mkdir src tests build
cat >src/calc.h <<'EOF'
int calc_sign(int n);
static inline int calc_twice(int n)
{
	return n > 100 ? 0 : 2 * n;
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
EOF
cat >src/never.c <<'EOF'
int never_run(int n)
{
	return n ? 1 : 2;
}
EOF
flags="-O0 --coverage"
# shellcheck disable=SC2086
for name in calc never; do
	gcc $flags -Isrc -c -o build/$name.o src/$name.c
done
for i in 1 2 3 4 5 6; do
	cat >tests/t$i.c <<EOF
#include "calc.h"
int main(void)
{
	return calc_sign($i - 3) + calc_twice($i) > 99;
}
EOF
	# shellcheck disable=SC2086
	gcc $flags -Isrc -c -o build/t$i.o tests/t$i.c
	gcc --coverage -o build/t${i}_test build/t$i.o build/calc.o
done
touch gangway.ini

# the same bytes from every number of workers, in every mode
run 0 "$gangway" -n 0 --cov --cov-branch --cov-report=json:serial.json --cov-report=lcov:serial.lcov build
for n in 1 2 8; do
	for dist in load loadscope loadfile loadgroup worksteal; do
		run 0 "$gangway" -n $n --dist=$dist --cov --cov-branch --cov-report=json:n.json build
		same serial.json n.json
	done
done
# also where the work of gathering is shared by the lanes
for engine in ninja make; do
	GANGWAY_COV_PART_BYTES=0 run 0 "$gangway" -n 3 --engine $engine --cov --cov-branch \
		--cov-report=json:n.json build
	same serial.json n.json
	[ ! -e .gangway/latest/cov-parts ] || fail "parts were left behind"
done
[ -z "$(find build -name '*.gcda')" ] || fail "counters were left in the build tree"

# and what gcov makes of the same programs, run one after the other
for i in 1 2 3 4 5 6; do
	build/t${i}_test || fail "t${i}_test failed"
done
gcov -b -j -t build/*.gcno >gcov.json 2>/dev/null
cat >compare.py <<'EOF'
import json, os, sys
lines, lcov = {}, {}
for text in open("gcov.json"):
    doc = json.loads(text)
    for f in doc["files"]:
        for l in f["lines"]:
            key = (os.path.normpath(f["file"]), l["line_number"])
            count, branches = lines.get(key, (0, []))
            new = [b["count"] for b in l["branches"] if not b["throw"]]
            wide = max(len(new), len(branches))
            sums = [sum(x[i] for x in (new, branches) if i < len(x)) for i in range(wide)]
            lines[key] = (count + l["count"], sums)
for text in open("serial.lcov"):
    word, _, rest = text.strip().partition(":")
    if word == "SF":
        path = os.path.relpath(rest) if os.path.isabs(rest) else rest
    elif word == "DA":
        number, count = rest.split(",")[:2]
        lcov[(path, int(number))] = (int(count), [])
    elif word == "BRDA":
        pass
branches = {}
for text in open("serial.lcov"):
    word, _, rest = text.strip().partition(":")
    if word == "SF":
        path = os.path.relpath(rest) if os.path.isabs(rest) else rest
    elif word == "BRDA":
        number, _, _, taken = rest.split(",")
        branches.setdefault((path, int(number)), []).append(0 if taken == "-" else int(taken))
for key, (count, _) in lcov.items():
    lcov[key] = (count, branches.get(key, []))
bad = [k for k in set(lines) | set(lcov) if lines.get(k) != lcov.get(k)]
for k in sorted(bad):
    print(k, "gcov", lines.get(k), "gangway", lcov.get(k))
print(len(lines), "lines compared")
sys.exit(bool(bad) or not lines)
EOF
run 0 /usr/bin/python3 compare.py

# an object that no test touched counts, with nothing
run 0 "$gangway" -n 2 --cov=src --cov-report=lcov:src.lcov build
has src.lcov "src/never.c"
has src.lcov "DA:3,0"
lacks src.lcov "tests/t1.c"

# what is there from before is not in the figures, unless asked for
find build -name '*.gcda' | sort | xargs md5sum >before
run 0 "$gangway" -n 2 --cov --cov-branch --cov-report=json:n.json build
same serial.json n.json
run 0 "$gangway" -n 2 --cov --cov-report=lcov:twice.lcov --cov-append build
find build -name '*.gcda' | sort | xargs md5sum >after
same before after
awk -F '[:,]' '/^SF/ { f = $2 } /^DA/ { print f, $2, 2 * $3 }' serial.lcov >want
awk -F '[:,]' '/^SF/ { f = $2 } /^DA/ { print f, $2, $3 }' twice.lcov >got
same want got
# in place: gcc's own files, those of earlier runs removed first
run 0 "$gangway" -n 2 --cov --cov-branch --cov-report=json:n.json --cov-in-place build
same serial.json n.json
run 0 "$gangway" -n 2 --cov --cov-report=lcov:twice2.lcov --cov-in-place --cov-append build
same twice.lcov twice2.lcov
find build -name '*.gcda' -delete

# the terminal: by itself, behind failures and before the summary
run 0 "$gangway" -n 2 --cov=src build
has "$out" "TOTAL"
has "$out" "src/calc.c"
run 0 "$gangway" -n 2 --cov=src --cov-report=lcov:only.lcov build
lacks "$out" "TOTAL"

# too little is a failure of the run
run 0 "$gangway" -n 2 --cov=src --cov-fail-under 50 build
run 1 "$gangway" -n 2 --cov=src --cov-fail-under 99.5 build
has "$out" "Required"
run 4 "$gangway" --cov --cov-fail-under 101 build
run 4 "$gangway" --cov --cov-report=word build
[ "$(wc -l <"$err")" = 1 ] || fail "more than one line"
has "$err" "'word' is no value for '--cov-report'; accepted: term"

# from gangway.ini, and taken back
printf '[gangway]\naddopts = --cov=src --cov-report=lcov:ini.lcov\n' >gangway.ini
run 0 "$gangway" -n 2 build
has ini.lcov "src/calc.c"
run 0 "$gangway" -n 2 --no-cov build
lacks "$out" "TOTAL"
: >gangway.ini

# an old run, told again
run 0 "$gangway" -n 2 --cov --cov-branch --cov-report=json:first.json build
run 0 "$gangway" report --cov --cov-report=json:again.json
same first.json again.json
run 0 "$gangway" report --cov=src --cov-report=lcov:again.lcov --cov-report=term
has again.lcov "src/calc.c"
lacks again.lcov "tests/t1.c"
has "$out" "TOTAL"
run 0 "$gangway" -n 2 build
run 4 "$gangway" report --cov
has "$err" "without --cov"

# a graph: each unit keeps its own counters, only what changed runs again
for engine in ninja make; do
	need $engine
	run 0 "$gangway" graph -n 2 --engine $engine -o $engine.graph --cov --cov-branch \
		--cov-report=json:graph.json --cov-report=term build
	if [ $engine = ninja ]; then
		run 0 ninja -f ninja.graph
	else
		run 0 make -f make.graph
	fi
	has "$out" "TOTAL"
	sed 's/graph.json//' graph.json >a
	same serial.json a
	touch build/t1_test
	rm graph.json
	if [ $engine = ninja ]; then
		run 0 ninja -f ninja.graph
	else
		run 0 make -f make.graph
	fi
	same serial.json graph.json
done

# what ran before --resume stays counted
cat >build/slow_test <<'EOF'
#!/bin/sh
[ -e go ] || kill -INT "$(cat gangway.pid)"
[ -e go ] || sleep 60
EOF
chmod +x build/slow_test
(
	echo 'echo $$ >gangway.pid'
	echo 'exec "$0" -n 1 --cov --cov-branch --cov-report=json:half.json build'
) >start
run 2 sh -c '. ./start' "$gangway"
has "$out" "coverage is not told"
touch go
run 0 "$gangway" --resume
same serial.json half.json
