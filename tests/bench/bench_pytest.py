"""pytest trees: gangway beside pytest and pytest-xdist, at 2 and 4 workers, in the same run.

Three trees: quick tests in a few files, the same in many files, and fewer tests that calculate; the first again where Python
may keep no bytecode (PYTHONDONTWRITEBYTECODE, usual in containers).  CPU seconds are those of the whole tree of
processes.  Every round runs all commands one behind the other; a ratio is the median of the rounds' own, so that
what else the machine does weighs little.
"""
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = 5
# is bytecode kept, files, tests, how often each test goes through its loop
TREES = [("1,225 quick tests, 49 files", True, 49, 1225, 100),
         ("the same without bytecode", False, 49, 1225, 100),
         ("3,000 quick tests, 200 files", True, 200, 3000, 100),
         ("400 tests of some 10 ms, 20 files", True, 20, 400, 150000)]


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


def bench_tree(gangway, title, keeps_bytecode, nfiles, ntests, work):
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not keeps_bytecode:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    subprocess.run([sys.executable, f"{HERE}/../pytest/tree.py", "tree", str(nfiles), str(ntests), str(work)], check=True)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    commands = {"pytest -n 0": [*pytest, "-n", "0"]}
    for n in ("2", "4"):
        commands["pytest -n " + n] = [*pytest, "-n", n]
        commands["gangway -n " + n] = [gangway, "-q", "-n", n]
    rounds = [{name: once(command, "tree") for name, command in commands.items()} for _ in range(ROUNDS)]
    print(f"\n{title}")
    for name in commands:
        seconds, used = [min(r[name][i] for r in rounds) for i in range(2)]
        theirs = name.replace("gangway", "pytest")
        ratio = statistics.median(r[name][0] / r[theirs][0] for r in rounds)
        said = f"{ratio:6.2f}x of {theirs}  (goal 0.85)" if theirs != name else ""
        print(f"  {name:14} {seconds:7.2f} s   {used:7.2f} s of CPU {said}")


def bench(gangway):
    os.environ["GANGWAY_PYTHON"] = sys.executable
    for number, tree in enumerate(TREES):
        folder = f"tree{number}"
        os.mkdir(folder)
        os.chdir(folder)
        bench_tree(gangway, *tree)
        os.chdir("..")
