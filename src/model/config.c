/* SPDX-License-Identifier: MIT */
#include "model/config.h"

#include "base/alloc.h"

void config_release(struct config *c)
{
	arena_release(&c->mem);
	free(c->rules);
	*c = (struct config){ 0 };
}

struct config_rule config_rule_blank(const char *pattern, unsigned line)
{
	return (struct config_rule){
		.pattern = pattern,
		.line = line,
		.timeout_us = TIME_UNKNOWN,
	};
}

void config_add_rule(struct config *c, const struct config_rule *rule)
{
	GROW(c->rules, c->nrules, c->cap_rules);
	c->rules[c->nrules++] = *rule;
}
