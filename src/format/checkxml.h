/* SPDX-License-Identifier: MIT
 *
 * What libcheck says of its tests, read while it is written: its XML (CK_XML_LOG_FILE_NAME) and,
 * for programs that send that elsewhere, its log (CK_LOG_FILE_NAME).  Both are written test by
 * test through a pipe.  A program with several SRunners writes several documents, one behind the
 * other; that is no error here, nor is a document that ends in the middle.  A document inside of
 * another is of a program that a test ran, and is passed over.
 *
 * Not libxml2: the input is many documents, each made by one printf per element, and must be told
 * apart at once.  Bounds: CHECKXML_TEXT_BYTES of one name or message are kept.
 */
#ifndef GW_FORMAT_CHECKXML_H
#define GW_FORMAT_CHECKXML_H

enum { CHECKXML_TEXT_BYTES = 1 << 20 };

enum check_verdict { CHECK_PASSED, CHECK_FAILED, CHECK_ERROR };

/* One run of one test.  XML brings names without any byte but printable ASCII. */
struct check_case {
	const char *suite, *tcase, *name;
	uint64_t iteration; /* as uint32_t: a loop may begin below 0 */
	enum check_verdict verdict;
	bool is_setup;    /* log only: a fixture failed */
	const char *file; /* where it failed or passed last; "" if unknown */
	unsigned line;
	uint64_t time_us; /* TIME_UNKNOWN: not measured (everything that did not pass) */
	const char *message;
};

struct check_hooks {
	void *ctx;
	/* A suite begins to run. */
	void (*suite)(void *ctx, const char *name);
	/* A test has ended.  Strings live until the hook returns. */
	void (*ended)(void *ctx, const struct check_case *c);
};

struct checkxml;
struct checkxml *checkxml_new(const struct check_hooks *hooks);
void checkxml_read(struct checkxml *x, const char *s, size_t len);
/* How many documents have been begun, and how many of them are whole. */
size_t checkxml_begun(const struct checkxml *x);
size_t checkxml_ended(const struct checkxml *x);
/* NULL is fine. */
void checkxml_free(struct checkxml *x);

/*
 * The log, and what the program prints under CK_VERBOSITY=normal: FILE:LINE:PFES:TCASE:TEST:N:
 * TEXT, where the text may go on in further lines.  Ended is said when the next line shows that
 * the text is over.
 */
struct checklog;
struct checklog *checklog_new(const struct check_hooks *hooks);
void checklog_read(struct checklog *l, const char *s, size_t len);
/* No more bytes will come: say the last test. */
void checklog_end(struct checklog *l);
/* How many runs (SRunners) have begun a suite, and how many have said their results. */
size_t checklog_begun(const struct checklog *l);
size_t checklog_ended(const struct checklog *l);
void checklog_free(struct checklog *l);

#endif
