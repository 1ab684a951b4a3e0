"""bench.py GANGWAY [NAME...]: gangway beside its peers, on the same work in the same run.

Every row is a ratio of wall times, the least of some rounds; the rounds of the commands alternate, so
that a busy moment hits all of them. What is not installed is left out and said. Names: cases programs
small makespan plan merge coverage-merge check cov discover build pytest.
"""
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import bench_build
import bench_check
import bench_cov
import bench_discover
import bench_pytest

HERE = os.path.dirname(os.path.abspath(__file__))
GANGWAY = os.path.abspath(sys.argv[1])
CC = os.environ.get("CC", "cc")
CXX = os.environ.get("CXX", "c++")
SPAN_MS = 4000  # of the makespans: starts of processes should not be what is measured


def once(command, env=None, codes=(0,)):
    """Wall seconds, peak MB of the largest process, of one run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, env=env)
    text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        sys.exit(f"{command[:4]}: exit code {process.returncode}\n{text.decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def least(commands, rounds=5, env=None):
    """{name: least seconds}, the rounds of all commands alternating."""
    best = {}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds, _ = once(command, env)
            best[name] = min(seconds, best.get(name, seconds))
    return best


def show(title, best, base, goals=None):
    print(f"\n{title}")
    for name, seconds in best.items():
        goal = (goals or {}).get(name, "")
        print(f"  {name:34} {seconds * 1000:10.1f} ms   {seconds / best[base]:7.2f}x of {base}  {goal}")


def have(*names):
    missing = [n for n in names if not shutil.which(n)]
    for n in missing:
        print(f"  ({n} is not installed)")
    return not missing


def build_cases():
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gtest"], capture_output=True, text=True,
                           check=True).stdout.split()
    subprocess.run([CXX, "-O2", "-o", "cases_test", f"{HERE}/cases_test.cc", *flags], check=True)


def bench_cases():
    build_cases()
    ours = [GANGWAY, "-n", "2", "-q", "./cases_test"]
    commands = {"the program alone": ["./cases_test"],
                "the program alone, into a pipe": ["sh", "-c", "./cases_test | cat"],
                "gangway -n 2": ours,
                "gangway -n 2 --junitxml": ours + ["--junitxml=junit.xml"],
                "gangway -n 0": [GANGWAY, "-n", "0", "-q", "./cases_test"]}
    best = least(commands)
    shards = "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=%d ./cases_test"
    if have("gtest-parallel"):
        commands["gtest-parallel, 2 workers"] = ["gtest-parallel", "--workers=2", "./cases_test"]
    parallel = {"the program alone": ["./cases_test"],
                "two shards of it by hand": ["sh", "-c", f"{shards % 0} & {shards % 1}; wait"], "gangway -n 2": ours}
    working = {us: least(parallel, 4, dict(os.environ, WORK_US=us)) for us in ("20", "200", "1000")}
    if have("ctest"):
        # an entry a case, as gtest_discover_tests writes them; a slice, for all would take minutes
        os.makedirs("discovered", exist_ok=True)
        with open("discovered/CTestTestfile.cmake", "w", encoding="utf-8") as out:
            for i in range(5000):
                name = f"Suite{i // 50}.case{i}"
                out.write(f'add_test({name} "{os.getcwd()}/cases_test" "--gtest_filter={name}" '
                          '"--gtest_also_run_disabled_tests")\n')
        slice_s, _ = once(["ctest", "--test-dir", "discovered", "-j2", "-I", "1,200"])
        empty_s, _ = once(["ctest", "--test-dir", "discovered", "-j2", "-I", "1,1"])
        best["ctest -j2, 200 entries x 25"] = empty_s + (slice_s - empty_s) * 25
        best["gangway -n 2 on those entries"] = least(
            {"x": [GANGWAY, "-n", "2", "-q", "discovered"]}, 2)["x"]
    show("5,000 GoogleTest cases in one program", best, "the program alone",
         {"gangway -n 2": "(goal: 1.10x)"})
    for us, times in working.items():
        show(f"the same, each working {us} us", times, "the program alone", {"gangway -n 2": "(goal: 0.55x on idle CPUs)"})
    if "ctest -j2, 200 entries x 25" in best:
        print(f"  ctest takes {best['ctest -j2, 200 entries x 25'] / best['gangway -n 2']:.0f} times as long as"
              " gangway (goal: 50)")


def bench_programs():
    n = 600
    with open("exit.c", "w", encoding="utf-8") as out:
        out.write("int main(void) { return 0; }\n")
    subprocess.run([CC, "-O2", "-o", "exit", "exit.c"], check=True)
    subprocess.run([CC, "-O2", "-o", "spawnloop", f"{HERE}/spawnloop.c"], check=True)
    os.makedirs("many", exist_ok=True)
    paths = [f"many/t_{i:04}" for i in range(n)]
    for path in paths:
        shutil.copy("exit", path)
    with open("list", "w", encoding="utf-8") as out:
        out.write("".join(p + "\n" for p in paths))
    with open("many/CTestTestfile.cmake", "w", encoding="utf-8") as out:
        for path in paths:
            out.write(f'add_test({os.path.basename(path)} "{os.getcwd()}/{path}")\n')
    with open("many.ninja", "w", encoding="utf-8") as out:
        out.write("rule run\n  command = ./$in && touch $out.never\n")
        for path in paths:
            out.write(f"build {path}.out: run {path}\n")
    os.makedirs("programs", exist_ok=True)
    for path in paths:
        os.replace(path, f"programs/{os.path.basename(path)}")
        os.symlink(f"../programs/{os.path.basename(path)}", path)
    commands = {"posix_spawn loop, 2 at a time": ["./spawnloop", "2", *paths],
                "gangway -n 2": [GANGWAY, "-n", "2", "-q", "programs"],
                "xargs -P2": ["sh", "-c", "xargs -P2 -n1 env <list"]}
    if have("ninja"):
        commands["ninja -j2, an edge a test"] = ["sh", "-c", "ninja -j2 -f many.ninja; rm -f many/*.never .ninja_log"]
    if have("ctest"):
        commands["ctest -j2"] = ["ctest", "--test-dir", "many", "-j2"]
        commands["gangway -n 2 on the ctest folder"] = [GANGWAY, "-n", "2", "-q", "many"]
    if have("meson"):
        os.makedirs("meson", exist_ok=True)
        with open("meson/meson.build", "w", encoding="utf-8") as out:
            out.write("project('many')\n")
            out.write("".join(f"test('{os.path.basename(p)}', find_program('{os.getcwd()}/{p}'))\n" for p in paths))
        once(["meson", "setup", "meson/build", "meson"])
        commands["meson test -j2"] = ["meson", "test", "-C", "meson/build", "--num-processes=2"]
    if have("pytest") and importlib.util.find_spec("xdist"):
        with open("test_many.py", "w", encoding="utf-8") as out:
            out.write("import subprocess, pytest\n"
                      f"@pytest.mark.parametrize('path', {paths!r})\n"
                      "def test_program(path):\n    subprocess.run([path], check=True)\n")
        commands["pytest -n 2, a test a program"] = ["pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "test_many.py"]
    if have("parallel"):
        commands["GNU parallel -j2"] = ["sh", "-c", "parallel --will-cite -j2 <list"]
    show(f"{n} programs that only exit", least(commands, 3), "posix_spawn loop, 2 at a time",
         {"gangway -n 2": "(goal: 1.15x)"})


def bench_small():
    os.makedirs("small", exist_ok=True)
    with open("nap.c", "w", encoding="utf-8") as out:
        out.write("#include <unistd.h>\nint main(void) { usleep(1000); return 0; }\n")
    for i in range(8):
        subprocess.run([CC, "-O2", "-o", f"small/t_{i}", "nap.c"], check=True)
    by_hand = "for t in small/t_*; do $t; done"
    best = least({"by hand": ["sh", "-c", by_hand], "gangway": [GANGWAY, "-q", "small"],
                  "gangway -n 2": [GANGWAY, "-n", "2", "-q", "small"],
                  "gangway -n 0": [GANGWAY, "-n", "0", "-q", "small"]}, 15)
    show("8 tests of 1 ms", best, "by hand")
    print(f"  gangway takes {(best['gangway'] - best['by hand']) * 1000:.1f} ms more (goal: 15)")


def sleeps(lanes):
    """Suites of sleeps in ms, of SPAN_MS a worker: all alike; a few long among many short; the long one last."""
    count = max(4 * lanes, 40)
    total = SPAN_MS * lanes
    dice = random.Random(1)
    draws = [min(16, dice.paretovariate(1.3)) for _ in range(count)]
    pareto = [min(SPAN_MS, round(total * d / sum(draws))) for d in draws]
    pole = SPAN_MS // 4
    return {"uniform": [total // count] * count, "Pareto": pareto,
            "long pole last": [(total - pole) // (count - 1)] * (count - 1) + [pole]}


def write_sleeps(folder, suite):
    """A program for each, which is called as long as it sleeps; the same for all who run them."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    paths = [f"{os.getcwd()}/{folder}/t{i}_{ms}" for i, ms in enumerate(suite)]
    for path in paths:
        os.symlink("../nap", path)
    with open(f"{folder}/CTestTestfile.cmake", "w", encoding="utf-8") as out:
        out.write("".join(f'add_test({os.path.basename(p)} "{p}")\n' for p in paths))
    with open(f"{folder}/list", "w", encoding="utf-8") as out:
        out.write("".join(f"{p}\n" for p in paths))
    with open(f"{folder}/meson.build", "w", encoding="utf-8") as out:
        out.write("project('naps')\n")
        out.write("".join(f"test('{os.path.basename(p)}', find_program('{p}'))\n" for p in paths))
    return paths


