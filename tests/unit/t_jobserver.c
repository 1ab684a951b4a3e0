/* SPDX-License-Identifier: MIT
 *
 * sys/jobserver, its lender and its borrowers: what MAKEFLAGS says, and that as many bytes go back
 * as came, the same ones, whoever dies.
 */
#include "sys/jobserver.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "sys/jobserver_borrow.h"
#include "sys/jobserver_lend.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static int ends[2];
static struct jobserver *j;
static struct lender *lender;

/* make 4.3's pipe: "+" for each job but the first; here each byte tells where it belongs. */
static void begin(void)
{
	e = (struct err){ 0 };
	ck_assert_int_eq(pipe2(ends, 0), 0);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(write(ends[1], "abc", 3), 3);
	const struct jobserver_flags f = { .form = JOBSERVER_PIPE,
					   .read_fd = ends[0],
					   .write_fd = ends[1] };

	j = jobserver_open(&f, &e);
	ck_assert_msg(j, "%s", e.msg);
	lender = NULL;
}

static void finish(void)
{
	lender_close(lender);
	jobserver_close(j);
	arena_release(&mem);
	close(ends[0]);
	close(ends[1]);
}

/* What is in the pipe, which is then empty, sorted. */
static const char *rest(void)
{
	static char bytes[64];
	ssize_t n = read(ends[0], bytes, sizeof bytes - 1);

	n = n < 0 ? 0 : n;
	bytes[n] = '\0';
	for (ssize_t i = 1; i < n; i++) {
		for (ssize_t k = i; k > 0 && bytes[k - 1] > bytes[k]; k--) {
			char c = bytes[k];

			bytes[k] = bytes[k - 1];
			bytes[k - 1] = c;
		}
	}
	return bytes;
}

/* --- MAKEFLAGS ------------------------------------------------------------------------------ */

static const struct {
	const char *text;
	bool is_dry;
	unsigned njobs;
	enum jobserver_form form;
	int read_fd, write_fd;
	const char *path;
} words[] = {
	{ .text = NULL },
	{ .text = "" },
	{ .text = " -j" },
	{ .text = " -j1", .njobs = 1 },
	{ .text = " -j4 --jobserver-auth=3,4",
	  .njobs = 4,
	  .form = JOBSERVER_PIPE,
	  .read_fd = 3,
	  .write_fd = 4 },
	{ .text = "k -j4 --jobserver-fds=5,6",
	  .njobs = 4,
	  .form = JOBSERVER_PIPE,
	  .read_fd = 5,
	  .write_fd = 6 },
	{ .text = "kn -j2", .is_dry = true, .njobs = 2 },
	{ .text = "t", .is_dry = true },
	{ .text = "q", .is_dry = true },
	{ .text = "s" },
	{ .text = " --no-print-directory" },
	{ .text = "--no-print-directory" },
	{ .text = "n=1" },
	{ .text = " -j3 --jobserver-auth=fifo:/tmp/GMfifo39",
	  .njobs = 3,
	  .form = JOBSERVER_FIFO,
	  .path = "/tmp/GMfifo39" },
	{ .text = " --jobserver-auth=fifo:/a\\ b", .form = JOBSERVER_FIFO, .path = "/a b" },
	{ .text = " -j4 --jobserver-auth=3,4 --jobserver-auth=-2,-2",
	  .njobs = 4,
	  .form = JOBSERVER_SHUT,
	  .read_fd = 3,
	  .write_fd = 4 },
	{ .text = " -j2 -- ARGS=-j7\\ --jobserver-auth=8,9 -j5", .njobs = 2 },
	{ .text = " --jobserver-auth=" },
	{ .text = " --jobserver-auth=3" },
	{ .text = " --jobserver-auth=3,x" },
	{ .text = " --jobserver-auth=99999999999999999999,4" },
	{ .text = " --jobserver-auth=fifo:" },
	{ .text = " -j99999999999999999999" },
	{ .text = "\\" },
};

START_TEST(makeflags_are_read)
{
	const struct jobserver_flags f = jobserver_flags(words[_i].text, &mem);

	ck_assert_int_eq(f.is_dry, words[_i].is_dry);
	ck_assert_uint_eq(f.njobs, words[_i].njobs);
	ck_assert_int_eq(f.form, words[_i].form);
	ck_assert_int_eq(f.read_fd, words[_i].read_fd);
	ck_assert_int_eq(f.write_fd, words[_i].write_fd);
	ck_assert_pstr_eq(f.path, words[_i].path);
}
END_TEST

/* --- the pipe ------------------------------------------------------------------------------- */

