"""What coverage costs, in CPU seconds (user and system, of all processes): bench.py's `cov`.

A run with --cov beside the same run of the same instrumented programs without it; then, of the counters that
a run left, all the way from reading them to a tracefile, beside `gcov -j` alone over the same objects; and of that
tracefile, HTML beside genhtml's.
"""
import os
import resource
import shutil
import subprocess

FUNCTION = """int f{i}_{k}(int a)
{{
	int s = 0;
	for (int j = 0; j < a; j++) {{
		if (j % 3 == 0)
			s += j;
		else if (j % 5)
			s -= j;
		switch (j & 7) {{
		case 1: s++; break;
		case 2: s += 2; break;
		default: s--;
		}}
	}}
	return s;
}}
"""
TEMPLATES = """#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>
template <int N> struct box {{
	std::map<std::string, std::vector<int>> m;
	std::set<std::string> s;
	int fill(int n)
	{{
		std::regex word("([a-z]+)([0-9]*)");
		for (int i = 0; i < n; i++) {{
			std::ostringstream o;
			o << "k" << i % (N + 2);
			m[o.str()].push_back(i);
			s.insert(o.str());
			std::smatch found;
			std::string text = o.str();
			if (std::regex_match(text, found, word))
				std::sort(m[text].begin(), m[text].end(), std::greater<int>());
		}}
		return (int)m.size();
	}}
}};
int cxx{i}(int n)
{{
	return box<{i}>().fill(n) + box<{i} + 100>().fill(n);
}}
"""


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least(commands, rounds=5):
    """{name: least CPU seconds}, the rounds of all commands alternating."""
    best = {}
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(cpu(command), best.get(name, 1e9))
    return best


def show(title, best, base, goals):
    print(f"\n{title}")
    for name, seconds in best.items():
        print(f"  {name:34} {seconds * 1000:10.1f} ms CPU {seconds / best[base]:7.2f}x of {base}"
              f"  {goals.get(name, '')}")


def compile_all(folder, compiler, sources):
    for name, text in sources.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
            out.write(text)
    names = list(sources)
    for name in names:
        subprocess.run([compiler, "-O0", "--coverage", "-c", name, "-o", f"{name}.o"], cwd=folder, check=True)
    subprocess.run([compiler, "--coverage", "-o", "one_test", *[f"{n}.o" for n in names]], cwd=folder, check=True)


def make_c(cc):
    os.makedirs("cov_c", exist_ok=True)
    sources = {f"f{i}.c": "".join(FUNCTION.format(i=i, k=k) for k in range(60))
               + f"int g{i}(int a)\n{{\n\treturn 0" + "".join(f"\n\t\t+ f{i}_{k}(a)" for k in range(60)) + ";\n}\n"
               for i in range(50)}
    sources["main.c"] = "".join(f"int g{i}(int);\n" for i in range(50)) + "int main(void)\n{\n\tint s = 0;\n" + "".join(
        f"\ts += g{i}(3);\n" for i in range(50)) + "\treturn s == 12345;\n}\n"
    compile_all("cov_c", cc, sources)


def make_cxx(cxx):
    os.makedirs("cov_cxx", exist_ok=True)
    sources = {f"t{i}.cc": TEMPLATES.format(i=i) for i in range(12)}
    sources["main.cc"] = "".join(f"int cxx{i}(int);\n" for i in range(12)) + "int main()\n{\n\treturn 0" + "".join(
        f" + cxx{i}(20)" for i in range(12)) + " == 12345;\n}\n"
    compile_all("cov_cxx", cxx, sources)


def notes_mb(folder):
    return sum(os.path.getsize(f"{folder}/{f}") for f in os.listdir(folder) if f.endswith(".gcno")) / 1e6


def bench_run(gangway, folder, repeat):
    plain = [gangway, "-n", "2", "-q", "--no-history", "--repeat", str(repeat), folder]
    best = least({"without --cov": plain,
                  "with --cov, lcov": plain + ["--cov", "--cov-report=lcov:run.lcov"]})
    show(f"{repeat} processes of the instrumented program of {folder}, {notes_mb(folder):.1f} MB of notes", best,
         "without --cov", {"with --cov, lcov": "(goal: 1.10x)"})


