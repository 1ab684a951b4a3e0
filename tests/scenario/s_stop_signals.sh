#!/bin/sh
# Signals beside the one Ctrl-C of s_interrupt.sh: a stopped run stops its tests and their clocks, SIGUSR1
# and the key t tell what runs now, the second Ctrl-C kills, the third quits, and tests that are being
# collected are interrupted too.
. "$(dirname "$0")/lib.sh"
need ninja

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"
}

is_stopped() {
	grep -qs '^State:.T' "/proc/$1/status"
}

mkdir t
printf '#!/bin/sh\nexit 0\n' >t/a_test
cat >t/b_test <<SH
#!/bin/sh
for n in 1 2 3 4 5 6 7 8; do echo "line \$n"; done
echo "to stderr" >&2
echo \$\$ >$work/pid.new
mv $work/pid.new $work/pid
until [ -e $work/go ]; do sleep 0.05; done
SH
chmod +x t/*

for n in 0 2; do
	# Longer stopped than the test may take.
	rm -f pid go
	"$gangway" -n $n --timeout 4 t >"$out" 2>"$err" &
	main=$!
	wait_for "-n $n: never began" test -e pid
	kill -TSTP $main
	wait_for "-n $n: gangway did not stop" is_stopped $main
	is_stopped "$(cat pid)" || fail "-n $n: the test goes on"
	sleep 5
	: >go
	kill -CONT $main
	code=0
	wait $main || code=$?
	[ $code = 0 ] || fail "-n $n: exit code $code: $(cat "$out" "$err")"
	has "$out" "2 passed in"

	# What runs now, with the last it said.
	rm -f pid go
	"$gangway" -n $n t >"$out" 2>"$err" &
	main=$!
	wait_for "-n $n: never began" test -e pid
	wait_for "-n $n: a_test has no end" grep -q '^e' .gangway/latest/gw*/journal.tsv
	kill -USR1 $main
	wait_for "-n $n: nothing is told: $(cat "$out")" grep -q 'tests ended, 1 run now:' "$out"
	wait_for "-n $n: no output is told: $(cat "$out")" grep -q '^    line 8$' "$out"
	: >go
	code=0
	wait $main || code=$?
	[ $code = 0 ] || fail "-n $n: exit code $code: $(cat "$out" "$err")"
	has "$out" "s t/b_test"
	has "$out" "    to stderr"
	lacks "$out" "line 2"
	has "$out" "2 passed in"
done

# A worker leaves the signal to the gangway that is in charge.
rm -f pid go
"$gangway" -n 1 t >"$out" 2>"$err" &
main=$!
wait_for "never began" test -e pid
# shellcheck disable=SC2013 # one word
for worker in $(sed -n 's/^PPid:.//p' "/proc/$(cat pid)/status"); do
	kill -USR1 "$worker"
done
: >go
wait $main || fail "a worker does not stand SIGUSR1: $(cat "$out" "$err")"

# The key t on a terminal; afterwards the terminal is as it was.
rm -f pid go
/usr/bin/python3 - "$gangway" -n 2 t >"$out" 2>"$err" <<'PY' || fail "$(cat "$out" "$err")"
import os, pty, select, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
before = termios.tcgetattr(fd)[3]
seen = b""
def until(what):
    global seen
    end = time.time() + 60
    while what not in seen:
        if time.time() > end:
            sys.exit("no %r in %r" % (what, seen))
        if select.select([fd], [], [], 0.05)[0]:
            try:
                seen += os.read(fd, 65536)
            except OSError:
                break
end = time.time() + 60
while not os.path.exists("pid"):
    if time.time() > end:
        sys.exit("never began")
    time.sleep(0.05)
os.write(fd, b"xt")
until(b"run now:")
until(b"    line 8")
open("go", "w").close()
until(b"2 passed in")
after = termios.tcgetattr(fd)[3]
status = os.waitpid(pid, 0)[1]
if before != after:
    sys.exit("the terminal is not as it was: %x %x" % (before, after))
sys.exit(0 if status == 0 else "status %d" % status)
PY

# Who hears nothing is killed at the second signal; at the third gangway is gone at once, and workers
# follow.
cat >t/b_test <<SH
#!/bin/sh
trap 'echo >>$work/heard' TERM
echo \$\$ >$work/pid.new
mv $work/pid.new $work/pid
while :; do sleep 0.05; done
SH
for times in 2 3; do
	rm -f pid heard
	"$gangway" -n 2 --dist=no --junitxml=junit.xml t >"$out" 2>"$err" &
	main=$!
	wait_for "never began" test -e pid
	kill -TERM $main
	wait_for "the test did not hear" test -e heard
	# it may be gone before the third
	for _ in $(seq 2 $times); do kill -TERM $main 2>/dev/null || :; done
	code=0
	wait $main || code=$?
	[ $code = 2 ] || fail "$times times: exit code $code: $(cat "$out" "$err")"
	wait_for "$times times: the test stayed behind" is_gone "$(cat pid)"
	[ $times = 3 ] || has "$out" "1 passed in"
done

# While tests are collected.
mkdir bin b
printf '#!/bin/sh\necho $$ >%s/pid\nexec sleep 100\n' "$work" >bin/ctest
chmod +x bin/ctest
printf 'add_test(a "/bin/true")\n' >b/CTestTestfile.cmake
for command in run list; do
	rm -f pid
	PATH=$work/bin:$PATH "$gangway" $command b >"$out" 2>"$err" &
	main=$!
	wait_for "$command: ctest was not asked" test -s pid
	kill -TERM $main
	code=0
	wait $main || code=$?
	[ $code = 2 ] || fail "$command: exit code $code: $(cat "$out" "$err")"
	has "$err" "interrupted while tests were collected"
	wait_for "$command: ctest stayed behind" is_gone "$(cat pid)"
done
