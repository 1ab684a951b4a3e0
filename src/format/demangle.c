/* SPDX-License-Identifier: MIT */
#include "format/demangle.h"

#include <dlfcn.h>

/* A longer name is not worth the time; it may take any. */
enum { NAME_MAX_BYTES = 16 << 10 };

#ifdef GANGWAY_STATIC
char *__cxa_demangle(const char *name, char *buffer, size_t *size, int *status);

static void load(struct demangle *d)
{
	d->has_tried = true;
	d->function = __cxa_demangle;
}
#else
static void load(struct demangle *d)
{
	d->has_tried = true;
	d->library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
	if (d->library)
		*(void **)&d->function =
			dlsym(d->library, "__cxa_demangle"); /* Itanium C++ ABI, 3.4 */
}
#endif

void demangle_release(struct demangle *d)
{
	free(d->text);
	if (d->library)
		dlclose(d->library); /* nothing is to be done if it stays */
	*d = (struct demangle){ 0 };
}

const char *demangle(struct demangle *d, const char *name)
{
	int status = -1;

	if (strncmp(name, "_Z", 2) != 0 || strlen(name) > NAME_MAX_BYTES)
		return name;
	if (!d->has_tried)
		load(d);
	if (!d->function)
		return name;
	char *text = d->function(name, d->text, &d->size, &status);

	if (status != 0 || !text)
		return name;
	d->text = text; /* it grows what it is given */
	/* cppcheck-suppress returnDanglingLifetime ; it does not point to status */
	return text;
}
