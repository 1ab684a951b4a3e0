/* SPDX-License-Identifier: MIT
 *
 * What is written is run by the real ninja and make, with a shell script in gangway's place that
 * writes down how it was called.
 */
#include "stage/graph.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/files.h"
#include "model/plan.h"
#include "model/test.h"
#include "stage/graph_names.h"
#include "stage/schedule.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit/unit.h"

static const char fake[] =
	"#!/bin/sh\n"
	"echo \"begin $*\" >>\"$FAKE_LOG\"\n"
	"case $1 in\n"
	"worker)\n"
	"	dir=$3 lane=$5 unit=${7-gw$5} status=0\n"
	"	out=$(sed -n \"s|^$unit ||p\" \"$dir/outputs\")\n"
	"	mkdir -p \"${dir}/${out%/*}\"\n"
	"	sleep ${FAKE_SLEEP-0}\n"
	"	if [ -e \"$dir/fail-$unit\" ]; then status=3; else : >\"$dir/$out\"; fi ;;\n"
	"merge) : >\"$3/junit.xml\" status=0 ;;\n"
	"verdict) status=$(cat \"$2/status\") ;;\n"
	"esac\n"
	"echo \"end $*\" >>\"$FAKE_LOG\"\n"
	"exit $status\n";

static struct arena mem;
static struct tests t;
static struct plan p;
static struct buf text; /* the graph */
static struct buf log_; /* what the fake was called with */
static struct graph_options o;
static struct err e;
static char *top; /* everything is below it */
static const char *log_path;

static void begin(void)
{
	mem = (struct arena){ 0 };
	t = (struct tests){ 0 };
	p = (struct plan){ 0 };
	text = (struct buf)BUF_INIT;
	log_ = (struct buf)BUF_INIT;
	e = (struct err){ 0 };
	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	log_path = fs_join(&mem, top, "log");
	setenv("FAKE_LOG", log_path, 1);
	unsetenv("MAKEFLAGS");
	unsetenv("MAKELEVEL");
	unsetenv("FAKE_SLEEP");
}

static void finish(void)
{
	fs_remove_tree(top, NULL);
	tests_release(&t);
	plan_release(&p);
	buf_release(&text);
	buf_release(&log_);
	arena_release(&mem);
}

static void write_file(const char *path, const char *s)
{
	ck_assert_msg(outfile_write(path, s, strlen(s), &e) == 0, "%s: %s", e.path, e.msg);
}

static const char *joined(const char *a, const char *b)
{
	char *s = arena_alloc(&mem, strlen(a) + strlen(b) + 1, 1);

	stpcpy(stpcpy(s, a), b);
	return s;
}

static uint32_t add_program(const char *path)
{
	const struct target target = {
		.name = path, .adapter = "exitcode", .program = path, .workdir = "/"
	};

	return tests_add_target(&t, &target);
}

static struct test *add(uint32_t target, const char *id)
{
	struct test test = test_blank(target);

	test.id = id;
	uint32_t i = tests_add(&t, &test);

	return &t.tests[i];
}

static void schedule(enum dist dist, unsigned nlanes)
{
	const struct schedule_options so = { .dist = dist, .nlanes = nlanes };

	ck_assert_int_eq(schedule_run(&so, &t, &p, &e), 0);
}

/* --- running --- */

