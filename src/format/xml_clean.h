/* SPDX-License-Identifier: MIT
 *
 * XML as frameworks write it into XML that a strict parser takes, byte stream to byte stream.
 * One test that prints a control byte must not cost the whole file of a worker.
 *
 * Dropped, newlines kept so that lines count the same: the XML declaration, comments, processing
 * instructions, a document type without declarations.  CDATA becomes plain text.
 * Mended, each with a warning: control bytes (\x1B, visible), invalid UTF-8 and U+FFFE (U+FFFD),
 * character references to these, "]]>" in text, an '&' that begins no known reference, a '<' in an
 * attribute or before what can be no tag.
 * Refused: a document type with declarations, UTF-16, tags over the limits.
 * ISO-8859-1 is read where the declaration says so.
 */
#ifndef GW_FORMAT_XML_CLEAN_H
#define GW_FORMAT_XML_CLEAN_H

#include "base/buf.h"

struct err;

enum xml_clean_state {
	XML_CLEAN_START, /* nothing seen yet */
	XML_CLEAN_TEXT,
	XML_CLEAN_TAG,
	XML_CLEAN_VALUE,
	XML_CLEAN_CDATA,
	XML_CLEAN_COMMENT,
	XML_CLEAN_INSTRUCTION,
	XML_CLEAN_DOCTYPE
};

/* What is mended; each kind is warned of when it is first met, and counted at the end.
 * id, text, has a byte or code point to show */
#define XML_MEND_MAP(X)                                                                            \
	X(CONTROL, "control byte, written as \\xNN", true)                                         \
	X(UTF8, "byte that is not UTF-8, replaced by U+FFFD", true)                                \
	X(NONCHAR, "character that XML cannot carry, replaced by U+FFFD", true)                    \
	X(REFERENCE, "reference to a character that XML cannot carry, replaced", true)             \
	X(CDATA_END, "']]>' in text, escaped", false)                                              \
	X(AMPERSAND, "'&' that begins no reference, escaped", false)                               \
	X(LESS, "'<' that begins no tag, escaped", false)                                          \
	X(OUTSIDE, "text outside of the document, left out", false)                                \
	X(SECOND_ROOT, "another document in the same file, read too", false)                       \
	X(ENCODING, "unknown encoding, read as UTF-8", false)

enum xml_mend {
#define X(id, text, has_value) XML_MEND_##id,
	XML_MEND_MAP(X)
#undef X
		XML_MEND_MAX
};

struct xml_clean {
	const char *path; /* for messages */
	unsigned max_attrs;
	size_t max_tag_bytes;
	void *ctx;
	void (*warning)(void *ctx, uint64_t offset_bytes, const char *text); /* may be NULL */

	/* private */
	enum xml_clean_state state;
	bool is_latin1;
	bool ends_in_bracket; /* the last byte of CDATA handed on was ']' */
	bool is_last;         /* nothing more comes */
	char quote;           /* of the value we are in; in DOCTYPE 0 outside of one */
	unsigned line;        /* 1-based, of the next byte */
	unsigned nattrs;
	size_t tag_bytes;
	uint64_t offset_bytes; /* of the next byte */
	struct buf pending;    /* bytes that wait for what follows */
	uint64_t nmended[XML_MEND_MAX];
	uint64_t last_mended[XML_MEND_MAX];
};

/* Zero the struct and fill the fields above "private", then: */
void xml_clean_init(struct xml_clean *c);
/* Append the clean form of the next bytes to *out.  -1: ERR_SYNTAX, ERR_LIMIT, ERR_UNSUPPORTED with
 * path and line; what was clean before is in *out. */
int xml_clean_feed(struct xml_clean *c, const char *s, size_t len, struct buf *out,
		   struct err *reterr);
/* The end: hand on what waited, count what was mended more than once. */
int xml_clean_finish(struct xml_clean *c, struct buf *out, struct err *reterr);
void xml_clean_release(struct xml_clean *c);

/* Note something mended at an offset; `value`: the byte or code point, where the kind has one. */
void xml_clean_mended(struct xml_clean *c, enum xml_mend kind, uint64_t offset_bytes,
		      unsigned value);

#endif
