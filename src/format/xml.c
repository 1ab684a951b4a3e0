/* SPDX-License-Identifier: MIT
 *
 * libxml2's push parser behind the cleaner.  Everything stands in one element of our own, so that a
 * second root, or a few words before the first, are no error of the whole.  Of the SAX callbacks
 * only elements, text and errors are set; the tree, entities and DTDs of libxml2 are never built.
 *
 * The library is loaded when the first file is read, by the name that its headers stand for.  Linked, it
 * would bring ICU and the C++ runtime to every start of every worker, which takes longer than all the rest
 * of the start.
 */
#include "format/xml.h"

#include <dlfcn.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/xml_clean.h"

/* Its quotes and name cannot be in the way: no callback is made for it. */
#define WRAP_BEGIN "<all>"
#define WRAP_END   "</all>"

#if LIBXML_VERSION >= 21400
#define LIBRARY "libxml2.so.16"
#else
#define LIBRARY "libxml2.so.2"
#endif

#define FUNCTIONS(X)                                                                               \
	X(xmlByteConsumed)                                                                         \
	X(xmlCreatePushParserCtxt)                                                                 \
	X(xmlCtxtUseOptions)                                                                       \
	X(xmlFreeParserCtxt)                                                                       \
	X(xmlParseChunk)                                                                           \
	X(xmlStopParser)

struct library {
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
};

struct open_element {
	char *name;
	unsigned line;
};

struct xml {
	const char *path;
	const struct xml_sink *sink;
	struct xml_limits limits;
	struct xml_clean clean;
	struct library lib;
	xmlParserCtxtPtr parser; /* NULL: there is no library */
	struct buf clean_bytes;
	uint64_t nclean_bytes;      /* given to the parser before the chunk at hand */
	struct open_element *stack; /* limits.depth of them; names are kept for the next use */
	unsigned depth;             /* without our own element */
	unsigned nroots;
	bool is_inside; /* our own element was seen */
	struct xml_attr *attrs;
	size_t cap_attrs;
	struct err *reterr; /* of the feed at hand */
	bool has_failed;
};

static void stop(struct xml *x)
{
	x->has_failed = true;
	x->lib.xmlStopParser(x->parser);
}

unsigned xml_line(const struct xml *x)
{
	return x->parser && x->parser->input ? (unsigned)x->parser->input->line : x->clean.line;
}

uint64_t xml_offset(const struct xml *x)
{
	long consumed = x->parser ? x->lib.xmlByteConsumed(x->parser) : 0;
	uint64_t wrapped = sizeof WRAP_BEGIN - 1;
	uint64_t clean = consumed > 0 ? (uint64_t)consumed : 0;
	uint64_t total = x->nclean_bytes + x->clean_bytes.len;

	/* behind the last clean byte as far as behind the last byte that was read */
	uint64_t behind = total + wrapped > clean ? total + wrapped - clean : 0;

	return x->clean.offset_bytes > behind ? x->clean.offset_bytes - behind : 0;
}

static int open_element(struct xml *x, const char *name)
{
	if (x->depth == x->limits.depth)
		return err_set(x->reterr, ERR_LIMIT, x->path, xml_line(x),
			       "elements more than %u deep", x->limits.depth);
	struct open_element *top = &x->stack[x->depth++];

	free(top->name);
	top->name = xstrdup(name);
	top->line = xml_line(x);
	if (x->depth == 1 && x->nroots++ > 0)
		xml_clean_mended(&x->clean, XML_MEND_SECOND_ROOT, xml_offset(x), 0);
	return 0;
}