/* Write the graph, and where the fake is to put each output. */
static void write_graph(void)
{
	struct buf where = BUF_INIT;

	buf_clear(&text);
	ck_assert_msg(graph_write(&o, &p, &t, &text, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(fs_mkdirs(o.rundir, &e), 0);
	for (size_t i = 0; i < p.nunits; i++)
		buf_addf(&where, "%s units/%016" PRIx64 "/junit.xml\n", p.units[i].name,
			 unit_hash(&p.units[i], &t));
	for (unsigned i = 0; i < p.nlanes; i++)
		buf_addf(&where, "gw%u gw%u/junit.xml\n", i, i);
	write_file(fs_join(&mem, o.rundir, "outputs"), where.s);
	write_file(fs_join(&mem, o.rundir, "plan.tsv"), "");
	write_file(fs_join(&mem, o.rundir, "status"), "0\n");
	write_file(fs_join(&mem, o.workdir, "graph"), text.s);
	buf_release(&where);
}

/* Run the tool on the graph; its exit code.  log_ holds the calls. */
static int run(const char *target)
{
	const char *ninja[] = { "ninja", "-f", "graph", "-j4", target, NULL };
	const char *make[] = { "make", "-r", "-f", "graph", "-j4", target, NULL };
	const struct proc_spec spec = { .argv = o.dialect == GRAPH_NINJA ? ninja : make,
					.workdir = o.workdir,
					.is_merged = true };
	struct proc_end end = { 0 };
	struct buf out = BUF_INIT;

	unlink(log_path);
	buf_clear(&log_);
	ck_assert_msg(proc_capture(&spec, 60 * 1000000, 1024 * 1024, &out, NULL, &end, &e) == 0,
		      "%s", e.msg);
	if (fs_exists(log_path))
		ck_assert_int_eq(fs_read(log_path, 1024 * 1024, &log_, &e), 0);
	if (end.exit_code != 0)
		printf("%s\n%s", out.s, text.s); /* for whoever looks for the mistake */
	buf_release(&out);
	return end.exit_code;
}

static size_t count(const char *word)
{
	size_t n = 0;

	for (const char *at = strstr(log_.s, word); at; at = strstr(at + 1, word))
		n++;
	return n;
}

/* The file is newer than all that was written so far. */
static void touch(const char *path)
{
	ck_assert_int_eq(utimensat(AT_FDCWD, path, NULL, 0), 0);
}

/* --- names --- */

enum { MAKE_CAN = 1, NINJA_CAN = 2, BOTH_CAN = 3 };

/* Part of the names of all folders and files of one run; who can use such paths as inputs and
 * outputs, and so knows that there is nothing to do. */
static const struct {
	const char *name;
	int who;
} names[] = {
	{ "plain", BOTH_CAN },
	{ "sp ace", BOTH_CAN },
	{ " two  blanks x", BOTH_CAN },
	{ "quo'te\"back`tick", BOTH_CAN },
	{ "dol$lar$$x", BOTH_CAN },
	{ "$(shell echo x)${y}", BOTH_CAN },
	{ "col:on::x", BOTH_CAN },
	{ "ha#sh", BOTH_CAN },
	{ "per%cent%s", BOTH_CAN },
	{ "back\\slash", BOTH_CAN },
	{ "semi;colon", NINJA_CAN },
	{ "pi|pe||x", NINJA_CAN },
	{ "amp&er&&x", BOTH_CAN },
	{ "st*ar?[a-z]", BOTH_CAN },
	{ "eq=ual:=x", BOTH_CAN },
	{ "-dash --x", BOTH_CAN },
	{ "~tilde", NINJA_CAN }, /* the names that begin with it */
	{ "par(en)th", BOTH_CAN },
	{ "<angle>{brace}!,@^+", BOTH_CAN },
	{ "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", BOTH_CAN },
	{ "not utf8 \xff\xfe", BOTH_CAN },
	{ "back\\ blank", NINJA_CAN },
	{ "back\\\\two", NINJA_CAN },
	{ "tab\there", 0 }, /* ninja can, but for its log */
	{ "new\nline", 0 },
	{ "$(echo x)\n\n'%s\\n\r\"", 0 },
	{ "\x01\x7f", NINJA_CAN },
};

/* Everything in its place, under folders and files of this name. */
static uint32_t set_up(const char *name)
{
	const char *home = fs_join(&mem, top, joined(name, "g"));
	const char *work = fs_join(&mem, top, joined(name, "w"));
	const char *program = fs_join(&mem, work, joined(name, "p"));

	o.gangway = fs_join(&mem, home, joined(name, "way"));
	o.workdir = work;
	o.rundir = fs_join(&mem, work, joined(name, "r.d"));
	ck_assert_int_eq(fs_mkdirs(home, &e), 0);
	ck_assert_int_eq(fs_mkdirs(work, &e), 0);
	write_file(o.gangway, fake);
	ck_assert_int_eq(chmod(o.gangway, 0755), 0);
	write_file(program, "");
	return add_program(program);
}

static void use(int i)
{
	o.dialect = i % 2 ? GRAPH_MAKE : GRAPH_NINJA;
	o.shape = i / 2 % 2 ? GRAPH_LANES : GRAPH_QUEUE;
}

static void check_names(size_t i, bool knows)
{
	const char *worker = o.shape == GRAPH_QUEUE ? "begin worker --run" : "--unit";
	size_t nworkers = o.shape == GRAPH_QUEUE ? p.nlanes : 2 * p.nunits;

	write_graph();
	ck_assert_msg(run("verdict") == 0, "%s", names[i].name);
	ck_assert_uint_eq(count(worker), nworkers);
	ck_assert_uint_eq(count("begin merge run"), 1);
	ck_assert_uint_eq(count("end verdict"), 1);
	ck_assert(fs_exists(fs_join(&mem, o.rundir, "junit.xml")));
	ck_assert_int_eq(run("verdict"), 0);
	ck_assert_uint_eq(count("end verdict"), 1);
	if (knows)
		ck_assert_msg(count("worker") + count("merge") == 0, "%s again: %s", names[i].name,
			      log_.s);
	touch(t.targets[0].program);
	ck_assert_int_eq(run("verdict"), 0);
	ck_assert_msg(count(worker) > 0, "%s: a new program was not run", names[i].name);
	ck_assert_uint_eq(count("begin merge run"), 1);
}

START_TEST(names_pass_through_unharmed)
{
	size_t name = (size_t)_i / 4;

	use(_i % 4);
	uint32_t target = set_up(names[name].name);

	add(target, "a");
	add(target, "b");
	schedule(DIST_LOAD, 2);
	check_names(name, names[name].who & (o.dialect == GRAPH_MAKE ? MAKE_CAN : NINJA_CAN));
}
END_TEST

START_TEST(the_folder_of_the_run_may_be_the_working_folder_or_far_from_it)
{
	static const char *const dirs[] = { "w", "w/-r", "w/deep/er.d", "else where/r", "" };

	use(_i % 4);
	uint32_t target = set_up("");

	o.rundir = fs_join(&mem, top, dirs[_i / 4]);
	add(target, "a");
	schedule(DIST_LOAD, 1);
	check_names(0, true);
	ck_assert_int_eq(run("junit.xml"), 0);
	ck_assert_int_eq(run("lanes"), 0);
	ck_assert_uint_eq(log_.len, 0);
}
END_TEST

/* --- what runs when --- */

/* Do the runs of two commands overlap? */
static bool overlap(const char *a, const char *b)
{
	char words[4][64];
	const char *at[4];

	snprintf(words[0], 64, "begin worker --run r.d %.30s\n", a);
	snprintf(words[1], 64, "end worker --run r.d %.30s\n", a);
	snprintf(words[2], 64, "begin worker --run r.d %.30s\n", b);
	snprintf(words[3], 64, "end worker --run r.d %.30s\n", b);
	for (int i = 0; i < 4; i++) {
		at[i] = strstr(log_.s, words[i]);
		ck_assert_msg(at[i] != NULL, "no %s in %s", words[i], log_.s);
	}
	return at[0] < at[3] && at[2] < at[1];
}

START_TEST(units_of_a_lane_and_exclusive_ones_never_overlap)
{
	char args[8][64] = { "" };
	size_t nargs = 0;

	use(2 + _i);
	uint32_t target = set_up("");

	for (int i = 0; i < 8; i++) {
		static const char *const ids[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
		struct test *test = add(target, ids[i]);

		test->cost_us = 1000000;
		test->is_exclusive = i == 2 || i == 5;
		test->slots = i == 7 ? 2 : 1;
	}
	schedule(DIST_LOAD, 3);
	ck_assert_uint_eq(p.nunits, 8);
	write_graph();
	setenv("FAKE_SLEEP", "0.05", 1);
	ck_assert_int_eq(run("verdict"), 0);
	for (char *at = log_.s; (at = strstr(at, "begin worker --run r.d ")) != NULL; at++)
		snprintf(args[nargs++], 64, "%.*s", (int)strcspn(at + 23, "\n"), at + 23);
	ck_assert_uint_eq(nargs, 8);
	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < i; k++) {
			bool is_alone = strstr("u7u8", strstr(args[i], "u")) ||
					strstr("u7u8", strstr(args[k], "u"));
			bool is_same = strncmp(args[i], args[k], 8) == 0;

			if (is_alone || is_same)
				ck_assert_msg(!overlap(args[i], args[k]), "%s, %s: %s", args[i],
					      args[k], log_.s);
		}
	}
}
END_TEST

START_TEST(units_are_laid_out_longest_first_on_the_lane_that_is_free)
{
	static const uint64_t seconds[] = { 8, 7, 6, 5, 4 };
	static const char *const lanes[] = { "--lane 0 --unit u1", "--lane 1 --unit u2",
					     "--lane 1 --unit u3", "--lane 0 --unit u4",
					     "--lane 0 --unit u5" };

	use(2 + _i);
	uint32_t target = set_up("");

	for (int i = 0; i < 5; i++) {
		static const char *const ids[] = { "a", "b", "c", "d", "e" };

		add(target, ids[i])->cost_us = seconds[i] * 1000000;
	}
	schedule(DIST_LOAD, 2);
	write_graph();
	for (int i = 0; i < 5; i++)
		ck_assert_ptr_nonnull(strstr(text.s, lanes[i]));
}
END_TEST

START_TEST(a_worker_that_dies_does_not_keep_the_verdict_from_being_said)
{
	use(_i);
	uint32_t target = set_up("");

	add(target, "a")->cost_us = 1000000;
	add(target, "b")->cost_us = 1000000;
	schedule(DIST_LOAD, 2);
	write_graph();
	write_file(fs_join(&mem, o.rundir, o.shape == GRAPH_QUEUE ? "fail-gw1" : "fail-u1"), "");
	ck_assert_int_eq(run("verdict"), 0);
	ck_assert_uint_eq(count("end merge"), 1);
	ck_assert_uint_eq(count("end verdict"), 1);
	/* and it is run again, for it left nothing */
	ck_assert_int_eq(run("verdict"), 0);
	ck_assert_uint_eq(count("begin worker"), 1);
}
END_TEST

START_TEST(the_verdict_alone_makes_the_tool_fail)
{
	use(_i);
	uint32_t target = set_up("");

	add(target, "a");
	schedule(DIST_LOAD, 1);
	write_graph();
	write_file(fs_join(&mem, o.rundir, "status"), "1\n");
	ck_assert_int_eq(run("lanes"), 0);
	ck_assert_int_eq(run("junit.xml"), 0);
	ck_assert_int_ne(run("verdict"), 0);
	ck_assert_int_ne(run(NULL), 0); /* the default */
	ck_assert_uint_eq(count("end verdict"), 1);
}
END_TEST

START_TEST(data_and_programs_decide_what_runs_again)
{
	use(2 + _i);
	uint32_t target = set_up("");
	const char *data = fs_join(&mem, o.workdir, "data file");
	const char *needs[] = { data, fs_join(&mem, o.workdir, "not there") };

	write_file(data, "");
	write_file(fs_join(&mem, o.workdir, "other"), "");
	add(target, "a")->cost_us = 1000000;
	t.tests[0].needs = needs;
	t.tests[0].nneeds = 2;
	add(add_program(fs_join(&mem, o.workdir, "other")), "b");
	add(add_program(fs_join(&mem, o.workdir, "unbuilt")), "c")->error = "not built";
	schedule(DIST_LOAD, 2);
	write_graph();
	ck_assert_ptr_nonnull(strstr(text.s, "not there' is left out: it is not there"));
	ck_assert_int_eq(run(NULL), 0);
	ck_assert_uint_eq(count("begin worker"), 3);
	ck_assert_int_eq(run(NULL), 0);
	ck_assert_uint_eq(count("begin worker"), 0);
	touch(data);
	ck_assert_int_eq(run(NULL), 0);
	ck_assert_uint_eq(count("begin worker"), 1);
	touch(fs_join(&mem, o.workdir, "other"));
	ck_assert_int_eq(run(NULL), 0);
	ck_assert_uint_eq(count("begin worker"), 1);
}
END_TEST

START_TEST(a_test_without_a_program_runs_every_time)
{
	use(_i);
	set_up("");
	add(add_program(""), "a");
	schedule(DIST_LOAD, 1);
	write_graph();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(run("verdict"), 0);
		ck_assert_uint_eq(count("begin worker"), 1);
	}
}
END_TEST

