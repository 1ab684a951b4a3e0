/* SPDX-License-Identifier: MIT
 *
 * Included before every file by the compiler's -include: a few words that every file may use,
 * and a list of functions that none may.
 */
#ifndef GW_BASE_BASE_H
#define GW_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The compiler checks the arguments of our printf-like functions. */
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* A time nobody measured, or no time at all was given.  Never 0, which is a real measurement. */
#define TIME_UNKNOWN UINT64_MAX

/* "No such index": a test without a unit, a unit without a lane. */
#define NO_INDEX UINT32_MAX

/* glibc makes some of these macros under clang with _FORTIFY_SOURCE. */
#undef strcpy
#undef strcat
#undef strncpy
#undef sprintf
#undef vsprintf
#undef strtok
#pragma GCC poison strcpy strcat strncpy sprintf vsprintf gets strtok atoi atol localtime gmtime
#pragma GCC poison tmpnam system popen

#endif
