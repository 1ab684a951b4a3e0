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
END
run 0 cmake -S . -B build
run 8 ctest --test-dir build -j1 --output-junit "$work/ctest.xml"

# ctest's JUnit file has <skipped> for what it was told to skip and for what it could not run, so
# its list of failed tests decides.
python3 - ctest.xml "$out" >want <<'END'
import re
import sys
import xml.etree.ElementTree as tree
said = open(sys.argv[2], encoding="utf-8").read().partition("The following tests FAILED:")[2]
failed = set(re.findall(r"^\t *\d+ - (.*) \([A-Za-z ]*\)$", said, re.M))
for case in sorted(tree.parse(sys.argv[1]).getroot().iter("testcase"), key=lambda c: c.get("name")):
    name = case.get("name")
    skipped = case.find("skipped") is not None or case.get("status") == "disabled"
    print(f"{name}: {'bad' if name in failed else 'skipped' if skipped else 'passed'}")
END
for how in "-n 0" "-n 2" "-n 2 --dist=loadfile" "-n 2 --engine=make --dist=worksteal"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --junitxml=gangway.xml build
	verdicts gangway.xml | sed -e 's/^[^|]*| [^|]*| //' -e 's/: failed$/: bad/' -e 's/: error$/: bad/' |
		sort >got
	sort want >sorted
	same sorted got
	has "$out" "use_bad - not run: the set-up of its fixture failed: setup_bad"
done
