"""storm.py GANGWAY KILLS INTERRUPTS [SEED]: runs in which a random member of the process tree is killed
at a random moment, and runs that are interrupted.

After each: every test has exactly one verdict and it is the right one, or names who was killed in it;
nothing of the run is left in the process table; no file is half-written.  A gangway that was itself
killed is resumed, and then the same holds.
"""
import collections
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as tree

GANGWAY = os.path.abspath(sys.argv[1])
KILLS, INTERRUPTS = int(sys.argv[2]), int(sys.argv[3])
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(10**6)
NPROGRAMS, NCASES, NUSERS, NLANES = 30, 60, 6, 3
PATIENCE_S = 60

CASES = r"""
#include <gtest/gtest.h>
#include <unistd.h>
#include <cstdlib>
#include <string>
class Case : public testing::Test {
public:
	explicit Case(int n) : n(n) {}
	void TestBody() override { usleep(n * 7919 % 9000); EXPECT_NE(n, 17); if (n == 23) GTEST_SKIP(); }
	int n;
};
int main(int argc, char **argv)
{
	for (int i = 0; i < %d; i++)
		testing::RegisterTest("Cases", ("case" + std::to_string(i)).c_str(), nullptr, nullptr, __FILE__, i + 1,
				      [i]() -> testing::Test * { return new Case(i); });
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
"""


def prepare():
    with open("cases_test.cc", "w", encoding="utf-8") as out:
        out.write(CASES.replace("%d", str(NCASES)))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gtest"], capture_output=True, text=True,
                           check=True).stdout.split()
    subprocess.run(["c++", "-o", "cases_test", "cases_test.cc", *flags], check=True)
    want = {f"case{i}": "passed" for i in range(NCASES)}
    want["case17"], want["case23"] = "failed", "skipped"
    with open("CTestTestfile.cmake", "w", encoding="utf-8") as out:
        out.write(f'add_test(cases "{os.getcwd()}/cases_test")\n')
        for i in range(NPROGRAMS):
            code = {5: 1, 11: 77}.get(i, 0)
            out.write(f'add_test(p{i} "/bin/sh" "-c" "sleep 0.0{i * 7 % 10}; exit {code}")\n')
            if code == 77:
                out.write(f"set_tests_properties(p{i} PROPERTIES SKIP_RETURN_CODE 77)\n")
            want[f"p{i}"] = {0: "passed", 1: "failed", 77: "skipped"}[code]
        out.write('add_test(up "/bin/sh" "-c" "mkdir -p flag")\nadd_test(down "/bin/sh" "-c" "rmdir flag")\n'
                  'set_tests_properties(up PROPERTIES FIXTURES_SETUP f)\n'
                  'set_tests_properties(down PROPERTIES FIXTURES_CLEANUP f)\n')
        for i in range(NUSERS):
            out.write(f'add_test(use{i} "/bin/sh" "-c" "test -d flag || exit 1; sleep 0.0{i}; test -d flag")\n'
                      f'set_tests_properties(use{i} PROPERTIES FIXTURES_REQUIRED f)\n')
            want[f"use{i}"] = "passed"
        want["up"] = want["down"] = "passed"
    return want


