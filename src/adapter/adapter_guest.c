/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_guest.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

/* Where the guest libraries are, if not where the program was built or installed. */
#define FOLDER_VAR  "GANGWAY_LIBDIR"
#define GUEST_VAR   "GANGWAY_TESTS"
#define PRELOAD_VAR "LD_PRELOAD"
#define BEFORE_VAR  "GANGWAY_TESTS_LD_PRELOAD"
#define ASAN_VAR    "ASAN_OPTIONS"

enum { MARK_MAX_BYTES = 8192, MAX_FIELDS = 8, LISTED_FIELDS = 5, CHOSEN_MAX_BYTES = 1 << 28 };

/* --- the library ----------------------------------------------------------------------------- */

const char *guest_path(struct arena *mem, const char *name)
{
	const char *folder = getenv(FOLDER_VAR);
	struct buf file = BUF_INIT;
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	buf_addf(&file, "gangway-%s-preload.so", name);
	const char *base = arena_memdup(mem, file.s, file.len);

	buf_release(&file);
	if (folder) {
		const char *there = fs_join(mem, folder, base);

		return fs_exists(there) ? there : NULL;
	}
	if (n <= 0)
		return NULL;
	self[n] = '\0';
	const char *dir = fs_absolute(mem, self, "..");
	const char *built = fs_join(mem, fs_join(mem, dir, "guest"), base);
	const char *installed = fs_join(mem, fs_absolute(mem, dir, "../lib/gangway"), base);

	return fs_exists(built) ? built : fs_exists(installed) ? installed : NULL;
}

const char *guest_preload(struct arena *mem, const char *name, const char *before)
{
	const char *path = guest_path(mem, name);
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s%s%s", path ? path : "", before && *before ? ":" : "",
		 before ? before : "");
	const char *ret = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return ret;
}

static bool is_set_id(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID));
}

static bool changes_preload(const struct target *t)
{
	bool changes = false;

	for (size_t i = 0; i < t->nenv_mods && !changes; i++)
		changes = strncmp(t->env_mods[i], PRELOAD_VAR "=", strlen(PRELOAD_VAR) + 1) == 0;
	return changes;
}

/* Why nothing can be preloaded into the program, or NULL. */
static const char *preload_fails(const struct target *t, const struct list_context *ctx,
				 const char *library)
{
	struct elf_file *f = NULL;
	const char *why = NULL;

	if (ctx->is_unpreloaded)
		return "check_preload = no";
	if (!library)
		return "gangway's guest library is not installed";
	if (changes_preload(t))
		return "CTest changes its LD_PRELOAD";
	if (t->nargv == 0 || is_set_id(t->argv[0]))
		return "it is set-user-ID";
	/* a wrapper would get the guest, and others that it starts */
	if (elf_file_open(t->argv[0], &f, NULL) < 0 || !f)
		return "it is not started as itself";
	if (elf_file_is_static(f))
		why = "it is linked statically";
	elf_file_close(f);
	return why;
}

/* --- its environment ------------------------------------------------------------------------- */

static const char *sanitizer_of(const struct target *t)
{
	struct elf_file *f = NULL;
	const char *name = NULL;

	if (t->nargv > 0 && elf_file_open(t->argv[0], &f, NULL) == 0 && f)
		name = elf_file_sanitizer(f);
	elf_file_close(f);
	return name;
}

/* The variables that bring the guest in.  `base` as in ask_getenv(). */
static void add_vars(struct command *c, const struct target *t, const char *const *base,
		     const char *guest, const char *told)
{
	const char *before = ask_getenv(t, base, PRELOAD_VAR);
	const char *sanitizer = sanitizer_of(t);

	command_env(c, GUEST_VAR, told);
	command_env(c, PRELOAD_VAR, guest_preload(&c->mem, guest, before));
	command_env(c, BEFORE_VAR, before ? before : "");
	/* it would refuse to come second, which is harmless behind a library that allocates nothing
	 * for others */
	if (sanitizer && strcmp(sanitizer, "address") == 0) {
		struct buf b = BUF_INIT;
		const char *options = ask_getenv(t, base, ASAN_VAR);

		buf_addf(&b, "%s%sverify_asan_link_order=0", options ? options : "",
			 options && *options ? ":" : "");
		command_env(c, ASAN_VAR, b.s);
		buf_release(&b);
	}
}

