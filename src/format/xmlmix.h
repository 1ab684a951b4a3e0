/* SPDX-License-Identifier: MIT
 *
 * XML that a test framework prints to the stdout of its program, between what the tests print
 * there: which bytes are whose?  libxml2 cannot tell, it stops at the first '<' of a test.
 *
 * A framework writes few kinds of elements, in one way, so each is known by its name, by its place
 * (as many blanks before it as it is deep, where the framework indents) and by who waits for it:
 * hooks.knows.  Everything else is output, byte for byte.
 *
 *   <TestCase name="a" line="6">        frame: output may come between its tags
 *   said by a
 *     <Expression success="false">      block: the framework's own up to </Expression>
 *
 * Limits: tags of 1 MiB, blocks of 16 MiB; what is longer is output.
 */
#ifndef GW_FORMAT_XMLMIX_H
#define GW_FORMAT_XMLMIX_H

struct buf;
struct xmlmix;

/* The elements of a framework; a NULL name ends the list.  "?xml" is the declaration. */
struct xmlmix_word {
	const char *name;
	bool is_block;
};

struct xmlmix_attr {
	const char *name, *value; /* decoded */
};

/* Valid during the call. */
struct xmlmix_tag {
	const char *name;
	bool is_end;   /* </name> */
	bool is_empty; /* <name/>; no end comes */
	const struct xmlmix_attr *attrs;
	size_t nattrs;
	const char *body; /* of a block, as written */
	size_t body_len;
};

struct xmlmix_hooks {
	void *ctx;
	/* Would the framework say this here?  false: a test printed it. */
	bool (*knows)(void *ctx, const struct xmlmix_tag *tag);
	/* It is taken.  What was printed before it has been handed on. */
	void (*tag)(void *ctx, const struct xmlmix_tag *tag);
	void (*output)(void *ctx, const char *s, size_t len);
};

/* `indent`: blanks for each element around; a newline then follows each tag.  0: neither. */
struct xmlmix *xmlmix_new(const struct xmlmix_word *words, unsigned indent,
			  const struct xmlmix_hooks *hooks);
void xmlmix_feed(struct xmlmix *x, const char *s, size_t len);
/* No more comes: what waited is output. */
void xmlmix_finish(struct xmlmix *x);
void xmlmix_free(struct xmlmix *x);

bool xmlmix_is(const struct xmlmix_tag *tag, const char *name);
/* The attribute's value, or NULL. */
const char *xmlmix_attr(const struct xmlmix_tag *tag, const char *name);
/* The text directly in the first element `name` of a block's body (NULL: in the block itself, without
 * its elements), decoded, CDATA as it is, blanks around it cut off.  false: there is no such element. */
bool xmlmix_text(const char *body, size_t len, const char *name, struct buf *ret);
/* The same of the first element's attribute. */
bool xmlmix_inner_attr(const char *body, size_t len, const char *name, const char *attr,
		       struct buf *ret);

#endif
