/* SPDX-License-Identifier: MIT
 *
 * gangway.ini (an ini file, see ini.c):
 *   [gangway]          addopts, testpaths, test_programs   words, quoted as in a shell
 *                      timeout                             seconds, 500ms, 2m; 0: none
 *                      junit_family                        strict or files (xunit2, xunit1)
 *                      check_preload                       auto or no
 *   [marks]            MARK = patterns of ids, blank-separated or one a line
 *   [groups]           GROUP = patterns of ids
 *   [locks]            LOCK = how many tests may have it at once; one where nothing is said
 *   [test "PATTERN"]   timeout, slots, lock, retries, group, marks, skip (a reason), protocol
 * A pattern is a glob of whole ids, or an id: then all tests below it are meant.
 */
#include "format/config_file.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "base/quote.h"
#include "format/ini.h"
#include "model/config.h"
#include "model/test.h"
#include "sys/fs.h"

enum { SLOTS_MAX = 4096 };

struct reader {
	struct config *config;
	struct err *reterr;
};

/* One known key and what to do with its value. */
struct key_row {
	const char *name;
	/* rule: the one of this [test] section; NULL elsewhere. */
	int (*read)(const struct reader *r, const struct ini_entry *e, struct config_rule *rule);
};

static int fail(const struct reader *r, unsigned line, const char *text)
{
	return err_set(r->reterr, ERR_SYNTAX, r->config->path, line, "%s", text);
}

static int bad_value(const struct reader *r, const struct ini_entry *e, const char *accepted)
{
	struct buf text = BUF_INIT;

	buf_addch(&text, '\'');
	quote_display(&text, e->value, strlen(e->value));
	buf_addf(&text, "' is no value for '%s'; accepted: %s", e->key, accepted);
	fail(r, e->line, text.s);
	buf_release(&text);
	return -1;
}

static int words(const struct reader *r, const struct ini_entry *e, const char ***ret,
		 size_t *ret_n)
{
	if (!parse_words(e->value, &r->config->mem, ret, ret_n))
		return fail(r, e->line, "a quote is not closed");
	return 0;
}

static int read_addopts(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	(void)rule;
	r->config->addopts_line = e->line;
	return words(r, e, &r->config->addopts, &r->config->naddopts);
}

static int read_testpaths(const struct reader *r, const struct ini_entry *e,
			  struct config_rule *rule)
{
	(void)rule;
	return words(r, e, &r->config->testpaths, &r->config->ntestpaths);
}

static int read_programs(const struct reader *r, const struct ini_entry *e,
			 struct config_rule *rule)
{
	(void)rule;
	return words(r, e, &r->config->test_programs, &r->config->ntest_programs);
}

static int read_timeout(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	uint64_t *to = rule ? &rule->timeout_us : &r->config->timeout_us;

	if (!parse_duration(e->value, to))
		return bad_value(r, e, "seconds, or a time like 500ms, 1.5s, 2m, 1h; 0 is none");
	return 0;
}

static int read_family(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	bool is_files = strcmp(e->value, "files") == 0 || strcmp(e->value, "xunit1") == 0;
	bool is_strict = strcmp(e->value, "strict") == 0 || strcmp(e->value, "xunit2") == 0;

	(void)rule;
	if (!is_files && !is_strict)
		return bad_value(r, e, "strict, files");
	r->config->has_junit_family = true;
	r->config->is_junit_files = is_files;
	return 0;
}

static int read_preload(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	(void)rule;
	if (strcmp(e->value, "auto") != 0 && strcmp(e->value, "no") != 0)
		return bad_value(r, e, "auto, no");
	r->config->is_unpreloaded = strcmp(e->value, "no") == 0;
	return 0;
}

static int read_slots(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	uint64_t n = 0;

	if (!parse_uint(e->value, SLOTS_MAX, &n) || n == 0)
		return bad_value(r, e, "a number from 1 to 4096");
	rule->slots = (unsigned)n;
	return 0;
}

static int read_retries(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	uint64_t n = 0;

	if (!parse_uint(e->value, RETRIES_MAX, &n))
		return bad_value(r, e, "a number from 0 to 1000");
	rule->retries = (unsigned)n;
	return 0;
}

static int read_lock(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	return words(r, e, &rule->locks, &rule->nlocks);
}

static int read_marks(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	return words(r, e, &rule->marks, &rule->nmarks);
}

static int read_group(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	if (!e->value[0])
		return bad_value(r, e, "a name");
	rule->group = arena_strdup(&r->config->mem, e->value);
	return 0;
}

static int read_skip(const struct reader *r, const struct ini_entry *e, struct config_rule *rule)
{
	struct buf text = BUF_INIT;

	if (e->value[0])
		buf_addstr(&text, e->value);
	else
		buf_addf(&text, "skipped in %s:%u", r->config->path, e->line);
	rule->skip = arena_strdup(&r->config->mem, text.s);
	buf_release(&text);
	return 0;
}

static int read_protocol(const struct reader *r, const struct ini_entry *e,
			 struct config_rule *rule)
{
	if (strcmp(e->value, "exitcode") != 0 && strcmp(e->value, "tap") != 0)
		return bad_value(r, e, "exitcode, tap");
	rule->protocol = arena_strdup(&r->config->mem, e->value);
	return 0;
}

