/* SPDX-License-Identifier: MIT
 *
 * What a <testcase> says, and what it means: frameworks disguise verdicts, each in its own way.
 * docs/formats/junit.md has them all.  A part of junit_read().
 */
#ifndef GW_FORMAT_JUNIT_VERDICT_H
#define GW_FORMAT_JUNIT_VERDICT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "model/outcome.h"

/* The strongest element that was seen.  In this order: an error hides a failure hides a skip. */
enum junit_element { JUNIT_SAID_NOTHING, JUNIT_SAID_SKIPPED, JUNIT_SAID_FAILURE, JUNIT_SAID_ERROR };

struct junit_said {
	enum junit_element element;
	struct buf message, type, text; /* of that element; text of several is joined */
	struct buf status, result;      /* the attributes of those names */
	bool may_fail;                  /* Catch2's [!mayfail], [!shouldfail] */
	bool is_xpass;                  /* our own property */
	bool is_check;                  /* in Check's own XML */
};

void junit_said_init(struct junit_said *s);
void junit_said_release(struct junit_said *s);
void junit_said_clear(struct junit_said *s);

/* Results that Meson leaves out of its JUnit file, by name of the test. */
struct junit_meson {
	struct arena mem;
	struct map results; /* name to enum outcome */
};

/* Read the testlog.json beside a testlog.junit.xml; nothing there is an empty list, and so is one
 * that does not read. */
void junit_meson_read(const char *junit_path, struct junit_meson *ret);
void junit_meson_release(struct junit_meson *m);

/*
 * The outcome; message and type may be set or changed.  *ret_note: what was undone, for a warning;
 * NULL: nothing.  `name` is the case's, `meson` may be NULL.
 */
enum outcome junit_judge(struct junit_said *s, const struct buf *name,
			 const struct junit_meson *meson, const char **ret_note);

#endif
