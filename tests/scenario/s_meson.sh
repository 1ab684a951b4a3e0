#!/bin/sh
# A Meson build folder: the ids and verdicts are those of `meson test`, for every protocol, with
# should_fail, odd names, a subproject, joined variables and the default test setup; with any number of
# workers, and one by one.  What is not built is one clear line each; benchmarks are no tests.
. "$(dirname "$0")/lib.sh"
need meson ninja cc c++

mkdir -p proj/subprojects/sub
cd proj
cat >meson.build <<'END'
project('pro j', 'c', 'cpp', version: '1', meson_version: '>= 0.60')
t = find_program('t.sh')
prog = executable('prog', 'prog.c')
helper = executable('helper', 'prog.c')
add_test_setup('usual', is_default: true, timeout_multiplier: 2, exclude_suites: ['off'],
  env: ['SETUP=1'])
subproject('sub')
test('ok', t, args: ['0'], suite: ['unit', 'slow one'])
test('twice', t, args: ['0'])
test('twice', t, args: ['1'])
test('left out', t, args: ['1'], suite: 'off')
test('bad', t, args: ['1'])
test('skip', t, args: ['77'])
test('hard', t, args: ['99'])
test('signal', t, args: ['signal'])
test('xfail', t, args: ['1'], should_fail: true)
test('xpass', t, args: ['0'], should_fail: true)
test('xskip', t, args: ['77'], should_fail: true)
test('xhard', t, args: ['99'], should_fail: true)
test('xsignal', t, args: ['signal'], should_fail: true)
test('too slow', t, args: ['slow'], timeout: 1)
test('slow, but in time', t, args: ['slower'], timeout: 1)
test('no limit', t, args: ['0'], timeout: 0)
test('a "quoted" name with $x, \'single\' & <é> [b] * \\ 日本', prog, args: ['a b', helper, '$x', '*', ''],
  env: {'A': 'x y', 'B': '$A;"'}, workdir: meson.current_source_dir(), is_parallel: false, priority: 5)
test('in the build folder', t, args: ['here'], priority: -3)
env = environment()
env.prepend('PATH', '/first', '/second')
env.append('JOINED', 'a', 'b', separator: '+')
env.append('JOINED', 'c', separator: '+')
env.append('LIST', 'z')
test('variables', t, args: ['variables'], env: env)
foreach what : ['ok', 'bad', 'skip', 'some', 'todo', 'todo ok', 'bail', 'few', 'status', 'empty', 'plan skip', 'stderr']
  test('tap ' + what, find_program('tap.sh'), args: [what], protocol: 'tap')
  test('xtap ' + what, find_program('tap.sh'), args: [what], protocol: 'tap', should_fail: true)
endforeach
foreach what : ['ok', 'bad', 'ignored', 'none', 'strange']
  test('rust ' + what, find_program('rust.sh'), args: [what], protocol: 'rust')
  test('xrust ' + what, find_program('rust.sh'), args: [what], protocol: 'rust', should_fail: true)
endforeach
test('not gtest', t, args: ['0'], protocol: 'gtest')
benchmark('measured', t, args: ['1'])
END
cat >subprojects/sub/meson.build <<'END'
project('sub', 'c')
test('ok', find_program('true'), suite: 'unit')
test('needs its library', executable('user', 'user.c', link_with: shared_library('low', 'low.c')))
END
echo 'int low(void); int low(void) { return 0; }' >subprojects/sub/low.c
echo 'int low(void); int main(void) { return low(); }' >subprojects/sub/user.c
cat >prog.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	return !(argc == 6 && !strcmp(argv[1], "a b") && !access(argv[2], X_OK) && !strcmp(argv[3], "$x") &&
		 !strcmp(argv[4], "*") && !*argv[5] && !strcmp(getenv("A"), "x y") &&
		 !strcmp(getenv("B"), "$A;\"") && !access("meson.build", R_OK));
}
END
cat >t.sh <<'END'
#!/bin/sh
[ "$SETUP" = 1 ] && [ "${MALLOC_PERTURB_:-0}" -gt 0 ] || exit 1
case $1 in
signal) kill -SEGV $$ ;;
slow) exec sleep 20 ;;
slower) exec sleep 1.2 ;;
here) [ -d meson-info ] ;;
variables)
	[ "$JOINED" = old+a+b+c ] && [ "$LIST" = z ] || exit 1
	case $PATH in /first:/second:*/bin*) ;; *) exit 1 ;; esac ;;
