/* SPDX-License-Identifier: MIT
 *
 * Exercises format/covhtml*.c and quote_html().  The input is a path, a function's name and a source,
 * with NULs between.  Properties: the pages have as many '<', '>', '"' and ''' as where the input has
 * an 'x' for each of its own and for each '&', so it can neither begin nor end markup; they are UTF-8
 * without control bytes but TAB and newline.
 */
#include <assert.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "format/cov_write.h"
#include "format/covhtml.h"
#include "model/cov.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 5 };

struct marks {
	size_t n[256];
};

static void check_text(const char *s, size_t len)
{
	for (size_t i = 0, n = 0; i < len; i += n) {
		int32_t cp = utf8_next(s + i, len - i, &n);

		assert(cp >= 0x20 || cp == '\t' || cp == '\n');
		assert(cp != 0x7f && !(cp >= 0x202a && cp <= 0x202e));
	}
}

static void count(FILE *out, char **text, size_t *len, struct marks *ret)
{
	fclose(out);
	check_text(*text, *len);
	for (size_t i = 0; i < *len; i++)
		ret->n[(unsigned char)(*text)[i]]++;
	free(*text);
}

static void write_all(const char *path, const char *function, const char *text, size_t text_len,
		      struct marks *ret)
{
	const struct cov_write_options o = { .rootdir = path };
	const struct covhtml_source source = { .text = text, .len = text_len };
	struct cov c = { 0 };
	struct cov_file *f = cov_file(&c, path, strlen(path), COV_BLOCKS);
	char *out = NULL;
	size_t len = 0;

	cov_function(&c, f, function, strlen(function), 1)->hits = text_len;
	for (uint32_t i = 1; i <= LINES; i++) {
		cov_line(f, i)->hits = i % 2;
		cov_branch(cov_line(f, i), 0, i)->taken = i % 3;
	}
	cov_sort(&c);
	struct covhtml *h = covhtml_new(&c, &o, true);
	FILE *stream = open_memstream(&out, &len);

	if (covhtml_write_page(h, 0, &source, stream) < 0)
		assert(!"memory cannot be written");
	count(stream, &out, &len, ret);
	stream = open_memstream(&out, &len);
	if (covhtml_write_index(h, stream) < 0)
		assert(!"memory cannot be written");
	count(stream, &out, &len, ret);
	covhtml_free(h);
	cov_release(&c);
}

static void write_input(const char *s, size_t len, struct marks *ret)
{
	const char *path = s;
	const char *function = path + strlen(path) + (strlen(path) < len);
	size_t used = (size_t)(function - s) + strlen(function);

	used += used < len;
	write_all(path, function, s + used, len - used, ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = xmemdup(data, size);
	struct marks raw = { 0 }, tame = { 0 };

	write_input(s, size, &raw);
	for (size_t i = 0; i < size; i++) {
		if (s[i] != '\0' && strchr("<>\"'&", s[i]))
			s[i] = 'x';
	}
	write_input(s, size, &tame);
	assert(raw.n['<'] == tame.n['<'] && raw.n['>'] == tame.n['>']);
	assert(raw.n['"'] == tame.n['"'] && raw.n['\''] == tame.n['\'']);
	free(s);
	return 0;
}
