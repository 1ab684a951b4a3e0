"""Tests as products of the build: bench.py's `build`.

20 programs that take long to link, each with a test: one ninja that builds and tests, where a test starts when
its program is there, beside building everything and then running ctest.  With the links in a pool of one, as
projects have it whose linker takes much memory, the other CPU would else wait; without a pool both are busy
anyway, and what is left is the end.
"""
import os
import shutil
import subprocess

N = 20
LINK_MS, TEST_MS = 150, 150

PROGRAM = """#include <time.h>
int main(void)
{
	while (clock() < %d * (CLOCKS_PER_SEC / 1000))
		;
	return 0;
}
"""
RULES = """rule link
  command = ./linker && cp test $out
  pool = links
pool links
  depth = %d
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def prepare(gangway, cc, depth):
    for name, ms in (("linker", LINK_MS), ("test", TEST_MS)):
        write(f"{name}.c", PROGRAM % ms)
        subprocess.run([cc, "-O2", "-o", name, f"{name}.c"], check=True)
    programs = [f"out/p{i:02}_test" for i in range(N)]
    build = RULES % depth + "".join(f"build {p}: link\n" for p in programs)
    build += f"build all: phony {' '.join(programs)}\ndefault all\n"
    os.makedirs("out", exist_ok=True)
    subprocess.run([gangway, "graph", "--part", "-n", "2", "-o", "tests.ninja", *programs], check=True)
    write("build.ninja", build + "include tests.ninja\n")
    write("CTestTestfile.cmake", "".join(f'add_test({os.path.basename(p)} "{os.getcwd()}/{p}")\n' for p in programs))


def bench(gangway, cc, least, show):
    clean = "rm -rf out .ninja_* tests.ninja.d/units; mkdir out; "
    for depth in (1, 2):
        os.mkdir(f"build{depth}")
        os.chdir(f"build{depth}")
        prepare(gangway, cc, depth)
        commands = {"one ninja that builds and tests": ["sh", "-c", clean + "ninja -j2 test"],
                    "ninja, then gangway": ["sh", "-c", clean + f"ninja -j2 && {gangway} -n 2 --no-history -q out"]}
        base = "ninja, then gangway"
        if shutil.which("ctest"):
            base = "ninja, then ctest -j2"
            commands[base] = ["sh", "-c", clean + "ninja -j2 && ctest -j2 -Q"]
        show(f"{N} programs, {LINK_MS} ms to link, {TEST_MS} ms to test, {depth} link{'s' if depth > 1 else ''} at once",
             least(commands, 3), base)
        os.chdir("..")
