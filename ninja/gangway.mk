# gangway.mk: the tests of a Makefile project, run by gangway.  Two lines in your Makefile:
#
#   GANGWAY_TESTS := build/tests          # programs, folders of programs, CMake build folders
#   include /usr/local/share/gangway/gangway.mk
#
# Then:  make test              as many workers as the machine carries
#        make test -j auto      the same, written as pytest -n auto is
#        make test -j4          inside make's own -j, the workers are jobs of that make
#        make test ARGS='-k parser -x'
#
# GANGWAY_PROGRAMS, if set, are built first: the targets that must be up to date before tests run.

GANGWAY ?= gangway
GANGWAY_TESTS ?= .
GANGWAY_PROGRAMS ?=
ARGS ?=

.PHONY: test auto

# The + hands make's jobserver on, so that the workers count against its -j.
test: $(GANGWAY_PROGRAMS)
	+$(if $(findstring n,$(firstword -$(MAKEFLAGS))),@echo would run:) $(GANGWAY) $(ARGS) $(GANGWAY_TESTS)

# To make, `-j auto` is an unlimited -j and one more goal, called auto: it does nothing.
auto:
	@:
