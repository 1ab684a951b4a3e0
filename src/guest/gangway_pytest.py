# SPDX-License-Identifier: MIT
"""What runs inside pytest: it lists a tree once, and in each lane runs what the lane hands it.

    gangway_pytest.py list CODE ARGS...     tell which tests there are, run none; end when descriptor 4 says so
    gangway_pytest.py run FILE ARGS...      run the tests that FILE names, one id a line

CODE is a folder for rewritten modules, or ""; who runs tests finds its name in GANGWAY_PYTEST_CODE.

It tells on descriptor 3, in records of tab-separated fields, one a line; bytes < 0x20, DEL and '\\' in a
field are written \\xNN (gangway's TSV).  The listing, behind "pytest-list 1":

    root DIR            pytest's rootdir: ids are relative to it
    basetemp DIR        where the lanes' tmp_path folders go
    controller NAME     abstract socket at which the lanes' processes are to report (see Controller)
    addopt WORD         of pytest.ini's addopts what gangway is to heed itself
    test ID LINE SUITE NAME GROUP       LINE counts from 1, 0: unknown; GROUP "": none
    mark NAME           of the test above
    deselected          so is the test above
    skip ID REASON      a file that skips itself when it is imported
    error ID TEXT       a file that cannot be imported
    end

It is to the lanes what pytest-xdist's controller is to its workers: its session begins before theirs and ends after
them, when "p" or "f" comes on descriptor 4, which is f where tests failed.  If that ends without either, gangway is gone.

While it runs, I being the place of a test in FILE, counted from 0:

    B I                 it begins
    O I STREAM TEXT     what it printed: 0 stdout, 1 stderr
    S I OUTCOME NAME MESSAGE            a subtest
    P I SETUP_US CALL_US TEARDOWN_US    of the E that follows; -: it did not come to it
    E I OUTCOME TIME_US FILE LINE MESSAGE DETAIL
    W                   more tests are wanted: FILE grows, then a byte comes on descriptor 4; its end: no more

Which test comes next is known before one runs, for pytest tears down what the next one does not need.
"""

import binascii
import gc
import importlib.util
import marshal
import os
import re
import select
import shlex
import signal
import socket
import struct
import sys
import traceback
import types

import pytest
from _pytest.assertion import rewrite

REPORT_FD = 3
FEED_FD = 4

# pytest's outcomes from the worst; of the phases of a test the worst one counts
RANK = ["error", "failed", "xpassed", "xfailed", "skipped", "passed"]

_ESCAPES = {c: "\\x%02X" % c for c in [*range(0x20), 0x7F, 0x5C]}
_ESCAPES[0] = "\\x5Cx00"  # what a C string cannot hold is shown
_NEEDS_ESCAPE = re.compile(r"[\x00-\x1f\x7f\\]")


def record(*fields):
    texts = [str(f) for f in fields]
    texts = [t.translate(_ESCAPES) if _NEEDS_ESCAPE.search(t) else t for t in texts]
    return ("\t".join(texts) + "\n").encode("utf-8", "surrogateescape" if _is_raw(texts) else "replace")


