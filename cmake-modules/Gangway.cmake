# Gangway: run a CMake project's tests in parallel, as a part of its build.  CMake 3.16 or later.
#
#   find_package(Gangway REQUIRED)      # or include(Gangway) with it in CMAKE_MODULE_PATH
#
# Without any of this `gangway build/` runs every test that add_test() has registered.
#
#   gangway_enable([DEPENDS target...])
#     Targets `gangway` and, for the same, `check-parallel`: build all that `all` builds, whatever was
#     given to gangway_discover_tests() and gangway_add_tests(), and the targets named here; then run
#     every test of the build folder.  GANGWAY_ARGS (a cache variable) are further options, such as
#     -DGANGWAY_ARGS="--junitxml=junit.xml -m unit".  Under `make -jN` the workers are jobs of that
#     make.  To be called in the top CMakeLists.txt; before CMake 3.19, at its end.
#
#   gangway_discover_tests(target
#     [EXTRA_ARGS arg...] [WORKING_DIRECTORY dir] [TEST_PREFIX text] [TEST_SUFFIX text]
#     [TEST_FILTER pattern] [NO_PRETTY_TYPES] [NO_PRETTY_VALUES] [PROPERTIES name value...]
#     [TEST_LIST variable] [DISCOVERY_TIMEOUT seconds] [DISCOVERY_EXTRA_ARGS arg...]
#     [XML_OUTPUT_DIR dir] [DISCOVERY_MODE POST_BUILD])
#     In place of gtest_discover_tests(): each case of a GoogleTest, Catch2, doctest, Boost.Test, GLib,
#     Criterion, Rust, Go or QtTest program, and each TCase of a Check program, is a test of ctest.
#     Names, arguments and defaults are CMake's, except that a list among the PROPERTIES stays a list,
#     that values which look alike get names of their own, and that DISCOVERY_TIMEOUT is 60.  A program
#     that is none of these stops the build.
#
#   gangway_add_tests(TARGET target [GROUP group] [LABELS label...] [LOCK lock...] [SLOTS n]
#     [DATA file...] [TIMEOUT seconds])
#     The target's tests are a test of ctest called as the target, and their result is a product of
#     the build: the target `gangway-results` runs what has changed, program or DATA, and what failed
#     last time, and fails at its end if any test failed.  `gangway-results-TARGET` is one of them.
#     The tests of a GROUP run one after the other, in the order of the calls.  The results are in
#     gangway-results/TARGET.xml and .log, all of them in gangway-results.xml of the build folder.
#     TIMEOUT is for each test, under ctest for the whole program.  Relative DATA are in the source
#     folder.  A test that takes several SLOTS is one job to Make and Ninja; under Ninja no more of
#     them run at a time than the CPUs carry.

include_guard(GLOBAL)

find_program(GANGWAY_EXECUTABLE gangway
  HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin"
  DOC "the gangway program")
set(GANGWAY_ARGS "" CACHE STRING "Options for gangway in the targets gangway and check-parallel")
mark_as_advanced(GANGWAY_EXECUTABLE)
set(_GANGWAY_BUILD "${CMAKE_CURRENT_LIST_DIR}/gangway-build.sh" CACHE INTERNAL "")

# --- what the functions below share -------------------------------------------------------------

function(_gangway_check caller)
  if(NOT GANGWAY_EXECUTABLE)
    message(FATAL_ERROR "${caller}: gangway is not installed; set GANGWAY_EXECUTABLE to it")
  endif()
endfunction()

function(_gangway_check_program caller target)
  _gangway_check("${caller}")
  if(NOT TARGET "${target}")
    message(FATAL_ERROR "${caller}: there is no target '${target}'")
  endif()
  get_target_property(type "${target}" TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    message(FATAL_ERROR "${caller}: '${target}' is no program (add_executable)")
  endif()
endfunction()

function(_gangway_check_words caller unknown missing)
  if(unknown)
    message(FATAL_ERROR "${caller}: what is '${unknown}'?")
  endif()
  if(missing)
    message(FATAL_ERROR "${caller}: nothing follows ${missing}")
  endif()
endfunction()

# --- gangway_enable ----------------------------------------------------------------------------

# Whatever `all` builds in this folder and below it.
function(_gangway_all_targets folder result)
  set(found "")
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type "${target}" TYPE)
    get_target_property(is_excluded "${target}" EXCLUDE_FROM_ALL)
    if(NOT is_excluded AND NOT type STREQUAL "INTERFACE_LIBRARY")
      list(APPEND found "${target}")
    endif()
  endforeach()
  get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    get_property(is_excluded DIRECTORY "${below}" PROPERTY EXCLUDE_FROM_ALL)
    if(NOT is_excluded)
      _gangway_all_targets("${below}" more)
      list(APPEND found ${more})
    endif()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

