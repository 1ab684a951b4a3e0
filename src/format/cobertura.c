/* SPDX-License-Identifier: MIT
 *
 * Of interest are
 *   coverage > sources > source                     what file names are relative to
 *   class filename > lines > line number hits condition-coverage="50% (1/2)" > conditions > condition
 *   class > methods > method name signature > lines > line
 * The lines of methods stand among those of the class once more; only where a writer left these out
 * are they its lines.
 */
#include "format/cobertura.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/xml.h"
#include "model/cov.h"
#include "sys/fs.h"

enum {
	MAX_DEPTH = 32,
	MAX_ATTRS = 64,
	MAX_TAG_BYTES = 1 << 20,
	MAX_SOURCES = 100,     /* each is looked into for each file */
	MAX_CONDITIONS = 4096, /* more of one line are not looked at */
};

struct line {
	uint32_t number;
	uint64_t hits;
	uint32_t nbranches, ntaken;
};

struct reading {
	struct cov_input in;
	struct xml *xml;
	unsigned depth;
	bool has_packages;
	struct arena mem;
	const char **sources;
	size_t nsources, cap_sources;
	bool in_source;
	struct buf source;
	bool in_class, in_method;
	struct cov_file *file; /* of the class; NULL: left out */
	bool has_lines;
	struct line *pending; /* of methods */
	size_t npending, cap_pending;
	struct buf method;
	struct line first; /* of the method */
	bool in_line;
	struct line line;
	unsigned conditions[MAX_CONDITIONS]; /* percent */
	size_t nconditions;
};

static int bad(const struct reading *r, struct err *reterr, const char *what)
{
	return err_set(reterr, ERR_SYNTAX, r->in.path, xml_line(r->xml), "%s", what);
}

static const struct xml_attr *find_attr(const struct xml_element *e, const char *name)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (strcmp(e->attrs[i].name, name) == 0)
			return &e->attrs[i];
	}
	return NULL;
}

static bool read_count(const struct xml_attr *a, struct cov_count *ret)
{
	const char *s = a ? a->value : NULL;

	return a && cov_count_parse(&s, a->value + a->len, ret) && s == a->value + a->len;
}

/* "50% (1/2)"; true with both numbers. */
static bool read_conditions(const struct xml_attr *a, struct cov_count *taken,
			    struct cov_count *total)
{
	const char *end = a ? a->value + a->len : NULL;
	const char *s = a && a->len > 0 ? memchr(a->value, '(', a->len) : NULL;

	if (!s)
		return false;
	s++;
	if (!cov_count_parse(&s, end, taken) || s == end || *s++ != '/')
		return false;
	return cov_count_parse(&s, end, total) && !taken->is_negative && !total->is_negative &&
	       taken->value <= total->value;
}

static int begin_line(struct reading *r, const struct xml_element *e, struct err *reterr)
{
	struct cov_count number, hits, taken, total;

	r->nconditions = 0;
	r->line = (struct line){ 0 };
	if (!read_count(find_attr(e, "number"), &number) || number.is_negative)
		return bad(r, reterr, "a <line> without a number");
	if (!read_count(find_attr(e, "hits"), &hits))
		return bad(r, reterr, "a <line> without hits");
	if (number.value > COV_LINE_MAX)
		return err_set(reterr, ERR_LIMIT, r->in.path, xml_line(r->xml),
			       "a line number above the limit of %d", COV_LINE_MAX);
	r->line.number = (uint32_t)number.value;
	r->line.hits = cov_input_count(&r->in, &hits);
	if (read_conditions(find_attr(e, "condition-coverage"), &taken, &total)) {
		if (total.value > UINT16_MAX || !cov_input_spend(&r->in, total.value))
			return err_set(reterr, ERR_LIMIT, r->in.path, xml_line(r->xml),
				       "too many conditions");
		r->line.nbranches = (uint32_t)total.value;
		r->line.ntaken = (uint32_t)taken.value;
	}
	r->in_line = true;
	return 0;
}

