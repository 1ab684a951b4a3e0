/* SPDX-License-Identifier: MIT */
#include "format/covnote.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/err.h"
#include "format/tsv.h"
#include "sys/fs.h"

enum { NOTES_MAX_BYTES = 64 * 1024 * 1024 };

int covnote_add(const char *path, const struct covnote *notes, size_t n, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int status = 0;

	if (fd < 0)
		return err_sys(reterr, path, "cannot write");
	if (lseek(fd, 0, SEEK_END) == 0)
		tsv_head(&text, "cov-notes", 1);
	for (size_t i = 0; i < n; i++) {
		tsv_field(&text, notes[i].path ? "t" : "k");
		if (notes[i].path) {
			tsv_field(&text, notes[i].path);
		} else {
			tsv_field_uint(&text, notes[i].test);
			tsv_field_uint(&text, notes[i].signal);
		}
		tsv_end(&text);
	}
	if (write(fd, text.s, text.len) != (ssize_t)text.len)
		status = err_sys(reterr, path, "cannot write");
	if (close(fd) < 0 && status == 0)
		status = err_sys(reterr, path, "cannot write");
	buf_release(&text);
	return status;
}

static int read_note(const struct tsv_reader *in, struct covnote *ret, struct err *reterr)
{
	uint64_t test = 0;
	uint64_t sig = 0;

	*ret = (struct covnote){ .test = NO_INDEX };
	if (strcmp(in->fields[0], "t") == 0) {
		if (tsv_expect(in, 2, reterr) < 0)
			return -1;
		ret->path = in->fields[1];
		return 0;
	}
	if (strcmp(in->fields[0], "k") != 0)
		return tsv_fail(in, reterr, "unknown record '%s'", in->fields[0]);
	if (tsv_expect(in, 3, reterr) < 0 || tsv_uint(in, 1, NO_INDEX - 1, &test, reterr) < 0 ||
	    tsv_uint(in, 2, INT_MAX, &sig, reterr) < 0)
		return -1;
	ret->test = (uint32_t)test;
	ret->signal = (unsigned)sig;
	return 0;
}

int covnote_read(const char *path, void (*on_note)(void *ctx, const struct covnote *note),
		 void *ctx, struct err *reterr)
{
	struct buf text = BUF_INIT;
	struct tsv_reader in;
	struct covnote note;
	int got = 0;

	if (!fs_exists(path))
		return 0;
	if (fs_read(path, NOTES_MAX_BYTES, &text, reterr) < 0) {
		buf_release(&text);
		return -1;
	}
	while (text.len > 0 && text.s[text.len - 1] != '\n')
		buf_truncate(&text, text.len - 1);
	if (text.len > 0)
		got = tsv_open_mem(&in, path, text.s, text.len, "cov-notes", 1, reterr);
	if (text.len > 0 && got == 0) {
		while ((got = tsv_next(&in, reterr)) > 0 &&
		       (got = read_note(&in, &note, reterr)) == 0)
			on_note(ctx, &note);
		tsv_close(&in);
	}
	buf_release(&text);
	return got;
}
