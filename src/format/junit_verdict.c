/* SPDX-License-Identifier: MIT */
#include "format/junit_verdict.h"

#include <strings.h>

#include "base/err.h"
#include "format/json.h"
#include "sys/fs.h"

void junit_said_init(struct junit_said *s)
{
	*s = (struct junit_said){ .message = BUF_INIT,
				  .type = BUF_INIT,
				  .text = BUF_INIT,
				  .status = BUF_INIT,
				  .result = BUF_INIT };
}

void junit_said_release(struct junit_said *s)
{
	buf_release(&s->message);
	buf_release(&s->type);
	buf_release(&s->text);
	buf_release(&s->status);
	buf_release(&s->result);
}

void junit_said_clear(struct junit_said *s)
{
	buf_clear(&s->message);
	buf_clear(&s->type);
	buf_clear(&s->text);
	buf_clear(&s->status);
	buf_clear(&s->result);
	s->element = JUNIT_SAID_NOTHING;
	s->may_fail = s->is_xpass = s->is_check = false;
}

static void say(struct buf *b, const char *text)
{
	buf_clear(b);
	buf_addstr(b, text);
}

/* CTest calls everything that did not start "skipped", but fails the run for these. */
static bool is_ctest_error(const struct buf *message)
{
	static const char *const reasons[] = {
		"Unable to find executable",
		"Required Files Missing",
		"Missing Configuration",
		"Fixture dependency failed",
		"Insufficient resources",
		"Failed to start",
		"BAD_COMMAND",
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strncmp(message->s, reasons[i], strlen(reasons[i])) == 0)
			return true;
	}
	return false;
}

static enum outcome judge_skipped(struct junit_said *s, const char **ret_note)
{
	if (strcmp(s->type.s, "pytest.xfail") == 0)
		return OUTCOME_XFAIL;
	if (strcmp(s->type.s, "notrun") == 0)
		return OUTCOME_NOTRUN;
	if (s->may_fail) {
		say(&s->message, "");
		return OUTCOME_PASS;
	}
	if (strcmp(s->status.s, "notrun") == 0 && is_ctest_error(&s->message)) {
		*ret_note =
			"CTest's 'skipped' of a test that it could not start counts as an error";
		return OUTCOME_ERROR;
	}
	return OUTCOME_SKIP;
}

/* Check writes how a test ended into the message only. */
static enum outcome judge_check(const struct junit_said *s)
{
	if (strstr(s->text.s, "Test timeout expired"))
		return OUTCOME_TIMEOUT;
	if (strstr(s->text.s, "Received signal"))
		return OUTCOME_CRASH;
	return s->element == JUNIT_SAID_ERROR ? OUTCOME_ERROR : OUTCOME_FAIL;
}

static enum outcome judge_bad(struct junit_said *s, const char **ret_note)
{
	enum outcome o = s->element == JUNIT_SAID_ERROR ? OUTCOME_ERROR : OUTCOME_FAIL;

	if (s->is_check)
		return judge_check(s);
	if (s->may_fail && o == OUTCOME_FAIL) {
		*ret_note = "Catch2's failure of a test that may fail counts as expected";
		return OUTCOME_XFAIL;
	}
	/* the second: Meson, of one point of a TAP program */
	if (strcmp(s->type.s, "timeout") == 0 ||
	    strcmp(s->text.s, "Test did not finish before configured timeout.") == 0)
		return OUTCOME_TIMEOUT;
	if (strcmp(s->type.s, "crash") == 0)
		return OUTCOME_CRASH;
	return strcmp(s->type.s, "lost") == 0 ? OUTCOME_LOST : o;
}

static enum outcome judge_meson(struct junit_said *s, enum outcome o)
{
	switch (o) {
	case OUTCOME_TIMEOUT:
		say(&s->message, "timed out (says testlog.json)");
		break;
	case OUTCOME_FAIL:
		say(&s->message, "passed although it should fail (says testlog.json)");
		break;
	case OUTCOME_NOTRUN:
		say(&s->message, "interrupted (says testlog.json)");
		break;
	case OUTCOME_XFAIL:
		say(&s->message, "failed as announced (says testlog.json)");
		break;
	case OUTCOME_PASS:
	case OUTCOME_SKIP:
	case OUTCOME_XPASS:
	case OUTCOME_CRASH:
	case OUTCOME_ERROR:
	case OUTCOME_LOST:
	case OUTCOME_MAX:
		break;
	}
	return o;
}