/* --- listing --------------------------------------------------------------------------------- */

/* TAB-separated fields of a line, quoting undone.  Their number, or 0 if they are none. */
static size_t split(char *line, char *fields[MAX_FIELDS])
{
	size_t n = 0;

	while (line && n < MAX_FIELDS) {
		fields[n] = strsep(&line, "\t");
		if (quote_tsv_undo(fields[n]) < 0)
			return 0;
		n++;
	}
	return line ? 0 : n;
}

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct map seen;
	size_t ntests;
};

static void list_test(struct listing *l, char *const *fields)
{
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	struct buf selector = BUF_INIT;

	t.suite = arena_strdup(mem, fields[1]);
	t.name = arena_strdup(mem, fields[2]);
	if (fields[4][0])
		t.skip_reason = arena_strdup(mem, fields[4]);
	buf_addf(&selector, "%zu\t", l->ntests++);
	quote_tsv(&selector, t.suite, strlen(t.suite));
	buf_addch(&selector, '\t');
	quote_tsv(&selector, t.name, strlen(t.name));
	t.selector = arena_memdup(mem, selector.s, selector.len);
	buf_release(&selector);
	/* the address until it is known what stands there */
	t.file = strcmp(fields[3], "0") == 0 ? NULL : arena_strdup(mem, fields[3]);
	ask_add_test(l->tests, l->target, &t, &l->seen);
}

int guest_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	char *text = xmemdup(s, len), *rest = text, *line;
	char *fields[MAX_FIELDS];
	size_t nbefore = ret->ntests;
	unsigned n = 0;
	int status = 0;

	while (status == 0 && rest && *rest && (line = strsep(&rest, "\n"))) {
		size_t nfields = split(line, fields);
		bool is_head = nfields == 2 && strcmp(fields[0], "guest") == 0;

		if (n++ == 0 ? !is_head || strcmp(fields[1], "1") != 0
			     : nfields != LISTED_FIELDS || strcmp(fields[0], "test") != 0)
			status = err_set(reterr, ERR_SYNTAX, NULL, 0,
					 "the list of tests that the guest in '%s' wrote cannot be "
					 "read: line %u",
					 t->argv[0], n);
		else if (n > 1)
			list_test(&l, fields);
	}
	if (status == 0 && l.ntests == 0)
		status = err_set(reterr, ERR_UNSUPPORTED, NULL, 0,
				 "'%s' shows no list of its tests", t->argv[0]);
	if (status < 0)
		ret->ntests = nbefore;
	map_release(&l.seen);
	free(text);
	return status;
}

/* addr2line's "FILE:LINE", one for each address that was asked for. */
static void take_places(const struct target *t, struct tests *ret, size_t first, char *text)
{
	size_t dir = t->workdir ? strlen(t->workdir) : 0;

	for (size_t i = first; i < ret->ntests; i++) {
		struct test *test = &ret->tests[i];
		char *line = test->file && text ? strsep(&text, "\n") : NULL;
		char *colon = line ? strrchr(line, ':') : NULL;
		uint64_t number = 0;

		test->file = NULL;
		if (!colon)
			continue;
		*colon = '\0';
		colon[1 + strspn(colon + 1, "0123456789")] = '\0'; /* " (discriminator 1)" */
		if (*line == '?' || !parse_uint(colon + 1, UINT32_MAX, &number))
			continue;
		bool is_below = dir > 0 && strncmp(line, t->workdir, dir) == 0 && line[dir] == '/';

		test->file = arena_strdup(&ret->mem, is_below ? line + dir + 1 : line);
		test->line = (unsigned)number;
	}
}

