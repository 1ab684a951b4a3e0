/* SPDX-License-Identifier: MIT
 *
 * Reading XML that other programs write, as a stream: bytes go in as they come, elements come out.
 * The only code that knows libxml2.
 *
 * No entity, DTD, XInclude or network is ever followed: the parser sees nothing but elements and
 * text, as xml_clean.h hands them on.  What frameworks commonly get wrong is mended on the way,
 * each with a warning.  Several roots may follow each other (cmocka appends a second one).
 */
#ifndef GW_FORMAT_XML_H
#define GW_FORMAT_XML_H

struct err;
struct xml;

struct xml_attr {
	const char *name;  /* without a namespace prefix */
	const char *value; /* UTF-8, not NUL-terminated */
	size_t len;
};

struct xml_element {
	const char *name; /* without a namespace prefix */
	const struct xml_attr *attrs;
	size_t nattrs;
	unsigned line;
};

/* What a callback returns below 0 ends the reading with the error it set. */
struct xml_sink {
	void *ctx;
	int (*begin)(void *ctx, const struct xml_element *e, struct err *reterr);
	/* A piece of text; one text may come in many. */
	int (*text)(void *ctx, const char *s, size_t len, struct err *reterr);
	int (*end)(void *ctx, const char *name, struct err *reterr);
	/* Something was mended.  NULL: nobody listens. */
	void (*warning)(void *ctx, uint64_t offset_bytes, const char *text);
};

/* Beyond these it is ERR_LIMIT. */
struct xml_limits {
	unsigned depth;   /* elements inside each other */
	unsigned attrs;   /* of one tag */
	size_t tag_bytes; /* one tag with all its attributes */
};

/* `path` names the input in messages.  path and sink outlive the reader. */
struct xml *xml_new(const char *path, const struct xml_sink *sink, const struct xml_limits *limits);
/* -1: ERR_SYNTAX or ERR_LIMIT with path and line; after that the reader is only good to be freed.
 * Every element that ended before was handed on. */
int xml_feed(struct xml *x, const void *s, size_t len, struct err *reterr);
/* The input is over.  An open element, or none at all, is ERR_SYNTAX. */
int xml_finish(struct xml *x, struct err *reterr);
void xml_free(struct xml *x); /* NULL is fine */

/* Where the parser is, for callbacks.  The offset is that of the input; it is out by the few bytes
 * that were mended just there. */
unsigned xml_line(const struct xml *x);
uint64_t xml_offset(const struct xml *x);

#endif