function(_gangway_depend_on_all)
  _gangway_all_targets("${CMAKE_SOURCE_DIR}" targets)
  get_property(programs GLOBAL PROPERTY _GANGWAY_PROGRAMS)
  foreach(target IN LISTS targets programs)
    add_dependencies(gangway "${target}")
  endforeach()
endfunction()

function(gangway_enable)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "DEPENDS")
  _gangway_check_words(gangway_enable "${arg_UNPARSED_ARGUMENTS}" "${arg_KEYWORDS_MISSING_VALUES}")
  _gangway_check(gangway_enable)
  if(TARGET gangway OR TARGET check-parallel)
    message(FATAL_ERROR "gangway_enable: there is a target 'gangway' or 'check-parallel' already")
  endif()
  separate_arguments(args UNIX_COMMAND "${GANGWAY_ARGS}")
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(is_multi)
    list(APPEND args -C $<CONFIG>)
  endif()
  set(make "")
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    set(make "$(MAKE)") # make hands its jobserver only to a recipe with this word in it
  endif()
  add_custom_target(gangway
    COMMAND "${_GANGWAY_BUILD}" run "${make}" "${GANGWAY_EXECUTABLE}" -n auto ${args}
            "${CMAKE_BINARY_DIR}"
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
    USES_TERMINAL VERBATIM
    COMMENT "Running tests with gangway")
  add_custom_target(check-parallel)
  add_dependencies(check-parallel gangway)
  if(arg_DEPENDS)
    add_dependencies(gangway ${arg_DEPENDS})
  endif()
  if(CMAKE_VERSION VERSION_LESS 3.19)
    _gangway_depend_on_all()
  else()
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _gangway_depend_on_all)
  endif()
endfunction()

# --- gangway_discover_tests --------------------------------------------------------------------

# arg_PROPERTIES, KEY value KEY value..., in which a value may be a list, as --property=KEY=value.
function(_gangway_properties result)
  set(args "")
  set(key "")
  foreach(word IN LISTS arg_PROPERTIES)
    if(key STREQUAL "")
      set(key "${word}")
    else()
      string(REPLACE ";" "\\;" word "${word}")
      list(APPEND args "--property=${key}=${word}")
      set(key "")
    endif()
  endforeach()
  if(NOT key STREQUAL "")
    message(FATAL_ERROR "gangway_discover_tests: PROPERTIES: '${key}' has no value")
  endif()
  set(${result} "${args}" PARENT_SCOPE)
endfunction()

# What ctest reads: the file that the build writes, or that there is none yet.
function(_gangway_include base target)
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(config "")
  if(is_multi)
    set(config "-\${CTEST_CONFIGURATION_TYPE}")
  endif()
  file(WRITE "${base}_include.cmake"
    "if(EXISTS \"${base}_tests${config}.cmake\")\n"
    "  include(\"${base}_tests${config}.cmake\")\n"
    "else()\n"
    "  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)\n"
    "endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${base}_include.cmake")
endfunction()

