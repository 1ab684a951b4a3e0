/* SPDX-License-Identifier: MIT */
#include "adapter/check.h"
#include "base/parse.h"
#include "format/checkxml.h"
#include "sys/proc.h"

struct result check_blank(enum outcome outcome, const char *message)
{
	return (struct result){
		.outcome = outcome,
		.message = message,
		.detail = "",
		.exit_code = -1,
		.time_us = TIME_UNKNOWN,
	};
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* The number behind `with`; -1 if the text is another one. */
static int number_behind(const char *s, const char *with)
{
	uint64_t value = 0;
	char digits[8] = "";

	if (!begins(s, with))
		return -1;
	s += strlen(with);
	memcpy(digits, s, strnlen(s, sizeof digits - 1));
	digits[strspn(digits, "0123456789")] = '\0';
	return parse_uint(digits, 4096, &value) ? (int)value : -1;
}

struct result check_judge(const struct check_case *c, struct buf *text)
{
	struct result r = check_blank(OUTCOME_PASS, "");

	r.time_us = c->time_us;
	if (c->verdict == CHECK_PASSED)
		return r;
	int sig = number_behind(c->message, "Received signal ");
	int code = number_behind(c->message, "Early exit with return value ");

	r.outcome = c->verdict == CHECK_ERROR ? OUTCOME_ERROR : OUTCOME_FAIL;
	r.detail = c->message;
	r.file = *c->file ? c->file : NULL;
	r.line = c->line;
	if (c->verdict == CHECK_ERROR && begins(c->message, "Test timeout expired")) {
		r.outcome = OUTCOME_TIMEOUT;
	} else if (c->verdict == CHECK_ERROR && sig > 0) {
		const struct proc_end end = { .exit_code = -1, .term_signal = sig };

		r.outcome = OUTCOME_CRASH;
		r.term_signal = sig;
		proc_end_describe(&end, text);
	} else if (c->verdict == CHECK_ERROR && code >= 0) {
		r.exit_code = code;
	}
	if (text->len == 0)
		buf_add(text, c->message, strcspn(c->message, "\n"));
	r.message = text->s;
	return r;
}
