/* SPDX-License-Identifier: MIT
 *
 * Each case is written as XML as soon as it is read, and travels as bytes from then on: sorted,
 * made unique, copied to the output.  Its key is suite NUL classname NUL name NUL, number, rank,
 * file, position     (numbers big-endian) where " [2]" at the end of a name is cut off and becomes
 * the number.  So cases of one name come one after the other, by number, and "the larger of its own
 * number and the last one plus 1" makes every name unique without remembering any; merging what was
 * merged changes nothing.  Within a name and number real verdicts come before skips (rank), so that
 * a skip knows whether it is only a shard's way to say "another shard has it".
 *
 * A <testsuite> begins with its totals, which are known at its end: the cases go to a scratch file
 * first, the beginnings of the suites to a second one.
 */
#include "stage/merge.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "stage/merge_inputs.h"
#include "stage/merge_sort.h"
#include "sys/outfile.h"

enum { KEY_TAIL_BYTES = 4 + 1 + 4 + 8 };

struct merging {
	const struct merge_options *o;
	struct merge_sort *sort;
	bool is_broken; /* scratch or output failed: nothing more can be done */
	uint32_t file;
	uint64_t position;
	struct buf key, name, body;
};

/* What the cases before said of a name. */
struct group {
	struct buf prefix; /* suite NUL classname NUL name NUL */
	uint32_t number, last_number;
	bool has_real, has_reals; /* verdicts of one file, of several */
	uint32_t real_file;
	bool has_skip;
	uint32_t skip_file;
};

/* How a suite's beginning stands in the second scratch file, before its text. */
struct suite_head {
	uint64_t text_bytes;
	uint64_t body_bytes;
};

struct joining {
	struct group group;
	FILE *bodies, *heads; /* scratch */
	uint64_t body_bytes;  /* of the suite at hand */
	uint64_t head_bytes;  /* of all */
	struct buf suite, name, text;
	bool has_suite;
	struct junit_totals suite_totals, totals;
};

static char *put_number(char *to, uint64_t n, int bytes)
{
	while (bytes-- > 0)
		*to++ = (char)(n >> (8 * bytes) & 0xff);
	return to;
}

/* "name [12]" is 12 and ret "name"; anything else is 1 and all of it. */
static uint32_t split_number(const char *name, struct buf *ret)
{
	size_t n = strlen(name);
	const char *open = n > 4 && name[n - 1] == ']' ? strrchr(name, '[') : NULL;
	uint64_t number = 0;

	buf_clear(ret);
	if (open && open - name >= 2 && open[-1] == ' ' && open[1] != '0') {
		buf_add(ret, open + 1, (size_t)(name + n - 1 - (open + 1)));
		bool is_number = parse_uint(ret->s, INT32_MAX, &number) && number > 1;

		buf_clear(ret);
		if (is_number) {
			buf_add(ret, name, (size_t)(open - 1 - name));
			return (uint32_t)number;
		}
	}
	buf_add(ret, name, n);
	return 1;
}

static uint8_t rank_of(enum outcome o)
{
	return o == OUTCOME_NOTRUN ? 2 : o == OUTCOME_SKIP ? 1 : 0;
}

static int on_case(void *ctx, const struct junit_case *c, struct err *reterr)
{
	struct merging *m = ctx;
	struct merge_record r = { .head = { .time_us = c->time_us,
					    .file = m->file,
					    .outcome = (uint8_t)c->outcome,
					    .rank = rank_of(c->outcome) } };
	char tail[KEY_TAIL_BYTES];
	char *to = NULL;

	r.head.number = split_number(c->name, &m->name);
	buf_clear(&m->key);
	buf_add(&m->key, c->suite, strlen(c->suite) + 1);
	buf_add(&m->key, c->classname, strlen(c->classname) + 1);
	buf_add(&m->key, m->name.s, m->name.len + 1);
	r.head.prefix_bytes = (uint32_t)m->key.len;
	to = put_number(put_number(tail, r.head.number, 4), r.head.rank, 1);
	put_number(put_number(to, m->file, 4), m->position++, 8);
	buf_add(&m->key, tail, sizeof tail);
	buf_clear(&m->body);
	junit_put_case_rest(&m->body, c, m->o->family);
	r.head.key_bytes = (uint32_t)m->key.len;
	r.head.body_bytes = m->body.len;
	r.key = m->key.s;
	r.body = m->body.s;
	r.body_here = m->body.len;
	if (merge_sort_add(m->sort, &r, reterr) < 0) {
		m->is_broken = true;
		return -1;
	}
	return 0;
}

