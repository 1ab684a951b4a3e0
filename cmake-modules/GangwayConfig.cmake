# What find_package(Gangway) reads.
include("${CMAKE_CURRENT_LIST_DIR}/Gangway.cmake")
if(NOT GANGWAY_EXECUTABLE)
  set(Gangway_FOUND FALSE)
  set(Gangway_NOT_FOUND_MESSAGE "the program gangway is not where this package was installed")
endif()
