/* SPDX-License-Identifier: MIT */
#include "sys/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"

struct outfile {
	char *path;
	char *temp; /* NULL: what is written arrives at once */
	FILE *stream;
};

static void outfile_free(struct outfile *o)
{
	free(o->path);
	free(o->temp);
	free(o);
}

/* A device, a pipe: nothing may take its place. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static struct outfile *open_special(struct outfile *o, struct err *reterr)
{
	o->stream = fopen(o->path, "we");
	if (o->stream)
		return o;
	err_sys(reterr, o->path, "cannot write");
	outfile_free(o);
	return NULL;
}

struct outfile *outfile_open(const char *path, struct err *reterr)
{
	struct outfile *o = xcalloc(1, sizeof *o);

	o->path = xstrdup(path);
	if (strcmp(path, "-") == 0) {
		o->stream = stdout;
		return o;
	}
	if (is_special(path))
		return open_special(o, reterr);
	struct buf temp = BUF_INIT;

	buf_addf(&temp, "%s.tmp-%ld", path, (long)getpid());
	o->temp = buf_detach(&temp);
	/* what a dead process with our number left behind is nobody's */
	unlink(o->temp);
	int fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	o->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (!o->stream) {
		err_sys(reterr, path, "cannot write");
		if (fd >= 0)
			close(fd);
		outfile_free(o);
		return NULL;
	}
	return o;
}

FILE *outfile_stream(struct outfile *o)
{
	return o->stream;
}

static bool is_same_file(const char *a, const char *b)
{
	FILE *f[2] = { fopen(a, "rbe"), fopen(b, "rbe") };
	char bytes[2][8192];
	bool is_same = f[0] && f[1];

	while (is_same) {
		size_t n = fread(bytes[0], 1, sizeof bytes[0], f[0]);
		size_t m = fread(bytes[1], 1, sizeof bytes[1], f[1]);

		is_same = n == m && memcmp(bytes[0], bytes[1], n) == 0;
		if (n == 0 || m == 0)
			break;
	}
	for (size_t i = 0; i < 2; i++) {
		if (f[i])
			fclose(f[i]); /* only read from */
	}
	return is_same;
}

/* Why could something not be written?  stdio notes that it was so and forgets why: the same happens to
 * what is written now, or nobody knows.  The file is thrown away. */
static int reason_of_failure(const struct outfile *o)
{
	static const char more[64 * 1024];
	ssize_t n = 1;

	for (int i = 0; i < 2 && n > 0 && o->temp; i++) /* what little fits comes first */
		n = write(fileno(o->stream), more, sizeof more);
	return n < 0 ? errno : EIO;
}

static int commit(struct outfile *o, bool only_if_changed, struct err *reterr)
{
	int status = 0;

	errno = 0;
	if (fflush(o->stream) != 0 || ferror(o->stream)) {
		if (errno == 0)
			errno = reason_of_failure(o);
		status = err_sys(reterr, o->path, "cannot write");
	}
	if (o->stream != stdout && fclose(o->stream) != 0 && status == 0)
		status = err_sys(reterr, o->path, "cannot write");
	if (!o->temp) {
		; /* it is where it should be */
	} else if (status == 0 && only_if_changed && is_same_file(o->path, o->temp)) {
		unlink(o->temp);
	} else if (status < 0 || rename(o->temp, o->path) < 0) {
		if (status == 0)
			status = err_sys(reterr, o->path, "cannot put the file in its place");
		unlink(o->temp);
	}
	outfile_free(o);
	return status;
}

int outfile_commit(struct outfile *o, struct err *reterr)
{
	return commit(o, false, reterr);
}

int outfile_commit_if_changed(struct outfile *o, struct err *reterr)
{
	return commit(o, true, reterr);
}

void outfile_abandon(struct outfile *o)
{
	if (!o)
		return;
	if (o->stream != stdout)
		fclose(o->stream); /* thrown away */
	if (o->temp)
		unlink(o->temp);
	outfile_free(o);
}

int outfile_write(const char *path, const void *s, size_t len, struct err *reterr)
{
	struct outfile *o = outfile_open(path, reterr);

	if (!o)
		return -1;
	fwrite(s, 1, len, o->stream); /* commit looks at the stream's errors */
	return outfile_commit(o, reterr);
}

int outfile_copy(const char *from, const char *path, struct err *reterr)
{
	FILE *in = fopen(from, "rbe");
	struct outfile *o = in ? outfile_open(path, reterr) : NULL;
	char bytes[65536];
	size_t n = 0;
	int status = -1;

	if (!in)
		return err_sys(reterr, from, "cannot open");
	while (o && (n = fread(bytes, 1, sizeof bytes, in)) > 0)
		fwrite(bytes, 1, n, o->stream); /* commit looks at the stream's errors */
	if (o && ferror(in)) {
		err_sys(reterr, from, "cannot read");
		outfile_abandon(o);
	} else if (o) {
		status = outfile_commit(o, reterr);
	}
	fclose(in); /* only read from */
	return status;
}
