/* SPDX-License-Identifier: MIT
 *
 * set_tests_properties(t PROPERTIES xdist_group NAME): CMake takes any property, but ctest shows
 * only those that it knows.  This one is found in the CTestTestfile.cmake that CMake wrote.
 */
#include <strings.h>

#include "adapter/ctest.h"
#include "base/buf.h"
#include "base/map.h"
#include "format/cmakefile.h"
#include "sys/fs.h"

enum { MAX_FILES = 100000, MAX_FILE_BYTES = 256 << 20 };

static const char property[] = "xdist_group";

/* Files still to be read, and what was found. */
struct search {
	struct arena *mem;
	const char *build_config; /* "": none */
	const char **files;
	size_t nfiles, nread;
	struct map seen;
	struct map groups; /* name of an entry to the index of its group */
	const char **names;
	size_t nnames;
};

static void add_file(struct search *s, const char *path)
{
	if (s->nfiles < MAX_FILES && map_put(&s->seen, path, strlen(path), 1))
		s->files[s->nfiles++] = path;
}

/* (name... PROPERTIES key value key value ...) */
static void take_properties(struct search *s, const struct cmake_command *c)
{
	size_t nnames = 0;

	while (nnames < c->nargs && strcmp(c->args[nnames], "PROPERTIES") != 0)
		nnames++;
	for (size_t i = nnames + 1; i + 1 < c->nargs; i += 2) {
		if (strcmp(c->args[i], property) != 0 || !*c->args[i + 1] || s->nnames == MAX_FILES)
			continue;
		for (size_t k = 0; k < nnames; k++)
			map_set(&s->groups, c->args[k], strlen(c->args[k]), s->nnames);
		s->names[s->nnames++] = c->args[i + 1];
	}
}

/* The path that include() names.  Of the variables only ctest's own word for -C stands in what CMake
 * and its modules write. */
static const char *included(struct search *s, const char *folder, const char *word)
{
	static const char config[] = "${CTEST_CONFIGURATION_TYPE}";
	const char *at = NULL;
	struct buf path = BUF_INIT;

	for (; (at = strstr(word, config)); word = at + sizeof config - 1) {
		buf_add(&path, word, (size_t)(at - word));
		buf_addstr(&path, s->build_config);
	}
	buf_addstr(&path, word);
	const char *kept = fs_absolute(s->mem, folder, path.s);

	buf_release(&path);
	return kept;
}

static void take_command(struct search *s, const char *folder, const struct cmake_command *c)
{
	if (strcasecmp(c->name, "set_tests_properties") == 0) {
		take_properties(s, c);
	} else if (strcasecmp(c->name, "include") == 0 && c->nargs > 0) {
		add_file(s, included(s, folder, c->args[0]));
	} else if (strcasecmp(c->name, "subdirs") == 0 ||
		   strcasecmp(c->name, "add_subdirectory") == 0) {
		for (size_t i = 0; i < c->nargs; i++)
			add_file(s, fs_join(s->mem, fs_absolute(s->mem, folder, c->args[i]),
					    "CTestTestfile.cmake"));
	}
}

/* Files of discovered tests may be large, and lead nowhere: most often one look is enough. */
static bool is_worth_reading(const char *path, const struct buf *text)
{
	return strcmp(fs_basename(path), "CTestTestfile.cmake") == 0 ||
	       memmem(text->s, text->len, property, sizeof property - 1) ||
	       memmem(text->s, text->len, "include(", 8);
}

static void read_file(struct search *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = arena_memdup(s->mem, path, (size_t)(slash - path));
	struct cmake_command command = { 0 };
	struct buf text = BUF_INIT;

	/* what is not there was not built, or is made when ctest runs */
	if (fs_read(path, MAX_FILE_BYTES, &text, NULL) == 0 && is_worth_reading(path, &text)) {
		struct cmake_reader r = { text.s, text.s + text.len };

		while (cmake_next(&r, s->mem, &command))
			take_command(s, folder, &command);
	}
	buf_release(&text);
}

void ctest_find_groups(const struct ctest_options *o, struct ctest_entry *entries, size_t n,
		       struct arena *mem)
{
	struct arena scratch = { 0 };
	struct search s = { .mem = &scratch,
			    .build_config = o->build_config ? o->build_config : "" };
	size_t i = 0;

	s.files = arena_alloc(&scratch, MAX_FILES, sizeof *s.files);
	s.names = arena_alloc(&scratch, MAX_FILES, sizeof *s.names);
	add_file(&s, fs_join(&scratch, o->folder, "CTestTestfile.cmake"));
	while (s.nread < s.nfiles)
		read_file(&s, s.files[s.nread++]);
	for (size_t k = 0; k < n && s.nnames > 0; k++) {
		if (map_get(&s.groups, entries[k].name, strlen(entries[k].name), &i))
			entries[k].test.group = arena_strdup(mem, s.names[i]);
	}
	map_release(&s.seen);
	map_release(&s.groups);
	arena_release(&scratch);
}
