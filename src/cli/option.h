/* SPDX-License-Identifier: MIT
 *
 * Options are rows.  One table says how an option is written, what it takes, where its value goes,
 * its default and its help; the parser, the help text and the man page are made from it.
 *
 * Written as pytest's are: --name VALUE, --name=VALUE, -x VALUE, -xVALUE, -x=VALUE, several
 * flags in one word (-vx), arguments anywhere between them, "--" ends the options.
 *
 * To add an option: a field in the command's struct, a row in its table, and `make man` to bring
 * the man page up to date (a unit test compares).
 */
#ifndef GW_CLI_OPTION_H
#define GW_CLI_OPTION_H

#include "base/arena.h"

struct buf;
struct err;

enum option_kind {
	OPTION_END,       /* the row behind the last; with .more the table goes on there */
	OPTION_FLAG,      /* bool */
	OPTION_UP,        /* int, one more each time (-vv) */
	OPTION_DOWN,      /* int, one less */
	OPTION_STRING,    /* const char *; NULL if not given */
	OPTION_STRINGS,   /* struct option_strings, one more each time */
	OPTION_OPTIONAL,  /* const char *: "" for --name alone, the value for --name=VALUE; NULL */
	OPTION_OPTIONALS, /* struct option_strings: the same, one more each time */
	OPTION_UINT,      /* unsigned; UINT_MAX if not given */
	OPTION_DURATION,  /* uint64_t, microseconds; TIME_UNKNOWN if not given */
	OPTION_SIZE,      /* uint64_t, bytes: 4096, 64K, 1M, 1G */
	OPTION_ENUM,      /* an enum or unsigned; the words are in the row */
	OPTION_LANES,     /* unsigned: a number, LANES_AUTO or LANES_LOGICAL */
	OPTION_ALIAS      /* stands for another option with its value: see .alias_of */
};

enum { LANES_MAX = 4096, LANES_AUTO = LANES_MAX + 1, LANES_LOGICAL = LANES_MAX + 2 };

struct option_word {
	const char *word; /* NULL: the end */
	unsigned value;
	bool is_silent; /* accepted, but not shown */
};

struct option_strings {
	const char **items;
	size_t n;
};

struct option_row {
	enum option_kind kind;
	char letter;       /* 0: none */
	const char *name;  /* NULL: only a letter */
	const char *other; /* a second long name, or NULL */
	size_t offset;     /* of the value in the command's struct */
	const struct option_word *words;
	const char *alias_of; /* "--maxfail=1" */
	const struct option_row *more;
	const char *metavar;      /* as help shows the value */
	const char *default_text; /* read like a value from the command line; NULL: not given */
	const char *help;
	const char *section; /* heading in help; the rows of one stand together */
};

/* Walk a table: the first row and the next one; NULL at the end. */
const struct option_row *option_first(const struct option_row *rows);
const struct option_row *option_next(const struct option_row *row);

/* Words from one place, for messages: NULL is the command line. */
struct option_args {
	const char *const *words;
	size_t nwords;
	const char *origin; /* a file's path, or an environment variable's name */
	unsigned line;      /* in that file; 0 */
};

/* Put every row's default into the struct at `values`, which must be zeroed. */
int option_defaults(const struct option_row *rows, void *values, struct arena *mem,
		    struct err *reterr);

/*
 * Read words into the struct; what is no option is appended to *rest.  Strings are copied to mem.
 * May be called again for further places: what comes later wins, counts and lists go on.
 * ERR_USAGE: one line that names the option and what it accepts.
 */
int option_parse(const struct option_row *rows, const struct option_args *args, void *values,
		 struct arena *mem, struct option_strings *rest, struct err *reterr);

void option_strings_add(struct option_strings *list, struct arena *mem, const char *s);

/* The rows as people read them, at most 80 columns. */
void option_help(const struct option_row *rows, struct buf *out);
/* The same in mdoc: one list to a section. */
void option_man(const struct option_row *rows, struct buf *out);

#endif
