#!/bin/sh
# docs/guide-meson.md, line by line: what people who come from `meson test` are told does what they are told, and
# neither Meson nor Python is started.  (--setup and --wrapper: s_wrapper.sh; automake: s_automake.sh.)
. "$(dirname "$0")/lib.sh"
need meson ninja cc

mkdir -p proj/subprojects/sub
cd proj
cat >meson.build <<'END'
project('proj', 'c')
sh = find_program('sh')
subproject('sub')
test('net', executable('net', 'net.c'), suite: ['unit', 'two words'])
test('network', sh, args: ['-c', 'echo heard; exit 0'], suite: 'slow')
test('fails', sh, args: ['-c', 'printf "said \001 this\n"; exit 1'])
test('slow', sh, args: ['-c', 'sleep 1.5 && echo slept'], timeout: 1, suite: 'slow')
benchmark('measured', sh, args: ['-c', 'exit 1'])
END
cat >subprojects/sub/meson.build <<'END'
project('sub')
test('net', find_program('sh'), args: ['-c', 'exit 0'], suite: 'unit')
END
echo 'int main(void) { return 0; }' >net.c
meson setup build >../setup.log 2>&1 || fail "meson setup: $(cat ../setup.log)"

run 1 "$gangway" build/
has "$out" "not built: $work/proj/build/net is not there; build it first (meson compile -C $work/proj/build)"
meson compile -C build >../compile.log 2>&1 || fail "compile: $(cat ../compile.log)"

# from here on whoever starts them is found out
mkdir ../shims
for name in meson python python3; do
	printf '#!/bin/sh\n: >%s/started\nexit 99\n' "$work" >../shims/$name
done
chmod +x ../shims/*
PATH=$work/shims:$PATH
ids() { "$gangway" list -q "$@" | grep ' / ' | grep -v ' selected$'; }
want() {
	printf '%s\n' "$@" | sort >../want
	sort ../got >../got.sorted
	same ../want ../got.sorted
}

ids build/ >../got
want 'proj:unit+two words / net' 'proj:slow / network' 'proj / fails' 'proj:slow / slow' 'sub:unit / net'
run 0 "$gangway" build/ 'sub:unit / net'
has "$out" "1 passed"
ids -k net build/ >../got
want 'proj:unit+two words / net' 'proj:slow / network' 'sub:unit / net'
ids -m unit build/ >../got
want 'proj:unit+two words / net' 'sub:unit / net'
ids -m sub build/ >../got
want 'sub:unit / net'
ids -m 'not slow' build/ >../got
want 'proj:unit+two words / net' 'proj / fails' 'sub:unit / net'
ids -k 'two and words' build/ >../got
want 'proj:unit+two words / net'

run 0 "$gangway" -n 4 --repeat 10 -m unit build/
has "$out" "20 passed"
run 1 "$gangway" -n 1 --maxfail 1 build/
has "$out" "stopping after 1 failures"
run 0 "$gangway" -s -k network build/
has "$out" "heard"
run 1 "$gangway" build/ 'proj / fails'
has "$out" "said"

# its limit is Meson's, unless gangway.ini says otherwise; in JUnit a time-out is a failure, and the file well-formed
run 1 "$gangway" -n 2 --junitxml=junit.xml build/
has "$out" "proj:slow / slow"
verdicts junit.xml >../got
grep -q 'proj:slow | slow: .*\(timeout\|failed\)' ../got || fail "JUnit: $(cat ../got)"
printf '[test "*"]\ntimeout = 60\n' >gangway.ini
run 0 "$gangway" build/ 'proj:slow / slow'
rm gangway.ini
run 0 "$gangway" explain build/ 'proj:unit+two words / net'
has "$out" "command    $work/proj/build/net"
run 0 "$gangway" report
[ -f .gangway/latest/tests.tsv ] || fail "no .gangway/latest/tests.tsv"
[ ! -e ../started ] || fail "Meson or Python was started"
