#!/bin/sh
# RESOURCE_GROUPS: what tests are given is theirs alone while they run, on any number of workers,
# also after a worker was killed; and what a specification must be like.
. "$(dirname "$0")/lib.sh"
need cmake ctest

# a test makes a folder for each slot that it was given, or fails
cat >take.sh <<'END2'
#!/bin/sh
env | grep '^CTEST_RESOURCE_GROUP_[0-9]*_' | sort >"given.$1"
made=
while IFS== read -r name list; do
	type=${name##*_}
	for entry in $(echo "$list" | tr ';' ' '); do
		id=${entry#id:}
		slots=${entry##*slots:}
		n=0
		for k in 0 1 2 3; do
			[ "$n" -lt "$slots" ] || break
			if mkdir "held/$type.${id%%,*}.$k" 2>/dev/null; then
				made="$made held/$type.${id%%,*}.$k"
				n=$((n + 1))
			fi
		done
		[ "$n" = "$slots" ] || { echo "$n of $slots of $type ${id%%,*}"; exit 1; }
	done
done <"given.$1"
sleep 0.05
[ -z "$2" ] || [ -e once ] || { : >once; rmdir $made; kill -KILL $PPID; sleep 1; }
[ -z "$made" ] || rmdir $made
END2
chmod +x take.sh
cat >spec.json <<'END2'
{"version": {"major": 1, "minor": 0},
 "local": [{"gpus": [{"id": "0", "slots": 4}, {"id": "1", "slots": 2}], "cards": [{"id": "card0"}]}]}
END2
cat >CMakeLists.txt <<'END2'
cmake_minimum_required(VERSION 3.20)
project(groups NONE)
enable_testing()
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/held")
function(test name groups)
	add_test(NAME ${name} COMMAND "${CMAKE_SOURCE_DIR}/take.sh" ${name} ${ARGN})
	set_tests_properties(${name} PROPERTIES RESOURCE_GROUPS "${groups}")
endfunction()
foreach(i 1 2 3 4)
	test(one${i} "gpus:1")
	test(two${i} "2,gpus:1;cards:1")
	test(big${i} "gpus:4")
	test(both${i} "gpus:2,gpus:2")
endforeach()
test(all "gpus:4;gpus:2;cards:1")
test(more "gpus:4;gpus:3")
set_tests_properties(big2 PROPERTIES RUN_SERIAL TRUE)
END2
run 0 cmake -S . -B build
for n in 1 2 8; do
	run 1 "$gangway" -n $n --no-history --resource-spec-file=spec.json --junitxml=gangway.xml build
	has "$out" "17 passed, 1 error"
	has "$out" "ERROR more - not run: there are not the resources that it needs: gpus:4;gpus:3"
	[ -z "$(ls build/held)" ] || fail "-n $n: not given back: $(ls build/held)"
	has build/given.all "CTEST_RESOURCE_GROUP_0_GPUS=id:0,slots:4"
	has build/given.all "CTEST_RESOURCE_GROUP_1_GPUS=id:1,slots:2"
	has build/given.all "CTEST_RESOURCE_GROUP_2_CARDS=id:card0,slots:1"
done
# in a graph for others, what needs the same kind is one unit
run 0 "$gangway" graph --engine=make -n 4 --resource-spec-file=spec.json -o t.mk build
run 2 make -s -j4 -f t.mk
has "$out" "17 passed, 1 error"

# without a specification nobody looks, as with ctest, and what ctest said to us is not passed on
CTEST_RESOURCE_GROUP_COUNT=5 run 0 "$gangway" -n 4 --no-history build
lacks build/given.more GPUS
cat >CMakeLists.txt <<'END2'
cmake_minimum_required(VERSION 3.20)
project(killed NONE)
enable_testing()
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/held")
foreach(i 1 2 3 4 5 6)
	add_test(NAME killer${i} COMMAND "${CMAKE_SOURCE_DIR}/take.sh" killer${i} kill)
	set_tests_properties(killer${i} PROPERTIES RESOURCE_GROUPS gpus:2)
endforeach()
END2
run 0 cmake -S . -B killed
run 1 "$gangway" -n 3 --no-history --resource-spec-file=spec.json killed
has "$out" "crashed while running"
has "$out" "5 passed, 1 error"

run 4 "$gangway" --resource-spec-file=nowhere.json build
has "$err" "nowhere.json"
echo '{"version": {"major": 2, "minor": 0}, "local": []}' >bad.json
run 4 "$gangway" --resource-spec-file=bad.json build
has "$err" "bad.json: version: only version 1.0 is known"
echo '{"version": {"major": 1, "minor": 0}, "local": []}' >empty.json
run 1 "$gangway" --resource-spec-file=empty.json -k all build
has "$out" "ERROR all - not run"
