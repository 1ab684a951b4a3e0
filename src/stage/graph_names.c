/* SPDX-License-Identifier: MIT */
#include "stage/graph_names.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/quote.h"
#include "format/jobfile.h"
#include "model/plan.h"
#include "model/test.h"

enum { LONGEST_BYTES = 240, KEPT_BYTES = 200 };

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.,:/@+-", c));
}

/* Is this a piece of a path that would be taken away, or none at all? */
static bool is_lost_piece(const char *s)
{
	size_t n = strcspn(s, "/");

	return n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.');
}

void graph_name(const char *prefix, const char *id, struct buf *out)
{
	size_t start = out->len;
	bool begins_piece = true;

	buf_addf(out, "%s/", prefix);
	for (const char *s = id; *s; s++) {
		bool is_lost = begins_piece && is_lost_piece(s);

		begins_piece = *s == '/' && !is_lost;
		if (is_plain(*s) && !is_lost)
			buf_addch(out, *s);
		else
			buf_addf(out, "~%02X", (unsigned char)*s);
	}
	if (out->len > start && out->s[out->len - 1] == '/')
		buf_addf(out, "~"); /* "a/": nothing is behind it */
	if (out->len - start <= LONGEST_BYTES)
		return;
	buf_truncate(out, start + KEPT_BYTES);
	buf_addf(out, "~~%016" PRIx64, hash_bytes(id, strlen(id)));
}

/* A target of ours: which tests it is about, and the units that have them. */
struct name {
	const char *path, *args;
	const char **outputs;
	size_t n, cap;
	uint32_t last_unit;
};

struct naming {
	const struct graph_names *g;
	struct arena mem;
	struct map index; /* by path */
	struct name *names;
	size_t n, cap;
};

static void add(struct naming *w, const char *prefix, const char *option, const char *what,
		uint32_t unit)
{
	struct buf text = BUF_INIT;
	size_t i = w->n;

	graph_name(prefix, what, &text);
	if (w->n == 0 || !map_get(&w->index, text.s, text.len, &i)) {
		const char *path = arena_memdup(&w->mem, text.s, text.len);

		map_put(&w->index, path, text.len, i);
		buf_clear(&text);
		buf_addf(&text, "%s ", option);
		quote_shell_line(&text, what);
		GROW(w->names, w->n, w->cap);
		w->names[w->n++] = (struct name){ .path = path,
						  .args = arena_memdup(&w->mem, text.s, text.len),
						  .last_unit = NO_INDEX };
	}
	struct name *name = &w->names[i];

	if (name->last_unit != unit) {
		GROW(name->outputs, name->n, name->cap);
		name->outputs[name->n++] = w->g->outputs[unit];
	}
	name->last_unit = unit;
	buf_release(&text);
}

static void add_unit(struct naming *w, uint32_t unit)
{
	const struct unit *u = &w->g->plan->units[unit];

	for (size_t k = 0; k < u->ntests; k++) {
		const struct test *t = &w->g->tests->tests[u->tests[k]];
		const struct target *target = &w->g->tests->targets[t->target];

		add(w, w->g->target, "--only", test_own_id(t), unit);
		add(w, w->g->target, "--only", target->name, unit);
		if (t->group)
			add(w, "group", "--group", t->group, unit);
	}
}

void graph_names_put(const struct graph_names *g, struct buf *out)
{
	struct naming w = { .g = g };

	for (uint32_t i = 0; i < g->plan->nunits; i++)
		add_unit(&w, i);
	for (size_t i = 0; i < w.n; i++) {
		struct name *name = &w.names[i];
		const struct jobfile_job job = {
			.rule = g->verdict,
			.output = name->path,
			.is_name = true,
			.args = name->args,
			.inputs = name->outputs,
			.ninputs = name->n,
			.lane = NO_INDEX,
		};

		g->dialect->job(out, &job);
		free(name->outputs);
	}
	free(w.names);
	map_release(&w.index);
	arena_release(&w.mem);
}
