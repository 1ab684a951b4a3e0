/* SPDX-License-Identifier: MIT
 *
 * The file of chosen tests: which runs of a Check program's tests are among them.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gangway-check.h"

/* A line of the file. */
struct choice {
	char *fields[3]; /* suite, TCase, name */
	long iteration, occurrence;
	long nseen; /* of the same names and iteration */
	uint64_t hash;
	struct choice *next; /* in its bucket */
};

static struct {
	struct choice *choices;
	struct choice **buckets;
	size_t nchoices, nbuckets;
} chosen;

static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h * 31 + 1;
}

static uint64_t hash_names(const char *suite, const char *tcase, const char *name, long iteration)
{
	uint64_t h = hash_text(UINT64_C(0xcbf29ce484222325), suite);

	h = hash_text(hash_text(h, tcase), name) ^
	    (uint64_t)iteration * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		int high = s[0] == '\\' && s[1] == 'x' ? hex_digit(s[2]) : -1;
		int low = high >= 0 ? hex_digit(s[3]) : -1;

		*to++ = low >= 0 ? (char)(high * 16 + low) : *s;
		s += low >= 0 ? 4 : 1;
	}
	*to = '\0';
}

/* The file, NUL-terminated.  No stdio: a child's exit() would move the place of a shared file. */
static char *read_file(const char *file)
{
	struct stat st;
	size_t len = 0;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		guest_refuse("cannot read the file of chosen tests");
	char *s = guest_allocate((size_t)st.st_size + 1, 1);

	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, s + len, (size_t)st.st_size - len);

		if (n <= 0)
			guest_refuse("cannot read the file of chosen tests");
		len += (size_t)n;
	}
	close(fd);
	return s;
}

static void add_choice(char *line)
{
	struct choice *c = &chosen.choices[chosen.nchoices];
	const char *numbers[2];

	for (size_t i = 0; i < 5; i++) {
		char *field = strsep(&line, "\t");

		if (!field)
			guest_refuse("the file of chosen tests is damaged");
		if (i < 3) {
			unescape(field);
			c->fields[i] = field;
		} else {
			numbers[i - 3] = field;
		}
	}
	c->iteration = (int)strtol(numbers[0], NULL, 10);
	c->occurrence = strtol(numbers[1], NULL, 10);
	c->hash = hash_names(c->fields[0], c->fields[1], c->fields[2], c->iteration);
	struct choice **bucket = &chosen.buckets[c->hash & (chosen.nbuckets - 1)];

	c->next = *bucket;
	*bucket = c;
	chosen.nchoices++;
}

void guest_choose(const char *file)
{
	char *rest = read_file(file); /* the choices point into it */
	size_t n = 0;

	for (const char *s = rest; *s; s++)
		n += *s == '\n';
	chosen.nbuckets = 16;
	while (chosen.nbuckets < n)
		chosen.nbuckets *= 2;
	chosen.buckets = guest_allocate(chosen.nbuckets, sizeof(void *));
	chosen.choices = guest_allocate(n, sizeof *chosen.choices);
	for (char *line; chosen.nchoices < n && (line = strsep(&rest, "\n"));)
		add_choice(line);
}

bool guest_is_chosen(const char *suite, const char *tcase, const char *name, int iteration)
{
	uint64_t hash = hash_names(suite, tcase, name, iteration);
	bool ret = false;

	for (struct choice *k = chosen.buckets[hash & (chosen.nbuckets - 1)]; k; k = k->next) {
		if (k->hash == hash && k->iteration == iteration &&
		    strcmp(k->fields[2], name) == 0 && strcmp(k->fields[1], tcase) == 0 &&
		    strcmp(k->fields[0], suite) == 0)
			ret = k->nseen++ == k->occurrence || ret;
	}
	return ret;
}
