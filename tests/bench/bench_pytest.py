"""pytest trees: gangway beside pytest and pytest-xdist, at 2 and 4 workers, in the same run.

Three trees: quick tests in a few files, the same in many files, and fewer tests that calculate.  CPU seconds are those of
the whole tree of processes.  Every round runs all commands one behind the other.
"""
import os
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = 3
# files, tests, how often each test goes through its loop
TREES = [("1,225 quick tests, 49 files", 49, 1225, 100),
         ("3,000 quick tests, 200 files", 200, 3000, 100),
         ("400 tests of some 10 ms, 20 files", 20, 400, 150000)]


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def once(command, folder):
    """Wall seconds, CPU seconds."""
    cpu, began = spent(), time.monotonic()
    run = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds, used = time.monotonic() - began, spent() - cpu
    if run.returncode != 0:
        sys.exit(f"{command}: exit code {run.returncode}\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return seconds, used


def bench_tree(gangway, title, nfiles, ntests, work):
    subprocess.run([sys.executable, f"{HERE}/../pytest/tree.py", "tree", str(nfiles), str(ntests), str(work)], check=True)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    commands = {"pytest -n 0": [*pytest, "-n", "0"]}
    for n in ("2", "4"):
        commands["pytest -n " + n] = [*pytest, "-n", n]
        commands["gangway -n " + n] = [gangway, "-q", "-n", n]
    least, cpus = {}, {}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            seconds, used = once(command, "tree")
            least[name] = min(seconds, least.get(name, seconds))
            cpus[name] = min(used, cpus.get(name, used))
    print(f"\n{title}")
    for name, seconds in least.items():
        theirs = name.replace("gangway", "pytest")
        ratio = f"{seconds / least[theirs]:6.2f}x of {theirs}  (goal 0.85)" if theirs != name else ""
        print(f"  {name:14} {seconds:7.2f} s   {cpus[name]:7.2f} s of CPU {ratio}")


def bench(gangway):
    os.environ["GANGWAY_PYTHON"] = sys.executable
    for number, tree in enumerate(TREES):
        folder = f"tree{number}"
        os.mkdir(folder)
        os.chdir(folder)
        bench_tree(gangway, *tree)
        os.chdir("..")
