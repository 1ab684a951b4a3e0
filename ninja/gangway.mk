# gangway.mk: the tests of a Makefile project, run by gangway.  Two lines in your Makefile, anywhere:
#
#   GANGWAY_TESTS := build/net_test build/db_test
#   include $(shell pkg-config --variable=makedir gangway)/gangway.mk
#
# make test              builds the test programs, runs them on as many workers as the machine carries
# make test -j4          four jobs in the whole build, compilers and tests together: gangway takes its
#                        job slots from make's jobserver, a test of several slots as many of them
# make test -j1          one test at a time
# make test -j auto      as many jobs as CPUs.  For make that is -j without a number, which is no limit at
#                        all, and a goal called "auto"; so where this goal is named, make is called once
#                        more with the number.  (-jauto and --jobs=auto are errors of make's own.)
# make test -n           shows what would run; with -t and -q nothing is run either, -q ends with 1
# make -k test           goes on after a program that cannot be built, but does not test then
# make test ARGS='-k parser -x'     any of gangway's options, as the shell reads them
# make test-failed       what failed last time (--lf)
# make coverage          the same as test, and which lines of GANGWAY_COV ran; the programs must have
#                        been built with --coverage:  make clean; make coverage CFLAGS=--coverage
#
# Variables, to be set before the include:
#   GANGWAY_TESTS     programs, folders of programs, CMake build folders; several with blanks between.
#                     Names that have rules in the Makefile are built first.  A name with a blank or '$' in
#                     it cannot stand in a list of make's: put it in quotes into GANGWAY_ARGS, or name it in
#                     gangway.ini (testpaths).
#   GANGWAY_PROGRAMS  what must be up to date as well before tests run: programs in such folders, data
#   GANGWAY_ARGS      options for each run, as the shell reads them
#   GANGWAY_COV       the sources that coverage is about; the current folder where it is not set
#   GANGWAY_TARGETS   which of these are defined: test test-failed coverage auto
#   GANGWAY           the program

gangway_goal := $(.DEFAULT_GOAL)
gangway_near := $(wildcard $(patsubst %/share/gangway/,%/bin/gangway,$(dir $(lastword $(MAKEFILE_LIST)))))

GANGWAY ?= $(or $(filter %/bin/gangway,$(gangway_near)),gangway)
GANGWAY_TESTS ?= .
GANGWAY_PROGRAMS ?=
GANGWAY_ARGS ?=
GANGWAY_COV ?= .
GANGWAY_TARGETS ?= test test-failed coverage auto
ARGS ?=

# What has to be built: no folders, and of an id ("build/net_test::Retry") the program.
gangway_files = $(foreach t,$(GANGWAY_TESTS),$(firstword $(subst ::, ,$(t))))
gangway_built = $(GANGWAY_PROGRAMS) $(foreach t,$(gangway_files),$(if $(or \
	$(wildcard $(t)/.),$(filter $(t)/%,$(GANGWAY_PROGRAMS))),,$(t)))

# The '+' gives gangway make's job slots.  Make would run such a line under -n, -t and -q as well, whose
# letters stand in the first word of MAKEFLAGS: there it has none.
gangway_plus = $(if $(strip $(foreach l,n t q,$(findstring $(l),$(filter-out --%,$(firstword -$(MAKEFLAGS)))))),,+)
# -jN for "-j auto"; a number that was given stands.
gangway_jobs = $(if $(filter-out -j,$(filter -j%,$(MAKEFLAGS))),,-j$(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN))

# 1: the target; 2: options
ifneq ($(filter auto,$(MAKECMDGOALS)),)
define gangway_target
.PHONY: $(1)
$(1):
	+@$$(MAKE) --no-print-directory -f '$$(firstword $$(MAKEFILE_LIST))' $$(gangway_jobs) $(1)
endef
else
define gangway_target
.PHONY: $(1)
$(1): $$(gangway_built)
	$$(gangway_plus)$$(GANGWAY) $(2) $$(GANGWAY_ARGS) $$(ARGS) $$(GANGWAY_TESTS)
endef
endif

ifneq ($(filter test,$(GANGWAY_TARGETS)),)
$(eval $(call gangway_target,test,))
endif
ifneq ($(filter test-failed,$(GANGWAY_TARGETS)),)
$(eval $(call gangway_target,test-failed,--lf))
endif
ifneq ($(filter coverage,$(GANGWAY_TARGETS)),)
$(eval $(call gangway_target,coverage,--cov=$$(GANGWAY_COV)))
endif
ifneq ($(filter auto,$(GANGWAY_TARGETS)),)
.PHONY: auto
auto:
	@:
endif

# The default goal is still the Makefile's own.
.DEFAULT_GOAL := $(gangway_goal)