def _is_raw(texts):
    """Bytes that are no UTF-8 come back as they were; other lone surrogates cannot."""
    try:
        "".join(texts).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def unescape(text):
    return re.sub(r"\\x([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), text)


def write_all(data):
    while data:
        data = data[os.write(REPORT_FD, data):]


def first_line(text):
    lines = str(text).strip().splitlines()
    return lines[0] if lines else ""


# --- rewritten modules -----------------------------------------------------------------------------

# pytest keeps them beside the sources, but not under PYTHONDONTWRITEBYTECODE, nor where it must not write; then each
# process would do again what takes longer than all else about a small test.


def keep_code(folder):
    plain = getattr(rewrite, "_rewrite_test", None)
    if plain is None or not os.path.isdir(folder):
        return

    def rewrite_test(path, config):
        stat = os.stat(path)
        head = repr((rewrite.PYTEST_TAG, str(path), stat.st_mtime_ns, stat.st_size,
                     config.getini("enable_assertion_pass_hook"))).encode() + b"\n"
        head = importlib.util.MAGIC_NUMBER + head
        name = os.path.join(folder, "%08x%s" % (binascii.crc32(os.fsencode(path)), rewrite.PYC_TAIL))
        code = load_code(name, head)
        if code is None:
            stat, code = plain(path, config)
            save_code(name, head + marshal.dumps(code))
        return stat, code

    rewrite._rewrite_test = rewrite_test


def load_code(name, head):
    try:
        with open(name, "rb") as f:
            data = f.read()
        return marshal.loads(data[len(head):]) if data.startswith(head) else None
    except (OSError, ValueError, EOFError, TypeError):
        return None


def save_code(name, data):
    new = "%s.%d" % (name, os.getpid())
    try:
        with open(new, "wb") as f:
            f.write(data)
        os.replace(new, name)
    except OSError:
        pass  # the next process rewrites it again


# --- what pytest must know in both modes -----------------------------------------------------------


class XdistHooks:
    """pytest-xdist's, so that a conftest.py that has one is not refused.  Called are those of NODE_HOOKS."""

    def pytest_xdist_setupnodes(config, specs): ...
    def pytest_xdist_newgateway(gateway): ...
    def pytest_xdist_rsyncstart(source, gateways): ...
    def pytest_xdist_rsyncfinish(source, gateways): ...
    def pytest_xdist_getremotemodule(): ...
    def pytest_configure_node(node): ...
    def pytest_testnodeready(node): ...
    def pytest_testnodedown(node, error): ...
    def pytest_xdist_node_collection_finished(node, ids): ...
    def pytest_xdist_make_scheduler(config, log): ...
    def pytest_xdist_auto_num_workers(config): ...
    def pytest_handlecrashitem(crashitem, report, sched): ...


NODE_HOOKS = ("pytest_configure_node", "pytest_testnodeready", "pytest_testnodedown")


def add_words(parser):
    """The words of pytest-xdist and pytest-cov, which may stand in addopts: gangway does what they say."""
    group = parser.getgroup("gangway")
    for names in (["-n", "--numprocesses"], ["--maxprocesses"], ["--max-worker-restart"], ["--dist"],
                  ["--tx"], ["--px"], ["--rsyncdir"], ["--rsyncignore"], ["--testrunuid"],
                  ["--cov-config"], ["--cov-fail-under"], ["--cov-context"]):
        group._addoption(*names, action="append", dest="gangway_" + names[-1].strip("-"))
    for name in ("--cov", "--cov-report"):
        group._addoption(name, action="append", nargs="?", const=True, dest="gangway_" + name.strip("-"))
    for names in (["-d", "--distload"], ["--loadgroup"], ["--no-loadscope-reorder"], ["--no-cov"],
                  ["--no-cov-on-fail"], ["--cov-append"], ["--cov-branch"], ["--cov-reset"]):
        group._addoption(*names, action="store_true", dest="gangway_" + names[-1].strip("-"))


class Silent:
    """pytest's terminal reporter for those that ask for it: it has no hooks, and prints to nobody."""

    def __init__(self, reporter):
        self.__dict__["_reporter"] = reporter
        reporter._tw._file = open(os.devnull, "w", encoding="utf-8")

    def __getattr__(self, name):
        return getattr(self._reporter, name)

    def __setattr__(self, name, value):
        setattr(self._reporter, name, value)


class Common:
    def pytest_addhooks(self, pluginmanager):
        pluginmanager.add_hookspecs(XdistHooks)

    def pytest_addoption(self, parser):
        add_words(parser)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        config.addinivalue_line("markers", "xdist_group(name): tests of one name run on one worker, in order")
        config.addinivalue_line("markers", "no_cover: nothing; pytest-cov's word")
        config.option.xmlpath = None  # gangway writes the one file
        config.option.maxfail = 0  # and counts the failures of all lanes
        config.option.usepdb = False

    @pytest.hookimpl(trylast=True, specname="pytest_configure")
    def pytest_configure_last(self, config):
        plugins = config.pluginmanager
        reporter = plugins.get_plugin("terminalreporter")
        if reporter is not None:
            plugins.unregister(reporter)
            plugins.register(Silent(reporter), "terminalreporter")

    @pytest.fixture(scope="session")
    def worker_id(self):
        return os.environ.get("PYTEST_XDIST_WORKER", "master")

    @pytest.fixture(scope="session")
    def testrun_uid(self):
        return os.environ.get("PYTEST_XDIST_TESTRUNUID", "")

    @pytest.fixture
    def cov(self):
        return None

    @pytest.fixture
    def no_cover(self):
        return None


# --- list ------------------------------------------------------------------------------------------

# gangway's words that mean the same in addopts, and whether a value follows
HEEDED = {"-n": True, "--numprocesses": True, "--maxprocesses": True, "--max-worker-restart": True,
          "--dist": True, "--maxfail": True, "-x": False, "--exitfirst": False, "--durations": True, "--durations-min": True,
          "--junitxml": True, "--junit-xml": True, "--cov": None, "--cov-report": True,
          "--cov-fail-under": True, "--cov-branch": False, "--color": True, "-r": True}


def heeded(words):
    """Of addopts: the words that gangway heeds, each with its value behind '=' or '-n'."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, _ = word.partition("=")
        if not word.startswith("--"):
            name = word[:2]
            equals = word[2:]
        if name not in HEEDED:
            continue
        if HEEDED[name] and not equals and rest:
            yield word
            yield rest.pop(0)
        elif HEEDED[name] is None and not equals and rest and not rest[0].startswith("-"):
            yield word + "=" + rest.pop(0)
        else:
            yield word


def group_of(item):
    """Several names are joined, as pytest-xdist does it; the id stays what it is."""
    names = set()
    for mark in item.iter_markers("xdist_group"):
        names.add(str(mark.args[0] if mark.args else mark.kwargs.get("name", "default")))
    return "_".join(sorted(names))


def suite_of(nodeid):
    """As pytest's JUnit has it: "tests/test_a.py::TestB::test_c[x]" is of tests.test_a.TestB."""
    path, _, rest = nodeid.partition("::")
    head, bracket, _ = rest.partition("[")
    names = head.split("::")[:-1]
    if path.endswith(".py"):
        path = path[:-3]
    return ".".join([path.replace("/", "."), *names])


def line_of(item):
    """From 1; 0: it stands in another file, or nobody knows.  pytest's own way to a plain function's is long."""
    function = getattr(item.obj, "__func__", item.obj) if type(item) is pytest.Function else None
    code = getattr(function, "__code__", None)
    if code is not None and code.co_filename == str(item.path) and not hasattr(function, "__wrapped__"):
        return code.co_firstlineno
    path, line, _ = item.location
    return line + 1 if line is not None and path == item.nodeid.partition("::")[0] else 0


def send(connection, value):
    data = marshal.dumps(value)
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive(connection):
    """None: the other side is gone.  It is a process of ours, see is_own()."""
    data = connection.recv(4, socket.MSG_WAITALL)
    if len(data) < 4:
        return None
    (size,) = struct.unpack("!I", data)
    data = connection.recv(size, socket.MSG_WAITALL)
    return marshal.loads(data) if len(data) == size else None


def is_own(connection):
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return struct.unpack("iII", credentials)[1] == os.getuid()


class Node:
    """A lane's process as pytest-xdist's hooks see a worker."""

    def __init__(self, config, workerinput):
        name = workerinput["workerid"]
        self.config = config
        self.workerinput = workerinput
        self.workeroutput = {}
        self.gateway = types.SimpleNamespace(id=name, spec=types.SimpleNamespace(id=name, popen=True))
        self.workerinfo = {"id": name, "spec": self.gateway.spec, "cwd": os.getcwd(), "executable": sys.executable,
                           "version": sys.version, "version_info": tuple(sys.version_info), "sysplatform": sys.platform}
        self.is_down = False


class Controller:
    """Where somebody has one of NODE_HOOKS: each lane's process says who it is and is told its workerinput, which
    pytest_configure_node may have added to; before it ends it says its workeroutput."""

    def __init__(self, config):
        self.config = config
        self.nodes = {}  # by connection; None: it has not yet said who it is
        self.listener = socket.socket(socket.AF_UNIX)
        self.name = "gangway-%d-%s" % (os.getpid(), os.urandom(8).hex())
        self.listener.bind("\0" + self.name)
        self.listener.listen(64)

    def attend(self, timeout=None):
        """True: descriptor FEED_FD is to be looked at.  With a timeout of 0: what has come so far."""
        ready, _, _ = select.select([FEED_FD, self.listener, *self.nodes], [], [], timeout)
        for connection in ready:
            if connection is self.listener:
                self.welcome(self.listener.accept()[0])
            elif connection != FEED_FD:
                self.hear(connection)
        return FEED_FD in ready or not ready

    def finish(self):
        while any(c in self.nodes for c in select.select([*self.nodes], [], [], 0)[0]):
            self.attend(0)

    def welcome(self, connection):
        if is_own(connection):
            self.nodes[connection] = None
        else:
            connection.close()

    def hear(self, connection):
        try:
            self.answer(connection, receive(connection))
        except Exception:  # of a hook: as a worker of pytest-xdist's, it cannot begin then
            traceback.print_exc()
            self.part(connection)

    def part(self, connection):
        self.nodes.pop(connection, None)
        connection.close()

    def answer(self, connection, said):
        node = self.nodes[connection]
        hook = self.config.hook
        if said is None:
            self.part(connection)
            if node is not None and not node.is_down:
                hook.pytest_testnodedown(node=node, error="Not properly terminated")
        elif node is None:
            node = self.nodes[connection] = Node(self.config, said)
            hook.pytest_configure_node(node=node)
            send(connection, node.workerinput)
            hook.pytest_testnodeready(node=node)
        else:
            node.workeroutput = said
            node.is_down = True
            hook.pytest_testnodedown(node=node, error=None)


class Lister(Common):
    def __init__(self):
        self.out = [record("pytest-list", 1)]
        self.deselected = []
        self.seen = set()
        self.controller = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        super().pytest_configure(config)
        config.option.collectonly = True

    def pytest_deselected(self, items):
        self.deselected.extend(items)

    def pytest_collectreport(self, report):
        nodeid = report.nodeid or "collection"
        if report.passed or nodeid in self.seen:
            return
        self.seen.add(nodeid)
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
            self.out.append(record("skip", nodeid, re.sub(r"^Skipped: ", "", first_line(reason))))
        else:
            self.out.append(record("error", nodeid, report.longreprtext))

    def tell(self, item, is_deselected):
        marks = {mark.name for mark in item.iter_markers()}
        group = group_of(item) if "xdist_group" in marks else ""
        self.out.append(record("test", item.nodeid, line_of(item), suite_of(item.nodeid), item.name, group))
        for name in sorted(marks - {"xdist_group"}):
            self.out.append(record("mark", name))
        if is_deselected:
            self.out.append(record("deselected"))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session):
        config = session.config
        self.out.append(record("root", config.rootpath))
        factory = getattr(config, "_tmp_path_factory", None)
        if factory is not None:
            self.out.append(record("basetemp", factory.getbasetemp()))
        if any(getattr(config.hook, name).get_hookimpls() for name in NODE_HOOKS):
            self.controller = Controller(config)
            self.out.append(record("controller", self.controller.name))
        words = config.getini("addopts") + shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
        for word in heeded(words):
            self.out.append(record("addopt", word))
        if config.option.continue_on_collection_errors:
            self.out.append(record("goes-on"))
        chosen = set(session.items)
        for item in session.items:
            self.tell(item, False)
        for item in self.deselected:
            if item not in chosen:
                self.tell(item, True)
        self.out.append(record("end"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        write_all(b"".join(self.out))
        os.close(REPORT_FD)
        while self.controller is not None and not self.controller.attend():
            pass
        said = os.read(FEED_FD, 1)
        if self.controller is not None:
            self.controller.finish()
        session.testsfailed += said == b"f"
        if not said:  # nobody reads what is printed
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
        return True


def list_main(folder, args):
    keep_code(folder)
    lister = Lister()
    code = pytest.main(args, plugins=[lister])
    return 0 if code in (0, 1, 2, 5) and lister.out[-1] == record("end") else int(code) or 3


# --- run -------------------------------------------------------------------------------------------


class NoItems:
    """pytest's hooks without the two that are called with all items."""

    def __init__(self, hook):
        self._hook = hook

    def __getattr__(self, name):
        return getattr(self._hook, name)

    def pytest_collection_modifyitems(self, **kwargs): ...
    def pytest_collection_finish(self, **kwargs): ...


class Runner(Common):
    def __init__(self, path):
        self.todo = open(path, encoding="utf-8", errors="surrogateescape")
        self.ids = []  # of all tests that were handed to us
        self.next = 0
        self.is_asked = False
        self.is_over = False
        self.files = {}  # id of a file: its nodes, not yet looked into
        self.items = {}  # by id
        self.errors = {}  # of files that cannot be imported
        self.pending = []  # records that may wait for the next begin
        self.reports = []
        self.subtests = []
        self.controller = None  # a socket

    # --- starting ---

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
        workerinput = {
            "workerid": worker,
            "workercount": int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
            "testrunuid": os.environ.get("PYTEST_XDIST_TESTRUNUID", ""),
            "mainargv": sys.argv,
        }
        early_config.workerinput = self.report_for_duty(workerinput)
        early_config.workeroutput = {}

    def report_for_duty(self, workerinput):
        name = os.environ.pop("GANGWAY_PYTEST_CONTROLLER", "")
        if not name:
            return workerinput
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect("\0" + name)
        except OSError:
            return workerinput  # the run is taken up again, or a graph's: there is none
        if not is_own(connection):
            sys.exit("the socket of pytest's controller belongs to somebody else")
        send(connection, workerinput)
        told = receive(connection)
        if told is None:
            sys.exit("pytest's controller could not set this worker up")
        self.controller = connection
        return told

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self, session, exitstatus):
        yield
        if self.controller is not None:
            session.config.workeroutput["exitstatus"] = int(exitstatus)
            try:
                send(self.controller, session.config.workeroutput)
            except OSError:
                pass  # it is gone, and nobody asks

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        super().pytest_configure(config)
        base = os.environ.pop("GANGWAY_PYTEST_BASETEMP", "")
        if base and os.path.isdir(base):
            config.option.basetemp = os.path.join(base, "popen-" + config.workerinput["workerid"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session):
        session.perform_collect = lambda: self.collect(session)

    def collect(self, session):
        """Find the files, import none but those of the first tests."""
        config = session.config
        hook = config.hook
        config.hook = NoItems(hook)
        try:
            nodes = type(session).perform_collect(session, genitems=False)
        finally:
            config.hook = hook
        for node in nodes:
            self.add_node(node)
        session.items = []
        self.read_ids()
        self.import_files(session, self.ids)
        hook.pytest_collection_finish(session=session)
        session.testscollected = len(session.items)
        return session.items

    def add_node(self, node):
        folder = getattr(pytest, "Dir", pytest.Package)
        if isinstance(node, (pytest.Package, folder)):
            for child in node.collect():
                self.add_node(child)
        else:
            self.files.setdefault(node.nodeid.partition("::")[0], []).append(node)

    def import_files(self, session, ids):
        new = []
        for path in dict.fromkeys(i.partition("::")[0] for i in ids):
            for node in self.files.pop(path, ()):
                new.extend(session.genitems(node))
        for item in new:
            self.items.setdefault(item.nodeid, item)
        if new:
            session.items.extend(new)
            session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=new)

    def pytest_collectreport(self, report):
        if not report.passed:
            self.errors[report.nodeid] = report.longreprtext

    # --- which test comes next ---

    def read_ids(self):
        ids = [unescape(line[:-1]) for line in self.todo]
        self.ids.extend(ids)
        return ids

    def ask(self):
        if not self.is_asked and not self.is_over:
            self.is_asked = True
            self.pending.append(record("W"))
            self.flush()

    def look(self, session, n):
        """Wait until n tests are known to come, or there are no more."""
        while len(self.ids) - self.next < n and not self.is_over:
            self.ask()
            self.is_over = os.read(FEED_FD, 1) == b""
            self.is_asked = False
            self.import_files(session, self.read_ids())

    def flush(self):
        data = b"".join(self.pending)
        self.pending.clear()
        write_all(data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        gc.enable()
        self.look(session, 1)
        while self.next < len(self.ids):
            i = self.next
            item = self.items.get(self.ids[i])
            self.next += 1
            if len(self.ids) - self.next <= 1:
                self.ask()
            self.look(session, 1)
            self.pending.append(record("B", i))
            self.flush()
            if item is None:
                self.tell_missing(i)
                continue
            self.run_test(session, i, item)
        self.flush()
        return True

    def next_item(self):
        for nodeid in self.ids[self.next:]:
            if nodeid in self.items:
                return self.items[nodeid]
        return None

    # --- one test ---

    def run_test(self, session, i, item):
        self.reports.clear()
        self.subtests.clear()
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=self.next_item())
        if self.reports:
            self.tell(i, session.config)

    def pytest_keyboard_interrupt(self, excinfo):
        """Its time is over, or the run's: where it stood."""
        item = self.items.get(self.ids[self.next - 1]) if self.next > 0 else None
        if item is not None:
            excinfo.traceback = excinfo.traceback.cut(path=item.path)
            text = str(excinfo.getrepr(style="short")) + "\n"
            self.pending.append(record("O", self.next - 1, 1, text))
        self.flush()

    def pytest_runtest_logreport(self, report):
        (self.subtests if hasattr(report, "context") else self.reports).append(report)

    def tell_missing(self, i):
        path = self.ids[i].partition("::")[0]
        message = "not collected in this worker: the tree lists other tests each time"
        self.pending.append(record("E", i, "error", 0, path, 0, message, self.errors.get(path, "")))

    def tell(self, i, config):
        worst, chosen, details, times = len(RANK) - 1, None, [], {}
        for report in self.reports:
            times[report.when] = times.get(report.when, 0) + int(report.duration * 1e6)
            if report.passed and not hasattr(report, "wasxfail"):
                continue
            category = config.hook.pytest_report_teststatus(report=report, config=config)[0]
            if category not in RANK:
                continue  # "", or a plug-in's own word: a rerun
            if category in ("error", "failed"):
                details.append(report.longreprtext)
            if RANK.index(category) < worst and worst > RANK.index("failed"):
                worst, chosen = RANK.index(category), report
        self.tell_subtests(i, config)
        outcome = RANK[worst]
        self.tell_output(i, details if outcome in ("error", "failed") else None)
        path, line, message = describe(chosen) if chosen else ("", 0, "")
        self.pending.append(record("P", i, *(times.get(when, "-") for when in ("setup", "call", "teardown"))))
        self.pending.append(record("E", i, outcome, sum(times.values()), path, line, message, "\n".join(details)))

    def tell_subtests(self, i, config):
        for report in self.subtests:
            category = config.hook.pytest_report_teststatus(report=report, config=config)[0]
            outcome = "passed" if report.passed else "skipped" if report.skipped else "failed"
            if category in ("xfailed", "xpassed"):
                outcome = category
            name = report.sub_test_description() if hasattr(report, "sub_test_description") else "subtest"
            self.pending.append(record("S", i, outcome, name, "" if report.passed else describe(report)[2]))

    def tell_output(self, i, details):
        for title, text in self.reports[-1].sections:
            if title.startswith("Captured stdout"):
                self.pending.append(record("O", i, 0, text))
            elif title.startswith("Captured stderr"):
                self.pending.append(record("O", i, 1, text))
            elif details is not None:
                details.append(title.center(len(title) + 2).center(80, "-") + "\n" + text)


def describe(report):
    """Where, and why in one line."""
    longrepr = report.longrepr
    if hasattr(report, "wasxfail"):
        return "", 0, re.sub(r"^reason: ", "", first_line(report.wasxfail))
    if isinstance(longrepr, tuple):
        path, line, reason = longrepr
        return path, line or 0, re.sub(r"^Skipped: ", "", first_line(reason))
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return crash.path, crash.lineno, first_line(crash.message)
    return "", 0, first_line(report.longreprtext)


def end_in_order(signum, frame, own=os.getpid()):
    """SIGTERM ends a session as Ctrl-C does, so that its fixtures are torn down; a forked child just dies."""
    if os.getpid() == own:
        raise KeyboardInterrupt("told to end")
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def begin_coverage(args):
    """gangway's --cov words come first; each process has a data file of its own, named in COVERAGE_FILE."""
    sources = [a[len("--cov="):] for a in args if a.startswith("--cov=/")]
    if not sources:
        return None
    try:
        import coverage
    except ImportError:
        sys.exit("--cov: there is no coverage.py for %s" % sys.executable)
    cov = coverage.Coverage(source=sources, branch=True if "--cov-branch" in args else None)
    cov.set_option("run:omit", [*(cov.get_option("run:omit") or []), __file__])
    cov.start()
    return cov


def run_main(path, args):
    cov = begin_coverage(args)
    keep_code(os.environ.pop("GANGWAY_PYTEST_CODE", ""))
    signal.signal(signal.SIGTERM, end_in_order)
    code = pytest.main(args, plugins=[Runner(path)])
    if cov is not None:
        cov.stop()
        cov.save()
    return 0 if code in (0, 1, 5) else int(code)


def main():
    mode, path, *args = sys.argv[1:]
    del sys.path[0]  # this file's folder: `pytest` has none
    sys.argv[:] = ["pytest", *args]
    for fd in (REPORT_FD, FEED_FD):
        os.set_inheritable(fd, False)
    args = ["-p", "no:xdist", "-p", "no:xdist.looponfail", "-p", "no:pytest_cov", *args]
    gc.disable()  # until tests run there is no garbage worth a search
    code = list_main(path, args) if mode == "list" else run_main(path, args)
    gc.freeze()  # nor at the end
    return code


if __name__ == "__main__":
    sys.exit(main())