/* Where the debug information is there, and binutils' reader of it. */
static void add_places(const struct target *t, const struct list_context *ctx, struct tests *ret,
		       size_t first)
{
	enum { MAX_ADDRESSES = 50000 };
	struct arena mem = { 0 };
	size_t n = 3, nwanted = ret->ntests - first;
	const char **argv = arena_alloc(&mem, nwanted + 4, sizeof *argv);
	struct buf out = BUF_INIT;
	struct proc_end end = { 0 };
	const struct proc_spec spec = { .argv = argv, .envp = ctx->environ, .grace_us = 100000 };

	argv[0] = "addr2line";
	argv[1] = "-e";
	argv[2] = t->argv[0];
	for (size_t i = first; i < ret->ntests; i++) {
		if (ret->tests[i].file)
			argv[n++] = ret->tests[i].file;
	}
	bool is_told = n > 3 && n < MAX_ADDRESSES &&
		       proc_capture(&spec, ctx->timeout_us, CHOSEN_MAX_BYTES, &out, NULL, &end,
				    NULL) == 0 &&
		       end.exit_code == 0;

	take_places(t, ret, first, is_told ? out.s : NULL);
	buf_release(&out);
	arena_release(&mem);
}

int guest_list(const char *guest, const struct target *t, uint32_t target_index,
	       const struct list_context *ctx, struct tests *ret, struct err *reterr)
{
	struct command vars = { 0 };
	struct buf answer = BUF_INIT;
	size_t first = ret->ntests;
	const char *library = guest_path(&vars.mem, guest);
	const char *why = preload_fails(t, ctx, library);
	char told[32];
	int status = -1;

	if (why) {
		err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' cannot list its tests: %s",
			t->argv[0], why);
		goto out;
	}
	command_begin(&vars, t, 0);
	snprintf(told, sizeof told, "list %d", ASK_REPORT_FD);
	add_vars(&vars, t, ctx->environ, guest, told);
	const struct question q = { .env = vars.env, .has_report = true };

	if (ask(t, ctx, &q, &answer, reterr) == 0)
		status = guest_list_read(answer.s, answer.len, t, target_index, ret, reterr);
	if (status == 0)
		add_places(t, ctx, ret, first);
out:
	buf_release(&answer);
	command_release(&vars);
	return status;
}

/* --- running --------------------------------------------------------------------------------- */

/* The word that no test can know. */
static void add_word(struct buf *out)
{
	unsigned char bytes[16] = { 0 };
	ssize_t n = getrandom(bytes, sizeof bytes, 0);

	for (ssize_t i = 0; i < n; i++)
		buf_addf(out, "%02x", bytes[i]);
	buf_addch(out, '\n');
}

int guest_command(const char *guest, const struct batch *b, struct command *ret, struct err *reterr)
{
	const char *path = fs_join(&ret->mem, b->scratch, GUEST_CHOSEN);
	const char *library = guest_path(&ret->mem, guest);
	struct buf text = BUF_INIT, told = BUF_INIT;

	command_begin(ret, b->target, 0);
	if (!library)
		return err_set(reterr, ERR_MISSING, NULL, 0,
			       "gangway-%s-preload.so is not there any more", guest);
	add_word(&text);
	for (size_t i = 0; i < b->ntests; i++)
		buf_addf(&text, "%s\n", b->tests[i]->selector);
	int status = outfile_write(path, text.s, text.len, reterr);

	buf_addf(&told, "run %s", path);
	add_vars(ret, b->target, NULL, guest, told.s);
	ret->is_merged = true;
	buf_release(&text);
	buf_release(&told);
	return status;
}

/* --- reading --------------------------------------------------------------------------------- */

struct reader {
	struct cases cases;
	struct buf mark;    /* what a mark begins with */
	struct buf pending; /* may be the beginning of a mark */
	struct buf refused;
};

static const char mark_end[] = "\033\\";

