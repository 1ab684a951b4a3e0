/* SPDX-License-Identifier: MIT
 *
 * How a test can end: written once, here.
 */
#ifndef GW_MODEL_OUTCOME_H
#define GW_MODEL_OUTCOME_H

/*
 * id, word in files and in the summary, letter in the progress line, makes the run fail
 *   fail     an assertion of the test said no
 *   xfail    failed as announced (TAP TODO)
 *   xpass    passed although announced to fail
 *   timeout  killed after its time
 *   crash    the process died in the test
 *   error    could not be judged: not built, exit 99, exit(0) in the middle, set-up failed
 *   lost     nobody saw the end
 *   notrun   left out because the run was stopped
 */
#define OUTCOME_MAP(X)                                                                             \
	X(PASS, "passed", '.', 0)                                                                  \
	X(FAIL, "failed", 'F', 1)                                                                  \
	X(SKIP, "skipped", 's', 0)                                                                 \
	X(XFAIL, "xfailed", 'x', 0)                                                                \
	X(XPASS, "xpassed", 'X', 0)                                                                \
	X(TIMEOUT, "timeout", 'F', 1)                                                              \
	X(CRASH, "crashed", 'F', 1)                                                                \
	X(ERROR, "error", 'E', 1)                                                                  \
	X(LOST, "lost", 'E', 1)                                                                    \
	X(NOTRUN, "notrun", '-', 0)

enum outcome {
#define X(id, word, letter, is_bad) OUTCOME_##id,
	OUTCOME_MAP(X)
#undef X
		OUTCOME_MAX
};

const char *outcome_word(enum outcome o);
char outcome_letter(enum outcome o);
bool outcome_is_bad(enum outcome o);
/* False, and *ret untouched, if no outcome has this word. */
bool outcome_of_word(const char *word, enum outcome *ret);

#endif
