/* A plain program: exit 0 is good. */
#include <stdio.h>
#include <string.h>

#include "intern.h"
#include "lru.h"

int main(void)
{
	struct intern *table = intern_new();
	struct lru *lru = lru_new(100);
	char key[16];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "%d", i % 150);
		if (lru_put(lru, key, intern_string(table, key)) < 0)
			return 1;
	}
	printf("%zu strings, %zu cached\n", intern_count(table), lru_stats(lru).entries);
	i = intern_count(table) == 150 && lru_stats(lru).entries == 100;
	lru_free(lru);
	intern_free(table);
	return !i;
}
