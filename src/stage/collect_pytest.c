/* SPDX-License-Identifier: MIT */
#include "stage/collect_pytest.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/parse.h"
#include "sys/fs.h"

enum { SETTINGS_MAX_BYTES = 1024 * 1024 };

/* Files in which pytest's settings may stand, and the line that they begin with; NULL: any. */
static const struct {
	const char *name;
	const char *section;
} settings[] = {
	{ "conftest.py", NULL },   { "pytest.ini", NULL },
	{ ".pytest.ini", NULL },   { "pyproject.toml", "[tool.pytest" },
	{ "tox.ini", "[pytest]" }, { "setup.cfg", "[tool:pytest]" },
};

static bool has_section(const char *dir, const char *name, const char *section)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;
	bool has = false;

	if (fs_read(fs_join(&mem, dir, name), SETTINGS_MAX_BYTES, &text, NULL) == 0) {
		for (const char *s = text.s; s && !has; s = strchr(s, '\n')) {
			s += strspn(s, "\r\n");
			has = strncmp(s, section, strlen(section)) == 0;
		}
	}
	buf_release(&text);
	arena_release(&mem);
	return has;
}

bool collect_is_python(const char *name)
{
	return parse_glob("*.py", name);
}

bool collect_is_pytest_file(const char *name)
{
	return parse_glob("test_*.py", name) || parse_glob("*_test.py", name);
}

/* A script that can be executed may be a program of its own. */
static bool is_plain_file(const char *dir, const char *name)
{
	struct arena mem = { 0 };
	bool is_plain = !fs_is_program(fs_join(&mem, dir, name));

	arena_release(&mem);
	return is_plain;
}

enum pytest_sign collect_pytest_folder(const char *dir, const char *const *names, size_t n)
{
	enum pytest_sign sign = PYTEST_NONE;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(settings); k++) {
			if (strcmp(names[i], settings[k].name) == 0 &&
			    (!settings[k].section ||
			     has_section(dir, names[i], settings[k].section)))
				return PYTEST_SURE;
		}
		if (sign == PYTEST_NONE && collect_is_pytest_file(names[i]) &&
		    is_plain_file(dir, names[i]))
			sign = PYTEST_MAYBE;
	}
	return sign;
}