function(gangway_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_PRETTY_TYPES;NO_PRETTY_VALUES"
    "TEST_PREFIX;TEST_SUFFIX;WORKING_DIRECTORY;TEST_LIST;DISCOVERY_TIMEOUT;XML_OUTPUT_DIR;TEST_FILTER;DISCOVERY_MODE"
    "EXTRA_ARGS;PROPERTIES;DISCOVERY_EXTRA_ARGS")
  _gangway_check_words(gangway_discover_tests "${arg_UNPARSED_ARGUMENTS}" "")
  _gangway_check_program(gangway_discover_tests "${target}")
  if(arg_DISCOVERY_MODE AND NOT arg_DISCOVERY_MODE STREQUAL "POST_BUILD")
    message(FATAL_ERROR "gangway_discover_tests: DISCOVERY_MODE is POST_BUILD, always")
  endif()
  if(NOT arg_WORKING_DIRECTORY)
    set(arg_WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  if(NOT arg_TEST_LIST)
    set(arg_TEST_LIST "${target}_TESTS")
  endif()
  if(NOT arg_DISCOVERY_TIMEOUT)
    set(arg_DISCOVERY_TIMEOUT 60)
  endif()

  set(args "--list=${arg_TEST_LIST}" "--workdir=${arg_WORKING_DIRECTORY}"
    "--list-timeout=${arg_DISCOVERY_TIMEOUT}" "--cache=${CMAKE_BINARY_DIR}/CMakeFiles/gangway-cache")
  foreach(word IN ITEMS prefix:TEST_PREFIX suffix:TEST_SUFFIX filter:TEST_FILTER
                        xml-dir:XML_OUTPUT_DIR)
    string(REPLACE ":" ";" word "${word}")
    list(GET word 0 option)
    list(GET word 1 name)
    if(NOT "${arg_${name}}" STREQUAL "")
      string(REPLACE ";" "\\;" value "${arg_${name}}")
      list(APPEND args "--${option}=${value}")
    endif()
  endforeach()
  if(arg_NO_PRETTY_TYPES)
    list(APPEND args --plain-types)
  endif()
  if(arg_NO_PRETTY_VALUES)
    list(APPEND args --plain-values)
  endif()
  _gangway_properties(properties)
  get_target_property(launcher "${target}" CROSSCOMPILING_EMULATOR)
  foreach(word IN LISTS launcher)
    if(word)
      list(APPEND args "--launcher=${word}")
    endif()
  endforeach()
  foreach(word IN LISTS arg_DISCOVERY_EXTRA_ARGS)
    string(REPLACE ";" "\\;" word "${word}")
    list(APPEND args "--list-arg=${word}")
  endforeach()

  # a target may be discovered several times, with other arguments
  get_target_property(count "${target}" _GANGWAY_COUNT)
  if(NOT count)
    set(count 0)
  endif()
  math(EXPR count "${count} + 1")
  set_target_properties("${target}" PROPERTIES _GANGWAY_COUNT ${count})
  set_property(GLOBAL APPEND PROPERTY _GANGWAY_PROGRAMS "${target}")

  set(base "${CMAKE_CURRENT_BINARY_DIR}/${target}[g${count}]")
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(output "${base}_tests.cmake")
  set(byproducts BYPRODUCTS "${output}")
  if(is_multi)
    set(output "${base}_tests-$<CONFIG>.cmake")
    set(byproducts "") # known to CMake with a configuration in its name from 3.20 on
  endif()
  add_custom_command(TARGET "${target}" POST_BUILD ${byproducts}
    COMMAND "${GANGWAY_EXECUTABLE}" discover "--output=${output}" ${args} ${properties}
            -- "$<TARGET_FILE:${target}>" ${arg_EXTRA_ARGS}
    VERBATIM)
  _gangway_include("${base}" "${target}")
endfunction()

# --- gangway_add_tests -------------------------------------------------------------------------

# Paths of the result files, without their ends.
function(_gangway_result_base target result)
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/gangway-results")
  if(is_multi AND CMAKE_VERSION VERSION_LESS 3.20)
    message(FATAL_ERROR "gangway_add_tests: CMake 3.20 is needed with ${CMAKE_GENERATOR}")
  elseif(is_multi)
    set(folder "${folder}/$<CONFIG>")
  endif()
  set(${result} "${folder}/${target}" PARENT_SCOPE)
endfunction()

# The target that tells of all results, with the list of them that is known when all calls were made.
function(_gangway_results_target)
  if(TARGET gangway-results)
    return()
  endif()
  set(list "${CMAKE_BINARY_DIR}/CMakeFiles/gangway-results.txt")
  set(xml "${CMAKE_BINARY_DIR}/gangway-results.xml")
  get_property(is_multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(is_multi)
    set(list "${CMAKE_BINARY_DIR}/CMakeFiles/gangway-results-$<CONFIG>.txt")
    set(xml "${CMAKE_BINARY_DIR}/gangway-results-$<CONFIG>.xml")
  endif()
  add_custom_target(gangway-results
    COMMAND "${_GANGWAY_BUILD}" tell "${list}" "${xml}" "${GANGWAY_EXECUTABLE}"
    VERBATIM COMMENT "Results of all tests")
  file(GENERATE OUTPUT "${list}" CONTENT
    "$<JOIN:$<TARGET_GENEX_EVAL:gangway-results,$<TARGET_PROPERTY:gangway-results,GANGWAY_RESULTS>>,\n>\n")
endfunction()

# As many such jobs of Ninja at a time; words behind add_custom_command().
function(_gangway_pool result name depth)
  set(${result} "" PARENT_SCOPE)
  if(CMAKE_GENERATOR MATCHES "Ninja")
    string(MAKE_C_IDENTIFIER "gangway_${name}" pool)
    get_property(pools GLOBAL PROPERTY JOB_POOLS)
    if(NOT "${pool}=${depth}" IN_LIST pools)
      set_property(GLOBAL APPEND PROPERTY JOB_POOLS "${pool}=${depth}")
    endif()
    set(${result} JOB_POOL "${pool}" PARENT_SCOPE)
  endif()
endfunction()

# As a test of ctest, and so of `gangway build/`.
function(_gangway_register)
  add_test(NAME "${arg_TARGET}" COMMAND "${arg_TARGET}")
  if(NOT "${arg_LABELS}" STREQUAL "")
    set_property(TEST "${arg_TARGET}" PROPERTY LABELS "${arg_LABELS}")
  endif()
  if(NOT "${arg_LOCK}" STREQUAL "")
    set_property(TEST "${arg_TARGET}" PROPERTY RESOURCE_LOCK "${arg_LOCK}")
  endif()
  foreach(word IN ITEMS xdist_group:GROUP PROCESSORS:SLOTS TIMEOUT:TIMEOUT)
    string(REPLACE ":" ";" word "${word}")
    list(GET word 0 property)
    list(GET word 1 name)
    if(NOT "${arg_${name}}" STREQUAL "")
      set_property(TEST "${arg_TARGET}" PROPERTY ${property} "${arg_${name}}")
    endif()
  endforeach()
endfunction()

# The locks' files: taken in the order of their names, so that nobody waits in a circle.
function(_gangway_locks result)
  set(args "")
  list(REMOVE_DUPLICATES arg_LOCK)
  list(SORT arg_LOCK)
  if(NOT "${arg_LOCK}" STREQUAL "")
    find_program(GANGWAY_FLOCK flock DOC "flock of util-linux, for gangway_add_tests(LOCK)")
    mark_as_advanced(GANGWAY_FLOCK)
    if(NOT GANGWAY_FLOCK)
      message(FATAL_ERROR "gangway_add_tests: LOCK needs the program flock (util-linux)")
    endif()
  endif()
  foreach(lock IN LISTS arg_LOCK)
    string(SHA1 name "${lock}")
    list(APPEND args --lock "${CMAKE_BINARY_DIR}/CMakeFiles/gangway-locks/${name}")
  endforeach()
  set(${result} "${args}" PARENT_SCOPE)
endfunction()

function(gangway_add_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;GROUP;SLOTS;TIMEOUT" "LABELS;LOCK;DATA")
  _gangway_check_words(gangway_add_tests "${arg_UNPARSED_ARGUMENTS}"
    "${arg_KEYWORDS_MISSING_VALUES}")
  _gangway_check_program(gangway_add_tests "${arg_TARGET}")
  foreach(word IN ITEMS SLOTS TIMEOUT)
    if(DEFINED arg_${word} AND NOT "${arg_${word}}" MATCHES "^[1-9][0-9]*$")
      message(FATAL_ERROR "gangway_add_tests: ${word} is a number from 1, not '${arg_${word}}'")
    endif()
  endforeach()
  _gangway_register()
  _gangway_result_base("${arg_TARGET}" base)
  _gangway_results_target()
  _gangway_locks(locks)

  set(args "")
  if(arg_TIMEOUT)
    list(APPEND args --timeout "${arg_TIMEOUT}")
  endif()
  set(pool "")
  list(LENGTH arg_LOCK nlocks)
  if(nlocks EQUAL 1) # else the files alone keep them apart
    _gangway_pool(pool "lock_${arg_LOCK}" 1)
  elseif(arg_SLOTS GREATER 1)
    cmake_host_system_information(RESULT cpus QUERY NUMBER_OF_LOGICAL_CORES)
    math(EXPR depth "${cpus} / ${arg_SLOTS}")
    if(depth LESS 1)
      set(depth 1)
    endif()
    _gangway_pool(pool "slots_${arg_SLOTS}" ${depth})
  endif()
  set(data "")
  foreach(file IN LISTS arg_DATA)
    get_filename_component(path "${file}" ABSOLUTE)
    list(APPEND data "${path}")
  endforeach()

  add_custom_command(OUTPUT "${base}.passed" BYPRODUCTS "${base}.xml" "${base}.log"
    COMMAND "${_GANGWAY_BUILD}" result ${locks} "${base}" "${GANGWAY_EXECUTABLE}" -n 0 -q
            -c /dev/null --rootdir "${CMAKE_CURRENT_BINARY_DIR}" ${args}
            "$<TARGET_FILE:${arg_TARGET}>"
    WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
    DEPENDS "${arg_TARGET}" ${data} ${pool}
    VERBATIM COMMENT "Testing ${arg_TARGET}")
  add_custom_target("gangway-results-${arg_TARGET}" DEPENDS "${base}.passed")
  add_dependencies(gangway-results "gangway-results-${arg_TARGET}")
  set_property(TARGET gangway-results APPEND PROPERTY GANGWAY_RESULTS "${base}")
  set_property(GLOBAL APPEND PROPERTY _GANGWAY_PROGRAMS "${arg_TARGET}")

  if(NOT "${arg_GROUP}" STREQUAL "") # one behind the other, across folders
    get_property(last GLOBAL PROPERTY "_GANGWAY_LAST_${arg_GROUP}")
    if(NOT "${last}" STREQUAL "")
      add_dependencies("gangway-results-${arg_TARGET}" "gangway-results-${last}")
    endif()
    set_property(GLOBAL PROPERTY "_GANGWAY_LAST_${arg_GROUP}" "${arg_TARGET}")
  endif()
endfunction()
