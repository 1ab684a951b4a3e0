#!/bin/sh
# Installed tests: ids and verdicts are those of gnome-desktop-testing-runner, with every number of
# workers; words, variables, a folder of one's own, exclusive tests.  A file with a mistake is one line,
# and the others run (the runner gives up).
. "$(dirname "$0")/lib.sh"
need gnome-desktop-testing-runner

mkdir -p share/installed-tests/pkg/deep "share/installed-tests/p q"
cd share/installed-tests
put() { # FILE TYPE EXEC [LINE]
	printf '# a comment\n[Test]\nType=%s\nExec=%s\n%s\n' "$2" "$3" "${4-}" >"$1.test"
}
put pkg/ok session true
put pkg/bad session 'sh -c "exit 3"'
put pkg/skip session 'sh -c "exit 77"'
put pkg/alone session-exclusive 'sh -c "echo alone"'
put pkg/words session "/bin/sh -c \"[ \\\\\"\\\\\$1\\\\\" = 'a b' ] && [ -z \\\\\"\\\\\$(ls)\\\\\" ]\" x 'a b'"
put pkg/deep/variables session '/bin/sh -c "[ \\$A = 1 -a \\$B = x=y ]"' 'TestEnvironment=A=1;B=x=y;'
put pkg/tap session "printf '1..2\\\\nok 1 - a\\\\nok 2\\\\n'" 'Output=TAP'
put pkg/badtap session "/bin/sh -c \"echo 1..1; echo not ok 1 - it; exit 1\"" 'Output=TAP'
put "p q/ünï" session true
printf 'nothing of ours\n' >pkg/other.test
cd ../..
mv share/installed-tests/pkg/other.test .
gnome-desktop-testing-runner -d share >theirs.out 2>&1 || :
# it prints what is not ASCII as a question mark
sed -n '/^SUMMARY/q; s/?n?/ünï/; s/^PASS: \(.*\)/\1: passed/p; s/^SKIP: \(.*\)/\1: skipped/p; s/^FAIL: \(.*\) (Child.*/\1: failed/p' theirs.out |
	sort >theirs
[ "$(wc -l <theirs)" = 9 ] || fail "the runner: $(cat theirs.out)"
mv other.test share/installed-tests/pkg/
for n in 0 1 2 8; do
	run 1 "$gangway" -n $n -v share/installed-tests
	/usr/bin/python3 "$top/tests/scenario/reports.py" gangway "$out" | sed 's|^share/installed-tests/||' | sort >ours
	same theirs ours
done
has "$out" "1 of 1 points failed: it"
run 0 "$gangway" -n 0 -v -rs share/installed-tests/pkg/words.test share/installed-tests/pkg/skip.test
has "$out" "exit status 77"
run 0 "$gangway" plan -n 2 share/installed-tests/pkg
has "$out" "runs alone"

mkdir bad
cd bad
put type other true
put no '' true
sed -i /Type/d no.test
put words session "sh 'open"
printf '[Test]\nType=session\nnonsense\n' >line.test
put good session true
cd ..
run 1 "$gangway" -n 0 -v bad
has "$out" "bad/type.test: unknown Type 'other': session and session-exclusive are known"
has "$out" "bad/no.test: the group [Test] has no key 'Type'"
has "$out" "bad/words.test: Exec 'sh 'open' is no command line"
has "$out" "bad/line.test:3: neither a group, a comment nor KEY=VALUE"
has "$out" "PASSED bad/good.test"
