#!/bin/sh
# GoogleTest's own samples and some of its own tests, built from its sources: each case has the
# verdict that the program itself writes with --gtest_output=xml, in every way to run them.
. "$(dirname "$0")/lib.sh"
need c++ cmake ctest
sources=/usr/src/googletest
[ -f $sources/googletest/samples/sample1.cc ] || {
	echo "$sources is not there (Debian package googletest)"
	exit 77
}

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.13)
project(sources CXX)
enable_testing()
include(GoogleTest)
set(CMAKE_CXX_FLAGS "-O0")
find_package(GTest REQUIRED)
set(d /usr/src/googletest/googletest)
function(program name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${d} ${d}/samples)
endfunction()
foreach(n 3 4 5 6 7 8)
  program(sample${n} ${d}/samples/sample${n}_unittest.cc)
  target_link_libraries(sample${n} GTest::gtest_main)
endforeach()
target_sources(sample4 PRIVATE ${d}/samples/sample4.cc)
target_sources(sample5 PRIVATE ${d}/samples/sample1.cc)
program(sample1 ${d}/samples/sample1_unittest.cc ${d}/samples/sample1.cc)
target_link_libraries(sample1 GTest::gtest_main)
foreach(n 9 10)
  program(sample${n} ${d}/samples/sample${n}_unittest.cc)
  target_link_libraries(sample${n} GTest::gtest)
endforeach()
foreach(n skip_test skip_in_environment_setup_test sole_header_test)
  program(${n} ${d}/test/gtest_${n}.cc)
  target_link_libraries(${n} GTest::gtest_main)
endforeach()
foreach(n sample1 sample3 sample5 sample6 sample7 sample9 sample10 skip_test
          skip_in_environment_setup_test sole_header_test)
  add_test(NAME ${n} COMMAND ${n})
endforeach()
# its main() heeds no option, so it has no list: as for ctest, it is one test
add_executable(deaf ${d}/test/gtest_throw_on_failure_ex_test.cc)
target_include_directories(deaf PRIVATE ${d})
target_link_libraries(deaf GTest::gtest)
add_test(NAME deaf COMMAND deaf)
gtest_discover_tests(sample4)
gtest_discover_tests(sample8 TEST_PREFIX eight.)
END
run 0 cmake -S . -B build
run 0 cmake --build build -j 2

# "program Suite.case: verdict" from the programs' own reports
for program in build/sample? build/sample10 build/*_test; do
	GTEST_OUTPUT=xml:$work/own/$(basename "$program").xml "$program" >/dev/null 2>&1 || :
done
cat >read.py <<'END'
import pathlib
import sys
import xml.etree.ElementTree as tree
for path in sys.argv[1:]:
    for case in tree.parse(path).getroot().iter("testcase"):
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None or case.get("status") == "notrun"
        program, suite = pathlib.Path(path).stem, case.get("classname")
        if path == "gangway.xml":
            program, _, suite = suite.rpartition(".")
            program = program.rpartition(".")[2]
        verdict = "failed" if bad else "skipped" if skipped else "passed"
        print(program, f"{suite}.{case.get('name')}: {verdict}")
END
# GoogleTest's report knows nothing of a skip in the global set-up, though the program tells of it
python3 read.py own/*.xml | sed '/^skip_in_environment/s/: passed$/: skipped/' | sort >want
[ "$(wc -l <want)" -gt 50 ] || fail "the programs reported nothing: $(cat want)"

code=0
! grep -q ': failed' want || code=1
for how in "-n 0" "-n 2" "-n 2 --isolate" "-n 2 --dist=loadscope" "-n 2 --dist=worksteal --engine=make"; do
	# shellcheck disable=SC2086 # words
	run $code "$gangway" $how --junitxml=gangway.xml build/sample? build/sample10 build/*_test
	python3 read.py gangway.xml | sort >got
	same want got

	# and of the same programs as CTest's entries there are as many
	# shellcheck disable=SC2086 # words
	run $code "$gangway" $how --junitxml=entries.xml build
	[ "$(grep -c '<testcase ' entries.xml)" = $(($(wc -l <want) + 1)) ] ||
		fail "$how: not every case of an entry was reported"
	verdicts entries.xml >all
	has all "| deaf: passed"
done
