#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intern.h"

enum { MAX_FILE_BYTES = 1024 * 1024 };

struct setting {
	const char *key, *value; /* both interned */
};

struct conf {
	struct intern *strings;
	struct setting *settings;
	size_t n, cap;
};

static int is_key_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct setting *find(const struct conf *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->settings[i].key, key) == 0)
			return &c->settings[i];
	}
	return NULL;
}

static const char *set(struct conf *c, const char *key, const char *value)
{
	struct setting *old;

	if (!key || !value)
		return "out of memory";
	old = find(c, key);
	if (old) {
		old->value = value;
		return NULL;
	}
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 8;
		struct setting *bigger = realloc(c->settings, cap * sizeof *bigger);

		if (!bigger)
			return "out of memory";
		c->settings = bigger;
		c->cap = cap;
	}
	c->settings[c->n++] = (struct setting){ key, value };
	return NULL;
}

/* One line from s to end; what is wrong with it, or NULL. */
static const char *parse_line(struct conf *c, const char *s, const char *end)
{
	const char *key, *key_end;

	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	if (s == end || *s == '#')
		return NULL;
	key = s;
	while (s < end && is_key_byte(*s))
		s++;
	key_end = s;
	if (key == key_end)
		return "a line begins with a key";
	while (s < end && is_blank(*s))
		s++;
	if (s == end || *s != '=')
		return "no '=' behind the key";
	s++;
	while (s < end && is_blank(*s))
		s++;
	return set(c, intern_bytes(c->strings, key, (size_t)(key_end - key)),
		   intern_bytes(c->strings, s, (size_t)(end - s)));
}

struct conf *conf_parse(const char *text, size_t len, struct conf_error *error)
{
	const char *s = text, *end = text + len;
	struct conf *c = calloc(1, sizeof *c);
	const char *wrong = "out of memory";
	unsigned line = 0;

	if (c && (c->strings = intern_new()))
		wrong = NULL;
	while (!wrong && s < end) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));

		if (!eol)
			eol = end;
		line++;
		wrong = parse_line(c, s, eol);
		s = eol < end ? eol + 1 : end;
	}
	if (!wrong)
		return c;
	*error = (struct conf_error){ line, wrong };
	conf_free(c);
	return NULL;
}

struct conf *conf_read(const char *path, struct conf_error *error)
{
	FILE *in = fopen(path, "rb");
	char *text = malloc(MAX_FILE_BYTES);
	struct conf *c = NULL;
	size_t len;

	*error = (struct conf_error){ 0, in ? "out of memory" : strerror(errno) };
	if (in && text) {
		len = fread(text, 1, MAX_FILE_BYTES, in);
		if (ferror(in))
			error->message = "cannot be read";
		else if (len == MAX_FILE_BYTES)
			error->message = "too large";
		else
			c = conf_parse(text, len, error);
	}
	free(text);
	if (in)
		fclose(in);
	return c;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	intern_free(c->strings);
	free(c->settings);
	free(c);
}

const char *conf_get(const struct conf *c, const char *key, const char *fallback)
{
	const struct setting *s = find(c, key);

	return s ? s->value : fallback;
}

long conf_number(const struct conf *c, const char *key, long fallback)
{
	const char *value = conf_get(c, key, "");
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	return *value && !*end && errno == 0 ? n : fallback;
}

size_t conf_count(const struct conf *c)
{
	return c->n;
}
