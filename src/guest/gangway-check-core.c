/* SPDX-License-Identifier: MIT
 *
 * Lists and chooses tests in a Check program; gangway-check.h says how it comes to be there.
 */
#include "gangway-check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- libcheck's structs --------------------------------------------------------------------- */

struct list {
	unsigned n, max;
	int current, last;
	void **data;
};

struct ttest {
	const char *name;
	void (*fn)(int);
	const char *file;
	int line;
};

struct tf {
	const struct ttest *ttest;
	int start, end, signal;
	signed char exit_code;
};

struct suite {
	const char *name;
	struct list *tcases;
};

struct tcase {
	const char *name;
	struct timespec timeout;
	struct list *tests;
	struct list *unchecked_setup, *unchecked_teardown;
	struct list *checked_setup, *checked_teardown;
	struct list *tags;
};

struct fixture {
	int is_checked;
	void (*fun)(void);
};

struct SRunner {
	struct list *suites;
	void *stats;
	struct list *results;
	const char *log, *xml, *tap;
	struct list *logs;
	int fork_status;
};

/* --- state: the program has one thread while it runs tests ---------------------------------- */

enum mode { MODE_NONE, MODE_LIST, MODE_RUN, MODE_SERVE };

static struct {
	enum mode mode;
	int fd; /* of a list or a server */
	int nrunners;
	int version[3];
} guest;

void guest_set_version(int major, int minor, int micro)
{
	guest.version[0] = major;
	guest.version[1] = minor;
	guest.version[2] = micro;
}

static bool is_known_version(void)
{
	return guest.version[0] == 0 && guest.version[1] >= 13 && guest.version[1] <= 15;
}

void *guest_allocate(size_t n, size_t size)
{
	static struct block {
		_Alignas(max_align_t) struct block *next;
	} * blocks;
	struct block *b =
		size && n > (SIZE_MAX - sizeof *b) / size ? NULL : calloc(1, sizeof *b + n * size);

	if (!b)
		guest_refuse("out of memory");
	b->next = blocks;
	blocks = b;
	return b + 1;
}

/* --- writing -------------------------------------------------------------------------------- */

static struct {
	char bytes[8192];
	size_t len;
} out;

static void write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(guest.fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(GUEST_EXIT); /* nobody listens */
		s += n;
		len -= (size_t)n;
	}
}

static void put_flush(void)
{
	write_all(out.bytes, out.len);
	out.len = 0;
}

static void put_byte(char c)
{
	if (out.len == sizeof out.bytes)
		put_flush();
	out.bytes[out.len++] = c;
}

static void put_text(const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; s && *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != 0x7f && c != '\\') {
			put_byte(*s);
			continue;
		}
		put_byte('\\');
		put_byte('x');
		put_byte(hex[c >> 4]);
		put_byte(hex[c & 15]);
	}
}

static void put_field(const char *s)
{
	put_byte('\t');
	put_text(s);
}

static void put_number(long n)
{
	char text[24];

	snprintf(text, sizeof text, "\t%ld", n);
	for (const char *s = text; *s; s++)
		put_byte(*s);
}

void guest_refuse(const char *why)
{
	if (guest.mode == MODE_LIST) {
		put_text("refused");
		put_field(why);
		put_byte('\n');
		put_flush();
	}
	fprintf(stderr, "gangway: %s\n", why);
	_exit(GUEST_EXIT);
}

/* --- what Check would run ------------------------------------------------------------------- */

static bool has_tag(const struct tcase *c, const char *word, size_t len)
{
	for (unsigned i = 0; i < c->tags->n; i++) {
		const char *tag = c->tags->data[i];

		if (strlen(tag) == len && memcmp(tag, word, len) == 0)
			return true;
	}
	return false;
}

static bool has_any_tag(const struct tcase *c, const char *tags)
{
	while (*(tags += strspn(tags, " "))) {
		size_t len = strcspn(tags, " ");

		if (has_tag(c, tags, len))
			return true;
		tags += len;
	}
	return false;
}

/* What the call was not told the environment says. */
static struct guest_call complete(const struct guest_call *from)
{
	struct guest_call call = *from;