START_TEST(each_lane_has_files_of_its_own)
{
	use(2 + _i);
	uint32_t target = set_up("");

	add(target, "a");
	schedule(DIST_EACH, 3);
	write_graph();
	ck_assert_int_eq(run("verdict"), 0);
	ck_assert_uint_eq(count("begin worker"), 3);
	ck_assert_uint_eq(count("begin worker --run r.d --lane 2"), 1);
}
END_TEST

START_TEST(no_tests_are_no_trouble)
{
	use(_i);
	set_up("");
	schedule(DIST_LOAD, 2);
	write_graph();
	ck_assert_int_eq(run("verdict"), 0);
}
END_TEST

START_TEST(a_path_that_ends_in_a_newline_is_refused)
{
	set_up("");
	o.gangway = "/bin/gangway\n";
	ck_assert_int_eq(graph_write(&o, &p, &t, &text, &e), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
}
END_TEST

/* --- names --- */

static const struct {
	const char *id, *name;
} mapped[] = {
	{ "out/net_test::Retry::gives_up", "test/out/net_test::Retry::gives_up" },
	{ "a b", "test/a~20b" },
	{ "a~20b", "test/a~7E20b" },
	{ "x=$1|%#\n;\\", "test/x~3D~241~7C~25~23~0A~3B~5C" },
	{ "/bin/sh", "test/~2Fbin/sh" },
	{ "a//b", "test/a/~2Fb" },
	{ "a/./b", "test/a/~2E/b" },
	{ "../b", "test/~2E./b" },
	{ "a/..", "test/a/~2E." },
	{ "...", "test/..." },
	{ ".a", "test/.a" },
	{ "a/", "test/a/~" },
	{ "", "test/~" },
	{ "\xc3\xa9", "test/~C3~A9" },
};

START_TEST(an_id_is_a_name_that_every_tool_takes)
{
	graph_name("test", mapped[_i].id, &text);
	ck_assert_str_eq(text.s, mapped[_i].name);
}
END_TEST

START_TEST(long_ids_have_names_of_their_own)
{
	struct buf other = BUF_INIT;
	char id[1001];

	memset(id, 'x', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	graph_name("test", id, &text);
	id[999] = 'y';
	graph_name("test", id, &other);
	ck_assert_str_ne(text.s, other.s);
	ck_assert_uint_lt(text.len, 256);
	buf_release(&other);
}
END_TEST

/* --- the text --- */

static const char *const golden[] = { "queue.ninja", "queue.mk",   "lanes.ninja",
				      "lanes.mk",    "part.ninja", "part.mk" };

START_TEST(the_text_is_the_one_we_know)
{
	struct buf want = BUF_INIT;
	const char *path = fs_join(&mem, "tests/fixtures/graph", golden[_i]);
	uint32_t shell = add_program("/bin/sh");
	uint32_t gone = add_program("/nowhere/gone");

	use(_i < 4 ? _i : _i - 2);
	o.is_part = _i >= 4;
	o.target = o.is_part ? "test" : NULL;
	add(shell, "one")->cost_us = 3000000;
	add(shell, "two")->cost_us = 2000000;
	add(shell, "three")->cost_us = 1000000;
	add(gone, "four")->cost_us = 500000;
	add(shell, "five")->is_exclusive = true;
	o.gangway = "/opt/gang way/gangway";
	o.workdir = "/nowhere";
	o.rundir = "/nowhere/run";
	schedule(DIST_LOAD, 2);
	ck_assert_int_eq(graph_write(&o, &p, &t, &text, &e), 0);
	if (getenv("UPDATE_GOLDEN"))
		write_file(path, text.s);
	ck_assert_int_eq(fs_read(path, 1024 * 1024, &want, &e), 0);
	ck_assert_str_eq(text.s, want.s);
	buf_clear(&text);
	ck_assert_int_eq(graph_write(&o, &p, &t, &text, &e), 0);
	ck_assert_str_eq(text.s, want.s);
	buf_release(&want);
}
END_TEST

/* Work that grows with the square would be stopped by Check's time limit. */
START_TEST(a_hundred_thousand_tests_are_written_and_read)
{
	use(2 + _i);
	set_up("");
	for (int i = 0; i < 100000; i++) {
		char id[32];
		int len = snprintf(id, sizeof id, "bin/t%d", i);
		const char *name = arena_memdup(&t.mem, id, (size_t)len);

		/* a target each: the most edges there can be */
		add(add_program(t.targets[0].program), name)->cost_us =
			(uint64_t)(1 + i % 977) * 1000;
	}
	schedule(DIST_LOAD, 16);
	ck_assert_int_eq(graph_write(&o, &p, &t, &text, &e), 0);
	ck_assert_uint_eq(p.nunits, 100000);
	if (o.dialect == GRAPH_MAKE)
		return;
	write_file(fs_join(&mem, o.workdir, "graph"), text.s);
	const char *argv[] = { "ninja", "-f", "graph", "-t", "query", "verdict", NULL };
	const struct proc_spec spec = { .argv = argv, .workdir = o.workdir, .is_merged = true };
	struct buf out = BUF_INIT;
	struct proc_end end = { 0 };

	ck_assert_int_eq(proc_capture(&spec, 60 * 1000000, 1 << 20, &out, NULL, &end, &e), 0);
	ck_assert_msg(end.exit_code == 0 && strstr(out.s, "input: gangway_verdict"), "%s", out.s);
	buf_release(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("graph");
	TCase *tc = tcase_create("graph");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_loop_test(tc, names_pass_through_unharmed, 0, 4 * ARRAY_SIZE(names));
	tcase_add_loop_test(tc, the_folder_of_the_run_may_be_the_working_folder_or_far_from_it, 0,
			    4 * 5);
	tcase_add_loop_test(tc, units_of_a_lane_and_exclusive_ones_never_overlap, 0, 2);
	tcase_add_loop_test(tc, units_are_laid_out_longest_first_on_the_lane_that_is_free, 0, 2);
	tcase_add_loop_test(tc, a_worker_that_dies_does_not_keep_the_verdict_from_being_said, 0, 4);
	tcase_add_loop_test(tc, the_verdict_alone_makes_the_tool_fail, 0, 4);
	tcase_add_loop_test(tc, data_and_programs_decide_what_runs_again, 0, 2);
	tcase_add_loop_test(tc, a_test_without_a_program_runs_every_time, 0, 4);
	tcase_add_loop_test(tc, each_lane_has_files_of_its_own, 0, 2);
	tcase_add_loop_test(tc, no_tests_are_no_trouble, 0, 4);
	tcase_add_test(tc, a_path_that_ends_in_a_newline_is_refused);
	tcase_add_loop_test(tc, an_id_is_a_name_that_every_tool_takes, 0, ARRAY_SIZE(mapped));
	tcase_add_test(tc, long_ids_have_names_of_their_own);
	tcase_add_loop_test(tc, the_text_is_the_one_we_know, 0, ARRAY_SIZE(golden));
	tcase_add_loop_test(tc, a_hundred_thousand_tests_are_written_and_read, 0, 2);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
