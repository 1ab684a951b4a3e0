/* SPDX-License-Identifier: MIT
 *
 * What the parts of gangway's guest in a Check program share.  The guest stands before
 * srunner_run_tagged() and its two sisters, in one of three ways:
 *
 *   replaced   libcheck.a and libcheck_pic.a with those three names changed, and the guest under
 *              the old ones: found through PKG_CONFIG_PATH or -L, no flag beside
 *   wrapped    libgangway-check.a and `ld --wrap` for each of the three
 *   preloaded  gangway-check-preload.so in LD_PRELOAD: it writes a jump over the first bytes of the
 *              function in a program that is linked already
 *
 * It does what GANGWAY_CHECK asks for, and nothing where that is not set:
 *
 *   "list FD"    write what each call would run to this descriptor, and run nothing
 *   "run FILE"   run those tests alone that the file names
 *   "serve FD"   at the first call, become a server that forks on request (gangway-check-serve.c);
 *                "serve FD bound": LD_BIND_NOW is set for this program alone
 *
 * A list is made of lines of fields divided by TABs; bytes < 0x20, DEL and '\' are written \xNN:
 *
 *   check    1, version of libcheck
 *   runner   ordinal, 1 if it sends its XML to a file of its own
 *   tcase    suite, TCase, its time limit in seconds, fixtures ("u" unchecked, "c" checked), tags
 *   test     name, file, line, expected signal, expected exit code, loop from, loop to
 *   ran      the end of what this runner would run
 *   refused  why the guest cannot do its work; the program ends
 *
 * A file of chosen tests has a line for each: suite, TCase, name, iteration, and how many of the
 * same four the program has had before in the order of its calls.
 *
 * The original functions run the original TCases: only the lists in them are exchanged for the time
 * of the call, so logs, tags, time limits, fixtures and fork mode are Check's own.  The structs are
 * those of 0.13 to 0.15 (check_impl.h, check_list.c), which did not change; others are refused.
 */
#ifndef GANGWAY_GUEST_CHECK_H
#define GANGWAY_GUEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define GUEST_HIDDEN __attribute__((visibility("hidden")))

enum { GUEST_PROTOCOL = 1, GUEST_EXIT = 97 /* refused */ };

struct SRunner;

/* The real srunner_run_tagged(). */
typedef void (*guest_run_fn)(struct SRunner *r, const char *suite, const char *tcase,
			     const char *include_tags, const char *exclude_tags, int print_mode);

/* What a call of the three was given. */
struct guest_call {
	struct SRunner *runner;
	const char *suite, *tcase, *include_tags, *exclude_tags;
	int print_mode;
};

/* Before main(), once the version is set: do what GANGWAY_CHECK says, while we are who was started,
 * where we were started. */
GUEST_HIDDEN void guest_begin(void);

/* In place of the call. */
GUEST_HIDDEN void guest_run(const struct guest_call *call, guest_run_fn real);

/* Serve on this socket until the lane is gone; returns in a child that is to run what was asked
 * for. */
GUEST_HIDDEN void guest_serve(int fd);

/* Tell whoever asked for a list or a server, on stderr too, and end. */
GUEST_HIDDEN _Noreturn void guest_refuse(const char *why);

/* Zeroed memory.  Nothing is given back: results point to it, and the program ends soon.  All of it can
 * be reached, or a leak checker would call it lost. */
GUEST_HIDDEN void *guest_allocate(size_t n, size_t size);

/* Read the file of chosen tests (gangway-check-choose.c). */
GUEST_HIDDEN void guest_choose(const char *file);
/* Is this the run of a test that was asked for?  Counts it, too. */
GUEST_HIDDEN bool guest_is_chosen(const char *suite, const char *tcase, const char *name,
				  int iteration);

/* Of the library in the program: checked at the first call. */
GUEST_HIDDEN void guest_set_version(int major, int minor, int micro);

#endif
