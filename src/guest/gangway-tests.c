/* SPDX-License-Identifier: MIT */
#include "gangway-tests.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { WORD_MAX_BYTES = 64, MESSAGE_MAX_BYTES = 400, DETAIL_MAX_BYTES = 2000 };

static struct {
	enum guest_mode mode;
	int fd;      /* of the list, or of stdout as we found it */
	pid_t pid;   /* a child of a test says nothing */
	size_t next; /* number of the next test */
	char word[WORD_MAX_BYTES];
	struct chosen {
		size_t number;
		int place;
		char *names; /* suite TAB name, as in the file */
	} * chosen;          /* sorted by number */
	size_t nchosen, at;
} guest;

/* --- text ------------------------------------------------------------------------------------ */

/* One message, that goes out in one piece; what does not fit is cut. */
struct text {
	char s[PIPE_BUF];
	size_t len;
};

enum { TAIL_BYTES = 4 }; /* kept free for the end of a message */

static void put_bytes(struct text *t, const char *s, size_t len)
{
	size_t room = sizeof t->s - TAIL_BYTES - t->len;

	if (len > room)
		len = room;
	memcpy(t->s + t->len, s, len);
	t->len += len;
}

static void put_text(struct text *t, const char *s)
{
	put_bytes(t, s, strlen(s));
}

static void put_number(struct text *t, unsigned long n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lu", n);
	put_text(t, digits);
}

/* As quote_tsv() of gangway. */
static void put_quoted(struct text *t, const char *s, size_t max)
{
	for (size_t i = 0; s[i] && i < max; i++) {
		unsigned char c = (unsigned char)s[i];
		char escaped[8];

		if (c >= 0x20 && c != 0x7f && c != '\\') {
			put_bytes(t, s + i, 1);
			continue;
		}
		if (sizeof t->s - TAIL_BYTES - t->len < 4)
			return; /* no half of it */
		snprintf(escaped, sizeof escaped, "\\x%02X", c);
		put_text(t, escaped);
	}
}

static void write_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

