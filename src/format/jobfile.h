/* SPDX-License-Identifier: MIT
 *
 * A file of jobs for a build tool, in whichever dialect: Ninja's (ninjafile.c), Make's
 * (makefile.c).  Every name of a rule, an alias or a job that is no file begins with a letter and
 * has only letters, digits, '_', '.', '-' and what stage/graph_names.h lets stand; paths and words are
 * foreign bytes.
 */
#ifndef GW_FORMAT_JOBFILE_H
#define GW_FORMAT_JOBFILE_H

struct buf;

struct jobfile_head {
	const char *default_name; /* what the tool does when nothing is asked for; NULL: what the
				     file around this one says */
	const char *state_dir;    /* where the tool may keep what it remembers; NULL: anywhere */
	unsigned nlanes;          /* lanes 0 .. nlanes-1 may be named in jobs; 0: none */
};

/* The beginning of a command, which many jobs share. */
struct jobfile_rule {
	const char *name;
	const char *const *words;
	size_t nwords;
	bool is_lenient;   /* whatever its exit code, what comes after goes on */
	bool is_live;      /* speaks to the terminal itself */
	bool is_by_inputs; /* other words in the command are no reason to run it again */
};

struct jobfile_job {
	const struct jobfile_rule *rule;
	const char *output;  /* a path; or a name, if is_name */
	bool is_name;        /* no file: runs whenever it is asked for */
	bool is_always;      /* a file, but runs whenever it is asked for */
	const char *args;    /* the rest of the command, as the shell is to see it; "" if none */
	const char **inputs; /* paths and names: runs again if one is newer */
	size_t ninputs;
	const char **after; /* paths and names: over before it begins */
	size_t nafter;
	unsigned lane; /* only one job of a lane runs at a time (if has_pools); NO_INDEX: none */
};

struct jobfile {
	bool has_pools; /* jobs of a lane take turns; else say so with `after` */
	/* Can the path be an input, and an output? */
	bool (*can_say)(const char *path);
	void (*begin)(struct buf *out, const struct jobfile_head *head);
	void (*comment)(struct buf *out, const char *text); /* control bytes are made visible */
	void (*rule)(struct buf *out, const struct jobfile_rule *rule);
	void (*job)(struct buf *out, const struct jobfile_job *job);
	/* A name for several paths or names. */
	void (*alias)(struct buf *out, const char *name, const char *const *paths, size_t n);
	void (*end)(struct buf *out, const struct jobfile_head *head);
};

#endif
