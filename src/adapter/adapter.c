/* SPDX-License-Identifier: MIT */
#include "adapter/adapter.h"

/* Probed from top to bottom: most specific first.  The last row takes any program. */
static const struct adapter *const adapters[] = {
	&adapter_gtest, &adapter_check, &adapter_catch2,   &adapter_doctest,
	&adapter_boost, &adapter_tap,   &adapter_exitcode,
};

const struct adapter *adapter_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(adapters); i++) {
		if (strcmp(adapters[i]->name, name) == 0)
			return adapters[i];
	}
	return NULL;
}

const struct adapter *adapter_probe(const struct candidate *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(adapters); i++) {
		if (adapters[i]->probe(c))
			return adapters[i];
	}
	return NULL;
}

void command_release(struct command *c)
{
	arena_release(&c->mem);
	*c = (struct command){ 0 };
}