static const struct key_row gangway_keys[] = {
	{ "addopts", read_addopts },
	{ "testpaths", read_testpaths },
	{ "test_programs", read_programs },
	{ "timeout", read_timeout },
	{ "junit_family", read_family },
	{ "check_preload", read_preload },
	{ 0 },
};

static const struct key_row test_keys[] = {
	{ "timeout", read_timeout },   { "slots", read_slots },     { "lock", read_lock },
	{ "group", read_group },       { "marks", read_marks },     { "skip", read_skip },
	{ "protocol", read_protocol }, { "retries", read_retries }, { 0 },
};

/* "unknown key 'tiemout'; did you mean 'timeout'?" */
static int unknown(const struct reader *r, unsigned line, const char *what, struct nearest near)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "unknown %s '", what);
	quote_display(&text, near.word, strlen(near.word));
	buf_addch(&text, '\'');
	if (near.best)
		buf_addf(&text, "; did you mean '%s'?", near.best);
	fail(r, line, text.s);
	buf_release(&text);
	return -1;
}

static int read_keys(const struct reader *r, const struct ini_section *s,
		     const struct key_row *keys, struct config_rule *rule)
{
	for (size_t i = 0; i < s->nentries; i++) {
		const struct ini_entry *e = &s->entries[i];
		struct nearest near = nearest_begin(e->key);
		const struct key_row *k = keys;

		for (; k->name && strcmp(k->name, e->key) != 0; k++)
			nearest_try(&near, k->name);
		if (!k->name)
			return unknown(r, e->line, "key", near);
		if (k->read(r, e, rule) < 0)
			return -1;
	}
	return 0;
}

/* NAME = patterns: a rule for each. */
static int read_names(const struct reader *r, const struct ini_section *s, bool is_group)
{
	struct config *c = r->config;

	for (size_t i = 0; i < s->nentries; i++) {
		const struct ini_entry *e = &s->entries[i];
		const char *name = arena_strdup(&c->mem, e->key);
		const char **patterns = NULL;
		size_t n = 0;

		if (words(r, e, &patterns, &n) < 0)
			return -1;
		for (size_t k = 0; k < n; k++) {
			struct config_rule rule = config_rule_blank(patterns[k], e->line);

			if (is_group) {
				rule.group = name;
			} else {
				rule.marks = arena_strings(&c->mem, &name, 1);
				rule.nmarks = 1;
			}
			config_add_rule(c, &rule);
		}
	}
	return 0;
}

/* LOCK = number */
static int read_limits(const struct reader *r, const struct ini_section *s)
{
	struct config *c = r->config;

	for (size_t i = 0; i < s->nentries; i++) {
		const struct ini_entry *e = &s->entries[i];
		uint64_t n = 0;

		if (!parse_uint(e->value, SLOTS_MAX, &n) || n == 0)
			return bad_value(r, e, "a number from 1 to 4096");
		GROW(c->limits, c->nlimits, c->cap_limits);
		c->limits[c->nlimits++] = (struct limit){
			.lock = arena_strdup(&c->mem, e->key),
			.count = (unsigned)n,
		};
	}
	return 0;
}

static int read_test(const struct reader *r, const struct ini_section *s)
{
	if (!s->argument || !s->argument[0])
		return fail(r, s->line, "a test section needs a pattern: [test \"PATTERN\"]");
	const char *pattern = arena_strdup(&r->config->mem, s->argument);
	struct config_rule rule = config_rule_blank(pattern, s->line);

	if (read_keys(r, s, test_keys, &rule) < 0)
		return -1;
	config_add_rule(r->config, &rule);
	return 0;
}

static int read_section(const struct reader *r, const struct ini_section *s)
{
	static const char *const names[] = { "gangway", "marks", "groups", "locks", "test" };
	struct nearest near = nearest_begin(s->name);

	if (strcmp(s->name, "test") == 0)
		return read_test(r, s);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		nearest_try(&near, names[i]);
	if (!near.best || strcmp(near.best, s->name) != 0)
		return unknown(r, s->line, "section", near);
	if (s->argument)
		return fail(r, s->line, "only [test \"PATTERN\"] takes something in quotes");
	if (strcmp(s->name, "gangway") == 0)
		return read_keys(r, s, gangway_keys, NULL);
	if (strcmp(s->name, "locks") == 0)
		return read_limits(r, s);
	return read_names(r, s, strcmp(s->name, "groups") == 0);
}

int config_parse(const char *path, const char *s, size_t len, struct config *ret,
		 struct err *reterr)
{
	struct ini ini = { 0 };
	struct reader r = { .config = ret, .reterr = reterr };
	int status = -1;

	ret->path = arena_strdup(&ret->mem, path);
	ret->timeout_us = TIME_UNKNOWN;
	if (ini_parse(path, s, len, &ini, reterr) < 0)
		goto out;
	for (size_t i = 0; i < ini.nsections; i++) {
		if (read_section(&r, &ini.sections[i]) < 0)
			goto out;
	}
	status = 0;
out:
	ini_release(&ini);
	return status;
}

int config_read(const char *path, struct config *ret, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int status = -1;

	if (fs_read(path, INI_MAX_BYTES, &text, reterr) == 0)
		status = config_parse(path, text.s, text.len, ret, reterr);
	buf_release(&text);
	return status;
}