/* libxml2 gives localname, prefix, URI, value, end of value for each attribute. */
static void on_begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int nnamespaces, const xmlChar **namespaces, int nattrs, int ndefaulted,
		     const xmlChar **attrs)
{
	struct xml *x = ctx;

	(void)prefix, (void)uri, (void)nnamespaces, (void)namespaces, (void)ndefaulted;
	if (!x->is_inside) {
		x->is_inside = true;
		return;
	}
	if (x->has_failed)
		return;
	if (open_element(x, (const char *)name) < 0) {
		stop(x);
		return;
	}
	size_t n = nattrs > 0 ? (size_t)nattrs : 0;

	while (n > x->cap_attrs)
		GROW(x->attrs, x->cap_attrs, x->cap_attrs);
	for (size_t i = 0; i < n; i++) {
		const xmlChar **a = attrs + 5 * i;

		x->attrs[i] = (struct xml_attr){ .name = (const char *)a[0],
						 .value = (const char *)a[3],
						 .len = (size_t)(a[4] - a[3]) };
	}
	const struct xml_element e = {
		.name = (const char *)name, .attrs = x->attrs, .nattrs = n, .line = xml_line(x)
	};

	if (x->sink->begin && x->sink->begin(x->sink->ctx, &e, x->reterr) < 0)
		stop(x);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml *x = ctx;

	(void)prefix, (void)uri;
	if (x->has_failed || x->depth == 0)
		return;
	x->depth--;
	if (x->sink->end && x->sink->end(x->sink->ctx, (const char *)name, x->reterr) < 0)
		stop(x);
}

static bool is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(" \t\r\n", s[i]) || s[i] == '\0')
			return false;
	}
	return true;
}

static void on_text(void *ctx, const xmlChar *s, int len)
{
	struct xml *x = ctx;
	const char *text = (const char *)s;

	if (x->has_failed || len <= 0)
		return;
	if (x->depth == 0) {
		if (!is_blank(text, (size_t)len))
			xml_clean_mended(&x->clean, XML_MEND_OUTSIDE, xml_offset(x), 0);
		return;
	}
	if (x->sink->text && x->sink->text(x->sink->ctx, text, (size_t)len, x->reterr) < 0)
		stop(x);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *e)
#else
static void on_error(void *ctx, xmlErrorPtr e)
#endif
{
	struct xml *x = ctx;

	/* what is only a warning, or an error of namespaces, spoils nothing */
	if (e->level != XML_ERR_FATAL || x->has_failed)
		return;
	size_t len = e->message ? strcspn(e->message, "\n") : 0;

	x->has_failed = true;
	err_set(x->reterr, ERR_SYNTAX, x->path, xml_line(x), "%.*s", (int)len,
		e->message ? e->message : "");
}

static void on_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public_id,
		      const xmlChar *system_id, xmlChar *content)
{
	struct xml *x = ctx;

	(void)type, (void)public_id, (void)system_id, (void)content;
	if (x->has_failed)
		return;
	err_set(x->reterr, ERR_SYNTAX, x->path, xml_line(x), "entity '%s' is refused",
		(const char *)name);
	stop(x);
}

static int push(struct xml *x, const char *s, size_t len, bool is_last, struct err *reterr)
{
	enum { PIECE_BYTES = 1 << 20 }; /* what fits the parser's int by far */

	x->reterr = reterr;
	if (!x->parser) {
		x->has_failed = true;
		return err_set(reterr, ERR_MISSING, x->path, 0,
			       "XML cannot be read: there is no " LIBRARY " here");
	}
	do {
		size_t n = len < PIECE_BYTES ? len : PIECE_BYTES;
		int failed = x->lib.xmlParseChunk(x->parser, s, (int)n, is_last && n == len);

		if (failed && !x->has_failed && !x->parser->wellFormed) {
			x->has_failed = true;
			err_set(reterr, ERR_SYNTAX, x->path, xml_line(x), "not well-formed");
		}
		s += n;
		len -= n;
	} while (len > 0 && !x->has_failed);
	return x->has_failed ? -1 : 0;
}

