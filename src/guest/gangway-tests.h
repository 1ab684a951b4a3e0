/* SPDX-License-Identifier: MIT
 *
 * What gangway's guests in cmocka and CUnit programs share.  Both frameworks are shared libraries
 * that cannot list their tests; a guest comes in by LD_PRELOAD and stands before their run
 * functions.  It does what GANGWAY_TESTS asks for, and nothing where that is not set:
 *
 *   "list FD"    write every test that would run to this descriptor, and run nothing
 *   "run FILE"   run those tests alone that the file names, and tell how they go
 *
 * A list is made of lines of fields divided by TABs; bytes < 0x20, DEL and '\' are written \xNN:
 *
 *   guest   1
 *   test    suite, name, address of its function in the program's file (hexadecimal; 0: unknown),
 *           why it would be skipped ("" if it would not)
 *
 * The n-th line of tests is test n of the program.  A file of chosen tests begins with a line that
 * holds a word nobody can guess; then a line for each: number, suite, name.  The guest removes it.
 *
 * How the tests go is told in stdout, so that what they print stays in its place, between ESC _ and
 * ESC \ (which terminals do not show), in one write(): "gangway", the word, and
 *
 *   begin   place in the file of chosen tests, from 0
 *   end     place, outcome's word, line, file, message, detail
 *   refused why the guest cannot do its work; the program ends
 *
 * divided by TABs and quoted as above.
 */
#ifndef GANGWAY_GUEST_TESTS_H
#define GANGWAY_GUEST_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#define GUEST_HIDDEN __attribute__((visibility("hidden")))

enum { GUEST_TESTS_PROTOCOL = 1, GUEST_TESTS_EXIT = 97 /* refused */ };
enum { GUEST_NOT_CHOSEN = -1 };

enum guest_mode { GUEST_OFF, GUEST_LIST, GUEST_RUN };

GUEST_HIDDEN enum guest_mode guest_mode(void);

/* The next test of the program: GUEST_LIST writes its line.  Returns its place among the chosen or
 * GUEST_NOT_CHOSEN. */
GUEST_HIDDEN int guest_test(const char *suite, const char *name, const void *function,
			    const char *skip);

struct guest_verdict {
	const char *outcome; /* "passed", "failed", "skipped", "error" */
	const char *file;    /* "": unknown */
	unsigned line;
	const char *message, *detail;
};

GUEST_HIDDEN void guest_begins(int place);
GUEST_HIDDEN void guest_ends(int place, const struct guest_verdict *v);

/* Tell whoever asked, on stderr too, and end. */
GUEST_HIDDEN _Noreturn void guest_refuse(const char *why);

#endif
