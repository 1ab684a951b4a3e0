# Gangway: run a CMake project's tests in parallel with one merged report.
#
#   find_package(Gangway REQUIRED)      # or include(Gangway) with it in CMAKE_MODULE_PATH
#   enable_testing()
#   add_test(...)                       # as ever
#   gangway_enable()                    # target check-parallel
#
# cmake --build build --target check-parallel builds everything, then runs every test of the build
# folder with `gangway -n auto`.  GANGWAY_ARGS (a cache variable) are further options, such as
# --junitxml=junit.xml.  Without this module too, `gangway build` runs the same tests.

include_guard(GLOBAL)

find_program(GANGWAY_EXECUTABLE gangway
  HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin"
  DOC "the gangway program")
set(GANGWAY_ARGS "" CACHE STRING "Options for gangway in the target check-parallel")

function(gangway_enable)
  if(NOT GANGWAY_EXECUTABLE)
    message(FATAL_ERROR "gangway_enable: gangway is not installed; set GANGWAY_EXECUTABLE to it")
  endif()
  separate_arguments(args UNIX_COMMAND "${GANGWAY_ARGS}")
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(is_multi)
    list(APPEND args -C $<CONFIG>)
  endif()
  add_custom_target(check-parallel
    COMMAND "${CMAKE_COMMAND}" --build "${CMAKE_BINARY_DIR}" --config $<CONFIG>
    COMMAND "${GANGWAY_EXECUTABLE}" -n auto ${args} "${CMAKE_BINARY_DIR}"
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
    USES_TERMINAL VERBATIM
    COMMENT "Running tests with gangway")
endfunction()
