"""What Check programs take test by test: bench.py's `check`.  Wall seconds and CPU seconds, the least of some
rounds, the rounds of all commands alternating.  The halves by hand and the program's own forks say what the machine makes
possible: where forks on two CPUs wait for each other, no lanes can help."""
import os
import resource
import subprocess
import time

SOURCE = """
#include <check.h>
#include <stdlib.h>
#include <unistd.h>
START_TEST(ms) { usleep(1000); } END_TEST
START_TEST(empty) { } END_TEST
int main(void)
{
	Suite *s = suite_create("S");
	TCase *c = tcase_create("c");
	tcase_add_loop_test(c, getenv("EMPTY") ? empty : ms, 0, getenv("HALF") ? 500 : 1000);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int n = srunner_ntests_failed(r);
	srunner_free(r);
	return n > 0;
}
"""


def once(command, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least(commands, env, rounds):
    best = {}
    for _ in range(rounds):
        for name, command in commands.items():
            wall, cpu = once(command, env)
            old = best.get(name, (wall, cpu))
            best[name] = (min(wall, old[0]), min(cpu, old[1]))
    return best


def show(title, best, base, goals):
    print(f"\n{title}")
    for name, (wall, cpu) in best.items():
        print(f"  {name:38} {wall * 1000:9.1f} ms {wall / best[base][0]:6.2f}x   CPU {cpu * 1000:9.1f} ms"
              f" {cpu / best[base][1]:6.2f}x of {base}  {goals.get(name, '')}")


def bench(gangway, cc):
    guest = next(d for d in (os.path.join(os.path.dirname(gangway), "guest"),
                             os.path.join(os.path.dirname(gangway), "../lib/gangway")) if os.path.isdir(d))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "check"], capture_output=True, text=True,
                           check=True).stdout.split()
    with open("many.c", "w", encoding="utf-8") as out:
        out.write(SOURCE)
    subprocess.run([cc, "-w", "-O2", "-o", "guest_test", "many.c", f"-L{guest}/check", *flags], check=True)
    subprocess.run([cc, "-w", "-O2", "-o", "plain_test", "many.c", *flags], check=True)
    env = dict(os.environ, CK_VERBOSITY="silent")
    ours = [gangway, "-q", "--no-history", "-n"]
    by_hand = ["sh", "-c", "HALF=1 ./plain_test & HALF=1 ./plain_test; wait"]
    best = least({"the program alone": ["./plain_test"],
                  "two halves at once, by hand": by_hand,
                  "gangway -n 2, guest linked": ours + ["2", "guest_test"],
                  "gangway -n 2, preloaded": ours + ["2", "plain_test"],
                  "gangway -n 2 --optimistic": ours + ["2", "--optimistic", "guest_test"]}, env, 3)
    show("1,000 tests of 1 ms in one program", best, "the program alone",
         {"gangway -n 2, guest linked": "(goal: 0.55x on two idle cores)"})
    env["EMPTY"] = "1"
    isolated = ours + ["1", "--isolate", "guest_test"]
    best = least({"the program alone, its own forks": ["./plain_test"],
                  "forkserver": isolated + ["--check-forkserver=yes"],
                  "exec for each test": isolated + ["--check-forkserver=no"]}, env, 2)
    show("1,000 empty tests, a process for each", best, "forkserver", {"exec for each test": "(goal: 3x)"})
