/* SPDX-License-Identifier: MIT
 *
 * Numbers from text, whole or not at all: each returns true with *ret set, or false with *ret
 * untouched.  No locale, no float, no leading blanks, no trailing bytes.
 */
#ifndef GW_BASE_PARSE_H
#define GW_BASE_PARSE_H

/* Decimal digits only, at most `max`. */
bool parse_uint(const char *s, uint64_t max, uint64_t *ret);

/*
 * Seconds as frameworks write them, to microseconds: "12", "0.001", "1.5e-05"; and as some JUnit
 * writers put them, "1,234.5" with thousands commas or "0,5" with a decimal one: a comma before
 * exactly three digits is of the first kind, unless all before it is 0.  Digits past the microsecond
 * are cut.  A negative time ("-1.000000": Check's word for "not measured") gives TIME_UNKNOWN.
 */
bool parse_seconds(const char *s, uint64_t *ret_us);

/* A duration as people write it, to microseconds: "30" and "30s" seconds, "1.5s", "500ms", "2m",
 * "1h". */
bool parse_duration(const char *s, uint64_t *ret_us);

/*
 * Shell-like words: blanks separate, 'single' and "double" quotes and backslashes protect.
 * Words are allocated in the arena, the list ends in NULL.  False on an unclosed quote.
 */
struct arena;
bool parse_words(const char *s, struct arena *mem, const char ***ret, size_t *ret_n);

/*
 * Does `text` match `pattern`, with * (any bytes), ? (one byte) and [a-z] [!a-z]?  Everything else
 * is literal; '/' is an ordinary byte.  Linear time in practice, no recursion.
 */
bool parse_glob(const char *pattern, const char *text);

#endif
