/* Check: two suites, tags, a fixture, loop tests over tables. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "intern.h"

static struct conf *conf;
static struct conf_error error;

static void parse_sample(void)
{
	static const char text[] = "# a sample\n"
				   "name = larder\n"
				   "shelf.height=30\n"
				   "\n"
				   "motto =  waste not, want not \r\n"
				   "name = pantry\n";

	conf = conf_parse(text, sizeof text - 1, &error);
	ck_assert_ptr_nonnull(conf);
}

static void drop_sample(void)
{
	conf_free(conf);
}

START_TEST(values_are_found)
{
	ck_assert_str_eq(conf_get(conf, "shelf.height", ""), "30");
	ck_assert_str_eq(conf_get(conf, "motto", ""), "waste not, want not");
	ck_assert_uint_eq(conf_count(conf), 3);
}
END_TEST

START_TEST(the_last_value_counts)
{
	ck_assert_str_eq(conf_get(conf, "name", ""), "pantry");
}
END_TEST

START_TEST(an_absent_key_gives_the_fallback)
{
	ck_assert_str_eq(conf_get(conf, "colour", "white"), "white");
	ck_assert_ptr_null(conf_get(conf, "colour", NULL));
}
END_TEST

static const struct {
	const char *text;
	long number;
} numbers[] = {
	{ "n = 0", 0 },   { "n = 42", 42 },  { "n = -7", -7 },
	{ "n = 12x", 5 }, { "n = ", 5 },     { "n = 99999999999999999999", 5 },
	{ "m = 1", 5 },   { "n=1\nn=2", 2 },
};

START_TEST(numbers_are_whole_or_the_fallback)
{
	struct conf *c = conf_parse(numbers[_i].text, strlen(numbers[_i].text), &error);

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(conf_number(c, "n", 5), numbers[_i].number);
	conf_free(c);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *message;
} bad[] = {
	{ "just words", 1, "no '=' behind the key" },
	{ "a = 1\n= 2\n", 2, "a line begins with a key" },
	{ "\n\n# fine\nkey\n", 4, "no '=' behind the key" },
};

START_TEST(a_bad_line_is_refused_by_number)
{
	ck_assert_ptr_null(conf_parse(bad[_i].text, strlen(bad[_i].text), &error));
	ck_assert_uint_eq(error.line, bad[_i].line);
	ck_assert_str_eq(error.message, bad[_i].message);
}
END_TEST

START_TEST(equal_strings_are_one)
{
	struct intern *in = intern_new();
	char copy[] = "jam";

	ck_assert_ptr_eq(intern_string(in, "jam"), intern_string(in, copy));
	ck_assert_ptr_ne(intern_string(in, "jam"), intern_string(in, "ham"));
	ck_assert_uint_eq(intern_count(in), 2);
	intern_free(in);
}
END_TEST

START_TEST(a_free_of_nothing_is_fine)
{
	intern_free(NULL);
	conf_free(NULL);
}
END_TEST

static Suite *conf_suite(void)
{
	Suite *s = suite_create("conf");
	TCase *values = tcase_create("values");
	TCase *tables = tcase_create("tables");

	tcase_set_tags(values, "fast fixture");
	tcase_add_checked_fixture(values, parse_sample, drop_sample);
	tcase_add_test(values, values_are_found);
	tcase_add_test(values, the_last_value_counts);
	tcase_add_test(values, an_absent_key_gives_the_fallback);
	suite_add_tcase(s, values);

	tcase_set_tags(tables, "fast table");
	tcase_add_loop_test(tables, numbers_are_whole_or_the_fallback, 0,
			    sizeof numbers / sizeof numbers[0]);
	tcase_add_loop_test(tables, a_bad_line_is_refused_by_number, 0, sizeof bad / sizeof bad[0]);
	suite_add_tcase(s, tables);
	return s;
}

static Suite *intern_suite(void)
{
	Suite *s = suite_create("intern");
	TCase *tc = tcase_create("identity");

	tcase_set_tags(tc, "fast");
	tcase_add_test(tc, equal_strings_are_one);
	tcase_add_test(tc, a_free_of_nothing_is_fine);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(conf_suite());
	int nfailed;

	srunner_add_suite(runner, intern_suite());
	srunner_run_all(runner, CK_ENV);
	nfailed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return nfailed ? EXIT_FAILURE : EXIT_SUCCESS;
}
