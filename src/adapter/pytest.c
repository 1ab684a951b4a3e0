/* SPDX-License-Identifier: MIT
 *
 * One process for a lane's whole share of a tree: it is handed ids through a file, and asks for more
 * before the last one that it knows runs.
 */
#include "adapter/pytest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"
#include "sys/fs.h"
#include "sys/outfile.h"

__asm__(".pushsection .rodata\n"
	".globl pytest_guest\n"
	".hidden pytest_guest\n"
	".type pytest_guest, %object\n"
	"pytest_guest:\n"
	".incbin \"src/guest/gangway_pytest.py\"\n"
	".byte 0\n"
	".size pytest_guest, . - pytest_guest\n"
	".popsection\n");
extern const char pytest_guest[];

#define SCRIPT "gangway_pytest.py"

/* The words of "#!/usr/bin/python3 -E" at the head of a script; false: it has none. */
static bool read_interpreter(const char *path, struct arena *mem, const char **ret)
{
	char line[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;

	if (fd >= 0)
		close(fd); /* only read from */
	if (n < 3 || memcmp(line, "#!", 2) != 0)
		return false;
	line[n] = '\0';
	char *word = line + 2 + strspn(line + 2, " \t");
	size_t len = strcspn(word, " \t\r\n");

	word[len] = '\0';
	if (word[0] != '/' || !strstr(fs_basename(word), "python") || !fs_is_program(word))
		return false;
	*ret = arena_memdup(mem, word, len);
	return true;
}

static const char *find_python(struct arena *mem)
{
	const char *wish = getenv("GANGWAY_PYTHON");
	const char *pytest = wish && *wish ? NULL : fs_find_program(mem, "pytest");
	const char *python = NULL;

	if (wish && *wish)
		return arena_strdup(mem, wish);
	return pytest && read_interpreter(pytest, mem, &python) ? python : "python3";
}

int pytest_argv(const struct target *t, const char *scratch, const char *mode, struct arena *mem,
		const char ***ret, struct err *reterr)
{
	const char **argv = arena_alloc(mem, t->nargv + 5, sizeof *argv);
	const char *script = fs_join(mem, scratch, SCRIPT);
	size_t n = 0;

	if (outfile_write(script, pytest_guest, strlen(pytest_guest), reterr) < 0)
		return -1;
	argv[n++] = find_python(mem);
	argv[n++] = script;
	argv[n++] = mode;
	argv[n++] = fs_join(mem, scratch, PYTEST_IDS);
	for (size_t i = 1; i < t->nargv; i++)
		argv[n++] = t->argv[i];
	*ret = argv;
	return 0;
}

int pytest_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	struct buf ids = BUF_INIT;

	if (pytest_argv(b->target, b->scratch, "run", &ret->mem, &ret->argv, reterr) < 0)
		return -1;
	while (ret->argv[ret->nargv])
		ret->nargv++;
	for (size_t i = 0; i < b->ntests; i++) {
		quote_tsv(&ids, b->tests[i]->selector, strlen(b->tests[i]->selector));
		buf_addch(&ids, '\n');
	}
	int status = outfile_write(ret->argv[PYTEST_ARGV_FILE], ids.s, ids.len, reterr);

	buf_release(&ids);
	ret->report_fd = PYTEST_REPORT_FD;
	ret->feed_fd = PYTEST_FEED_FD;
	return status;
}

/* Which trees are pytest's collect knows: no program is one. */
static bool pytest_probe(const struct candidate *c)
{
	(void)c;
	return false;
}

const struct adapter adapter_pytest = {
	.name = "pytest",
	.probe = pytest_probe,
	.list = pytest_list,
	.is_selecting = true,
	.takes_cov = true,
	.max_batch = SIZE_MAX,
	.command = pytest_command,
	.reader_new = pytest_reader_new,
	.read = pytest_read,
	.finish = pytest_finish,
};
