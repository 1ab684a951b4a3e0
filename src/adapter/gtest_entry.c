/* SPDX-License-Identifier: MIT
 *
 * How ctest runs one case of a GoogleTest program.  The name is the one that CMake's own
 * gtest_discover_tests() gives, so that lists of excluded tests go on to fit:
 *
 *   Suite.Name            Suite.DISABLED_Name becomes Suite.Name
 *   Inst/Suite.Name/"a"   the value of the parameter where GoogleTest has its number
 *   Suite.Name<int>       likewise the type
 */
#include "adapter/gtest.h"
#include "base/buf.h"

enum { PARAM_MAX_BYTES = 250 }; /* as --gtest_list_tests cuts them */

static const char *param(const struct test *t, const char *key)
{
	for (size_t i = 0; i < t->nprops; i++) {
		if (strcmp(t->props[i].key, key) == 0)
			return t->props[i].value;
	}
	return NULL;
}

static void add_param(struct buf *out, const char *s)
{
	for (size_t n = 0; *s; s++) {
		if (n >= PARAM_MAX_BYTES) {
			buf_addstr(out, "...");
			return;
		}
		if (*s == '\n')
			buf_addstr(out, "\\n");
		else
			buf_addch(out, *s);
		n += *s == '\n' ? 2 : 1;
	}
}

static const char *without_mark(const char *name)
{
	static const char mark[] = "DISABLED_";

	return strncmp(name, mark, sizeof mark - 1) == 0 ? name + sizeof mark - 1 : name;
}

static bool is_number(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

/* "Suite/0" with its type: the suite up to the first slash, "." and the type behind the name. */
static void add_name(struct buf *out, const struct test *t, const struct entry_style *style)
{
	const char *type = param(t, "type_param"), *value = param(t, "value_param");
	const char *suite = without_mark(t->suite), *name = without_mark(t->name);
	const char *index = strrchr(t->suite, '/'), *at = strrchr(name, '/');

	buf_add(out, suite, type ? strcspn(suite, "/") : strlen(suite));
	buf_addch(out, '.');
	if (value && at && is_number(at + 1) && !style->has_plain_values) {
		buf_add(out, name, (size_t)(at + 1 - name));
		add_param(out, value);
	} else {
		buf_addstr(out, name);
	}
	if (!type)
		return;
	buf_addch(out, '<');
	add_param(out, style->has_plain_types && index ? index + 1 : type);
	buf_addch(out, '>');
}

int gtest_entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct buf text = BUF_INIT;

	(void)all, (void)reterr;
	*ret = (struct entry){ .skip_regex = "\\[  SKIPPED \\]" };
	add_name(&text, t, style);
	ret->name = arena_memdup(mem, text.s, text.len);
	ret->plain_name = t->selector;
	entry_arg(ret, mem, "--gtest_filter=%s", t->selector);
	entry_arg(ret, mem, "--gtest_also_run_disabled_tests");
	ret->is_disabled = t->skip_reason != NULL;
	buf_release(&text);
	return 0;
}