def bench_makespan():
    with open("nap.c", "w", encoding="utf-8") as out:
        out.write("#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
                  "int main(int c, char **v) { return c < 1 || usleep(1000 * atoi(strrchr(v[0], '_') + 1)); }\n")
    subprocess.run([CC, "-O2", "-o", "nap", "nap.c"], check=True)
    subprocess.run([CC, "-O2", "-o", "spawnloop", f"{HERE}/spawnloop.c"], check=True)
    print("\nmakespan of sleeps against max(longest, sum / workers)  (goal: 1.05 with history, 1.25 without)")
    peers = {"xargs": have("xargs"), "parallel": have("parallel"), "ctest": have("ctest"), "meson": have("meson")}
    print(f"  {'suite':16} {'workers':>7} {'least':>9} {'without':>9} {'with':>9} {'spawn':>9}",
          *(f"{peer:>9}" for peer, is_there in peers.items() if is_there))
    for lanes in (2, 4, 8, 16, 64):
        for name, suite in sleeps(lanes).items():
            paths = write_sleeps("naps", suite)
            if peers["meson"]:
                once(["meson", "setup", "naps/build", "naps"])
            least_s = max(max(suite), sum(suite) / lanes) / 1000
            shutil.rmtree(".gangway", ignore_errors=True)
            ours = [GANGWAY, "-q", "-n", str(lanes), "naps"]
            commands = {"without": [*ours, "--no-history"], "first": ours, "with": ours,
                        "spawn": ["./spawnloop", str(lanes), *paths],
                        "xargs": ["sh", "-c", f"xargs -a naps/list -P{lanes} -n1 env"],
                        "parallel": ["parallel", "--will-cite", "-a", "naps/list", f"-j{lanes}"],
                        "ctest": ["ctest", "--test-dir", "naps", f"-j{lanes}"],
                        "meson": ["meson", "test", "-C", "naps/build", f"--num-processes={lanes}"]}
            best = least({k: v for k, v in commands.items() if peers.get(k, True)}, 1)
            del best["first"]
            print(f"  {name:16} {lanes:7} {least_s * 1000:6.0f} ms",
                  *(f"{seconds / least_s:8.2f}x" for seconds in best.values()), flush=True)


