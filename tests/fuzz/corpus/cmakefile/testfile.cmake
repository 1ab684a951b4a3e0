# x
add_test([=[a b]=] "/bin/sh" "-c" "exit \"0\"")
set_tests_properties([=[a b]=] PROPERTIES  LABELS "a;b" xdist_group "g")
if(A AND (B))
endif()
subdirs("sub")