	call.suite = call.suite ? call.suite : getenv("CK_RUN_SUITE");
	call.tcase = call.tcase ? call.tcase : getenv("CK_RUN_CASE");
	call.include_tags = call.include_tags ? call.include_tags : getenv("CK_INCLUDE_TAGS");
	call.exclude_tags = call.exclude_tags ? call.exclude_tags : getenv("CK_EXCLUDE_TAGS");
	return call;
}

static bool takes(const struct guest_call *call, const struct suite *s, const struct tcase *c)
{
	return (!call->suite || strcmp(call->suite, s->name) == 0) &&
	       (!call->tcase || strcmp(call->tcase, c->name) == 0) &&
	       (!call->include_tags || has_any_tag(c, call->include_tags)) &&
	       (!call->exclude_tags || !has_any_tag(c, call->exclude_tags));
}

/* --- listing -------------------------------------------------------------------------------- */

static void list_tcase(const struct suite *s, const struct tcase *c)
{
	put_text("tcase");
	put_field(s->name);
	put_field(c->name);
	put_number((long)c->timeout.tv_sec);
	char part[8];

	snprintf(part, sizeof part, ".%03ld", c->timeout.tv_nsec / 1000000 % 1000);
	put_text(part);
	put_field(c->unchecked_setup->n + c->unchecked_teardown->n > 0 ? "u" : "");
	put_text(c->checked_setup->n + c->checked_teardown->n > 0 ? "c" : "");
	for (unsigned i = 0; i < c->tags->n || i == 0; i++) {
		put_byte(i > 0 ? ' ' : '\t');
		put_text(i < c->tags->n ? c->tags->data[i] : "");
	}
	put_byte('\n');
	for (unsigned i = 0; i < c->tests->n; i++) {
		const struct tf *t = c->tests->data[i];

		put_text("test");
		put_field(t->ttest->name);
		put_field(t->ttest->file);
		put_number(t->ttest->line);
		put_number(t->signal);
		put_number(t->exit_code);
		put_number(t->start);
		put_number(t->end);
		put_byte('\n');
	}
}

static void list_runner(const struct guest_call *given)
{
	const struct guest_call call = complete(given);
	const struct SRunner *r = call.runner;

	put_text("runner");
	put_number(guest.nrunners++);
	put_number(r->xml != NULL);
	put_byte('\n');
	for (unsigned i = 0; i < r->suites->n; i++) {
		const struct suite *s = r->suites->data[i];

		for (unsigned k = 0; k < s->tcases->n; k++) {
			if (takes(&call, s, s->tcases->data[k]))
				list_tcase(s, s->tcases->data[k]);
		}
	}
	put_text("ran");
	put_byte('\n');
	put_flush();
}

/* --- running what was chosen ------------------------------------------------------------------ */

static void add_end(struct list *l, void *value)
{
	if (l->n == l->max) {
		unsigned max = l->max ? 2 * l->max : 16;
		void **data = guest_allocate(max, sizeof *data);

		if (l->n > 0)
			memcpy(data, l->data, l->n * sizeof *data);
		l->data = data;
		l->max = max;
	}
	l->data[l->n++] = value;
	l->current = l->last = (int)l->n - 1; /* as check_list_add_end() leaves it */
}

static struct list *new_list(void)
{
	struct list *l = guest_allocate(1, sizeof *l);

	l->current = l->last = -1;
	return l;
}

/* The chosen tests of a TCase; one run each. */
static struct list *choose_tests(const struct suite *s, const struct tcase *c)
{
	struct list *chosen = new_list();

	for (unsigned k = 0; k < c->tests->n; k++) {
		const struct tf *t = c->tests->data[k];

		for (int i = t->start; i < t->end; i++) {
			if (!guest_is_chosen(s->name, c->name, t->ttest->name, i))
				continue;
			struct tf *one = guest_allocate(1, sizeof *one);

			*one = *t;
			one->start = i;
			one->end = i + 1;
			add_end(chosen, one);
		}
	}
	return chosen;
}

static void flush_output(void)
{
	fflush(NULL);
}

/* Without a fork what a test prints would wait for the end of the program: it goes out with the
 * test, behind the TCase's own teardown. */
static struct list *with_flush(const struct list *teardown)
{
	static struct fixture fixture = { 1, flush_output };
	struct list *l = new_list();

	for (unsigned i = 0; i < teardown->n; i++)
		add_end(l, teardown->data[i]);
	add_end(l, &fixture);
	return l;
}

