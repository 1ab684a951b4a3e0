#!/bin/sh
# Time limits: of the whole run (--session-timeout), what is told of a test that takes long.
. "$(dirname "$0")/lib.sh"

program() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
	chmod +x "$1"
}

# --- the whole run's ------------------------------------------------------------------------

program s/a_test <<'E1'
#!/bin/sh
exit 0
E1
program s/b_test <<'E1'
#!/bin/sh
echo begun
trap 'echo asked to go; exit 1' TERM
while :; do sleep 0.05; done
E1
program s/c_test <<'E1'
#!/bin/sh
: >>c_ran
E1

for n in 0 1; do
	run 1 "$gangway" -n $n --dist=no --engine=make --session-timeout=1 --junitxml=junit.xml s
	has "$out" "the time of the whole run was over (--session-timeout)"
	has "$out" "stopped, for the time of the whole run was over"
	has "$out" "asked to go"
	has "$out" "1 test was not run"
	has "$out" "NOTRUN s/c_test"
	has "$out" "1 failed, 1 passed"
	[ ! -e c_ran ] || fail "-n $n: c_test ran"
	verdicts junit.xml >got
	has got "a_test: passed"
	has got "b_test: fail"
	lacks got "c_test: passed"
	# told again it is the same
	run 1 "$gangway" report --last
	has "$out" "NOTRUN s/c_test"
done

# What was stopped is not tried again.
run 1 "$gangway" -n 0 --session-timeout=1 --reruns=3 s
has "$out" "1 failed, 1 passed"
lacks "$out" "rerun"

# It can be taken up again, with another limit or none.
rm s/b_test
program s/b_test <<'E1'
#!/bin/sh
exit 0
E1
run 1 "$gangway" --resume
has "$out" "1 failed, 2 passed"
[ -e s/c_ran ] || [ -e c_ran ] || fail "c_test did not run"

# One program with many tests of its own, and enough time.
run 0 "$gangway" --session-timeout=300 s
lacks "$out" "session-timeout"
run 0 "$gangway" --session-timeout=0 s

# --- a test that takes long -------------------------------------------------------------------

program l/long_test <<'E1'
#!/bin/sh
sleep 1.5
E1
run 0 "$gangway" -n 1 --engine=make --slow=0.5 l
has "$out" "l/long_test is running for 0.5 s on gw0"
has "$out" "l/long_test is running for 1 s on gw0"
run 0 "$gangway" -n 0 --slow=0.5 l
has "$out" "l/long_test is running for 0.5 s on gw0"
run 0 "$gangway" -n 0 --slow=0.5 -q l
lacks "$out" "is running for"
run 0 "$gangway" -n 0 --slow=0 l
lacks "$out" "is running for"
run 0 "$gangway" -n 0 l
lacks "$out" "is running for"

# --- where it hangs: --timeout-dump -----------------------------------------------------------

program d/hang_test <<'E1'
#!/bin/sh
echo before
sleep 60
E1
program bin/gdb <<'E1'
#!/bin/sh
echo "fake gdb looked at $6"
E1
for n in 0 1; do
	PATH=$work/bin:$PATH run 1 "$gangway" -n $n --engine=make --timeout=0.5 --timeout-dump d
	has "$out" "timed out after 0.500 s"
	has "$out" "(hang_test) ---"
	has "$out" "(sleep) ---"
	[ "$(grep -c "fake gdb looked at [0-9]" "$out")" = 2 ] || fail "not both: $(cat "$out")"
done
PATH=$work/bin:$PATH run 1 "$gangway" -n 0 --timeout=0.5 d
lacks "$out" "fake gdb"
mkdir none
ln -s "$(command -v sh)" "$(command -v sleep)" none
PATH=$work/none run 1 "$gangway" -n 0 --timeout=0.5 --timeout-dump d
[ "$(grep -c "no gdb" "$err")" = 1 ] || fail "not one warning: $(cat "$err")"
has "$out" "timed out after 0.500 s"

