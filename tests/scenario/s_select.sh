#!/bin/sh
# -k, -m, --deselect, ids and paths; counts as pytest writes them; errors with a caret.
. "$(dirname "$0")/lib.sh"
need ctest

{
	i=0
	while [ $i -lt 1225 ]; do
		echo "add_test(t$i \"/bin/true\")"
		if [ $i -ge 188 ]; then
			echo "set_tests_properties(t$i PROPERTIES LABELS \"unit;m$((i % 3))\")"
		fi
		i=$((i + 1))
	done
} >CTestTestfile.cmake

run 0 "$gangway" --collect-only -m unit .
has "$out" "1225 items / 188 deselected / 1037 selected"
[ "$(grep -c '^t[0-9]*$' "$out")" = 1037 ] || fail "not 1037 ids"
run 0 "$gangway" --collect-only .
has "$out" "1225 items"
lacks "$out" "deselected"
run 0 "$gangway" --collect-only -m "unit and not (m0 or m1)" .
has "$out" "1225 items / 879 deselected / 346 selected"
run 0 "$gangway" --collect-only -k "t12 and not t122" .
[ "$(grep -c '^t12' "$out")" = 30 ] || fail "$(tail -n 1 "$out")"
run 0 "$gangway" --collect-only --deselect t7 --deselect t8 .
has "$out" "/ 222 deselected /"
run 0 "$gangway" --collect-only t17 t18
has "$out" "/ 2 selected"
run 0 "$gangway" -n 2 -m unit -k t120 .
has "$out" "10 passed, 1215 deselected"
run 5 "$gangway" -m nothing .
has "$out" "1225 deselected"
run 0 "$gangway" explain t3 -m unit
has "$out" "run        no"

run 4 "$gangway" -m "unit and (m0" .
has "$err" "unit and (m0"
grep -q '^ *\^' "$err" || fail "no caret: $(cat "$err")"
run 4 "$gangway" -k "and" .
run 4 "$gangway" -m "" -k "a b" .
run 4 "$gangway" t9999
has "$err" "t9999"
run 4 "$gangway" no/such/path
has "$err" "no/such/path"
run 4 "$gangway" --no-such-option
has "$err" "--no-such-option"