static bool is_forking(const struct SRunner *r)
{
	enum { FORK_GETENV, FORK_YES };
	const char *mode = getenv("CK_FORK");

	return r->fork_status == FORK_YES ||
	       (r->fork_status == FORK_GETENV && !(mode && strcmp(mode, "no") == 0));
}

/* The TCase with its chosen tests alone; NULL: none was.  A copy, for a suite may be run twice. */
static struct tcase *narrow_tcase(const struct SRunner *r, const struct suite *s,
				  const struct tcase *c)
{
	struct list *tests = choose_tests(s, c);

	if (tests->n == 0)
		return NULL;
	struct tcase *copy = guest_allocate(1, sizeof *copy);

	*copy = *c;
	copy->tests = tests;
	if (!is_forking(r))
		copy->checked_teardown = with_flush(c->checked_teardown);
	return copy;
}

static struct suite *narrow_suite(const struct guest_call *call, const struct suite *s)
{
	struct suite *copy = guest_allocate(1, sizeof *copy);

	*copy = *s;
	copy->tcases = new_list();
	for (unsigned k = 0; k < s->tcases->n; k++) {
		const struct tcase *c = s->tcases->data[k];
		struct tcase *narrow = takes(call, s, c) ? narrow_tcase(call->runner, s, c) : NULL;

		if (narrow)
			add_end(copy->tcases, narrow);
	}
	return copy->tcases->n > 0 ? copy : NULL;
}

static void run_chosen(const struct guest_call *given, guest_run_fn real)
{
	const struct guest_call call = complete(given);
	struct SRunner *r = call.runner;
	struct list *all = r->suites;
	struct list *chosen = new_list();

	for (unsigned i = 0; i < all->n; i++) {
		struct suite *s = narrow_suite(&call, all->data[i]);

		if (s)
			add_end(chosen, s);
	}
	r->suites = chosen;
	real(r, given->suite, given->tcase, given->include_tags, given->exclude_tags,
	     given->print_mode);
	r->suites = all;
}

/* --- the call ------------------------------------------------------------------------------- */

void guest_run(const struct guest_call *call, guest_run_fn real)
{
	if (guest.mode != MODE_NONE && !is_known_version())
		guest_refuse("this libcheck is none of 0.13 to 0.15");
	if (guest.mode == MODE_SERVE)
		guest_serve(guest.fd);
	if (guest.mode == MODE_LIST && call->runner)
		list_runner(call);
	else if (guest.mode == MODE_RUN && call->runner)
		run_chosen(call, real);
	else if (guest.mode == MODE_NONE)
		real(call->runner, call->suite, call->tcase, call->include_tags, call->exclude_tags,
		     call->print_mode);
}

static void begin_list(void)
{
	char version[40];

	/* what a TCase was told of its time, not what the environment makes of it */
	unsetenv("CK_DEFAULT_TIMEOUT");
	unsetenv("CK_TIMEOUT_MULTIPLIER");
	snprintf(version, sizeof version, "%d.%d.%d", guest.version[0], guest.version[1],
		 guest.version[2]);
	put_text("check");
	put_number(GUEST_PROTOCOL);
	put_field(version);
	put_byte('\n');
	put_flush();
}

/* The number behind the word; -1: it is another word. */
static int number_behind(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 ? (int)strtol(text + len, NULL, 10) : -1;
}

/* The variable is for this program, not for what its tests start. */
void guest_begin(void)
{
	const char *told = getenv("GANGWAY_CHECK");

	if (!told)
		return;
	if (number_behind(told, "list ") >= 0) {
		guest.fd = number_behind(told, "list ");
		guest.mode = MODE_LIST;
		begin_list();
	} else if (number_behind(told, "serve ") >= 0) {
		guest.fd = number_behind(told, "serve ");
		fcntl(guest.fd, F_SETFD, FD_CLOEXEC);
		if (strstr(told, " bound"))
			unsetenv("LD_BIND_NOW"); /* it was for our own start */
		guest.mode = MODE_SERVE;
	} else if (strncmp(told, "run ", 4) == 0) {
		guest_choose(told + 4);
		guest.mode = MODE_RUN;
	} else {
		guest_refuse("GANGWAY_CHECK says what this guest does not know");
	}
	unsetenv("GANGWAY_CHECK");
}