*) exit "$1" ;;
esac
END
cat >tap.sh <<'END'
#!/bin/sh
case $1 in
ok) echo 1..2; echo "ok 1 - a"; echo "ok 2" ;;
bad) echo 1..2; echo "ok 1"; echo "not ok 2 - b" ;;
skip) echo 1..2; echo "ok 1 # SKIP no net"; echo "ok 2 # skip" ;;
some) echo 1..2; echo "ok 1 # SKIP"; echo "ok 2" ;;
todo) echo 1..1; echo "not ok 1 # TODO later" ;;
"todo ok") echo 1..1; echo "ok 1 # TODO later" ;;
bail) echo 1..3; echo "ok 1"; echo "Bail out! no disk" ;;
few) echo 1..3; echo "ok 1" ;;
status) echo 1..1; echo "ok 1"; exit 3 ;;
empty) ;;
"plan skip") echo "1..0 # SKIP nothing here" ;;
stderr) echo 1..1; echo "not ok 1" >&2; echo "ok 1" ;;
esac
END
cat >rust.sh <<'END'
#!/bin/sh
echo; echo "running 2 tests"
case $1 in
ok) echo "test a::b ... ok"; echo "test c ... ignored" ;;
bad) echo "test a::b ... FAILED"; echo "test c ... ok"; exit 101 ;;
ignored) echo "test c ... ignored" ;;
strange) echo "test c ... odd" ;;
esac
echo; echo "test result: ok. 1 passed; 0 failed"
END
chmod +x ./*.sh
JOINED=old LC_ALL=C.UTF-8
export JOINED LC_ALL
meson setup b >../setup.log 2>&1 || { cat ../setup.log; fail "meson setup"; }

# not built: a line for each that needs something built, the others run
run 1 "$gangway" -n 0 -v b
has "$out" "ERROR sub / needs its library"
has "$out" "not built: $work/proj/b/subprojects/sub/user is not there; build it first (meson compile -C $work/proj/b)"
has "$out" "PASSED sub:unit / ok"

ninja -C b >/dev/null
meson test -C b --no-rebuild >../meson.log 2>&1 || :
reports() { /usr/bin/python3 "$top/tests/scenario/reports.py" "$@"; }
reports meson b/meson-logs/testlog.json >../theirs
[ "$(wc -l <../theirs)" -ge 55 ] || fail "few tests: $(cat ../meson.log)"
for n in 0 1 2 8; do
	run 1 "$gangway" -n $n -v b
	reports gangway "$out" >../ours
	same ../theirs ../ours
done
lacks "$out" measured
lacks "$out" "left out"

# one by one
: >../ours
"$gangway" list -q b | grep ' / ' >../ids
while IFS= read -r id; do
	"$gangway" -n 0 -v b "$id" >"$out" 2>"$err" </dev/null || [ $? = 1 ] || fail "$id: $(cat "$err")"
	[ "$(reports gangway "$out" | wc -l)" = 1 ] || fail "'$id' is not one test: $(cat "$out")"
	cat "$out" >>../ours
done <../ids
reports gangway ../ours >../singly
same ../theirs ../singly

# suites and projects are marks; reasons of skips; high priorities first
run 0 "$gangway" list -q -m unit b
[ "$(grep " / ok" "$out")" = "sub:unit / ok
pro_j:unit+slow one / ok" ] || fail "-m unit: $(cat "$out")"
run 0 "$gangway" -n 2 -rs b 'pro_j / skip' 'pro_j / tap plan skip'
has "$out" "exit status 77"
has "$out" "nothing here"
"$gangway" plan -n 2 b --cache-clear >"$out"
has "$out" "runs alone"

# what lies: a plan of which nothing came, a program that died behind its last line
cat >tap.sh <<'END'
#!/bin/sh
echo 1..3
END
cat >rust.sh <<'END'
#!/bin/sh
echo "test a ... ok"; kill -SEGV $$
END
run 1 "$gangway" -n 0 -v b 'pro_j / tap ok' 'pro_j / rust ok'
has "$out" "3 points planned, 0 came"
has "$out" "killed by SIGSEGV"

# files that do not belong together, or are no such files
cp b/meson-info/intro-tests.json ../save.json
echo '[{"name":"other","cmd":["true"]}]' >b/meson-info/intro-tests.json
run 1 "$gangway" -n 0 b
has "$out" "name other tests ('other' and "
echo '{' >b/meson-info/intro-tests.json
run 1 "$gangway" -n 0 b
has "$out" "b/meson-info/intro-tests.json:"
cp ../save.json b/meson-info/intro-tests.json
echo nonsense >b/meson-private/meson_test_setup.dat
run 1 "$gangway" -n 0 b
has "$out" "meson_test_setup.dat: not a pickle"
