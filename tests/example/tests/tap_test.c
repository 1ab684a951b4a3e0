/* A producer of TAP, the Test Anything Protocol: one line a point. */
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "lru.h"

static int npoints, nfailed;

static void point(int ok, const char *name)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++npoints, name);
	nfailed += !ok;
}

int main(void)
{
	static const char text[] = "capacity = 2\ntitle = larder # not a comment\n";
	struct conf_error error;
	struct conf *conf = conf_parse(text, strlen(text), &error);
	struct lru *lru;

	printf("TAP version 13\n1..5\n");
	point(conf != NULL, "settings parse");
	if (!conf) {
		printf("Bail out! line %u: %s\n", error.line, error.message);
		return 1;
	}
	point(conf_count(conf) == 2, "there are two");
	point(strcmp(conf_get(conf, "title", ""), "larder # not a comment") == 0,
	      "a value keeps its \\#");
	lru = lru_new((size_t)conf_number(conf, "capacity", 0));
	lru_put(lru, "a", "1");
	lru_put(lru, "b", "2");
	lru_put(lru, "c", "3");
	printf("# the cache holds %zu\n", lru_stats(lru).entries);
	point(lru_stats(lru).entries == 2, "the cache is as large as the settings say");
	point(lru_get(lru, "a") == NULL, "the oldest is gone");
	lru_free(lru);
	conf_free(conf);
	return nfailed > 0;
}
