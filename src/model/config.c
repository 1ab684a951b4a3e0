/* SPDX-License-Identifier: MIT */
#include "model/config.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "model/test.h"

void config_release(struct config *c)
{
	arena_release(&c->mem);
	free(c->limits);
	free(c->rules);
	*c = (struct config){ 0 };
}

struct config_rule config_rule_blank(const char *pattern, unsigned line)
{
	return (struct config_rule){
		.pattern = pattern,
		.line = line,
		.timeout_us = TIME_UNKNOWN,
		.retries = UINT_MAX,
	};
}

void config_add_rule(struct config *c, const struct config_rule *rule)
{
	GROW(c->rules, c->nrules, c->cap_rules);
	c->rules[c->nrules++] = *rule;
}

bool config_rule_fits(const struct config_rule *rule, const char *id)
{
	return test_id_is_within(id, rule->pattern) || parse_glob(rule->pattern, id);
}
