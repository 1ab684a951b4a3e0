"""tokens.py GANGWAY RUNS [SEED]: job slots go back, whoever is killed.

A build of NJOBS jobs is played here: a pipe as make 4.3 has it, or a fifo as make 4.4 has it, with a
byte for each job but one.  In it gangway runs tests, some of which want several slots.  In most runs a
random worker, the engine or gangway itself is killed at a random moment.  After each run the same bytes
must be in the pipe, but for what gangway itself had in its own hands when it was killed; where nobody was killed, the tests' own stamps say that there were never more jobs
than slots.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

GANGWAY = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
NJOBS = 4
TOKENS = b"xyz"
PATIENCE_S = 60

TEST = """#!/bin/sh
echo "$(date +%s%N) +$SLOTS" >>"$LOG"
sleep 0.0$((${0##*_} % 4))
echo "$(date +%s%N) -$SLOTS" >>"$LOG"
"""


def prepare():
    os.mkdir("t")
    for i in range(24):
        slots = {3: 4, 7: 2, 11: 3}.get(i, 1)
        with open(f"t/test_{i}", "w", encoding="utf-8") as out:
            out.write(TEST.replace("$SLOTS", str(slots)))
        os.chmod(f"t/test_{i}", 0o755)
    with open("gangway.ini", "w", encoding="utf-8") as out:
        out.write('[test "*test_3*"]\nslots = 4\n[test "*test_7*"]\nslots = 2\n[test "*test_11*"]\nslots = 3\n')


class Server:
    """What make would be."""

    def __init__(self, is_fifo):
        if is_fifo:
            os.mkfifo("fifo")
            # as make: both ends, so that the fifo lives
            self.ends = (os.open("fifo", os.O_RDONLY | os.O_NONBLOCK), os.open("fifo", os.O_WRONLY))
            self.auth = f"fifo:{os.getcwd()}/fifo"
            self.passed = ()
        else:
            self.ends = os.pipe()
            os.set_blocking(self.ends[0], False)
            self.auth = f"{self.ends[0]},{self.ends[1]}"
            self.passed = self.ends
        os.write(self.ends[1], TOKENS)

    def left(self):
        try:
            return bytes(sorted(os.read(self.ends[0], 4096)))
        except BlockingIOError:
            return b""

    def close(self):
        for end in self.ends:
            os.close(end)
        if not self.passed:
            os.unlink("fifo")


def descendants(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
                for child in map(int, f.read().split()):
                    found += [child] + descendants(child)
    except OSError:
        pass
    return found


def command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def victims(pid):
    """gangway, its engine, its workers; not the tests."""
    return [p for p in [pid] + descendants(pid)
            if GANGWAY in command(p) or "ninja" in command(p) or "make" in command(p)]


def most_at_once():
    with open("log", encoding="ascii") as f:
        steps = sorted((int(when), int(change)) for when, change in map(str.split, f))
    now = most = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most


def play(number, dice):
    server = Server(number % 2 == 1)
    engine = ("ninja", "make")[number // 2 % 2]
    is_killing = number % 5 != 0
    open("log", "w", encoding="ascii").close()
    env = {**os.environ, "LOG": os.path.abspath("log"), "MAKEFLAGS": f" -j{NJOBS} --jobserver-auth={server.auth}"}
    log = open("output", "wb+")
    process = subprocess.Popen([GANGWAY, f"--engine={engine}", "--no-history", "-n", "auto", "t"], env=env, stdout=log,
                               stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, pass_fds=server.passed,
                               start_new_session=True)
    killed = []
    while is_killing and process.poll() is None and len(killed) < dice.choice((1, 1, 2)):
        time.sleep(dice.random() * 0.25)
        one = dice.choice(victims(process.pid) or [0])
        # gangway is what holds it all together, and is one among few: rarely it
        if one and (one != process.pid or dice.random() < 0.3):
            killed.append((one, command(one)))
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                pass
    code = process.wait(PATIENCE_S)
    left, until = server.left(), time.monotonic() + 20
    while len(left) < len(TOKENS) and time.monotonic() < until:
        time.sleep(0.01)  # workers whose gangway was killed end by themselves
        left = bytes(sorted(left + server.left()))
    log.seek(0)
    text = log.read().decode(errors="replace")
    log.close()
    server.close()
    where = f"run {number} (seed {SEED}), {server.auth}, {engine}, killed {killed}, exit code {code}\n{text[-2000:]}"
    lost = len(TOKENS) - len(left)
    is_own = process.pid in [one for one, _ in killed]
    if left != TOKENS and not (is_own and set(left) < set(TOKENS) and len(set(left)) == len(left)):
        sys.exit(f"FAILED: {left!r} in place of {TOKENS!r}: {where}")
    if not killed and code != 0:
        sys.exit(f"FAILED: {where}")
    if not killed and not 1 < most_at_once() <= NJOBS:
        sys.exit(f"FAILED: {most_at_once()} jobs at once: {where}")
    return len(killed), is_own, lost


def main():
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="gangway-tokens.") as folder:
        os.chdir(folder)
        prepare()
        runs = [play(number, dice) for number in range(RUNS)]
        os.chdir("/")
    nkilled, nown, nlost = map(sum, zip(*runs))
    # its workers give back what they hold, which is nearly all of it, nearly always
    if nlost > 1 + nown // 4:
        sys.exit(f"FAILED: {nown} times gangway itself was killed, and {nlost} slots were lost (seed {SEED})")
    told = f"all slots given back but {nlost} that gangway itself had when it was killed" if nlost else "all slots given back"
    print(f"{RUNS} runs, {nkilled} processes killed, {told} (seed {SEED})")


main()