struct reader *guest_reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;

	cases_init(&r->cases, b, sink);
	r->mark = r->pending = r->refused = (struct buf)BUF_INIT;
	buf_addstr(&r->mark, "\033_gangway\t");
	/* written by guest_command() just now; if it cannot be read, no mark is believed */
	if (fs_read(fs_join(&mem, b->scratch, GUEST_CHOSEN), CHOSEN_MAX_BYTES, &text, NULL) == 0)
		buf_add(&r->mark, text.s, strcspn(text.s, "\n"));
	buf_addch(&r->mark, '\t');
	buf_release(&text);
	arena_release(&mem);
	return r;
}

static void take_end(struct reader *r, size_t i, char *const *fields)
{
	struct result result = cases_blank(OUTCOME_ERROR);
	uint64_t line = 0;

	if (!outcome_of_word(fields[2], &result.outcome))
		return;
	if (parse_uint(fields[3], UINT32_MAX, &line))
		result.line = (unsigned)line;
	result.file = fields[4][0] ? fields[4] : NULL;
	result.message = fields[5];
	result.detail = fields[6];
	cases_end(&r->cases, i, &result);
}

/* What stands between the word and the end of a mark. */
static void take_mark(struct reader *r, const char *s, size_t len)
{
	char *text = xmemdup(s, len);
	char *fields[MAX_FIELDS];
	size_t n = split(text, fields);
	uint64_t i = 0;

	if (n == 2 && strcmp(fields[0], "refused") == 0) {
		buf_clear(&r->refused);
		buf_addstr(&r->refused, fields[1]);
	} else if (n >= 2 && parse_uint(fields[1], SIZE_MAX - 1, &i) &&
		   i < r->cases.batch->ntests) {
		if (n == 2 && strcmp(fields[0], "begin") == 0)
			cases_begin(&r->cases, (size_t)i);
		else if (n == 7 && strcmp(fields[0], "end") == 0)
			take_end(r, (size_t)i, fields);
	}
	free(text);
}

/* How many of the last bytes may be the beginning of a mark? */
static size_t tail_of(const struct reader *r, const char *s, size_t len)
{
	const char *at = s;

	while ((at = memchr(at, '\033', (size_t)(s + len - at)))) {
		size_t here = (size_t)(s + len - at);

		if (here < r->mark.len && memcmp(at, r->mark.s, here) == 0)
			return here;
		at++;
	}
	return 0;
}

/* Take all that is sure; how much of it. */
static size_t scan(struct reader *r, const char *s, size_t len)
{
	size_t done = 0;

	while (done < len) {
		const char *at = memmem(s + done, len - done, r->mark.s, r->mark.len);
		size_t sure = at ? (size_t)(at - s) : len - tail_of(r, s + done, len - done);

		cases_output(&r->cases, 0, s + done, sure - done);
		done = sure;
		if (!at)
			break;
		const char *text = at + r->mark.len;
		const char *end = memmem(text, (size_t)(s + len - text), mark_end, 2);

		if (!end && (size_t)(s + len - at) <= MARK_MAX_BYTES)
			break;
		if (end)
			take_mark(r, text, (size_t)(end - text));
		done = (size_t)((end ? end + 2 : text) - s);
	}
	return done;
}

void guest_read(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream != 0) {
		cases_output(&r->cases, stream, s, len);
		return;
	}
	buf_add(&r->pending, s, len);
	size_t done = scan(r, r->pending.s, r->pending.len);
	size_t left = r->pending.len - done;

	memmove(r->pending.s, r->pending.s + done, left);
	buf_truncate(&r->pending, left);
}

bool guest_finish(struct reader *r, const struct proc_end *end)
{
	cases_output(&r->cases, 0, r->pending.s, r->pending.len);
	for (size_t i = 0; r->refused.len > 0 && i < r->cases.batch->ntests; i++)
		cases_judge(&r->cases, i, OUTCOME_ERROR, r->refused.s);
	cases_finish(&r->cases, end);
	cases_release(&r->cases);
	buf_release(&r->mark);
	buf_release(&r->pending);
	buf_release(&r->refused);
	free(r);
	return true;
}