def bench_path(gangway, folder, goal):
    """A graph keeps its counters, so that its merge can be done again and again."""
    graph = f"{folder}.ninja"
    subprocess.run([gangway, "graph", "-n", "1", "-o", graph, "--cov", "--cov-branch",
                    "--cov-report=lcov:path.lcov", folder], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-f", graph], check=True, stdout=subprocess.DEVNULL)
    data = [f"{folder}/{f}" for f in sorted(os.listdir(folder)) if f.endswith(".gcda")]
    half = (len(data) + 1) // 2
    base = "gcov -b -j -t, two halves"
    commands = {base: ["xargs", "-a", f"{folder}.list", "-P2", f"-n{half}", "gcov", "-b", "-j", "-t"],
                "gangway, to a tracefile": [gangway, "merge", "run", f"{graph}.d"]}
    with open(f"{folder}.list", "w", encoding="utf-8") as out:
        out.write("\n".join(data))
    peers = {"lcov": ["lcov", "-q", "-c", "-d", folder, "-o", "peer.lcov", "--rc", "branch_coverage=1"],
             "gcovr": ["gcovr", "-j2", "-r", ".", "--json", "peer.json", folder],
             "fastcov": ["fastcov", "-j2", "-b", "-l", "-d", folder, "-o", "peer.info"],
             "grcov": ["grcov", folder, "-t", "lcov", "--branch", "-o", "peer.info"]}
    for name, command in peers.items():
        if shutil.which(name):
            commands[name] = command
        else:
            print(f"  ({name} is not installed)")
    show(f"from the counters of {folder} to a report", least(commands, 3), base,
         {"gangway, to a tracefile": f"(goal: {goal})"})


def bench_cobertura(gangway, folder):
    """Of the tracefile that bench_path() left, and of the counters in the folder."""
    subprocess.run([gangway, "merge", "coverage", "-o", "ours.xml", "path.lcov"], check=True)
    ours = os.path.getsize("ours.xml")
    if shutil.which("gcovr"):
        subprocess.run(["gcovr", "-j2", "-r", ".", "--xml", "theirs.xml", folder], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs = os.path.getsize("theirs.xml")
        print(f"  Cobertura: {ours / 1e6:.2f} MB in place of gcovr's {theirs / 1e6:.2f} MB:"
              f" {ours / theirs:.2f}x (goal: 0.33x)")


def bench_memory(gangway, folder):
    """Counter files of 70 MB, with notes that are the same: a build of many copies."""
    data = [f for f in os.listdir(folder) if f.endswith((".gcda", ".gcno"))]
    counters = sum(os.path.getsize(f"{folder}/{f}") for f in data if f.endswith(".gcda"))
    copies = int(70e6 / counters) + 1
    for i in range(copies):
        os.makedirs(f"many_{folder}/{i}")
        for f in data:
            shutil.copy(f"{folder}/{f}", f"many_{folder}/{i}/{f}")
    process = subprocess.Popen([gangway, "merge", "coverage", "-o", "many.lcov", f"many_{folder}"],
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"  {copies} copies of {folder}, {counters * copies / 1e6:.0f} MB of counters: exit code {process.returncode},"
          f" peak {usage.ru_maxrss / 1024:.1f} MB (goal: 60)")
    shutil.rmtree(f"many_{folder}")


def bytes_below(folder):
    return sum(os.path.getsize(f"{top}/{name}") for top, _, names in os.walk(folder) for name in names)


def bench_html(gangway, tracefile):
    """Of the tracefile that bench_path() left."""
    if not shutil.which("genhtml"):
        print("  (genhtml is not installed)")
        return
    best = least({"gangway, html": [gangway, "merge", "coverage", "-o", "ours.html/", tracefile],
                  "genhtml": ["genhtml", "-q", "--branch-coverage", "-o", "theirs.html", tracefile]}, 3)
    show(f"HTML of {os.path.getsize(tracefile) / 1e6:.1f} MB of lcov", best, "gangway, html", {"genhtml": "(goal: 10x)"})
    ours, theirs = bytes_below("ours.html"), bytes_below("theirs.html")
    print(f"  {ours / 1e6:.1f} MB in place of {theirs / 1e6:.1f} MB: {ours / theirs:.2f}x (goal: 1.00x)")


def bench(gangway, cc, cxx):
    for tool in ("gcov", "ninja"):
        if not shutil.which(tool):
            print(f"  ({tool} is not installed)")
            return
    make_c(cc)
    make_cxx(cxx)
    bench_run(gangway, "cov_c", 300)
    bench_run(gangway, "cov_cxx", 100)
    bench_path(gangway, "cov_c", "0.15x")
    bench_html(gangway, "path.lcov")
    bench_cobertura(gangway, "cov_c")
    bench_memory(gangway, "cov_c")
    bench_path(gangway, "cov_cxx", "0.12x")