START_TEST(what_is_no_pipe_is_no_jobserver)
{
	const int file = open("/dev/null", O_RDWR);
	int others[2];

	ck_assert_int_eq(pipe(others), 0);
	const struct jobserver_flags bad[] = {
		{ .form = JOBSERVER_PIPE, .read_fd = file, .write_fd = file },
		{ .form = JOBSERVER_PIPE, .read_fd = ends[0], .write_fd = others[1] },
		{ .form = JOBSERVER_PIPE, .read_fd = 1000, .write_fd = 1001 },
		{ .form = JOBSERVER_FIFO, .path = "/dev/null" },
		{ .form = JOBSERVER_FIFO, .path = "/nowhere/at/all" },
		{ .form = JOBSERVER_SHUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		e = (struct err){ 0 };
		ck_assert_ptr_null(jobserver_open(&bad[i], &e));
		ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	}
	close(file);
	close(others[0]);
	close(others[1]);
}
END_TEST

START_TEST(a_fifo_is_a_jobserver_too)
{
	char dir[] = "/tmp/gangway-fifo.XXXXXX";
	char path[64];

	ck_assert(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	int make = open(path, O_RDWR);
	const struct jobserver_flags f = { .form = JOBSERVER_FIFO, .path = path };
	struct jobserver *fifo = jobserver_open(&f, &e);

	ck_assert_msg(fifo, "%s", e.msg);
	ck_assert_int_eq(jobserver_take(fifo), -1);
	ck_assert_int_eq(write(make, "x", 1), 1);
	ck_assert_int_eq(jobserver_take(fifo), 'x');
	jobserver_close(fifo);
	char byte = 0;

	ck_assert_int_eq(read(make, &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	close(make);
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(each_byte_goes_back_once)
{
	int first = jobserver_take(j);

	ck_assert_int_eq(first, 'a');
	ck_assert_int_eq(jobserver_take(j), 'b');
	jobserver_give(j, first);
	jobserver_give(j, first); /* not ours any more */
	ck_assert_str_eq(rest(), "ac");
	jobserver_give_all(j);
	jobserver_give_all(j);
	ck_assert_str_eq(rest(), "b");
	ck_assert_int_eq(jobserver_take(j), -1);
}
END_TEST

START_TEST(flags_of_makes_own_files_stay)
{
	int before = fcntl(ends[1], F_GETFL);

	jobserver_take(j);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL), before);
	ck_assert_int_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}
END_TEST

/* --- lending -------------------------------------------------------------------------------- */

static void lend(unsigned nslots)
{
	const struct lender_options options = { j, nslots };

	lender = lender_open(&options, &e);
	ck_assert_msg(lender, "%s", e.msg);
}

/* A borrower's process: it has the slots, says so, and lives until it is told or killed. */
struct peer {
	pid_t pid;
	int said, told;
};

static struct peer borrow_and_wait(unsigned nslots)
{
	struct peer p;
	int said[2], told[2];
	char byte = 0;

	ck_assert_int_eq(pipe(said), 0);
	ck_assert_int_eq(pipe(told), 0);
	p.pid = fork();
	ck_assert_int_ge(p.pid, 0);
	if (p.pid == 0) {
		close(told[1]);
		const struct jobserver_flags f = { .form = JOBSERVER_PIPE,
						   .read_fd = ends[0],
						   .write_fd = ends[1] };
		struct jobserver *own = jobserver_open(&f, NULL);
		struct borrower *b = borrower_open(lender_address(lender), own, NULL);

		if (!b || !borrower_have(b, nslots, NULL, NULL))
			_exit(1);
		if (write(said[1], "!", 1) != 1 || read(told[0], &byte, 1) < 0)
			_exit(1);
		borrower_close(b);
		jobserver_close(own);
		_exit(0);
	}
	close(said[1]);
	close(told[0]);
	p.said = said[0];
	p.told = told[1];
	fcntl(p.said, F_SETFL, O_NONBLOCK);
	return p;
}

static bool has_slots(const struct peer *p)
{
	char byte = 0;

	return read(p->said, &byte, 1) == 1;
}

static void serve_until_it_has(const struct peer *p)
{
	while (!has_slots(p)) {
		lender_serve(lender);
		usleep(1000);
	}
}

static void end(const struct peer *p, int sig)
{
	int status = 0;

	if (sig)
		kill(p->pid, sig);
	else
		ck_assert_int_eq(write(p->told, "!", 1), 1); /* others have this end too */
	close(p->told);
	close(p->said);
	ck_assert_int_eq(waitpid(p->pid, &status, 0), p->pid);
	ck_assert_int_eq(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), sig);
}

START_TEST(the_implicit_slot_is_lent_first_and_once)
{
	lend(4);
	struct peer one = borrow_and_wait(1);

	serve_until_it_has(&one);
	ck_assert_str_eq(rest(), "abc");
	ck_assert_int_eq(write(ends[1], "abc", 3), 3);
	struct peer two = borrow_and_wait(1);

	serve_until_it_has(&two);
	ck_assert_str_eq(rest(), "bc");
	end(&one, 0);
	end(&two, 0);
	lender_serve(lender);
	ck_assert_str_eq(rest(), "a");
}
END_TEST

START_TEST(a_killed_borrower_gives_back)
{
	lend(4);
	struct peer p = borrow_and_wait(3);

	serve_until_it_has(&p);
	ck_assert_str_eq(rest(), "c");
	end(&p, SIGKILL);
	lender_serve(lender);
	ck_assert_str_eq(rest(), "ab");
}
END_TEST

START_TEST(who_wants_many_is_not_overtaken)
{
	lend(4);
	struct peer narrow = borrow_and_wait(1);

	serve_until_it_has(&narrow);
	struct peer wide = borrow_and_wait(4);

	for (int i = 0; i < 50; i++) {
		lender_serve(lender);
		usleep(1000);
	}
	struct peer late = borrow_and_wait(1);

	for (int i = 0; i < 50; i++) {
		lender_serve(lender);
		usleep(1000);
	}
	ck_assert(!has_slots(&wide));
	ck_assert(!has_slots(&late));
	ck_assert_str_eq(rest(), ""); /* it is gathered for the wide one */
	end(&narrow, 0);
	serve_until_it_has(&wide);
	ck_assert(!has_slots(&late));
	end(&wide, SIGKILL);
	serve_until_it_has(&late);
	end(&late, 0);
	lender_serve(lender);
	ck_assert_str_eq(rest(), "abc");
}
END_TEST

START_TEST(more_than_there_are_is_all_there_are)
{
	lend(2);
	struct peer p = borrow_and_wait(9);

	serve_until_it_has(&p);
	ck_assert_str_eq(rest(), "bc");
	end(&p, 0);
	lender_serve(lender);
	ck_assert_str_eq(rest(), "a");
}
END_TEST

/* As after kill -9: no goodbye, the bytes are in nobody's list. */
START_TEST(a_borrower_whose_lender_died_gives_back_itself)
{
	lend(4);
	struct peer p = borrow_and_wait(3);

	serve_until_it_has(&p);
	while (jobserver_take(j) >= 0)
		;
	jobserver_give(j, 'c');
	lender_close(lender); /* gives back what it lent: take that away again */
	lender = NULL;
	ck_assert_str_eq(rest(), "abc");
	end(&p, 0);
	ck_assert_str_eq(rest(), "ab");
}
END_TEST

START_TEST(wishes_change_and_nothing_is_left)
{
	lend(4);
	pid_t pid = fork();

	if (pid == 0) {
		struct borrower *b = borrower_open(lender_address(lender), NULL, NULL);

		for (unsigned i = 0; b && i < 500; i++)
			borrower_have(b, i * 7 % 6, NULL, NULL);
		borrower_close(b);
		_exit(b ? 0 : 1);
	}
	int status = -1;

	while (waitpid(pid, &status, WNOHANG) == 0)
		lender_serve(lender);
	ck_assert_int_eq(status, 0);
	lender_serve(lender);
	ck_assert_str_eq(rest(), "abc");
}
END_TEST

static int stop_at_once(void *ctx)
{
	(void)ctx;
	return SIGTERM;
}

START_TEST(who_is_stopped_has_nothing)
{
	struct borrower *b = borrower_open(NULL, j, &e);

	ck_assert(borrower_have(b, 3, NULL, NULL));
	ck_assert_str_eq(rest(), "c");
	ck_assert(!borrower_have(b, 4, stop_at_once, NULL));
	ck_assert_str_eq(rest(), "ab");
	borrower_close(b);
	ck_assert_str_eq(rest(), "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jobserver");
	TCase *flags = tcase_create("makeflags");
	TCase *pipes = tcase_create("pipe");
	TCase *lending = tcase_create("lending");

	tcase_add_loop_test(flags, makeflags_are_read, 0, ARRAY_SIZE(words));
	suite_add_tcase(s, flags);
	tcase_add_checked_fixture(pipes, begin, finish);
	tcase_add_test(pipes, what_is_no_pipe_is_no_jobserver);
	tcase_add_test(pipes, a_fifo_is_a_jobserver_too);
	tcase_add_test(pipes, each_byte_goes_back_once);
	tcase_add_test(pipes, flags_of_makes_own_files_stay);
	suite_add_tcase(s, pipes);
	tcase_add_checked_fixture(lending, begin, finish);
	tcase_add_test(lending, the_implicit_slot_is_lent_first_and_once);
	tcase_add_test(lending, a_killed_borrower_gives_back);
	tcase_add_test(lending, who_wants_many_is_not_overtaken);
	tcase_add_test(lending, more_than_there_are_is_all_there_are);
	tcase_add_test(lending, a_borrower_whose_lender_died_gives_back_itself);
	tcase_add_test(lending, wishes_change_and_nothing_is_left);
	tcase_add_test(lending, who_is_stopped_has_nothing);
	suite_add_tcase(s, lending);
	return unit_main(s);
}
