/* SPDX-License-Identifier: MIT
 *
 * spawnloop N PROGRAM...: the floor under every test runner: posix_spawn() each program once, N at
 * a time, and wait; nothing is read, kept or reported.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
	int limit = argc > 1 ? atoi(argv[1]) : 1;
	int nrunning = 0, nbad = 0;

	for (int i = 2; i < argc || nrunning > 0;) {
		if (i < argc && nrunning < limit) {
			char *const child[] = { argv[i], NULL };
			pid_t pid;

			if (posix_spawn(&pid, argv[i], NULL, NULL, child, environ) != 0)
				return 3;
			nrunning++;
			i++;
			continue;
		}
		int status = 0;

		if (wait(&status) < 0)
			return 3;
		nbad += status != 0;
		nrunning--;
	}
	return nbad > 0;
}
