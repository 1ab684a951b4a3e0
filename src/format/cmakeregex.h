/* SPDX-License-Identifier: MIT
 *
 * CMake's dialect of regular expressions, as ctest searches a test's output with them.
 *
 *   c         itself             .  any byte, newline too       [abx-z] [^abx-z]  one byte (not) of
 *   ^ $       begin and end of the whole text, not of a line    \c  c itself, whatever c is
 *   a* a+ a?  a|b  (a)           at most 9 groups; no {n}, no classes by name, no back-references
 *
 * What CMake refuses is refused here: a** and (a*)* ("could be empty"), an unclosed [ or (.
 *
 * The text comes in pieces and is never kept: expressions run as an automaton whose states are
 * made as they are needed.  Time grows with the text alone, except where a text keeps asking for
 * new states, then with text times expression.  Memory is bounded: MAX_STATES states.
 */
#ifndef GW_FORMAT_CMAKEREGEX_H
#define GW_FORMAT_CMAKEREGEX_H

struct cmake_regex;
struct err;

enum { CMAKE_REGEX_MAX_BYTES = 16384 };

/* ERR_SYNTAX with CMake's reason, ERR_LIMIT where the expression is longer than the limit. */
int cmake_regex_new(const char *pattern, struct cmake_regex **ret, struct err *reterr);
/* NULL is fine. */
void cmake_regex_free(struct cmake_regex *r);

/* The next piece of the text.  Bytes are bytes: no UTF-8, and NUL is one like the others. */
void cmake_regex_feed(struct cmake_regex *r, const char *s, size_t len);
/* Would there be a match if the text were over now? */
bool cmake_regex_peek(struct cmake_regex *r);
/* The text is over: was there a match anywhere?  Then a new text may begin. */
bool cmake_regex_end(struct cmake_regex *r);

#endif