def members(mark):
    """Processes whose environment carries the mark: {pid: command line}."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if mark not in f.read():
                    continue
            with open(f"/proc/{pid}/stat", "rb") as f:
                if f.read().rpartition(b")")[2].split()[0] == b"Z":
                    continue
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                found[int(pid)] = f.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            pass
    return found


def verdict(case):
    for tag, word in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        element = case.find(tag)
        if element is not None:
            return word, element.get("message", "")
    return "passed", ""


def read(path):
    got = collections.defaultdict(list)
    for case in tree.parse(path).iter("testcase"):
        got[case.get("name")].append(verdict(case))
    return got


class Storm:
    def __init__(self, folder, dice, want):
        self.folder, self.dice, self.want = folder, dice, want
        self.what = ""

    def fail(self, text):
        sys.exit(f"FAILED (seed {SEED}): {self.what}: {text}\n--- output\n{self.output[-3000:]}\nkept: {os.getcwd()}")

    def start(self, number, *words):
        self.mark = f"STORM_MARK=run{number}-{SEED}-{os.getpid()}".encode()
        name, value = self.mark.decode().split("=")
        self.output = ""
        self.log = open("output", "wb+")
        return subprocess.Popen([GANGWAY, *words, "-n", str(NLANES), "--junitxml=junit.xml"], stdin=subprocess.DEVNULL,
                                stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, name: value},
                                start_new_session=True)

    def finish(self, process):
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            code = None
        self.log.seek(0)
        self.output = self.log.read().decode(errors="replace")
        self.log.close()
        if code is None:
            self.fail(f"still runs after {PATIENCE_S} s: {members(self.mark)}")
        until = time.monotonic() + 10
        while members(self.mark):
            if time.monotonic() > until:
                self.fail(f"left behind: {members(self.mark)}")
            time.sleep(0.01)
        half = [os.path.join(d, f) for d, _, fs in os.walk(".gangway") for f in fs if ".tmp-" in f]
        if half and code != -signal.SIGKILL:
            self.fail(f"half-written: {half}")
        return code

    def check(self, got, charged):
        """charged: how many tests may have been running in what was killed."""
        for name, verdicts in got.items():
            if len(verdicts) != 1:
                self.fail(f"{name} has {len(verdicts)} verdicts: {verdicts}")
        missing = sorted(set(self.want) - set(got))
        if missing:
            self.fail(f"no verdict: {missing}")
        wrong = {n: v[0] for n, v in got.items() if v[0][0] != self.want.get(n)}
        if "up" in wrong:
            # nobody knows whether it set up, so nobody who needs it ran, and the clean-up may find nothing
            wrong = {n: w for n, w in wrong.items() if n != "down" and not w[1].startswith("not run: ")}
        for name, (word, message) in wrong.items():
            if word == "passed" or not re.search("crashed|killed|SIGKILL|exit status 137|exited with status|ended before", message):
                self.fail(f"{name}: {word} '{message}' in place of {self.want.get(name)}")
        if len(wrong) > charged:
            self.fail(f"{len(wrong)} tests charged, at most {charged} ran there: {wrong}")
        return len(wrong)

    def kill(self, number):
        process = self.start(number, ".")
        time.sleep(self.dice.random() * 0.9)
        tree_now = members(self.mark)
        victim = self.dice.choice(sorted(tree_now)) if tree_now else process.pid
        self.what = f"run {number}, killed '{tree_now.get(victim, 'gangway')[:60]}'"
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
        code = self.finish(process)
        if code != -signal.SIGKILL:
            if code not in (0, 1, 3, 4):
                self.fail(f"exit code {code}")
            if code >= 3 or (code == 1 and not os.path.exists("junit.xml")):
                # before the first test: ctest or a listing was killed, and that was said
                if "rror" not in self.output:
                    self.fail(f"exit code {code} without a word")
                return "said"
            got = read("junit.xml")
            # whoever listed tests was killed: that is one error with its name, and the rest is run
            unlisted = [v[0][1] for v in got.values() if v[0][0] == "error" and "killed by SIGKILL" in v[0][1]]
            if code == 1 and unlisted and len(got) < len(self.want):
                return "not listed"
            self.check(got, NLANES)
            return "told"
        # killed itself: what had ended is told, and the rest is run by another
        if not os.path.exists(".gangway/latest/run.tsv"):
            return "before it began"
        process = self.start(f"{number}-resumed", "--resume")
        code = self.finish(process)
        if code not in (0, 1):
            self.fail(f"--resume: exit code {code}")
        self.check(read("junit.xml"), NLANES)
        return "resumed"

    def interrupt(self, number):
        process = self.start(number, ".")
        time.sleep(self.dice.random() * 0.9)
        self.what = f"run {number}, interrupted"
        sig = self.dice.choice((signal.SIGINT, signal.SIGTERM))
        if process.poll() is None:
            os.kill(process.pid, sig)
        code = self.finish(process)
        if code not in (1, 2, -sig):
            self.fail(f"exit code {code}")
        if code == 2 and os.path.exists("junit.xml"):
            for name, verdicts in read("junit.xml").items():
                if len(verdicts) != 1:
                    self.fail(f"{name} has {len(verdicts)} verdicts")
                if verdicts[0][0] == "passed" and self.want[name] != "passed":
                    self.fail(f"{name} passed, it should have {self.want[name]}")
        return "interrupted" if code == 2 else "too late" if code == 1 else "too early"


def main():
    dice = random.Random(SEED)
    folder = tempfile.mkdtemp(prefix="gangway-storm.")
    os.chdir(folder)
    storm = Storm(folder, dice, prepare())
    ends = collections.Counter()
    for number in range(KILLS + INTERRUPTS):
        for path in ("junit.xml",):
            if os.path.exists(path):
                os.remove(path)
        subprocess.run(["rm", "-rf", ".gangway/runs", ".gangway/latest"], check=True)
        ends[storm.kill(number) if number < KILLS else storm.interrupt(number)] += 1
        if number % 50 == 49:
            print(f"{number + 1} runs", flush=True)
    print(f"{KILLS} runs with a kill, {INTERRUPTS} with an interrupt, seed {SEED}:",
          ", ".join(f"{n} {what}" for what, n in sorted(ends.items())))
    os.chdir("/")
    subprocess.run(["rm", "-rf", folder], check=True)


main()
