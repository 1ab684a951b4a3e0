/* SPDX-License-Identifier: MIT */
#include "cli/config_find.h"

#include "base/err.h"
#include "format/config_file.h"
#include "model/config.h"
#include "sys/fs.h"

static const char file_name[] = "gangway.ini";

/* Cut `dir` down to the folder that also holds `other`; both absolute and clean. */
static void common_folder(char *dir, const char *other)
{
	size_t n = strlen(dir);

	while (n > 1 && (strncmp(dir, other, n) != 0 || (other[n] && other[n] != '/'))) {
		while (n > 1 && dir[n - 1] != '/')
			n--;
		n -= n > 1;
	}
	dir[n] = '\0';
}

/* The folder above, in place; false at the top. */
static bool go_up(char *dir)
{
	char *slash = strrchr(dir, '/');

	if (!slash || !dir[1])
		return false;
	slash[slash == dir] = '\0';
	return true;
}

/* The folder of an argument's path part, NULL if it is not on the disk. */
static char *argument_folder(struct arena *mem, const char *cwd, const char *arg)
{
	const char *colons = strstr(arg, "::");
	char *path = fs_absolute(mem, cwd, arg);

	if (!fs_exists(path) && colons)
		path = fs_absolute(mem, cwd, arena_memdup(mem, arg, (size_t)(colons - arg)));
	if (!fs_exists(path))
		return NULL;
	if (!fs_is_dir(path))
		go_up(path);
	return path;
}

static char *start_folder(const struct config_wish *wish, struct arena *mem, const char *cwd)
{
	char *start = NULL;

	for (size_t i = 0; i < wish->nargs; i++) {
		char *dir = argument_folder(mem, cwd, wish->args[i]);

		if (dir && start)
			common_folder(start, dir);
		else if (dir)
			start = dir;
	}
	return start ? start : arena_strdup(mem, cwd);
}

/* The nearest gangway.ini from `dir` upwards, or NULL; dir then is its folder. */
static char *look_upwards(struct arena *mem, char *dir)
{
	do {
		char *path = fs_join(mem, dir, file_name);

		if (fs_exists(path))
			return path;
	} while (go_up(dir));
	return NULL;
}

int config_find(const struct config_wish *wish, struct config *ret, struct err *reterr)
{
	struct arena mem = { 0 };
	const char *cwd = fs_cwd(&mem);
	char *dir = start_folder(wish, &mem, cwd);
	char *path = NULL;
	int status = -1;

	if (wish->file) {
		path = fs_absolute(&mem, cwd, wish->file);
		dir = arena_strdup(&mem, path);
		go_up(dir);
	} else {
		path = look_upwards(&mem, dir);
	}
	ret->timeout_us = TIME_UNKNOWN;
	/* messages name the file as it is seen from here */
	if (path && config_read(fs_relative(&mem, cwd, path), ret, reterr) < 0)
		goto out;
	if (wish->rootdir && !fs_is_dir(wish->rootdir)) {
		err_set(reterr, ERR_MISSING, wish->rootdir, 0, "no such folder for '--rootdir'");
		goto out;
	}
	if (wish->rootdir)
		ret->rootdir = fs_absolute(&ret->mem, cwd, wish->rootdir);
	else
		ret->rootdir = arena_strdup(&ret->mem, path ? dir : cwd);
	status = 0;
out:
	arena_release(&mem);
	return status;
}
