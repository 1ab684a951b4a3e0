/* SPDX-License-Identifier: MIT */
#include "format/covsniff.h"

#include "base/err.h"
#include "format/cobertura.h"
#include "format/covjson.h"
#include "format/gcovjson.h"
#include "format/jscan.h"
#include "format/lcov.h"
#include "format/llvmjson.h"

static bool begins(const char *s, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(s, with, strlen(with)) == 0;
}

/* Keys of the outermost object tell; a value that is cut ends the search. */
static enum cov_format sniff_json(const char *s, size_t len)
{
	static const struct {
		const char *key;
		char value; /* what it begins with */
		enum cov_format format;
	} rows[] = {
		{ "gangway_coverage", 0, COV_FORMAT_GANGWAY },
		{ "format_version", '"', COV_FORMAT_GCOV_JSON },
		{ "gcc_version", '"', COV_FORMAT_GCOV_JSON },
		{ "current_working_directory", '"', COV_FORMAT_GCOV_JSON },
		{ "data_file", '"', COV_FORMAT_GCOV_JSON },
		{ "files", '[', COV_FORMAT_GCOV_JSON },
		{ "data", '[', COV_FORMAT_LLVM_JSON },
	};
	enum cov_format found = COV_FORMAT_UNKNOWN;
	struct jscan_text key;
	struct jscan j;

	jscan_init(&j, "", s, len, NULL);
	jscan_enter(&j, '{');
	while (!found && jscan_key(&j, &key)) {
		char value = jscan_peek(&j);

		for (size_t i = 0; i < ARRAY_SIZE(rows) && !found; i++) {
			if (jscan_is(&key, rows[i].key) &&
			    (rows[i].value == value || rows[i].value == 0))
				found = rows[i].format;
		}
		if (!found)
			jscan_skip(&j);
	}
	jscan_release(&j);
	return found;
}

/* <coverage> may stand behind a prolog, a DOCTYPE and comments. */
static enum cov_format sniff_xml(const char *s, size_t len)
{
	static const char root[] = "<coverage";
	const char *found = memmem(s, len, root, sizeof root - 1);

	if (!found || found + sizeof root - 1 == s + len)
		return COV_FORMAT_UNKNOWN;
	return strchr(" \t\r\n>/", found[sizeof root - 1]) ? COV_FORMAT_COBERTURA
							   : COV_FORMAT_UNKNOWN;
}

/* The first line that is neither empty nor a comment. */
static enum cov_format sniff_lines(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end && (*s == '#' || *s == '\n' || *s == '\r')) {
		s = memchr(s, '\n', (size_t)(end - s));
		if (!s)
			return COV_FORMAT_UNKNOWN;
		s++;
	}
	len = (size_t)(end - s);
	return begins(s, len, "TN:") || begins(s, len, "SF:") ? COV_FORMAT_LCOV
							      : COV_FORMAT_UNKNOWN;
}

enum cov_format cov_sniff(const char *s, size_t len)
{
	static const char *const gcov[] = { "adcg", "oncg", "gcda", "gcno" };
	size_t at = begins(s, len, "\xef\xbb\xbf") ? 3 : 0;

	if (begins(s, len, "\x1f\x8b"))
		return COV_FORMAT_GZIP;
	for (size_t i = 0; i < ARRAY_SIZE(gcov); i++) {
		if (begins(s, len, gcov[i]))
			return COV_FORMAT_GCOV;
	}
	while (at < len && strchr(" \t\r\n", s[at]) && s[at])
		at++;
	if (at < len && s[at] == '{')
		return sniff_json(s + at, len - at);
	if (at < len && s[at] == '<')
		return sniff_xml(s + at, len - at);
	return sniff_lines(s + at, len - at);
}

int cov_read(enum cov_format format, const char *path, const char *s, size_t len,
	     const struct cov_read_options *o, struct cov *c, struct err *reterr)
{
	switch (format) {
	case COV_FORMAT_LCOV:
		return lcov_read(path, s, len, o, c, reterr);
	case COV_FORMAT_COBERTURA:
		return cobertura_read(path, s, len, o, c, reterr);
	case COV_FORMAT_GANGWAY:
		return covjson_read(path, s, len, o, c, reterr);
	case COV_FORMAT_GCOV_JSON:
		return gcovjson_read(path, s, len, o, c, reterr);
	case COV_FORMAT_LLVM_JSON:
		return llvmjson_read(path, s, len, o, c, reterr);
	case COV_FORMAT_GCOV:
		return err_set(reterr, ERR_UNSUPPORTED, path, 0,
			       "counters of a program are read by whole folders");
	case COV_FORMAT_UNKNOWN:
	case COV_FORMAT_GZIP:
		break;
	}
	return err_set(reterr, ERR_UNSUPPORTED, path, 0,
		       "no coverage: neither a tracefile of lcov, nor Cobertura's XML, nor JSON of "
		       "gcov, llvm-cov or gangway");
}