def bench_plan():
    build_cases()
    env = dict(os.environ, CASES="100000")
    listing = least({"listing": ["./cases_test", "--gtest_list_tests", "--gtest_output=json:list.json"]},
                    2, env)["listing"]
    print("\n100,000 tests: plan and graph (goal: 2 s, 300 MB; the program's own listing apart)")
    print(f"  {'the program lists them in':34} {listing * 1000:10.1f} ms")
    for name, words in (("graph, ninja, queue", ["--shape", "queue"]), ("graph, ninja, lanes", []),
                        ("graph, make, lanes", ["--engine", "make"])):
        rounds = [once([GANGWAY, "graph", "--cache-clear", "-n", "8", *words, "-o", "g", "./cases_test"], env) for _ in range(2)]
        seconds, peak = min(rounds)
        print(f"  {name:34} {(seconds - listing) * 1000:10.1f} ms   {peak:7.1f} MB")


def bench_merge():
    # the bare reader uses the same library, so it stands in a program of its own beside gangway
    program = os.path.join(os.path.dirname(GANGWAY), "bench_merge")
    print("\n1,000 JUnit files of 1,000 cases each", flush=True)
    subprocess.run([program, "make", "junit"], check=True)
    subprocess.run([program, "run", "junit"], check=True)


def write_tracefile(path, seed):
    """2 MB, as lcov captures them: 40 files with functions, branches, lines; the seed varies the counts."""
    counts = random.Random(seed)
    with open(path, "w") as out:
        for f in range(40):
            shape = random.Random(f)
            functions = [(shape.randrange(1, 3600), f"function_{f}_{i}", counts.randrange(9)) for i in range(90)]
            lines = [(n, shape.random() < 0.3, counts.choice((0, counts.randrange(1000000))))
                     for n in range(1, 3600) if shape.random() < 0.55]
            out.write(f"TN:\nSF:/src/module{f % 7}/file{f}.c\n")
            out.writelines(f"FN:{n},{name}\n" for n, name, _ in functions)
            out.writelines(f"FNDA:{count},{name}\n" for _, name, count in functions)
            out.write(f"FNF:90\nFNH:{sum(count > 0 for _, _, count in functions)}\n")
            for n, has_branches, count in lines:
                if has_branches:
                    taken = [count and counts.randrange(count + 1) for _ in range(2)]
                    out.writelines(f"BRDA:{n},0,{i},{t if count else '-'}\n" for i, t in enumerate(taken))
            out.writelines(f"DA:{n},{count}\n" for n, _, count in lines)
            out.write(f"LF:{len(lines)}\nLH:{sum(count > 0 for _, _, count in lines)}\nend_of_record\n")