static void begin_condition(struct reading *r, const struct xml_element *e)
{
	const struct xml_attr *a = find_attr(e, "coverage");
	const char *s = a ? a->value : NULL;
	struct cov_count n;

	if (!r->in_line || r->nconditions == MAX_CONDITIONS)
		return;
	if (!a || !cov_count_parse(&s, a->value + a->len, &n))
		n = (struct cov_count){ .value = 1 }; /* fits nothing */
	r->conditions[r->nconditions++] = (unsigned)(n.value < 1000 ? n.value : 1000);
}

/*
 * Which branches were taken?  Conditions tell where each stands for `ways` branches, all of them
 * together give the sum, and none leaves a choice.
 */
static bool conditions_fit(const struct reading *r, unsigned ways)
{
	uint64_t taken = 0;

	if (r->nconditions * ways != r->line.nbranches)
		return false;
	for (size_t i = 0; i < r->nconditions; i++) {
		if (r->conditions[i] > 100 || r->conditions[i] * ways % 100 != 0)
			return false;
		taken += r->conditions[i] * ways / 100;
	}
	return taken == r->line.ntaken;
}

static void add_line(struct reading *r, const struct line *from, unsigned ways)
{
	struct cov_line *l = cov_line(r->file, from->number);

	cov_add(&l->hits, from->hits);
	for (uint32_t i = 0; i < from->nbranches; i++) {
		bool is_taken = i < from->ntaken;

		if (ways > 0)
			is_taken = i % ways < r->conditions[i / ways] * ways / 100;
		cov_add(&cov_branch(l, 0, i)->taken, is_taken);
	}
}

static int end_line(struct reading *r, struct err *reterr)
{
	unsigned ways = conditions_fit(r, 1) ? 1 : conditions_fit(r, 2) ? 2 : 0;

	r->in_line = false;
	if (r->line.number == 0)
		return 0;
	if (r->in_method) {
		if (r->first.number == 0 || r->line.number < r->first.number)
			r->first = r->line;
		GROW(r->pending, r->npending, r->cap_pending);
		r->pending[r->npending++] = r->line;
		return 0;
	}
	r->has_lines = true;
	if (!r->file)
		return 0;
	if (!cov_input_reach(&r->in, r->file, r->line.number))
		return err_set(reterr, ERR_LIMIT, r->in.path, xml_line(r->xml),
			       "too many far line numbers for a file of this size");
	add_line(r, &r->line, ways);
	return 0;
}

/* What a name is relative to: the source that has such a file, else the first; NULL: nobody says. */
static const char *source_of(struct reading *r, const char *name, size_t len)
{
	const char *ret = r->nsources > 0 ? r->sources[0] : NULL;
	struct arena mem = { 0 };
	const char *rest = arena_memdup(&mem, name, len);

	for (size_t i = 0; r->nsources > 1 && i < r->nsources; i++) {
		if (fs_exists(fs_join(&mem, r->sources[i], rest))) {
			ret = r->sources[i];
			break;
		}
	}
	arena_release(&mem);
	return ret;
}

static int begin_class(struct reading *r, const struct xml_element *e, struct err *reterr)
{
	const struct xml_attr *name = find_attr(e, "filename");

	if (!name || name->len == 0)
		return bad(r, reterr, "a <class> without a filename");
	if (memchr(name->value, '\0', name->len))
		return bad(r, reterr, "a NUL in a file name");
	bool is_absolute = name->value[0] == '/';
	const char *source = is_absolute ? NULL : source_of(r, name->value, name->len);

	r->in_class = true;
	r->has_lines = false;
	r->npending = 0;
	r->file = cov_input_file(&r->in, source, name->value, name->len, COV_FOREIGN);
	return 0;
}

static int end_class(struct reading *r, struct err *reterr)
{
	for (size_t i = 0; !r->has_lines && r->file && i < r->npending; i++) {
		if (!cov_input_reach(&r->in, r->file, r->pending[i].number))
			return bad(r, reterr, "too many far line numbers for a file of this size");
		add_line(r, &r->pending[i], 0);
	}
	r->in_class = false;
	r->file = NULL;
	return 0;
}

