/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_args.h"

#include "adapter/adapter_ask.h"

/* One argument, with its value. */
struct arg {
	const struct arg_row *row; /* NULL: a word, or unknown */
	const char *value;         /* of an option; the word itself */
	size_t n;                  /* arguments that it takes */
	bool is_known;
	enum arg_use use;
};

static bool is_called(const char *arg, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(arg, name, len) != 0 || (arg[len] != '\0' && arg[len] != '='))
		return false;
	*value = arg[len] == '=' ? arg + len + 1 : NULL;
	return true;
}

static struct arg look_at(const struct own_args *own, const char *const *argv, size_t nargv)
{
	struct arg a = { .value = argv[0], .n = 1 };

	if (argv[0][0] != '-') {
		a.is_known = own->are_words_choices;
		a.use = own->are_words_choices ? ARG_CHOICE : ARG_KEPT;
		return a;
	}
	for (const struct arg_row *row = own->rows; row->name && !a.row; row++) {
		if (is_called(argv[0], row->name, &a.value))
			a.row = row;
	}
	if (!a.row)
		return a;
	if (a.row->has_value && !a.value && nargv > 1) {
		a.value = argv[1];
		a.n = 2;
	}
	a.is_known = !a.row->has_value || a.value;
	a.use = a.row->use;
	return a;
}

bool args_are_known(const struct own_args *own, const char *const *argv, size_t nargv)
{
	for (size_t i = 1; i < nargv;) {
		const struct arg a = look_at(own, argv + i, nargv - i);
		bool is_word = a.is_known && !a.row;

		if (own->has_rest && strcmp(argv[i], "--") == 0)
			return true;
		if (!a.is_known ||
		    (is_word && own->patterns && !argv[i][strcspn(argv[i], own->patterns)]))
			return false;
		i += a.n;
	}
	return true;
}

/* Behind the program, which a launcher may start. */
static size_t first_of(const struct target *t)
{
	size_t i = 0;

	while (t->program && i < t->nargv && strcmp(t->argv[i], t->program) != 0)
		i++;
	return i < t->nargv ? i + 1 : t->nargv;
}

/* The first "--". */
static size_t end_of(const struct target *t)
{
	size_t i = 0;

	while (i < t->nargv && strcmp(t->argv[i], "--") != 0)
		i++;
	return i;
}

bool args_choose(const struct own_args *own, const struct target *t)
{
	size_t end = end_of(t);
	bool choose = false;

	for (size_t i = first_of(t); i < end && !choose;) {
		const struct arg a = look_at(own, t->argv + i, end - i);

		choose = a.use == ARG_CHOICE || a.use == ARG_FILTER;
		i += a.n;
	}
	return choose;
}

static void begin(struct command *c, const struct own_args *own, const struct target *t, size_t n,
		  bool is_list)
{
	size_t end = end_of(t), i = first_of(t);

	command_begin(c, t, n);
	if (!own)
		return;
	c->nargv = i < end ? i : end;
	while (i < end) {
		const struct arg a = look_at(own, t->argv + i, end - i);
		bool stays = a.use != ARG_OURS && (is_list || a.use != ARG_CHOICE);

		for (size_t k = 0; k < a.n && stays; k++)
			c->argv[c->nargv++] = t->argv[i + k];
		i += a.n;
	}
}

void args_begin(struct command *c, const struct own_args *own, const struct target *t, size_t n)
{
	begin(c, own, t, n, false);
}

void args_begin_list(struct command *c, const struct own_args *own, const struct target *t,
		     size_t n)
{
	begin(c, own, t, n, true);
}

void args_finish(struct command *c, const struct own_args *own, const struct target *t)
{
	for (size_t i = own ? end_of(t) : t->nargv; i < t->nargv; i++)
		c->argv[c->nargv++] = t->argv[i];
}