/* Is this skip only the shadow of what another file has? */
static bool is_shadow(struct group *g, const struct merge_record *r)
{
	const struct merge_head *h = &r->head;
	bool is_same_name = g->prefix.len == h->prefix_bytes &&
			    memcmp(g->prefix.s, r->key, h->prefix_bytes) == 0;

	if (!is_same_name) {
		buf_clear(&g->prefix);
		buf_add(&g->prefix, r->key, h->prefix_bytes);
		g->last_number = 0;
	}
	if (!is_same_name || g->number != h->number)
		g->has_real = g->has_reals = g->has_skip = false;
	g->number = h->number;
	if (h->rank == 0) {
		g->has_reals = g->has_reals || (g->has_real && g->real_file != h->file);
		g->has_real = true;
		g->real_file = h->file;
		return false;
	}
	if (g->has_reals || (g->has_real && g->real_file != h->file) ||
	    (g->has_skip && g->skip_file != h->file))
		return true;
	g->has_skip = true;
	g->skip_file = h->file;
	return false;
}

static void end_suite(struct joining *j)
{
	if (!j->has_suite)
		return;
	struct suite_head h = { .body_bytes = j->body_bytes };

	buf_clear(&j->text);
	junit_put_suite_begin(&j->text, j->suite.s, &j->suite_totals, NULL, 0);
	h.text_bytes = j->text.len;
	fwrite(&h, 1, sizeof h, j->heads); /* errors stick to the stream */
	fwrite(j->text.s, 1, j->text.len, j->heads);
	j->head_bytes += sizeof h + j->text.len;
	j->body_bytes = 0;
	j->suite_totals = (struct junit_totals){ 0 };
}

static int on_record(void *ctx, const struct merge_record *r, struct err *reterr)
{
	struct joining *j = ctx;
	const struct merge_head *h = &r->head;
	const struct junit_case counted = { .outcome = (enum outcome)h->outcome,
					    .time_us = h->time_us };
	const char *classname = r->key + strlen(r->key) + 1;
	uint32_t next = 0;

	if (is_shadow(&j->group, r))
		return 0;
	if (!j->has_suite || strcmp(j->suite.s, r->key) != 0) {
		end_suite(j);
		buf_clear(&j->suite);
		buf_addstr(&j->suite, r->key);
		j->has_suite = true;
	}
	junit_count(&j->suite_totals, &counted);
	junit_count(&j->totals, &counted);
	next = j->group.last_number + 1;
	j->group.last_number = h->number > next ? h->number : next;
	buf_clear(&j->name);
	buf_addstr(&j->name, classname + strlen(classname) + 1);
	if (j->group.last_number > 1)
		buf_addf(&j->name, " [%u]", j->group.last_number);
	buf_clear(&j->text);
	junit_put_case_name(&j->text, classname, j->name.s);
	fwrite(j->text.s, 1, j->text.len, j->bodies); /* errors stick to the stream */
	j->body_bytes += j->text.len + h->body_bytes;
	return merge_record_copy(r, j->bodies, reterr);
}

/* The parts from the scratch files into their order. */
static int write_output(struct joining *j, const char *name, FILE *out, struct err *reterr)
{
	uint64_t body_at = 0;

	buf_clear(&j->text);
	junit_put_head(&j->text, name, &j->totals);
	fwrite(j->text.s, 1, j->text.len, out); /* errors stick to the stream */
	rewind(j->heads);
	for (uint64_t at = 0; at < j->head_bytes;) {
		struct suite_head h;

		if (fread(&h, 1, sizeof h, j->heads) != sizeof h)
			return err_sys(reterr, NULL, "cannot read scratch file");
		at += sizeof h;
		if (merge_copy_bytes(fileno(j->heads), at, h.text_bytes, out, reterr) < 0 ||
		    merge_copy_bytes(fileno(j->bodies), body_at, h.body_bytes, out, reterr) < 0)
			return -1;
		at += h.text_bytes;
		body_at += h.body_bytes;
		if (fseeko(j->heads, (off_t)at, SEEK_SET) < 0)
			return err_sys(reterr, NULL, "cannot read scratch file");
		buf_clear(&j->text);
		junit_put_suite_end(&j->text);
		fwrite(j->text.s, 1, j->text.len, out);
	}
	buf_clear(&j->text);
	junit_put_tail(&j->text);
	fwrite(j->text.s, 1, j->text.len, out);
	return 0;
}

