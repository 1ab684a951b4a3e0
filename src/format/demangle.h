/* SPDX-License-Identifier: MIT
 *
 * Names of C++ functions as people write them: "_Z3addii" is "add(int, int)".
 *
 * Their grammar is the C++ runtime's business, which is asked where a process can load it (a program that
 * counts C++ has it); without it, names stay as the linker knows them.
 */
#ifndef GW_FORMAT_DEMANGLE_H
#define GW_FORMAT_DEMANGLE_H

/* A zeroed one is valid; it loads nothing before the first name of C++. */
struct demangle {
	void *library;
	char *(*function)(const char *name, char *buffer, size_t *size, int *status);
	bool has_tried;
	char *text;
	size_t size;
};

void demangle_release(struct demangle *d);
/* Valid until the next call; `name` itself where there is nothing to say. */
const char *demangle(struct demangle *d, const char *name);

#endif
