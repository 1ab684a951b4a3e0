#!/bin/sh
# Slots, locks and how many may have one: whatever the number of workers, tests that must not meet
# do not, nothing takes more than there is, and each test gets the verdict that ctest gives.
. "$(dirname "$0")/lib.sh"
need cmake ctest

cat >CMakeLists.txt <<'END2'
cmake_minimum_required(VERSION 3.20)
project(resources NONE)
enable_testing()
# each test writes when it began and ended; one that must be alone with a lock makes a folder
function(test name slots lock code)
	set(hold "")
	set(release "")
	foreach(l IN LISTS lock)
		string(APPEND hold "mkdir hold.${l} || exit 9; ")
		string(APPEND release "rmdir hold.${l} || exit 9; ")
	endforeach()
	add_test(NAME ${name} COMMAND sh -c "${hold} echo b ${slots} ${name} >>log; sleep 0.1; echo e ${slots} ${name} >>log; ${release} exit ${code}")
	set_tests_properties(${name} PROPERTIES PROCESSORS ${slots} RESOURCE_LOCK "${lock}")
endfunction()
foreach(i 1 2 3 4)
	test(wide${i} 3 "" 0)
	test(narrow${i} 1 "" 0)
	test(db${i} 1 "db" 0)
	test(net${i} 1 "net" 0)
	test(both${i} 2 "db;net" 0)
endforeach()
test(huge 100 "" 0)
test(bad 2 "db" 1)
foreach(i 1 2 3 4 5 6)
	add_test(NAME licence${i} COMMAND sh -c "echo b 1 licence >>log; sleep 0.05; echo e 1 licence >>log")
	set_tests_properties(licence${i} PROPERTIES RESOURCE_LOCK licence)
endforeach()
add_test(NAME alone COMMAND sh -c "echo b 100 alone >>log; sleep 0.05; echo e 100 alone >>log")
set_tests_properties(alone PROPERTIES RUN_SERIAL TRUE)
END2
cat >most.py <<'END2'
import sys
log, word = sys.argv[1], sys.argv[2]
now = most = 0
for line in open(log, encoding="utf-8"):
    what, slots, name = line.split()
    if word == "slots":
        step = min(int(slots), int(sys.argv[3]))
    else:
        step = name == word
    now += step if what == "b" else -step
    most = max(most, now)
print(most)
END2
printf '[gangway]\n[locks]\nlicence = 2\n' >gangway.ini
run 0 cmake -S . -B build
run 8 ctest --test-dir build -j4 --output-junit "$work/ctest.xml"
verdicts ctest.xml | sed 's/^[^|]*| [^|]*| //' | sort >want
for n in 1 2 8; do
	rm -f build/log
	run 1 "$gangway" -n $n --no-history --junitxml=gangway.xml build
	verdicts gangway.xml | sed 's/^[^|]*| [^|]*| //' | sort >got
	same want got
	most=$(python3 most.py build/log slots $n)
	[ "$most" -le $n ] || fail "$most of $n slots"
	most=$(python3 most.py build/log licence)
	[ "$most" -le 2 ] || fail "$most licences of 2"
	[ $n != 8 ] || [ "$most" = 2 ] || fail "$most licence of 2"
done

# a plan does not change from one time to the next, and says which lock
run 0 "$gangway" plan -n 8 --no-history build
mv "$out" plan1
run 0 "$gangway" plan -n 8 --no-history build
same plan1 "$out"
has plan1 "lock 'db'"

# what a killed worker had is free again
cat >CMakeLists.txt <<'END2'
cmake_minimum_required(VERSION 3.20)
project(killed NONE)
enable_testing()
foreach(i 1 2 3 4)
	add_test(NAME killer${i} COMMAND sh -c "test -e ${CMAKE_BINARY_DIR}/once || { : >${CMAKE_BINARY_DIR}/once; kill -KILL $PPID; sleep 1; }")
	set_tests_properties(killer${i} PROPERTIES RESOURCE_LOCK db PROCESSORS 2)
	add_test(NAME other${i} COMMAND sleep 0.05)
endforeach()
END2
run 0 cmake -S . -B killed
run 1 "$gangway" -n 2 --no-history killed
has "$out" "crashed while running"
has "$out" "7 passed"

printf '[locks]\ndb = 0\n' >bad.ini
run 4 "$gangway" -c bad.ini killed
has "$err" "bad.ini:2: '0' is no value for 'db'"
