#!/usr/bin/python3
"""Does gangway count what gcov counts?

    compare.py [options] TREE...

Every object (.gcno) below the TREEs is given to the oracle, with the counters (.gcda) beside it if
there are any: `gcov -b -j -t`, or with --llvm `llvm-cov gcov -b -c`, whose text tells neither of
unexecuted blocks nor of the ends of functions.  The figures are folded as gangway's model does it:
counts of a line of all objects, functions and instances are added, branches by their index (of
llvm-cov by their sum where instances are several), what is negative is 0.

    --json FILE     a report of gangway over all of the TREEs, as coverage JSON; may be given again
    --merge         the same of `gangway merge coverage TREE...`
    --each          and of each object by itself, in a folder of its own
    --gangway PATH  for --merge and --each
    --root DIR      names are relative to it, files elsewhere are not compared (default: .)
    --throws        with branches that only an exception takes
    --markers       exclusion markers of the sources are heeded
    --llvm          see above

GCOV in the environment is another gcov than `gcov`, for objects of another compiler.

Every difference is a line "file:line: what: oracle's figure, gangway's"; 1 if there is any, 0 if not.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SYSTEM = ("/usr/include", "/usr/lib", "/usr/local/include")


class Figures:
    """Of one file: lines {number: [hits, branches, idle]}, functions {(name, line): [end, hits]}."""

    def __init__(self):
        self.lines = {}
        self.functions = {}

    def add_line(self, number, hits, branches, idle):
        line = self.lines.setdefault(number, [0, [], False])
        line[0] += max(0, hits)
        line[2] = line[2] or idle
        line[1] += [0] * (len(branches) - len(line[1]))
        for i, taken in enumerate(branches):
            line[1][i] += max(0, taken)

    def add_function(self, name, start, end, hits):
        function = self.functions.setdefault((name, start), [0, 0])
        function[0] = max(function[0], end)
        function[1] += max(0, hits)

    def add(self, other):
        for number, (hits, branches, idle) in other.lines.items():
            self.add_line(number, hits, branches, idle)
        for (name, start), (end, hits) in other.functions.items():
            self.add_function(name, start, end, hits)


def place_of(root, cwd, name):
    """Where a source lies below the root; None: it is not compared."""
    base = os.path.basename(name)
    if not base or (base[0] == "<" and base[-1] == ">"):
        return None
    real = os.path.realpath(os.path.join(cwd, name))
    if real.startswith(SYSTEM) and not root.startswith(SYSTEM):
        return None
    if os.path.commonpath([real, root]) != root:
        return None
    return os.path.relpath(real, root)


# --- what gcov says ---------------------------------------------------------------------------


def gcov_documents(folder, names):
    """Of one folder's objects, each with a process of its own: one that has no counters makes gcov
    12 take those of all that follow for missing."""
    out = []
    for name in names:
        done = subprocess.run([os.environ.get("GCOV", "gcov"), "-b", "-j", "-t", name], cwd=folder,
                              capture_output=True, check=False)
        if done.returncode != 0 or not done.stdout.strip():
            print(f"{folder}/{name}: gcov fails: {done.stderr.decode(errors='replace').strip()}")
            out.append(None)
            continue
        text = done.stdout.decode("utf-8", "surrogateescape").splitlines()
        out.append(json.loads(text[0]))
    return out


def figures_of_gcov(document, options):
    files = {}
    cwd = document.get("current_working_directory", ".")
    for f in document["files"]:
        place = place_of(options.root, cwd, f["file"])
        if place is None:
            continue
        figures = files.setdefault(place, Figures())
        for line in f["lines"]:
            branches = [b["count"] for b in line["branches"] if options.throws or not b["throw"]]
            if line["line_number"] > 0:
                figures.add_line(line["line_number"], line["count"], branches,
                                 line["unexecuted_block"])
        for g in f["functions"]:
            figures.add_function(g["name"], g["start_line"], g["end_line"], g["execution_count"])
    return files


LLVM_LINE = re.compile(r"^ *([-#=0-9]+)\*?: *(\d+):(.*)$")
LLVM_BRANCH = re.compile(r"^branch +\d+ (?:taken (\d+)|never executed)")
LLVM_FUNCTION = re.compile(r"^function (\S+) called (\d+) returned")


def folder_of_compiler(folder, name):
    """clang's notes do not say where it ran: at or above the object, from where the name leads to a
    file."""
    at = folder
    while not os.path.exists(os.path.join(at, name)) and at != os.path.dirname(at):
        at = os.path.dirname(at)
    return at if os.path.exists(os.path.join(at, name)) else folder


class LlvmText:
    """Lines "hits: number:text"; what is told of a line stands behind it, functions before it."""

    def __init__(self, folder, root):
        self.folder, self.root = folder, root
        self.files = {}
        self.figures = None
        self.line = None  # number, hits, branches
        self.functions = []

    def end_line(self):
        if self.figures is not None and self.line:
            self.figures.add_line(*self.line, False)
        self.line = None

    def take_line(self, hits, number, text):
        self.end_line()
        if number == 0 and text.startswith("Source:"):
            name = text[len("Source:"):]
            cwd = folder_of_compiler(self.folder, name)
            place = place_of(self.root, cwd, name)
            self.figures = self.files.setdefault(place, Figures()) if place else None
        if number > 0 and hits != "-":
            self.line = (number, 0 if hits[0] in "#=" else int(hits), [])
        for name, called in self.functions if number > 0 else []:
            if self.figures is not None:
                self.figures.add_function(name, number, 0, called)
        self.functions = []

    def take(self, text):
        line, branch = LLVM_LINE.match(text), LLVM_BRANCH.match(text)
        function = LLVM_FUNCTION.match(text)
        if line:
            self.take_line(line[1], int(line[2]), line[3])
        elif branch and self.line:
            self.line[2].append(int(branch[1] or 0))
        elif function:
            self.functions.append((function[1], int(function[2])))


def figures_of_llvm(folder, name, root):
    def ask(where):
        done = subprocess.run(["llvm-cov", "gcov", "-b", "-c", "-t", os.path.join(os.path.abspath(folder), name)],
                              cwd=where, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "surrogateescape")

    # it tells only of lines of sources that it finds, from where it is started
    source = re.search(r"0:Source:(.*)", ask(folder))
    where = folder_of_compiler(folder, source[1]) if source else folder
    text = LlvmText(where, root)
    for line in ask(where).splitlines():
        text.take(line)
    text.end_line()
    return text.files


# --- what gangway says ------------------------------------------------------------------------


def figures_of_gangway(path, options):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        document = json.load(f)
    files = {}
    for f in document["files"]:
        place = place_of(options.root, options.root, f["path"])
        if place is None:
            continue
        figures = Figures()
        for number, hits, *more in f["lines"]:
            figures.add_line(number, hits, more[1] if len(more) > 1 else [],
                             bool(more and more[0]))
        for name, start, end, hits, *_ in f["functions"]:
            figures.add_function(name, start, end, hits)
        files.setdefault(place, Figures()).add(figures)
    return files


# --- markers, as docs and headers describe them -----------------------------------------------


def marked_lines(text, word):
    """Numbers of the lines of PREFIX_word_LINE and of the regions from _START to before _STOP."""
    marked = set()
    for prefix in ("LCOV", "GCOV", "GCOVR"):
        begin = 0
        for number, line in enumerate(text, 1):
            if re.search(rf"\b{prefix}_{word}_LINE\b", line):
                marked.add(number)
            for action in re.findall(rf"\b{prefix}_{word}_(START|STOP)\b", line):
                if action == "START":
                    begin = begin or number
                elif begin:
                    marked.update(range(begin, number))
                    begin = 0
    return marked


def heed_markers(root, files):
    for place, figures in files.items():
        try:
            with open(os.path.join(root, place), encoding="utf-8", errors="replace") as f:
                text = f.read().split("\n")
        except OSError:
            continue
        out = marked_lines(text, "EXCL")
        for number, line in enumerate(text, 1):
            if re.search(r"\b(LCOV|GCOVR?)_EXCL_FUNCTION\b", line):
                around = [(start, end) for (_, start), (end, _) in figures.functions.items()
                          if start <= number <= end]
                if around:
                    start = max(around)[0]
                    out.update(range(start, max(e for s, e in around if s == start) + 1))
        idle = {n for n in marked_lines(text, "UNREACHABLE")
                if figures.lines.get(n, [1])[0] == 0}
        bare = marked_lines(text, "EXCL_BR") | marked_lines(text, "EXCL_EXCEPTION_BR")
        figures.lines = {n: [l[0], [] if n in bare else l[1], l[2]]
                         for n, l in figures.lines.items() if n not in out | idle}
        figures.functions = {k: v for k, v in figures.functions.items() if k[1] not in out | idle}


# --- judging ----------------------------------------------------------------------------------


class Judge:
    def __init__(self, options):
        self.options = options
        self.nrecords = 0
        self.ndifferences = 0

    def differ(self, label, place, what, oracle, ours):
        self.ndifferences += 1
        print(f"{place}: {what}: {self.oracle_name()} {oracle}, gangway {ours} ({label})")

    def oracle_name(self):
        return "llvm-cov" if self.options.llvm else "gcov"

    def compare_line(self, label, place, oracle, ours):
        what = ("hits", "branches", "unexecuted block")
        if oracle is None or ours is None:
            self.differ(label, place, "line", oracle, ours)
            return
        if self.options.llvm:
            oracle, ours = list(oracle), list(ours)
            oracle[2] = ours[2] = None
            # there, those of instances follow each other, and a block that comes back to a line has its
            # branches told again
            if len(oracle[1]) != len(ours[1]):
                again = len(oracle[1]) // max(len(ours[1]), 1)
                oracle[1], ours[1] = sum(oracle[1]), sum(ours[1])
                oracle[1] = oracle[1] if oracle[1] != again * ours[1] else ours[1]
        for i, (a, b) in enumerate(zip(oracle, ours)):
            if a != b:
                self.differ(label, place, what[i], a, b)

    def length_of(self, place):
        with open(os.path.join(self.options.root, place), "rb") as f:
            return len(f.readlines())

    def compare_file(self, label, place, oracle, ours):
        for number in sorted(oracle.lines.keys() | ours.lines.keys()):
            if self.options.llvm and number > self.length_of(place):
                continue  # of lines behind the end it does not tell
            self.nrecords += 1
            self.compare_line(label, f"{place}:{number}", oracle.lines.get(number),
                              ours.lines.get(number))
        for name, start in sorted(oracle.functions.keys() | ours.functions.keys()):
            a, b = oracle.functions.get((name, start)), ours.functions.get((name, start))
            self.nrecords += 1
            if self.options.llvm and a and b:
                a, b = a[1:], b[1:]
            if a != b:
                self.differ(label, f"{place}:{start}", f"function {name} [end, hits]", a, b)

    def compare(self, label, oracle, ours):
        for place in sorted(oracle.keys() | ours.keys()):
            if self.options.llvm and not os.path.exists(os.path.join(self.options.root, place)):
                continue  # which folder its name is relative to is anybody's guess
            a, b = oracle.get(place, Figures()), ours.get(place, Figures())
            self.compare_file(label, place, a, b)


def find_objects(trees):
    objects = []
    for tree in trees:
        for folder, folders, names in os.walk(tree):
            folders[:] = sorted(d for d in folders if not d.startswith(".") and
                                not d.startswith("CompilerId"))
            stems = {n[:-5] for n in names if n.endswith(".gcno")}
            for stem in sorted(stems):
                has_run = stem + ".gcda" in names
                objects.append((folder, stem + (".gcda" if has_run else ".gcno")))
    return objects


def ask_oracle(objects, options):
    """Figures of each object, None where the oracle itself fails."""
    def ask(item):
        if options.llvm:
            return figures_of_llvm(*item, options.root)
        document = gcov_documents(item[0], [item[1]])[0]
        return figures_of_gcov(document, options) if document else None

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(ask, objects))


def merge(options, folders, out):
    words = [options.gangway, "merge", "coverage", "--rootdir", options.root, "-o", out]
    if options.throws:
        words.append("--cov-throw-branches")
    done = subprocess.run(words + folders, capture_output=True, check=False)
    if done.returncode != 0 or b"are not read" in done.stderr:
        print(f"{folders[0]}: gangway merge coverage ends with {done.returncode}:",
              done.stderr.decode(errors="replace").strip())
        return None
    return figures_of_gangway(out, options)


def compare_each(judge, objects, answers, options):
    for (folder, name), oracle in zip(objects, answers):
        with tempfile.TemporaryDirectory() as scratch:
            stem = os.path.join(folder, name[:-5])
            for end in (".gcno", ".gcda"):
                if os.path.exists(stem + end):
                    shutil.copy(stem + end, os.path.join(scratch, os.path.basename(stem) + end))
            ours = merge(options, [scratch], os.path.join(scratch, "out.json"))
        if ours is None:
            judge.ndifferences += 1
        elif oracle is not None:
            judge.compare(stem, oracle, ours)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("trees", nargs="+")
    p.add_argument("--json", action="append", default=[])
    p.add_argument("--gangway", default="gangway")
    p.add_argument("--root", default=".")
    for flag in ("--merge", "--each", "--throws", "--markers", "--llvm"):
        p.add_argument(flag, action="store_true")
    options = p.parse_args()
    options.root = os.path.realpath(options.root)

    judge = Judge(options)
    objects = find_objects(options.trees)
    answers = ask_oracle(objects, options)
    whole = {}
    for files in answers:
        for place, figures in (files or {}).items():
            whole.setdefault(place, Figures()).add(figures)
    if options.merge:
        with tempfile.TemporaryDirectory() as scratch:
            ours = merge(options, options.trees, os.path.join(scratch, "out.json"))
        if ours is None:
            judge.ndifferences += 1
        else:
            judge.compare("merge", whole, ours)
    if options.each:
        compare_each(judge, objects, answers, options)
    if options.markers:
        heed_markers(options.root, whole)
    for path in options.json:
        judge.compare(path, whole, figures_of_gangway(path, options))
    print(f"{len(objects)} objects, {judge.nrecords} records compared, "
          f"{judge.ndifferences} differences")
    return 1 if judge.ndifferences or not judge.nrecords else 0


if __name__ == "__main__":
    sys.exit(main())