def bench_coverage_merge():
    files = [f"trace{i}.info" for i in range(8)]
    for i, name in enumerate(files):
        write_tracefile(name, i)
    ours = least({"gangway merge coverage": [GANGWAY, "merge", "coverage", "-o", "ours.info", *files]})
    if have("lcov"):
        theirs = ["lcov", "-q", "--rc", "lcov_branch_coverage=1", "-o", "theirs.info"]
        ours |= least({"lcov -a": theirs + [word for name in files for word in ("-a", name)]}, 2)
    if have("grcov"):
        ours |= least({"grcov": ["grcov", "-t", "lcov", "--branch", "-o", "grcov.info", *files]}, 2)
    megabytes = sum(os.path.getsize(name) for name in files) / 8e6
    show(f"8 tracefiles of {megabytes:.1f} MB into one", ours, "gangway merge coverage", {"lcov -a": "(goal: 100x)"})
    if "lcov -a" in ours:
        for name in ("theirs", "ours"):
            subprocess.run([GANGWAY, "merge", "coverage", "-o", f"{name}.json", f"{name}.info"], check=True)
        same = open("ours.json").read() == open("theirs.json").read()
        print("  the figures are the same" if same else "  THE FIGURES DIFFER")


def main():
    every = {"cases": bench_cases, "programs": bench_programs, "small": bench_small,
             "makespan": bench_makespan, "plan": bench_plan,
             "merge": bench_merge,
             "check": lambda: bench_check.bench(GANGWAY, CC),
             "cov": lambda: bench_cov.bench(GANGWAY, CC, CXX),
             "coverage-merge": bench_coverage_merge,
             "discover": lambda: bench_discover.bench(GANGWAY),
             "pytest": lambda: bench_pytest.bench(GANGWAY),
             "build": lambda: bench_build.bench(GANGWAY, CC, least, show)}
    wanted = sys.argv[2:] or list(every)
    with tempfile.TemporaryDirectory(prefix="gangway-bench.") as folder:
        os.chdir(folder)
        for name in wanted:
            if name not in every:
                sys.exit(f"no bench '{name}': {' '.join(every)}")
            every[name]()


main()
