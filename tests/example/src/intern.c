/* An open hash table of owned strings; it doubles when it is three quarters full. */
#include "intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *s;
	size_t len;
	uint64_t hash;
};

struct intern {
	struct entry *slots;
	size_t nslots; /* a power of two */
	size_t count;
};

static uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	return h;
}

/* Where the string is, or the free slot where it belongs. */
static struct entry *find(struct entry *slots, size_t nslots, const char *s, size_t len,
			  uint64_t hash)
{
	size_t i = hash & (nslots - 1);

	while (slots[i].s &&
	       (slots[i].hash != hash || slots[i].len != len || memcmp(slots[i].s, s, len) != 0))
		i = (i + 1) & (nslots - 1);
	return &slots[i];
}

static int grow(struct intern *in)
{
	size_t nslots = in->nslots * 2;
	struct entry *slots = calloc(nslots, sizeof *slots);

	if (!slots)
		return -1;
	for (size_t i = 0; i < in->nslots; i++) {
		const struct entry *old = &in->slots[i];

		if (old->s)
			*find(slots, nslots, old->s, old->len, old->hash) = *old;
	}
	free(in->slots);
	in->slots = slots;
	in->nslots = nslots;
	return 0;
}

struct intern *intern_new(void)
{
	struct intern *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	in->nslots = 16;
	in->slots = calloc(in->nslots, sizeof *in->slots);
	if (!in->slots) {
		free(in);
		return NULL;
	}
	return in;
}

void intern_free(struct intern *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->nslots; i++)
		free(in->slots[i].s);
	free(in->slots);
	free(in);
}

const char *intern_bytes(struct intern *in, const char *s, size_t len)
{
	uint64_t hash = hash_bytes(s, len);
	struct entry *e = find(in->slots, in->nslots, s, len, hash);

	if (e->s)
		return e->s;
	if ((in->count + 1) * 4 > in->nslots * 3) {
		if (grow(in) < 0)
			return NULL;
		e = find(in->slots, in->nslots, s, len, hash);
	}
	e->s = malloc(len + 1);
	if (!e->s)
		return NULL;
	memcpy(e->s, s, len);
	e->s[len] = '\0';
	e->len = len;
	e->hash = hash;
	in->count++;
	return e->s;
}

const char *intern_string(struct intern *in, const char *s)
{
	return intern_bytes(in, s, strlen(s));
}

size_t intern_count(const struct intern *in)
{
	return in->count;
}
