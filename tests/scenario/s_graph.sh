#!/bin/sh
# Graphs for plain ninja and make: same verdicts as gangway itself, nothing that did not change runs
# again, a failing test fails the build at its end and not before, the same input the same bytes.
. "$(dirname "$0")/lib.sh"
need ninja make

mkdir t
for i in 1 2 3 4 5 6; do
	cat >t/${i}_test <<'END'
#!/bin/sh
echo ran >>"$0.log"
exit ${EXIT:-0}
END
	chmod +x t/${i}_test
done

for engine in ninja make; do
	rm -f t/*.log
	run 0 "$gangway" graph -n 2 --engine=$engine -o tests.$engine t
	cp tests.$engine first.$engine
	run 0 "$gangway" graph -n 2 --engine=$engine -o tests.$engine t
	same first.$engine tests.$engine
	if [ $engine = ninja ]; then
		set -- ninja -f tests.ninja
	else
		set -- make -j2 -f tests.make
	fi
	run 0 "$@"
	[ "$(cat t/*.log | wc -l)" = 6 ] || fail "not each of six tests ran once"
	verdicts tests.$engine.d/junit.xml >whole
	[ "$(grep -c ': passed$' whole)" = 6 ] || fail "$(cat whole)"

	# Nothing changed: nothing runs.
	run 0 "$@"
	[ "$(cat t/*.log | wc -l)" = 6 ] || fail "tests ran again although nothing changed"

	# One program changed: its test runs again, alone.
	cp -p t/4_test good
	touch t/4_test
	run 0 "$@"
	[ "$(cat t/*.log | wc -l)" = 7 ] || fail "not just the one that changed ran again"

	# It fails: the others' results stand, the build fails at its end.
	sed -i 's/^exit.*/exit 3/' t/4_test
	[ $engine = ninja ] && run 1 "$@" || run 2 "$@"
	[ "$(cat t/*.log | wc -l)" = 8 ] || fail "not just the one that fails ran again"
	has "$out" "4_test"
	verdicts tests.$engine.d/junit.xml >whole
	[ "$(grep -c ': passed$' whole)" = 5 ] || fail "$(cat whole)"
	[ "$(grep -c ': failed$' whole)" = 1 ] || fail "$(cat whole)"
	cp good t/4_test

	# A program more, before the others, and one less: a graph made anew runs just that one, and
	# what the others said before is still told of them.
	cp t/1_test t/0_test
	run 0 "$gangway" graph -n 2 --engine=$engine -o tests.$engine t/0_test t/1_test t/3_test t/4_test t/5_test t/6_test
	run 0 "$@"
	[ "$(cat t/*.log | wc -l)" = 10 ] || fail "not just the new one and the one that was mended ran again"
	verdicts tests.$engine.d/junit.xml >whole
	[ "$(grep -c ': passed$' whole)" = 6 ] || fail "$(cat whole)"
	has whole "0_test"
	lacks whole "2_test"
	lacks "$out" "deselected"
	rm t/0_test t/0_test.log
done
run 0 "$gangway" graph -n 2 --engine=make -o tests.make t
run 0 make -f tests.make
verdicts tests.make.d/junit.xml >whole

# What gangway itself says is the same.
run 0 "$gangway" -n 2 --junitxml=junit.xml t
verdicts junit.xml >ours
same ours whole