/* --- what is asked for ----------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const struct chosen *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void read_chosen(const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!f || (len = getline(&line, &cap, f)) <= 1 || len > WORD_MAX_BYTES)
		guest_refuse("cannot read which tests are to run");
	memcpy(guest.word, line, (size_t)len - 1);
	while ((len = getline(&line, &cap, f)) > 0) {
		char *names = NULL;
		size_t number = strtoul(line, &names, 10);

		line[strcspn(line, "\n")] = '\0';
		guest.chosen = realloc(guest.chosen, (guest.nchosen + 1) * sizeof *guest.chosen);
		if (!guest.chosen || *names != '\t')
			guest_refuse("cannot read which tests are to run");
		guest.chosen[guest.nchosen] =
			(struct chosen){ number, (int)guest.nchosen, strdup(names + 1) };
		guest.nchosen++;
	}
	free(line);
	fclose(f);
	unlink(path);
	qsort(guest.chosen, guest.nchosen, sizeof *guest.chosen, by_number);
}

/* What a test starts is not preloaded, but for what was there before us. */
static void restore_environment(void)
{
	const char *before = getenv("GANGWAY_TESTS_LD_PRELOAD");

	if (before && *before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv("GANGWAY_TESTS_LD_PRELOAD");
	unsetenv("GANGWAY_TESTS");
}

__attribute__((constructor)) static void begin(void)
{
	static const char head[] = "guest\t1\n";
	const char *asked = getenv("GANGWAY_TESTS");
	char told[PATH_MAX + 8];

	if (!asked)
		return;
	snprintf(told, sizeof told, "%s", asked);
	restore_environment();
	guest.pid = getpid();
	if (strncmp(told, "list ", 5) == 0) {
		guest.mode = GUEST_LIST;
		guest.fd = atoi(told + 5);
		fcntl(guest.fd, F_SETFD, FD_CLOEXEC);
		write_all(guest.fd, head, sizeof head - 1);
	} else if (strncmp(told, "run ", 4) == 0) {
		guest.mode = GUEST_RUN;
		guest.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
		read_chosen(told + 4);
	} else {
		guest_refuse("gangway asks for something that it does not know");
	}
}

enum guest_mode guest_mode(void)
{
	return guest.mode;
}

/* --- listing and choosing -------------------------------------------------------------------- */

/* Where the program's own file has this address: what a debugger's information is about. */
static unsigned long address_in_file(const void *function)
{
	Dl_info of_function, of_program;

	if (!function || !dladdr(function, &of_function) ||
	    !dladdr((const void *)(uintptr_t)getauxval(AT_PHDR), &of_program) ||
	    of_function.dli_fbase != of_program.dli_fbase)
		return 0;
	const ElfW(Ehdr) *head = of_program.dli_fbase;

	return (uintptr_t)function - (head->e_type == ET_DYN ? (uintptr_t)head : 0);
}

static void list_test(const char *suite, const char *name, const void *function, const char *skip)
{
	struct text t = { .len = 0 };
	char address[24];

	snprintf(address, sizeof address, "\t%lx\t", address_in_file(function));
	put_text(&t, "test\t");
	put_quoted(&t, suite, SIZE_MAX);
	put_text(&t, "\t");
	put_quoted(&t, name, SIZE_MAX);
	put_text(&t, address);
	put_quoted(&t, skip, MESSAGE_MAX_BYTES);
	t.s[t.len++] = '\n';
	write_all(guest.fd, t.s, t.len);
}

int guest_test(const char *suite, const char *name, const void *function, const char *skip)
{
	size_t number = guest.next++;
	struct text names = { .len = 0 };

	if (guest.mode == GUEST_LIST)
		list_test(suite, name, function, skip);
	if (guest.mode != GUEST_RUN || guest.at == guest.nchosen ||
	    guest.chosen[guest.at].number != number)
		return GUEST_NOT_CHOSEN;
	put_quoted(&names, suite, SIZE_MAX);
	put_text(&names, "\t");
	put_quoted(&names, name, SIZE_MAX);
	names.s[names.len] = '\0';
	if (strcmp(names.s, guest.chosen[guest.at].names) != 0)
		guest_refuse("the program has other tests now than when it was listed");
	return guest.chosen[guest.at++].place;
}

/* --- telling --------------------------------------------------------------------------------- */

static void tell_begin(struct text *t, const char *what)
{
	put_text(t, "\033_gangway\t");
	put_text(t, guest.word);
	put_text(t, "\t");
	put_text(t, what);
}

static void tell(struct text *t)
{
	memcpy(t->s + t->len, "\033\\", 2);
	t->len += 2;
	if (getpid() != guest.pid)
		return;
	/* what the test printed comes first */
	fflush(NULL);
	write_all(guest.fd, t->s, t->len);
}

void guest_begins(int place)
{
	struct text t = { .len = 0 };

	tell_begin(&t, "begin\t");
	put_number(&t, (unsigned long)place);
	tell(&t);
}

void guest_ends(int place, const struct guest_verdict *v)
{
	struct text t = { .len = 0 };

	tell_begin(&t, "end\t");
	put_number(&t, (unsigned long)place);
	put_text(&t, "\t");
	put_text(&t, v->outcome);
	put_text(&t, "\t");
	put_number(&t, v->line);
	put_text(&t, "\t");
	put_quoted(&t, v->file, MESSAGE_MAX_BYTES);
	put_text(&t, "\t");
	put_quoted(&t, v->message, MESSAGE_MAX_BYTES);
	put_text(&t, "\t");
	put_quoted(&t, v->detail, DETAIL_MAX_BYTES);
	tell(&t);
}

void guest_refuse(const char *why)
{
	struct text t = { .len = 0 };

	fprintf(stderr, "gangway's guest: %s\n", why);
	if (guest.mode == GUEST_RUN && guest.fd > 0) {
		tell_begin(&t, "refused\t");
		put_quoted(&t, why, MESSAGE_MAX_BYTES);
		tell(&t);
	}
	_exit(GUEST_TESTS_EXIT);
}
