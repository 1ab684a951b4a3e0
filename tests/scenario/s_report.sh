#!/bin/sh
# What people see: in a pipe and in a terminal, with -v -q --tb --durations -r --color, and every exit
# code.
. "$(dirname "$0")/lib.sh"

mkdir t
prog() {
	{ echo '#!/bin/sh'; cat; } >"t/$1_test"
	chmod +x "t/$1_test"
}
for i in 1 2 3 4 5; do echo 'exit 0' | prog pass$i; done
printf 'echo what I said\necho "a complaint" >&2\nexit 1\n' | prog fail
echo 'exit 77' | prog skip

run 1 "$gangway" -n 2 t
has "$out" "============================= test session starts =============================="
has "$out" "rootdir: $work"
has "$out" "[100%]"
has "$out" "=================================== FAILURES ==================================="
has "$out" "what I said"
has "$out" "a complaint"
has "$out" "=========================== short test summary info ============================"
has "$out" "FAILED t/fail_test"
grep -q '^=* 1 failed, 5 passed, 1 skipped in [0-9.]*s =*$' "$out" || fail "$(tail -n 1 "$out")"
! grep -q "$(printf '\033')" "$out" || fail "colours in a pipe"
[ ! -s "$err" ] || fail "$(cat "$err")"

run 1 "$gangway" -n 2 -v t
has "$out" "PASSED t/pass1_test"
grep -q '^\[gw[01]\] \[ *[0-9]*%\] FAILED t/fail_test' "$out" || fail "$(cat "$out")"
run 1 "$gangway" -n 2 -q t
lacks "$out" "test session starts"
has "$out" "1 failed, 5 passed, 1 skipped in"
run 1 "$gangway" -n 2 --tb=no t
lacks "$out" "what I said"
has "$out" "FAILED t/fail_test"
run 1 "$gangway" -n 2 --tb=line t
lacks "$out" "what I said"
run 1 "$gangway" -n 2 -rA t
has "$out" "PASSED t/pass1_test"
has "$out" "SKIPPED"
run 1 "$gangway" -n 2 --durations=3 t
has "$out" "slowest"
run 1 "$gangway" -n 2 --color=yes t
grep -q "$(printf '\033')" "$out" || fail "no colours"

# The same run told again.
run 1 "$gangway" report
has "$out" "1 failed, 5 passed, 1 skipped"

# In a terminal: colours, and a last line that is rewritten.
if command -v script >/dev/null; then
	code=0
	TERM=xterm script -qec "'$gangway' -n 2 t" typescript >/dev/null 2>&1 </dev/null || code=$?
	[ $code = 1 ] || fail "exit code $code in a terminal"
	grep -q "$(printf '\033')\[3[12]" typescript || fail "no colours in a terminal"
	has typescript "1 failed"
fi

# In order, with live output.
run 1 "$gangway" -s t
has "$out" "what I said"
has "$err" "a complaint"

run 0 "$gangway" -n 2 t/pass1_test
run 5 "$gangway" -k nothing_has_this_name t
run 4 "$gangway" --no-such-option
run 1 "$gangway" -n 1 -x t
has "$out" "stopping after 1 failures"
