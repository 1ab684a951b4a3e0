/* SPDX-License-Identifier: MIT
 *
 * The commands of a CMake file, one after the other, as they stand there: nothing is evaluated, no
 * variable replaced, and both sides of an if() are read.  Enough for the files that CMake itself
 * generates (CTestTestfile.cmake).
 *
 *   name(word "quoted \" word" [=[bracket word]=])   # comment   #[[ comment ]]
 *
 * What is no command is passed over; a text that is cut ends the reading.
 */
#ifndef GW_FORMAT_CMAKEFILE_H
#define GW_FORMAT_CMAKEFILE_H

#include "base/arena.h"

/* `s` to `end` is what is left to read. */
struct cmake_reader {
	const char *s, *end;
};

struct cmake_command {
	const char *name; /* as written: CMake ignores case */
	const char **args;
	size_t nargs;
};

/* The next command, in mem; false if there is none. */
bool cmake_next(struct cmake_reader *r, struct arena *mem, struct cmake_command *ret);

#endif
