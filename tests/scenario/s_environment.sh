#!/bin/sh
# ENVIRONMENT and ENVIRONMENT_MODIFICATION: a test finds every variable as under ctest itself.
. "$(dirname "$0")/lib.sh"
need cmake ctest ninja

mkdir p
cat >p/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(p NONE)
enable_testing()
function(entry name)
	add_test(NAME ${name} COMMAND sh -c "env | grep ^GWT_ | sort >\"$OUT\"/${name}; exit 0")
	set_tests_properties(${name} PROPERTIES ENVIRONMENT "GWT_A=a;GWT_LIST=x")
endfunction()
function(modified name)
	entry(${name})
	set_property(TEST ${name} PROPERTY ENVIRONMENT_MODIFICATION ${ARGN})
endfunction()
entry(plain)
modified(set "GWT_A=set:b" "GWT_NEW=set:" "GWT_COLON=set:a:b=c")
modified(unset "GWT_A=unset:" "GWT_OURS=unset:" "GWT_NOT_THERE=unset:")
modified(reset "GWT_A=set:c" "GWT_A=reset:" "GWT_OURS=set:c" "GWT_OURS=reset:")
modified(strings "GWT_A=string_append:1" "GWT_A=string_prepend:2" "GWT_OURS=string_append:3"
	"GWT_NEW=string_append:4")
modified(paths "GWT_A=path_list_append:1" "GWT_A=path_list_prepend:2" "GWT_OURS=path_list_append:3"
	"GWT_NEW=path_list_append:4" "GWT_EMPTY=path_list_prepend:5")
modified(lists "GWT_LIST=cmake_list_append:1" "GWT_LIST=cmake_list_prepend:2"
	"GWT_OURS=cmake_list_append:3" "GWT_NEW=cmake_list_prepend:4")
modified(unset_join "GWT_OURS=unset:" "GWT_OURS=path_list_append:1" "GWT_A=unset:"
	"GWT_A=string_append:2" "GWT_LIST=reset:" "GWT_LIST=cmake_list_append:3")
END
cmake -S p -B b -G Ninja >log 2>&1 || fail "$(cat log)"

export GWT_OURS=ours GWT_EMPTY='' OUT="$work/theirs"
mkdir theirs ours
ctest --test-dir b >log 2>&1 || fail "$(cat log)"
OUT=$work/ours
for n in 0 2; do
	run 0 "$gangway" -n $n b
	has "$out" "8 passed"
	diff -ru theirs ours || fail "-n $n: variables differ (- ctest, + gangway)"
done

# What ctest would not know either keeps one test from running, and no other.
sed 's/^entry(plain)$/modified(a_bad "GWT_A=nonsense:1")\n&/' p/CMakeLists.txt >lists
mv lists p/CMakeLists.txt
cmake -S p -B b >log 2>&1 || fail "$(cat log)"
run 1 "$gangway" -n 0 b
has "$out" "unknown ENVIRONMENT_MODIFICATION 'GWT_A=nonsense:1'"
has "$out" "8 passed, 1 error"
lacks "$err" "gangway:"
