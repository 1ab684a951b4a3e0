/* SPDX-License-Identifier: MIT
 *
 * Reading UTF-8 that may not be UTF-8.
 */
#ifndef GW_BASE_UTF8_H
#define GW_BASE_UTF8_H

/*
 * The code point at s (len > 0 bytes are there) and how many bytes it takes.  Invalid, overlong,
 * surrogate or cut: returns -1 with *ret_len = 1.
 */
int32_t utf8_next(const char *s, size_t len, size_t *ret_len);

/* May XML 1.0 carry this code point? */
bool utf8_is_xml(int32_t code_point);

/* Append a code point as UTF-8. */
struct buf;
void utf8_add(struct buf *out, uint32_t cp);

#endif