/* Flush a scratch stream before it is read behind its back. */
static int settle(FILE *f, const char *scratch, struct err *reterr)
{
	if (fflush(f) != 0 || ferror(f))
		return err_sys(reterr, scratch, "cannot write scratch file");
	return 0;
}

static int join(struct merging *m, const char *scratch, struct outfile *out,
		struct junit_totals *ret, struct err *reterr)
{
	struct joining j = {
		.group.prefix = BUF_INIT, .suite = BUF_INIT, .name = BUF_INIT, .text = BUF_INIT
	};
	int status = -1;

	j.bodies = merge_scratch_open(scratch, reterr);
	j.heads = j.bodies ? merge_scratch_open(scratch, reterr) : NULL;
	if (!j.heads || merge_sort_each(m->sort, on_record, &j, reterr) < 0)
		goto done;
	end_suite(&j);
	if (settle(j.bodies, scratch, reterr) < 0 || settle(j.heads, scratch, reterr) < 0)
		goto done;
	status = write_output(&j, m->o->name, outfile_stream(out), reterr);
	*ret = j.totals;
done:
	if (j.bodies)
		fclose(j.bodies); /* scratch */
	if (j.heads)
		fclose(j.heads);
	buf_release(&j.group.prefix);
	buf_release(&j.suite);
	buf_release(&j.name);
	buf_release(&j.text);
	return status;
}

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	struct merging *m = ctx;

	if (m->o->on_warning)
		m->o->on_warning(m->o->ctx, path, offset_bytes, text);
}

static int read_input(struct merging *m, const struct merge_input *f, struct err *reterr)
{
	const struct junit_sink sink = { m, on_case, on_warning };

	m->position = 0;
	if (junit_read(f->path, &sink, reterr) == 0)
		return 0;
	if (!f->is_found || m->is_broken || reterr->code != ERR_UNSUPPORTED)
		return -1;
	on_warning(m, f->path, 0, reterr->msg); /* not damaged, only something else */
	return 0;
}

/* Read every input.  The first damage goes into *reterr, or what broke the merging. */
static int read_inputs(struct merging *m, const struct merge_inputs *in, bool has_damage,
		       struct err *reterr)
{
	uint64_t done = 0;

	for (size_t i = 0; i < in->nfiles && !m->is_broken; i++) {
		struct err e = { 0 };

		m->file = (uint32_t)i;
		if (read_input(m, &in->files[i], &e) < 0) {
			if (reterr && (!has_damage || m->is_broken))
				*reterr = e;
			has_damage = true;
		}
		done += in->files[i].size_bytes;
		if (m->o->progress)
			m->o->progress(m->o->ctx, done, in->total_bytes);
	}
	return has_damage ? -1 : 0;
}

int merge_junit(const struct merge_options *o, const char *const *paths, size_t npaths,
		const char *out, struct junit_totals *ret, struct err *reterr)
{
	struct merging m = { .o = o, .key = BUF_INIT, .name = BUF_INIT, .body = BUF_INIT };
	struct merge_inputs in = { 0 };
	struct junit_totals totals = { 0 };
	struct arena mem = { 0 };
	const char *scratch = o->scratch ? o->scratch : merge_scratch_dir(&mem, out);
	bool has_damage =
		merge_inputs_find(&in, &merge_inputs_junit, paths, npaths, out, reterr) < 0;

	m.sort = merge_sort_new(scratch, MERGE_CHUNK_BYTES, MERGE_FAN_IN);
	int status = read_inputs(&m, &in, has_damage, reterr);
	struct outfile *file = m.is_broken ? NULL : outfile_open(out, reterr);

	if (!file || join(&m, scratch, file, &totals, reterr) < 0) {
		outfile_abandon(file);
		status = -1;
	} else if (outfile_commit(file, reterr) < 0) {
		status = -1;
	} else if (ret) {
		*ret = totals;
	}
	merge_sort_free(m.sort);
	merge_inputs_release(&in);
	arena_release(&mem);
	buf_release(&m.key);
	buf_release(&m.name);
	buf_release(&m.body);
	return status;
}
