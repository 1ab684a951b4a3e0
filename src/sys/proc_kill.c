/* SPDX-License-Identifier: MIT */
#include "sys/proc_kill.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

enum { MAX_KILLED = 4096 };

static pid_t kept_pids[KEPT_MAX]; /* 0: free */

static void replace_kept(pid_t from, pid_t to)
{
	for (size_t i = 0; i < KEPT_MAX; i++) {
		if (kept_pids[i] == from) {
			kept_pids[i] = to;
			return;
		}
	}
}

void proc_keep(pid_t pid)
{
	replace_kept(0, pid);
}

void proc_let_go(pid_t pid)
{
	replace_kept(pid, 0);
}

bool proc_is_kept(pid_t pid)
{
	for (size_t i = 0; i < KEPT_MAX; i++) {
		if (pid > 0 && kept_pids[i] == pid)
			return true;
	}
	return false;
}

/* Append the children of a process, from all its threads. */
static size_t list_children(pid_t pid, pid_t *list, size_t n)
{
	char path[64];
	DIR *dir = NULL;
	struct dirent *e = NULL;

	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		char file[340];
		long child = 0;

		snprintf(file, sizeof file, "%s/%s/children", path, e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(file, "re");

		while (f && n < MAX_KILLED && fscanf(f, "%ld", &child) == 1)
			list[n++] = (pid_t)child;
		if (f)
			fclose(f); /* only read from */
	}
	if (dir)
		closedir(dir);
	return n;
}

void proc_signal_descendants(int sig)
{
	pid_t *list = xcalloc(MAX_KILLED, sizeof *list);
	size_t n = list_children(getpid(), list, 0);

	for (size_t i = 0; i < n; i++) {
		kill(list[i], sig); /* before its children are listed: who is stopped has no more */
		n = list_children(list[i], list, n);
	}
	free(list);
}

/* The ones below list[from..n) that are not in it. */
static size_t add_below(pid_t *list, size_t from, size_t n, pid_t but)
{
	for (size_t i = from; i < n; i++) {
		size_t end = list_children(list[i], list, n);

		for (size_t k = n; k < end; k++) {
			if (list[k] != but)
				list[n++] = list[k];
		}
	}
	return n;
}

size_t proc_list_descendants(pid_t first, pid_t *ret, size_t max)
{
	pid_t *list = xcalloc(MAX_KILLED, sizeof *list);
	size_t n = 1;

	list[0] = first;
	n = add_below(list, 0, n, 0);
	size_t end = list_children(getpid(), list, n);
	size_t from = n;

	for (size_t k = n; k < end; k++) {
		if (list[k] != first)
			list[n++] = list[k];
	}
	n = add_below(list, from, n, first);
	n = n < max ? n : max;
	memcpy(ret, list, n * sizeof *ret);
	free(list);
	return n;
}

/* Our children but those that are kept. */
static size_t list_others(pid_t *list)
{
	size_t n = list_children(getpid(), list, 0), nothers = 0;

	for (size_t i = 0; i < n; i++) {
		if (!proc_is_kept(list[i]))
			list[nothers++] = list[i];
	}
	return nothers;
}

bool proc_has_others(void)
{
	pid_t *list = NULL;
	bool has_kept = false;

	for (size_t i = 0; i < KEPT_MAX; i++)
		has_kept = has_kept || kept_pids[i] > 0;
	if (!has_kept)
		return true; /* whoever asks has a child */
	list = xcalloc(MAX_KILLED, sizeof *list);
	bool ret = list_others(list) > 0;

	free(list);
	return ret;
}

void proc_kill_house(pid_t leader)
{
	pid_t *list = xcalloc(MAX_KILLED, sizeof *list);
	size_t n = 0;

	if (leader > 0)
		kill(-leader, SIGKILL);
	n = leader > 0 ? list_children(leader, list, n) : list_others(list);
	for (size_t i = 0; i < n; i++)
		n = list_children(list[i], list, n);
	for (size_t i = 0; i < n; i++)
		kill(list[i], SIGKILL);
	free(list);
}

static bool is_our_program(pid_t pid)
{
	char path[64];
	struct stat ours;
	struct stat its;

	snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
	return stat("/proc/self/exe", &ours) == 0 && stat(path, &its) == 0 &&
	       ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

void proc_kill_orphans(pid_t but)
{
	pid_t *list = xcalloc(MAX_KILLED, sizeof *list);
	size_t n = list_children(getpid(), list, 0);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (list[i] != but && !proc_is_kept(list[i]) &&
		    waitpid(list[i], NULL, WNOHANG) != list[i] && !is_our_program(list[i]))
			list[kept++] = list[i];
	}
	n = kept;
	for (size_t i = 0; i < n; i++)
		n = list_children(list[i], list, n);
	for (size_t i = 0; i < n; i++)
		kill(list[i], SIGKILL);
	free(list);
}
