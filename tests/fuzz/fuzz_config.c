/* SPDX-License-Identifier: MIT
 *
 * Exercises format/ini.c and format/config_file.c, and parse_words(), parse_duration() below them.
 * Properties: a refusal names its line; lines of sections and keys only rise; every rule of an
 * accepted file has a pattern and a line, and slots in their limits.
 */
#include <assert.h>

#include "base/err.h"
#include "base/parse.h"
#include "format/config_file.h"
#include "format/ini.h"
#include "model/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ini(const char *s, size_t len)
{
	struct ini ini = { 0 };
	struct err e = { 0 };
	unsigned above = 0;

	if (ini_parse("fuzz.ini", s, len, &ini, &e) < 0)
		assert(e.msg[0] && e.line > 0);
	for (size_t i = 0; i < ini.nsections; i++) {
		const struct ini_section *section = &ini.sections[i];

		assert(section->name[0] && section->line > above);
		above = section->line;
		for (size_t k = 0; k < section->nentries; k++) {
			const struct ini_entry *entry = &section->entries[k];

			assert(entry->key[0] && entry->line > above);
			assert(strlen(entry->value) <= len);
			above = entry->line;
		}
	}
	ini_release(&ini);
}

static void check_words(const char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(words[i]);
}

static void check_config(const char *s, size_t len)
{
	struct config c = { 0 };
	struct err e = { 0 };

	if (config_parse("fuzz.ini", s, len, &c, &e) < 0)
		assert(e.msg[0] && e.line > 0 && e.code == ERR_SYNTAX);
	check_words(c.addopts, c.naddopts);
	check_words(c.testpaths, c.ntestpaths);
	check_words(c.test_programs, c.ntest_programs);
	for (size_t i = 0; i < c.nrules; i++) {
		const struct config_rule *rule = &c.rules[i];

		assert(rule->pattern && rule->line > 0 && rule->slots <= 4096);
		check_words(rule->marks, rule->nmarks);
		check_words(rule->locks, rule->nlocks);
		(void)parse_glob(rule->pattern, "a::b::c");
	}
	config_release(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_ini((const char *)data, size);
	check_config((const char *)data, size);
	return 0;
}
