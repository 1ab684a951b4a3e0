#!/bin/sh
# --shard: every test in exactly one shard, whole groups, about the same time each, the same on
# every machine, from the variables of CI services as well.
. "$(dirname "$0")/lib.sh"
need ctest
unset GANGWAY_SHARD CI_NODE_INDEX CI_NODE_TOTAL CIRCLE_NODE_INDEX CIRCLE_NODE_TOTAL \
	BUILDKITE_PARALLEL_JOB BUILDKITE_PARALLEL_JOB_COUNT STRATEGY_JOB_INDEX STRATEGY_JOB_TOTAL \
	2>/dev/null || :

{
	i=0
	while [ $i -lt 40 ]; do
		echo "add_test(t$i \"/bin/true\")"
		[ $i -ge 10 ] || echo "set_tests_properties(t$i PROPERTIES LABELS \"xdist_group=db\")"
		i=$((i + 1))
	done
} >CTestTestfile.cmake
{
	printf 'durations\t1\n'
	i=0
	while [ $i -lt 40 ]; do
		printf 't\tt%s\t%s000\n' $i $((i == 39 ? 900 : i + 1))
		i=$((i + 1))
	done
} >durations.tsv

ids() { # ARGS...: what would run
	"$gangway" --collect-only --dist=loadgroup "$@" . >ids.out 2>&1 || fail "$* $(cat ids.out)"
	grep '^t[0-9]*$' ids.out || :
}

for n in 1 2 3 7; do
	: >all
	i=1
	while [ $i -le $n ]; do
		ids --shard $i/$n >"part.$i"
		cat "part.$i" >>all
		[ -s "part.$i" ] || fail "shard $i/$n is empty"
		groups=$(grep -c '^t[0-9]$' "part.$i" || :)
		[ "$groups" = 0 ] || [ "$groups" = 10 ] || fail "$groups of a group in $i/$n"
		i=$((i + 1))
	done
	[ "$(sort all | uniq | wc -l)" = 40 ] || fail "not every test is in a shard of $n"
	[ "$(wc -l <all)" = 40 ] || fail "tests are in two shards of $n"
done

# by time: the long one has a shard of its own
: >all
for i in 1 2; do
	ids --durations-file durations.tsv --shard $i/2 >"part.$i"
done
[ "$(cat part.1)" = t39 ] || fail "$(cat part.1)"
[ "$(wc -l <part.2)" = 39 ] || fail "$(cat part.2)"
# whatever this machine remembers, and however many workers it has
run 0 "$gangway" -n 2 .
ids --durations-file durations.tsv --shard 1/2 -n 8 >part.3
same part.1 part.3

# it runs, and says what the others have
run 0 "$gangway" --dist=loadgroup --durations-file durations.tsv --shard 1/2 -n 2 .
has "$out" "1 passed, 39 deselected"
run 0 "$gangway" explain --dist=loadgroup --durations-file durations.tsv --shard 1/2 .
has "$out" "in shard 2 of 2"
run 0 "$gangway" explain --dist=loadgroup --durations-file durations.tsv --shard 2/2 .
has "$out" "in shard 1 of 2"

# more shards than units: an empty one is no failure
ids --shard 40/40 >part
[ ! -s part ] || fail "31 units in 40 shards: $(cat part)"
run 0 "$gangway" --dist=loadgroup --shard 40/40 .
has "$out" "no tests ran"

# a fixture is no reason to stay together: each shard sets up and cleans up for its own tests
mkdir fx
{
	echo 'add_test(up "/bin/true")'
	echo 'set_tests_properties(up PROPERTIES FIXTURES_SETUP f)'
	echo 'add_test(down "/bin/true")'
	echo 'set_tests_properties(down PROPERTIES FIXTURES_CLEANUP f)'
	echo 'add_test(dep "/bin/true")'
	echo 'set_tests_properties(dep PROPERTIES DEPENDS u1)'
	for i in 1 2 3 4 5 6; do
		echo "add_test(u$i \"/bin/true\")"
		echo "set_tests_properties(u$i PROPERTIES FIXTURES_REQUIRED f)"
	done
	echo 'add_test(other "/bin/true")'
	echo 'add_test(other2 "/bin/true")'
} >fx/CTestTestfile.cmake
: >all
for i in 1 2 3 4; do
	run 0 "$gangway" --shard $i/4 -rp fx
	sed -n 's/^PASSED //p' "$out" | sort >"part.$i"
	grep -v '^up$\|^down$' "part.$i" >>all
	if grep -q '^u[0-9]' "part.$i"; then
		grep -q '^up$' "part.$i" && grep -q '^down$' "part.$i" || fail "$i: no fixture"
	else
		! grep -q '^up$\|^down$' "part.$i" || fail "$i: a fixture for nobody"
	fi
	[ "$(grep -c . "part.$i")" -ge 2 ] || fail "$i: next to nothing"
done
[ "$(sort all | uniq | wc -l)" = 9 ] && [ "$(wc -l <all)" = 9 ] || fail "$(sort all)"
for i in 1 2 3 4; do
	! grep -q '^dep$' "part.$i" || grep -q '^u1$' "part.$i" || fail "dep without u1"
done

# auto
ids --shard 2/3 >want
GANGWAY_SHARD=2/3 ids --shard auto >got
same want got
CI_NODE_INDEX=2 CI_NODE_TOTAL=3 ids --shard auto >got
same want got
CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=3 ids --shard auto >got
same want got
BUILDKITE_PARALLEL_JOB=1 BUILDKITE_PARALLEL_JOB_COUNT=3 ids --shard auto >got
same want got
STRATEGY_JOB_INDEX=1 STRATEGY_JOB_TOTAL=3 ids --shard auto >got
same want got
ids --shard auto >got
[ "$(wc -l <got)" = 40 ] || fail "without variables everything runs"
CI_NODE_TOTAL=1 ids --shard auto >got
[ "$(wc -l <got)" = 40 ] || fail "GitLab without parallel: everything runs"

for bad in 0/2 3/2 1 1/0 x/2 1/ /2 1/2/3 -1/2; do
	run 4 "$gangway" --collect-only --shard=$bad .
	has "$err" "'$bad' is no shard"
done
GANGWAY_SHARD=4/3
export GANGWAY_SHARD
run 4 "$gangway" --collect-only --shard=auto .
has "$err" "GANGWAY_SHARD"
unset GANGWAY_SHARD
CI_NODE_INDEX=4
CI_NODE_TOTAL=3
export CI_NODE_INDEX CI_NODE_TOTAL
run 4 "$gangway" --collect-only --shard=auto .
has "$err" "CI_NODE_INDEX=4"
