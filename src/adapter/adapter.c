/* SPDX-License-Identifier: MIT */
#include "adapter/adapter.h"

#include "adapter/adapter_args.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/fs.h"

/* Probed from top to bottom: most specific first.  The last row takes any program. */
/* clang-format off */
static const struct adapter *const adapters[] = {
	&adapter_bats,
	&adapter_installed,
	&adapter_gtest,
	&adapter_check,
	&adapter_catch2,
	&adapter_doctest,
	&adapter_boost,
	&adapter_cmocka,
	&adapter_glib,
	&adapter_criterion,
	&adapter_cunit,
	&adapter_unity,
	&adapter_rust,
	&adapter_go,
	&adapter_qt,
	&adapter_tap,
	&adapter_meson,
	&adapter_meson_tap,
	&adapter_meson_rust,
	&adapter_automake,
	&adapter_pytest,
	&adapter_exitcode,
};
/* clang-format on */

const struct adapter *adapter_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(adapters); i++) {
		if (strcmp(adapters[i]->name, name) == 0)
			return adapters[i];
	}
	return NULL;
}

const struct adapter *adapter_of_script(const char *path)
{
	const struct candidate c = { .path = path };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < ARRAY_SIZE(adapters); i++) {
		const char *pattern = adapters[i]->pattern;

		if (pattern && parse_glob(pattern, slash ? slash + 1 : path) &&
		    adapters[i]->probe(&c))
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

const struct adapter *adapter_of_program(const char *path)
{
	struct elf_file *elf = NULL;
	const struct adapter *row = NULL;

	if (elf_file_open(path, &elf, NULL) == 0 && elf) {
		const struct candidate c = { .path = path, .elf = elf };

		row = adapter_probe(&c);
		elf_file_close(elf);
	}
	return row && row->max_batch > 1 ? row : NULL;
}

void entry_arg(struct entry *e, struct arena *mem, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	/* full at each power of two */
	if ((e->nargs & (e->nargs - 1)) == 0) {
		const char **more = arena_alloc(mem, 2 * e->nargs + 1, sizeof *more);

		for (size_t i = 0; i < e->nargs; i++)
			more[i] = e->args[i];
		e->args = more;
	}
	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	e->args[e->nargs++] = arena_memdup(mem, text.s, text.len);
	buf_release(&text);
}

static bool begins_with_any(const char *s, const char *const *prefixes, size_t n)
{
	size_t i = 0;

	while (i < n && strncmp(s, prefixes[i], strlen(prefixes[i])) != 0)
		i++;
	return i < n;
}

bool adapter_is_special_call(const struct adapter *a, const char *const *argv, size_t nargv,
			     const char *const *env, size_t nenv)
{
	static const char *const special_args[] = { "--gtest_repeat", "--gtest_list_tests",
						    "--gtest_flagfile", "--gtest_stream_result_to",
						    "--help" };
	static const char *const special_vars[] = {
		"GTEST_TOTAL_SHARDS=", "GTEST_SHARD_INDEX=", "GTEST_REPEAT=",   "CK_RUN_SUITE=",
		"CK_RUN_CASE=",        "CK_INCLUDE_TAGS=",   "CK_EXCLUDE_TAGS="
	};
	bool is = a->own_args && !args_are_known(a->own_args, argv, nargv);

	for (size_t i = 1; i < nargv && !is; i++)
		is = begins_with_any(argv[i], special_args, ARRAY_SIZE(special_args));
	for (size_t i = 0; i < nenv && !is; i++)
		is = begins_with_any(env[i], special_vars, ARRAY_SIZE(special_vars));
	return is;
}

void command_release(struct command *c)
{
	arena_release(&c->mem);
	*c = (struct command){ 0 };
}

int adapter_whole_list(const struct target *t, uint32_t target_index,
		       const struct list_context *ctx, struct tests *ret, struct err *reterr)
{
	struct test test = test_blank(target_index);

	(void)ctx;
	(void)reterr;
	test.id = arena_strdup(&ret->mem, t->name);
	test.name = arena_strdup(&ret->mem, fs_basename(t->name));
	tests_add(ret, &test);
	return 0;
}

int adapter_whole_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	(void)reterr;
	ret->argv = arena_strings(&ret->mem, b->target->argv, b->target->nargv);
	ret->nargv = b->target->nargv;
	return 0;
}