static void begin_method(struct reading *r, const struct xml_element *e)
{
	const struct xml_attr *name = find_attr(e, "name");
	const struct xml_attr *signature = find_attr(e, "signature");

	r->in_method = true;
	r->first = (struct line){ 0 };
	buf_clear(&r->method);
	if (name)
		buf_add(&r->method, name->value, name->len);
	/* overloads differ in nothing else; "()" says nothing */
	if (signature && signature->len > 2 && !memchr(r->method.s, '(', r->method.len))
		buf_add(&r->method, signature->value, signature->len);
}

static void end_method(struct reading *r)
{
	r->in_method = false;
	if (!r->file || r->first.number == 0 || r->method.len == 0 ||
	    memchr(r->method.s, '\0', r->method.len))
		return;
	cov_add(&cov_function(r->in.c, r->file, r->method.s, r->method.len, r->first.number)->hits,
		r->first.hits);
}

static int on_begin(void *ctx, const struct xml_element *e, struct err *reterr)
{
	struct reading *r = ctx;

	if (r->depth++ == 0 && strcmp(e->name, "coverage") != 0)
		return err_set(reterr, ERR_UNSUPPORTED, r->in.path, e->line,
			       "no coverage: <%.100s> in place of Cobertura's <coverage>", e->name);
	if (strcmp(e->name, "packages") == 0)
		r->has_packages = true;
	else if (strcmp(e->name, "source") == 0 && !r->in_class)
		r->in_source = true;
	else if (strcmp(e->name, "class") == 0 && !r->in_class)
		return begin_class(r, e, reterr);
	else if (strcmp(e->name, "method") == 0 && r->in_class && !r->in_method)
		begin_method(r, e);
	else if (strcmp(e->name, "line") == 0 && r->in_class && !r->in_line)
		return begin_line(r, e, reterr);
	else if (strcmp(e->name, "condition") == 0)
		begin_condition(r, e);
	return 0;
}

static int on_text(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct reading *r = ctx;

	(void)reterr;
	if (r->in_source)
		buf_add(&r->source, s, len);
	return 0;
}

static void end_source(struct reading *r)
{
	struct buf *b = &r->source;
	size_t begin = strspn(b->s, " \t\r\n");

	r->in_source = false;
	while (b->len > begin && strchr(" \t\r\n", b->s[b->len - 1]))
		buf_truncate(b, b->len - 1);
	if (b->len > begin && r->nsources < MAX_SOURCES) {
		GROW(r->sources, r->nsources, r->cap_sources);
		r->sources[r->nsources++] = arena_strdup(&r->mem, b->s + begin);
	}
	buf_clear(b);
}

static int on_end(void *ctx, const char *name, struct err *reterr)
{
	struct reading *r = ctx;

	r->depth--;
	if (strcmp(name, "line") == 0 && r->in_line)
		return end_line(r, reterr);
	if (strcmp(name, "method") == 0 && r->in_method)
		end_method(r);
	else if (strcmp(name, "class") == 0 && r->in_class)
		return end_class(r, reterr);
	else if (strcmp(name, "source") == 0 && r->in_source)
		end_source(r);
	return 0;
}

static void on_mended(void *ctx, uint64_t offset_bytes, const char *text)
{
	struct reading *r = ctx;

	cov_warn(r->in.c, r->in.path, "byte %llu: %s", (unsigned long long)offset_bytes, text);
}

int cobertura_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		   struct cov *c, struct err *reterr)
{
	const struct xml_limits limits = { MAX_DEPTH, MAX_ATTRS, MAX_TAG_BYTES };
	struct reading *r = xcalloc(1, sizeof *r);
	const struct xml_sink sink = { r, on_begin, on_text, on_end, on_mended };

	cov_input_init(&r->in, path, len, o, c);
	r->source = r->method = (struct buf)BUF_INIT;
	r->xml = xml_new(path, &sink, &limits);
	int status = xml_feed(r->xml, s, len, reterr);

	if (status == 0)
		status = xml_finish(r->xml, reterr);
	if (status == 0 && !r->has_packages)
		status = err_set(reterr, ERR_UNSUPPORTED, path, 0,
				 "no Cobertura: <coverage> without <packages>");
	xml_free(r->xml);
	buf_release(&r->source);
	buf_release(&r->method);
	arena_release(&r->mem);
	free(r->sources);
	free(r->pending);
	free(r);
	return status;
}
