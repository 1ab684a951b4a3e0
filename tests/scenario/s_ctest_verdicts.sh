#!/bin/sh
# CTest's properties: each test of a build folder gets the verdict that ctest itself gives, in
# every way to run it.  Where ctest says that a test was not run, we say skipped or error.
. "$(dirname "$0")/lib.sh"
need cmake ctest

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(ct NONE)
enable_testing()
add_test(NAME will_fail COMMAND sh -c "exit 1")
set_tests_properties(will_fail PROPERTIES WILL_FAIL TRUE)
add_test(NAME willfail_ok COMMAND sh -c "exit 0")
set_tests_properties(willfail_ok PROPERTIES WILL_FAIL TRUE)
add_test(NAME willfail_crash COMMAND sh -c "kill -SEGV $$")
set_tests_properties(willfail_crash PROPERTIES WILL_FAIL TRUE)
add_test(NAME pass_re COMMAND sh -c "echo hello 42; exit 3")
set_tests_properties(pass_re PROPERTIES PASS_REGULAR_EXPRESSION "nope;hello [0-9]+")
add_test(NAME pass_re_no COMMAND sh -c "echo bye; exit 0")
set_tests_properties(pass_re_no PROPERTIES PASS_REGULAR_EXPRESSION "hello")
add_test(NAME pass_re_willfail COMMAND sh -c "echo hello; exit 0")
set_tests_properties(pass_re_willfail PROPERTIES PASS_REGULAR_EXPRESSION "hello" WILL_FAIL TRUE)
add_test(NAME fail_re COMMAND sh -c "echo ERROR: x; exit 0")
set_tests_properties(fail_re PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR")
add_test(NAME fail_re_willfail COMMAND sh -c "echo ERROR: x; exit 0")
set_tests_properties(fail_re_willfail PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR" WILL_FAIL TRUE)
add_test(NAME skip_re COMMAND sh -c "echo SKIPPED; exit 1")
set_tests_properties(skip_re PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED")
add_test(NAME skip_rc COMMAND sh -c "exit 42")
set_tests_properties(skip_rc PROPERTIES SKIP_RETURN_CODE 42)
add_test(NAME skip_rc_willfail COMMAND sh -c "exit 42")
set_tests_properties(skip_rc_willfail PROPERTIES SKIP_RETURN_CODE 42 WILL_FAIL TRUE)
add_test(NAME setup COMMAND sh -c "mkdir fx.d")
add_test(NAME use1 COMMAND sh -c "test -d fx.d")
add_test(NAME use2 COMMAND sh -c "test -d fx.d && exit 5")
add_test(NAME cleanup COMMAND sh -c "rmdir fx.d")
set_tests_properties(setup PROPERTIES FIXTURES_SETUP F)
set_tests_properties(cleanup PROPERTIES FIXTURES_CLEANUP F)
set_tests_properties(use1 use2 PROPERTIES FIXTURES_REQUIRED F)
add_test(NAME setup_bad COMMAND false)
add_test(NAME use_bad COMMAND true)
add_test(NAME clean_bad COMMAND sh -c "true")
set_tests_properties(setup_bad PROPERTIES FIXTURES_SETUP B)
set_tests_properties(use_bad PROPERTIES FIXTURES_REQUIRED B)
set_tests_properties(clean_bad PROPERTIES FIXTURES_CLEANUP B)
add_test(NAME dep_c COMMAND sh -c "test -f dep.b && rm dep.b")
add_test(NAME dep_b COMMAND sh -c "mv dep.a dep.b")
add_test(NAME dep_a COMMAND sh -c ": > dep.a")
set_tests_properties(dep_b PROPERTIES DEPENDS dep_a)
set_tests_properties(dep_c PROPERTIES DEPENDS dep_b)
add_test(NAME dep_fail COMMAND false)
add_test(NAME dep_on_fail COMMAND true)
set_tests_properties(dep_on_fail PROPERTIES DEPENDS dep_fail)
foreach(i 1 2 3 4)
add_test(NAME lock${i} COMMAND sh -c "mkdir lk && sleep 0.1 && rmdir lk")
set_tests_properties(lock${i} PROPERTIES RESOURCE_LOCK db)
add_test(NAME "serial ${i}" COMMAND sh -c "sleep 0.05; echo $(ls)")
set_tests_properties("serial ${i}" PROPERTIES RUN_SERIAL TRUE)
endforeach()
add_test(NAME wd COMMAND sh -c "test $(basename $PWD) = 'sub dir'" WORKING_DIRECTORY "${CMAKE_BINARY_DIR}/sub dir")
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/sub dir")
add_test(NAME wd_missing COMMAND true WORKING_DIRECTORY "${CMAKE_BINARY_DIR}/no dir")
add_test(NAME env COMMAND sh -c "test \"$A\" = 'x;y z' && test $B = 2 && test -z \"$HOME\" && case $PATH in /first:*) ;; *) exit 1; esac")
set_tests_properties(env PROPERTIES ENVIRONMENT "A=x\;y z;B=2" ENVIRONMENT_MODIFICATION "HOME=unset:;PATH=path_list_prepend:/first")
add_test(NAME timeout COMMAND sleep 20)
set_tests_properties(timeout PROPERTIES TIMEOUT 1)
add_test(NAME timeout_willfail COMMAND sleep 20)
set_tests_properties(timeout_willfail PROPERTIES TIMEOUT 1 WILL_FAIL TRUE)
add_test(NAME notfound COMMAND /no/such/prog)
add_test(NAME notfound_willfail COMMAND /no/such/prog)
set_tests_properties(notfound_willfail PROPERTIES WILL_FAIL TRUE)
add_test(NAME disabled COMMAND false)
set_tests_properties(disabled PROPERTIES DISABLED TRUE)
add_test(NAME reqfiles COMMAND true)
set_tests_properties(reqfiles PROPERTIES REQUIRED_FILES /no/such/file)
add_test(NAME "ünï::cödé::x" COMMAND true)
add_test(NAME exit77 COMMAND sh -c "exit 77")
add_test(NAME exit99 COMMAND sh -c "exit 99")
add_test(NAME crash COMMAND sh -c "kill -ABRT $$")
add_test(NAME abort_willfail COMMAND sh -c "kill -KILL $$")
set_tests_properties(abort_willfail PROPERTIES WILL_FAIL TRUE)
add_test(NAME tapish COMMAND sh -c "echo 1..2; echo ok 1; echo not ok 2; exit 0")
add_test(NAME stdin COMMAND sh -c "read x; test -z \"$x\"")
# fixtures of fixtures, several, skipped, disabled, failing to clean up, with required files
function(say name code)
	add_test(NAME ${name} COMMAND sh -c "exit ${code}")
	if(ARGN)
		set_tests_properties(${name} PROPERTIES ${ARGN})
	endif()
endfunction()
say(fx_base 0 FIXTURES_SETUP base)
say(fx_top 0 FIXTURES_SETUP top FIXTURES_REQUIRED base)
say(fx_use 0)
set_tests_properties(fx_use PROPERTIES FIXTURES_REQUIRED "top;base")
say(fx_base_down 3 FIXTURES_CLEANUP base)
say(fx_top_down 0 FIXTURES_CLEANUP top FIXTURES_REQUIRED base)
say(fx_bad_base 1 FIXTURES_SETUP bad_base)
say(fx_bad_top 0 FIXTURES_SETUP bad_top FIXTURES_REQUIRED bad_base)
say(fx_bad_use 0 FIXTURES_REQUIRED bad_top)
say(fx_bad_down 0 FIXTURES_CLEANUP bad_top)
say(fx_two_ok 0 FIXTURES_SETUP two)
say(fx_two_bad 1 FIXTURES_SETUP two)
say(fx_two_use 0 FIXTURES_REQUIRED two)
say(fx_skip 77 FIXTURES_SETUP skip SKIP_RETURN_CODE 77)
say(fx_skip_use 0 FIXTURES_REQUIRED skip)
say(fx_off 0 FIXTURES_SETUP off DISABLED TRUE)
say(fx_off_use 0 FIXTURES_REQUIRED off)
say(fx_nobody_use 0 FIXTURES_REQUIRED nobody)
say(fx_will_fail 1 FIXTURES_SETUP will_fail WILL_FAIL TRUE)
say(fx_will_fail_use 0 FIXTURES_REQUIRED will_fail)
say(fx_no_file 0 FIXTURES_SETUP no_file REQUIRED_FILES /no/such/file)
say(fx_no_file_use 0 FIXTURES_REQUIRED no_file)
add_test(NAME fx_no_program COMMAND /no/such/prog)
set_tests_properties(fx_no_program PROPERTIES FIXTURES_SETUP no_program)
say(fx_no_program_use 0 FIXTURES_REQUIRED no_program)
say(dep_on_disabled 0 DEPENDS disabled)
say(dep_on_nobody 0 DEPENDS "no such test")
say(wide 0 PROCESSORS 3 PROCESSOR_AFFINITY TRUE COST 2.5 MEASUREMENT m=1 ATTACHED_FILES x)
set_tests_properties(wide PROPERTIES LABELS "unit;slow")
say(huge 0 PROCESSORS 1000)
say(needs_file 0 REQUIRED_FILES "${CMAKE_BINARY_DIR}/CMakeCache.txt")
say(serial_lock 0 RUN_SERIAL TRUE)
set_tests_properties(serial_lock PROPERTIES RESOURCE_LOCK "db;net")
say(serial_setup 0 RUN_SERIAL TRUE FIXTURES_SETUP serial)
say(serial_use 0 FIXTURES_REQUIRED serial)
say(serial_down 0 RUN_SERIAL TRUE FIXTURES_CLEANUP serial)
add_test(NAME after_match COMMAND sh -c "echo ready; sleep 20")
set_tests_properties(after_match PROPERTIES TIMEOUT_AFTER_MATCH "0.3;ready")
# every operation, each on what is there, what is not, and what was taken away
add_test(NAME env_mods COMMAND sh -c "env | grep ^EM_ | sort; test \"$(env | grep -c ^EM_)\" = 10 && test $EM_SA = xy && test $EM_SP = yx && test $EM_PA = x:y && test $EM_PP = y:x && test \"$EM_CA\" = 'x;y' && test \"$EM_CP\" = 'y;x' && test $EM_NEW = y && test $EM_SET = 'a=b:c' && test $EM_RE = x")
set_tests_properties(env_mods PROPERTIES ENVIRONMENT "EM_SA=x;EM_SP=x;EM_PA=x;EM_PP=x;EM_CA=x;EM_CP=x;EM_RE=x;EM_GONE=x" ENVIRONMENT_MODIFICATION "EM_SA=string_append:y;EM_SP=string_prepend:y;EM_PA=path_list_append:y;EM_PP=path_list_prepend:y;EM_CA=cmake_list_append:y;EM_CP=cmake_list_prepend:y;EM_NEW=path_list_append:y;EM_SET=set:a=b:c;EM_RE=set:z;EM_RE=reset:;EM_GONE=unset:;EM_NO=unset:;EM_EMPTY=set:")
add_test(NAME env_bad COMMAND true)
set_tests_properties(env_bad PROPERTIES ENVIRONMENT_MODIFICATION "A=no_such_operation:b")
# what the specification has, and what it has not
foreach(i 1 2 3 4)
	add_test(NAME gpu${i} COMMAND sh -c "test $CTEST_RESOURCE_GROUP_COUNT = 2 && test $CTEST_RESOURCE_GROUP_0 = gpus && test $CTEST_RESOURCE_GROUP_1 = cards,gpus && test $CTEST_RESOURCE_GROUP_1_CARDS = id:x,slots:1 && case $CTEST_RESOURCE_GROUP_0_GPUS in id:[01],slots:2) mkdir card && sleep 0.05 && rmdir card ;; *) exit 1; esac")
	set_tests_properties(gpu${i} PROPERTIES RESOURCE_GROUPS "gpus:2;cards:1,gpus:1")
endforeach()
say(gpu_setup 0 RESOURCE_GROUPS gpus:9 FIXTURES_SETUP gpu)
say(gpu_use 0 FIXTURES_REQUIRED gpu)
say(gpu_unknown 0 RESOURCE_GROUPS nix:1)
say(gpu_split 0)
set_tests_properties(gpu_split PROPERTIES RESOURCE_GROUPS "gpus:2;gpus:2;gpus:2")
say(gpu_whole 0 RESOURCE_GROUPS "2,gpus:2")
say(gpu_none 0 RESOURCE_GROUPS 3)
add_test(NAME gpu_count COMMAND sh -c "test $CTEST_RESOURCE_GROUP_COUNT = 0")
END
cat >spec.json <<'END'
{"version": {"major": 1, "minor": 0},
 "local": [{"gpus": [{"id": "0", "slots": 2}, {"id": "1", "slots": 3}], "cards": [{"id": "x"}]}]}
END
run 0 cmake -S . -B build
run 8 ctest --test-dir build -j4 --resource-spec-file "$work/spec.json" --output-junit "$work/ctest.xml"

# ctest's JUnit file has <skipped> for what it was told to skip and for what it could not run, so
# its list of failed tests decides.
python3 - ctest.xml "$out" >want <<'END'
import re
import sys
import xml.etree.ElementTree as tree
said = open(sys.argv[2], encoding="utf-8").read().partition("The following tests FAILED:")[2]
failed = set(re.findall(r"^\t *\d+ - (.*) \([A-Za-z_ ]*\)$", said, re.M))
for case in sorted(tree.parse(sys.argv[1]).getroot().iter("testcase"), key=lambda c: c.get("name")):
    name = case.get("name")
    skipped = case.find("skipped") is not None or case.get("status") == "disabled"
    print(f"{name}: {'bad' if name in failed else 'skipped' if skipped else 'passed'}")
END
# what is meant to pass does
for name in env env_mods fx_use serial_use gpu1 gpu_count needs_file; do
	has want "$name: passed"
done
for how in "-n 0" "-n 1" "-n 2" "-n 8" "-n 2 --dist=loadfile" "-n 2 --engine=make --dist=worksteal"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --resource-spec-file=spec.json --junitxml=gangway.xml build
	verdicts gangway.xml | sed -e 's/^[^|]*| [^|]*| //' -e 's/: failed$/: bad/' -e 's/: error$/: bad/' |
		sort >got
	sort want >sorted
	same sorted got
	has "$out" "use_bad - not run: the set-up of its fixture failed: setup_bad"
done
