/* SPDX-License-Identifier: MIT
 *
 * The notes of an object, found out by looking at what gcc 11, gcc 12 and clang 14 write:
 *
 *   "gcno", version, stamp
 *   checksum                  from gcc 12 on
 *   folder of compilation     from gcc 9 on
 *   1: blocks that never ran are of interest     from gcc 8 on
 *   records:
 *     01000000  function: ident, checksum of its lines, of its graph, name, 1 if the compiler made it
 *               up (8), source, line, column (8), last line (8), last column (9)
 *     01410000  blocks: their number; before gcc 8 a word for each
 *     01430000  arcs: from; and for each: to, flags
 *     01450000  lines: block; and then a line, or 0 and the name of the source of those that follow,
 *               which is "" at the end
 *
 * A function's other records stand behind it.  Here only its beginning is read; the rest waits for
 * its counters.
 */
#include "base/alloc.h"
#include "base/err.h"
#include "format/gcov_object.h"

enum {
	MAGIC = 0x67636e6f, /* "gcno", as a number */
	FIRST_MAJOR = 4,
	FIRST_MINOR = 8,
	LAST_MAJOR = 14
};

struct gcov *gcov_new(void)
{
	struct gcov *g = xcalloc(1, sizeof *g);

	g->path = "";
	g->cwd = "";
	return g;
}

void gcov_free(struct gcov *g)
{
	if (!g)
		return;
	gcov_graph_release(&g->graph);
	for (size_t i = 0; i < g->cap_sources; i++) {
		free(g->sources[i].table.pages);
		free(g->sources[i].table.used);
	}
	free(g->twin.pages);
	free(g->twin.used);
	free(g->slots);
	free(g->spare.items);
	free(g->sources);
	map_release(&g->source_names);
	free(g->functions);
	free(g->by_ident);
	free(g->counts);
	free(g->touched.items);
	free(g->twin_touched.items);
	free(g->owned.items);
	free(g->pairs);
	free(g->blocks.items);
	free(g->seen);
	free(g->owners.items);
	free(g);
}

bool gcov_string(struct gcov_in *in, unsigned unit, const char **ret, size_t *ret_len)
{
	struct gcov_in after = *in;
	uint32_t length = 0;

	if (!gcov_word(&after, &length))
		return false;
	uint64_t size = (uint64_t)length * unit;

	if ((uint64_t)(after.end - after.at) < size || (size > 0 && after.at[size - 1] != '\0'))
		return false;
	*ret = size > 0 ? (const char *)after.at : "";
	*ret_len = strlen(*ret);
	in->at = after.at + size;
	return true;
}

int gcov_record(struct gcov_in *in, unsigned unit, uint32_t *tag, struct gcov_in *ret)
{
	uint32_t length = 0;

	if (in->at == in->end)
		return 0;
	if (!gcov_word(in, tag))
		return -1;
	if (*tag == 0)
		return 0;
	if (!gcov_word(in, &length) || (uint64_t)(in->end - in->at) < (uint64_t)length * unit)
		return -1;
	*ret = (struct gcov_in){ in->at, in->at + (size_t)length * unit };
	in->at = ret->end;
	return 1;
}

unsigned gcov_major(uint32_t version)
{
	unsigned high = version >> 24;
	unsigned low = version >> 16 & 0xff;

	if (high >= 'A' && high <= 'Z' && low >= '0' && low <= '9')
		return (high - 'A') * 10 + low - '0';
	return high >= '0' && high <= '9' ? high - '0' : 0;
}

/* '408*' and later; clang writes '402*' when it is old. */
static bool is_known(uint32_t version, unsigned major)
{
	unsigned minor = version >> 8 & 0xff;

	if (major == FIRST_MAJOR)
		return minor >= '0' + FIRST_MINOR;
	return major > FIRST_MAJOR && major <= LAST_MAJOR;
}

static int damaged(const struct gcov *g, struct err *reterr)
{
	return err_set(reterr, ERR_SYNTAX, g->path, 0, "the notes of the object are damaged");
}

static int read_head(struct gcov *g, struct gcov_in *in, struct err *reterr)
{
	uint32_t magic = 0, word = 0;
	size_t len = 0;

	if (!gcov_word(in, &magic) || magic != MAGIC || !gcov_word(in, &g->version))
		return err_set(reterr, ERR_SYNTAX, g->path, 0, "these are no notes of an object");
	g->major = gcov_major(g->version);
	if (!is_known(g->version, g->major))
		return err_set(reterr, ERR_UNSUPPORTED, g->path, 0,
			       "notes of a version that is not known here");
	g->unit = g->major >= GCOV_BYTES_SINCE ? 1 : 4;
	g->is_clang = g->major == FIRST_MAJOR;
	if (!gcov_word(in, &g->stamp))
		return damaged(g, reterr);
	if (g->major >= GCOV_BYTES_SINCE && !gcov_word(in, &g->checksum))
		return damaged(g, reterr);
	if (g->major >= 9 && !gcov_string(in, g->unit, &g->cwd, &len))
		return damaged(g, reterr);
	if (g->major >= 8 && !gcov_word(in, &word))
		return damaged(g, reterr);
	g->tells_idle = word != 0;
	return 0;
}

static bool read_function(struct gcov *g, struct gcov_in in, struct gcov_function *ret)
{
	uint32_t word = 0, column = 1;
	struct gcov_function f = { .first_count = GCOV_NO_COUNTS };

	if (!gcov_word(&in, &f.ident) || !gcov_word(&in, &f.lineno_checksum) ||
	    !gcov_word(&in, &f.cfg_checksum) || !gcov_string(&in, g->unit, &f.name, &f.name_len))
		return false;
	if (g->major >= 8 && !gcov_word(&in, &word))
		return false;
	f.is_artificial = word != 0;
	if (!gcov_string(&in, g->unit, &f.source, &f.source_len) || !gcov_word(&in, &f.start_line))
		return false;
	if (g->major >= 8 && (!gcov_word(&in, &column) || !gcov_word(&in, &f.end_line)))
		return false;
	/* gcc counts columns from 1, clang writes none */
	g->is_clang = g->is_clang || (column == 0 && !f.is_artificial);
	*ret = f;
	return true;
}

int gcov_read_notes(struct gcov *g, const char *path, const void *data, size_t len,
		    struct err *reterr)
{
	struct gcov_in in = { data, (const unsigned char *)data + len };
	struct gcov_in record;
	struct gcov_function *f = NULL;
	uint32_t tag = 0;
	int more = 0;

	g->path = path;
	g->nbytes = len;
	g->cwd = "";
	g->checksum = 0;
	g->nfunctions = g->nby_ident = g->ncounts = 0;
	g->has_overflown = false;
	if (read_head(g, &in, reterr) < 0)
		return -1;
	while ((more = gcov_record(&in, g->unit, &tag, &record)) > 0) {
		if (tag == GCOV_TAG_FUNCTION) {
			GROW(g->functions, g->nfunctions, g->cap_functions);
			f = &g->functions[g->nfunctions];
			if (!read_function(g, record, f))
				return damaged(g, reterr);
			f->body = (struct gcov_in){ in.at, in.at };
			g->nfunctions++;
		} else if (f) {
			f->body.end = in.at;
		}
	}
	for (size_t i = 0; i < g->nfunctions && g->is_clang; i++)
		g->functions[i].is_artificial = false; /* llvm-cov has them, so the figures agree */
	return more < 0 ? damaged(g, reterr) : 0;
}
