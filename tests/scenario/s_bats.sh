#!/bin/sh
# Bats files: the tests and verdicts are those of bats' own TAP, with every number of workers and one by
# one, whatever is in a name; reasons of skips, tags as marks, source lines.  setup_file runs once for a
# file; where it fails every test is an error.  A test that takes bats with it costs the others nothing.
. "$(dirname "$0")/lib.sh"
need bats

cat >odd.bats <<'END'
#!/usr/bin/env bats
# bats file_tags=all
NAME=var
@test "ok one" { true; }
@test 'single $NAME "dq"' { true; }
@test "fails; with: special [chars] (x) & <y>" {
  echo printed
  false
}
# bats test_tags=net, slow:one
@test "skips" { skip "no net # here"; }
@test "skip bare" { skip; }
@test "a $NAME name" { true; }
@test unquoted_name { true; }
  @test "back\\slash \"q\" * ? + ^ | {} \$ in 5ms" { true; }
@test "ünï 日本::x / y" { true; }
@test "out # skip not" { false; }
@test "skips" { false; } # not a second one, were it not for its name
function plain_func { #@test
  true
}
other() { # @test
  run false
  [ "$status" -eq 1 ]
}
@test "crash" { kill -SEGV $$; }
@test "a" { true; }
@test "aa" { true; }
END
sed -i '/not a second one/d' odd.bats
cat >file.bats <<'END'
setup_file() { echo x >>"$COUNT"; }
@test "one" { true; }
@test "two" { true; }
@test "three" { false; }
END
mkdir more
printf '@test "a" { true; }\n@test "b" { exit 3; }\n' >more/plain.bats
COUNT=$work/count
export COUNT
# what bash makes of the names is known when they run
bats --formatter tap odd.bats file.bats more/plain.bats 2>/dev/null >theirs.tap || :
reports() { /usr/bin/python3 "$top/tests/scenario/reports.py" "$@"; }
reports tap theirs.tap | sed 's/single var dq/single $NAME "dq"/; s/a var name/a $NAME name/' | sort >theirs
[ "$(wc -l <theirs)" = 20 ] || fail "bats: $(cat theirs.tap)"
for n in 0 1 2 8; do
	: >count
	run 1 "$gangway" -n $n -v .
	reports gangway "$out" | sed 's/^[a-z/]*\.bats:://' | sort >ours
	same theirs ours
	[ "$(wc -l <count)" = 1 ] || fail "setup_file ran $(wc -l <count) times"
done
has "$out" "file.bats:4: \`@test \"three\" { false; }' failed"
has "$out" "odd.bats:8: \`false' failed"
has "$out" "printed"

# one by one
: >ours.out
"$gangway" list -q . | grep '::' >ids
[ "$(wc -l <ids)" = 20 ] || fail "list: $(cat ids)"
while IFS= read -r id; do
	"$gangway" -n 0 -v . "$id" >"$out" 2>"$err" </dev/null || [ $? = 1 ] || fail "$id: $(cat "$err")"
	[ "$(reports gangway "$out" | wc -l)" = 1 ] || fail "'$id' is not one test: $(cat "$out")"
	cat "$out" >>ours.out
done <ids
reports gangway ours.out | sed 's/^[a-z/]*\.bats:://' | sort >ours
same theirs ours

# reasons, marks
run 0 "$gangway" -n 2 -rs -m net odd.bats
has "$out" "odd.bats:11: no net # here"
has "$out" "1 skipped, 14 deselected"
run 0 "$gangway" list -q -m all odd.bats
has "$out" "15 items"

# what goes wrong beside the tests
mkdir bad
printf 'setup_file() { false; }\n@test "a" { true; }\n@test "b" { true; }\n' >bad/setup.bats
printf 'teardown_file() { false; }\n@test "a" { true; }\n@test "b" { true; }\n' >bad/teardown.bats
printf '@test "a" { true; }\n@test "b" { kill -9 $PPID; kill -9 $$; sleep 5; }\n@test "c" { true; }\n' >bad/kill.bats
printf '@test "x" { true; }\n@test "x" { true; }\n' >bad/twice.bats
run 1 "$gangway" -n 2 -v bad
for id in setup.bats::a setup.bats::b teardown.bats::b kill.bats::b twice.bats::x; do
	has "$out" "ERROR bad/$id"
done
for id in teardown.bats::a kill.bats::a kill.bats::c; do
	has "$out" "PASSED bad/$id"
done
has "$out" "setup_file failed"
has "$out" "Duplicate test name(s)"

# without bats
mkdir bin
PATH=$work/bin run 1 "$gangway" -n 0 bad/kill.bats
has "$out" "there is no 'bats' to run it: install bats"