/* No child speaks: what the attributes say.  The words of CTest, GoogleTest, Criterion. */
static enum outcome judge_silent(struct junit_said *s, const char **ret_note)
{
	static const struct {
		const char *word;
		enum outcome outcome;
		const char *message;
	} words[] = {
		{ "notrun", OUTCOME_SKIP, "disabled" },
		{ "disabled", OUTCOME_SKIP, "disabled" },
		{ "suppressed", OUTCOME_SKIP, "disabled" },
		{ "skipped", OUTCOME_SKIP, "" },
		{ "fail", OUTCOME_FAIL, "" },
		{ "failed", OUTCOME_FAIL, "" },
		{ "error", OUTCOME_ERROR, "" },
		{ "errored", OUTCOME_ERROR, "" },
	};
	const struct buf *said[] = { &s->status, &s->result };

	for (size_t k = 0; k < ARRAY_SIZE(said); k++) {
		for (size_t i = 0; said[k]->len > 0 && i < ARRAY_SIZE(words); i++) {
			if (strcasecmp(said[k]->s, words[i].word) != 0)
				continue;
			say(&s->message, words[i].message);
			if (words[i].outcome != OUTCOME_SKIP)
				*ret_note =
					"a test case without <failure> counts as its status says";
			return words[i].outcome;
		}
	}
	return s->is_xpass ? OUTCOME_XPASS : OUTCOME_PASS;
}

enum outcome junit_judge(struct junit_said *s, const struct buf *name,
			 const struct junit_meson *meson, const char **ret_note)
{
	size_t result = 0;

	*ret_note = NULL;
	switch (s->element) {
	case JUNIT_SAID_ERROR:
	case JUNIT_SAID_FAILURE:
		return judge_bad(s, ret_note);
	case JUNIT_SAID_SKIPPED:
		return judge_skipped(s, ret_note);
	case JUNIT_SAID_NOTHING:
		break;
	}
	if (meson && map_get(&meson->results, name->s, name->len, &result)) {
		*ret_note = "Meson's file lacks results: taken from testlog.json beside it";
		return judge_meson(s, (enum outcome)result);
	}
	return judge_silent(s, ret_note);
}

static bool meson_outcome(const char *word, enum outcome *ret)
{
	static const struct {
		const char *word;
		enum outcome outcome;
	} words[] = {
		{ "TIMEOUT", OUTCOME_TIMEOUT },
		{ "EXPECTEDFAIL", OUTCOME_XFAIL },
		{ "UNEXPECTEDPASS", OUTCOME_FAIL },
		{ "INTERRUPT", OUTCOME_NOTRUN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0) {
			*ret = words[i].outcome;
			return true;
		}
	}
	return false;
}

/* One line of testlog.json: {"name": "x / tmo", "result": "TIMEOUT", ...} */
static void meson_line(const char *s, size_t len, const char *path, struct junit_meson *ret)
{
	struct json_doc *doc = NULL;
	enum outcome o = OUTCOME_MAX;

	if (json_read_mem(s, len, path, &doc, NULL) < 0)
		return;
	const struct json_value *name = json_get(json_root(doc), "name");
	const struct json_value *result = json_get(json_root(doc), "result");
	const char *word = result ? json_text(result) : NULL;
	const char *test = name ? json_text(name) : NULL;

	if (word && test && meson_outcome(word, &o)) {
		const char *key = arena_strdup(&ret->mem, test);

		map_put(&ret->results, key, strlen(key), o);
	}
	json_doc_free(doc);
}

void junit_meson_read(const char *junit_path, struct junit_meson *ret)
{
	enum { MAX_BYTES = 256 * 1024 * 1024 };
	static const char suffix[] = ".junit.xml";
	size_t n = strlen(junit_path);
	struct buf path = BUF_INIT;
	struct buf text = BUF_INIT;

	if (n < sizeof suffix || strcmp(junit_path + n - (sizeof suffix - 1), suffix) != 0)
		return;
	buf_add(&path, junit_path, n - (sizeof suffix - 1));
	buf_addstr(&path, ".json");
	if (fs_exists(path.s) && fs_read(path.s, MAX_BYTES, &text, NULL) == 0) {
		for (size_t i = 0; i < text.len;) {
			const char *end = memchr(text.s + i, '\n', text.len - i);
			size_t len = end ? (size_t)(end - text.s) - i : text.len - i;

			/* only lines that can say something new: the rest may be long */
			if (memmem(text.s + i, len, "\"TIMEOUT\"", 9) ||
			    memmem(text.s + i, len, "EXPECTED", 8) ||
			    memmem(text.s + i, len, "\"INTERRUPT\"", 11))
				meson_line(text.s + i, len, path.s, ret);
			i += len + 1;
		}
	}
	buf_release(&path);
	buf_release(&text);
}

void junit_meson_release(struct junit_meson *m)
{
	map_release(&m->results);
	arena_release(&m->mem);
}