#ifdef GANGWAY_STATIC
static bool load(struct library *l)
{
#define X(name) l->name = name;
	FUNCTIONS(X)
#undef X
	return true;
}
#else
/* Once loaded it stays, so that the next file finds it at once. */
static bool load(struct library *l)
{
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	bool is_whole = handle != NULL;

#define X(name)                                                                                    \
	*(void **)&l->name = handle ? dlsym(handle, #name) : NULL;                                 \
	is_whole = is_whole && l->name;
	FUNCTIONS(X)
#undef X
	if (handle)
		dlclose(handle); /* which it stays loaded behind */
	return is_whole;
}
#endif

struct xml *xml_new(const char *path, const struct xml_sink *sink, const struct xml_limits *limits)
{
	xmlSAXHandler callbacks = { .initialized = XML_SAX2_MAGIC,
				    .startElementNs = on_begin,
				    .endElementNs = on_end,
				    .characters = on_text,
				    .ignorableWhitespace = on_text,
				    .entityDecl = on_entity,
				    .serror = on_error };
	struct xml *x = xcalloc(1, sizeof *x);

	x->path = path;
	x->sink = sink;
	x->limits = *limits;
	x->clean_bytes = (struct buf)BUF_INIT;
	x->stack = xcalloc(limits->depth, sizeof *x->stack);
	x->clean = (struct xml_clean){ .path = path,
				       .max_attrs = limits->attrs,
				       .max_tag_bytes = limits->tag_bytes,
				       .ctx = sink->ctx,
				       .warning = sink->warning };
	xml_clean_init(&x->clean);
	if (!load(&x->lib))
		return x;
	x->parser = x->lib.xmlCreatePushParserCtxt(&callbacks, x, NULL, 0, NULL);
	if (!x->parser) { /* only when there is no memory */
		xml_free(x);
		return NULL;
	}
	/* HUGE lifts libxml2's own limits (10 MB of text, 256 deep): ours are in their place. NOENT
	 * only makes "&amp;" in an attribute come as '&' and not as "&#38;": the cleaner lets no
	 * declaration of an entity through, and on_entity() stops at one. */
	x->lib.xmlCtxtUseOptions(x->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT);
	push(x, WRAP_BEGIN, sizeof WRAP_BEGIN - 1, false, NULL);
	return x;
}

int xml_feed(struct xml *x, const void *s, size_t len, struct err *reterr)
{
	struct err refused = { 0 };
	bool is_refused = false;

	if (x->has_failed)
		return -1;
	x->nclean_bytes += x->clean_bytes.len;
	buf_clear(&x->clean_bytes);
	is_refused = xml_clean_feed(&x->clean, s, len, &x->clean_bytes, &refused) < 0;
	/* what came before the bad place counts */
	if (push(x, x->clean_bytes.s, x->clean_bytes.len, false, reterr) < 0)
		return -1;
	if (is_refused && reterr)
		*reterr = refused;
	x->has_failed = is_refused;
	return is_refused ? -1 : 0;
}

int xml_finish(struct xml *x, struct err *reterr)
{
	if (x->has_failed)
		return -1;
	x->nclean_bytes += x->clean_bytes.len;
	buf_clear(&x->clean_bytes);
	if (xml_clean_finish(&x->clean, &x->clean_bytes, reterr) < 0 ||
	    push(x, x->clean_bytes.s, x->clean_bytes.len, false, reterr) < 0)
		return -1;
	if (x->depth > 0)
		return err_set(reterr, ERR_SYNTAX, x->path, x->clean.line,
			       "the file is cut: it ends inside <%s> of line %u",
			       x->stack[x->depth - 1].name, x->stack[x->depth - 1].line);
	if (x->clean.state != XML_CLEAN_TEXT && x->clean.state != XML_CLEAN_START)
		return err_set(reterr, ERR_SYNTAX, x->path, x->clean.line,
			       "the file is cut: it ends inside a tag");
	if (x->nroots == 0)
		return err_set(reterr, ERR_SYNTAX, x->path, x->clean.line, "%s",
			       x->clean.offset_bytes > 0 ? "no XML: there is no element in it"
							 : "the file is empty");
	return push(x, WRAP_END, sizeof WRAP_END - 1, true, reterr);
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	for (unsigned i = 0; i < x->limits.depth; i++)
		free(x->stack[i].name);
	free(x->stack);
	free(x->attrs);
	xml_clean_release(&x->clean);
	buf_release(&x->clean_bytes);
	if (x->parser)
		x->lib.xmlFreeParserCtxt(x->parser);
	free(x);
}