# the real one, where it may attach
if command -v gdb >/dev/null 2>&1 && command -v cc >/dev/null 2>&1; then
	cat >hang.c <<'E1'
#include <unistd.h>
void waits_for_ever(void) { for (;;) pause(); }
int main(void) { waits_for_ever(); }
E1
	mkdir r
	cc -g -O0 -o r/hang_test hang.c
	run 1 "$gangway" -n 1 --engine=make --timeout=0.5 --timeout-dump --junitxml=junit.xml r
	if ! grep -q "ptrace: \|Could not attach" "$out"; then
		has "$out" "waits_for_ever"
		has junit.xml "waits_for_ever"
	fi
fi

# --- how the process of a killed test ended ---------------------------------------------------

program k/crash_test <<'E1'
#!/bin/sh
kill -SEGV $$
E1
program k/ends_test <<'E1'
#!/bin/sh
exit 3
E1
program k/hang_test <<'E1'
#!/bin/sh
trap 'exit 4' TERM
while :; do sleep 0.05; done
E1
program k/large_test <<'E1'
#!/usr/bin/python3
import os
x = bytearray(300 << 20)
os.abort()
E1
# shellcheck disable=SC3045 # dash and bash have it
ulimit -c unlimited 2>/dev/null || :
# the core of the large one may take its time
printf '[test "k/hang_test"]\ntimeout = 2\n' >k.ini
for n in 0 2; do
	rm -f k/core* core*
	run 1 "$gangway" -n $n --engine=make -c k.ini --timeout=60 --junit-family=files --junitxml=files.xml k
	has "$out" "process: killed by SIGSEGV, "
	has "$out" "process: exit status 4, "
	grep -Eq "^process: killed by SIGABRT, [0-9.]+ s user, [0-9.]+ s system, 3[0-9][0-9] MiB" "$out" ||
		fail "no memory: $(grep "^process" "$out")"
	lacks "$out" "process: exit status 3"
	has files.xml '<property name="signal" value="SIGSEGV"/>'
	has files.xml '<property name="exit_code" value="3"/>'
	has files.xml '<property name="user_time" value="'
	grep -Eq '<property name="peak_memory_bytes" value="3[0-9]{8}"/>' files.xml || fail "no memory"
	if [ "$(cat /proc/sys/kernel/core_pattern)" = core ] && ls core* >/dev/null 2>&1; then
		has "$out" ", core: $work/core"
		has files.xml '<property name="core" value="'
	fi
done
run 1 "$gangway" -n 0 --timeout=2 --junitxml=strict.xml k
lacks strict.xml "<property "

# --- CTest's TIMEOUT_AFTER_MATCH --------------------------------------------------------------

command -v ctest >/dev/null 2>&1 || exit 0
program p/waits.sh <<'E1'
#!/bin/sh
# $1: how long it waits for what it needs; $2: what it then takes
sleep "$1"
echo ready to go
sleep "$2"
E1
mkdir c
cat >c/CTestTestfile.cmake <<E1
add_test(lives "$work/p/waits.sh" 0.2 1.5)
set_tests_properties(lives PROPERTIES TIMEOUT 1 TIMEOUT_AFTER_MATCH "20;ready")
add_test(dies "$work/p/waits.sh" 0.2 20)
set_tests_properties(dies PROPERTIES TIMEOUT 20 TIMEOUT_AFTER_MATCH "0.5;ready to")
add_test(never "$work/p/waits.sh" 1.5 0)
set_tests_properties(never PROPERTIES TIMEOUT 1 TIMEOUT_AFTER_MATCH "20;^ready")
E1
run 8 ctest --test-dir c
for t in lives:Passed dies:Timeout never:Timeout; do
	grep -q " ${t%:*} .*${t#*:}" "$out" || fail "ctest thinks otherwise of $t: $(cat "$out")"
done
run 1 "$gangway" -n 2 --engine=make --junitxml=junit.xml c
has "$out" "2 failed, 1 passed"
has "$out" "dies - timed out after 0.500 s"
has "$out" "never - timed out after 1.000 s"
