#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write a pytest tree: tree.py DIR [FILES [TESTS [WORK]]], FILES files and TESTS tests in all (49 and 1,225).

188 of 1,225 tests (the same share of any other number) have no mark unit, 4 are skipped, an xdist_group goes
over three files, some files have classes, parameters, and fixtures of module and session scope.  WORK is how
often each test goes through a short loop.
"""

import os
import sys

CONFTEST = '''import os

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "unit: quick")


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("database")
    yield path
    assert path.exists()


@pytest.fixture(scope="module")
def table(request, database):
    path = database / request.module.__name__
    path.write_text("0")
    yield path
    path.unlink()
'''

HEAD = '''import pytest


def work():
    return sum(i * i for i in range({work}))


'''

KINDS = [
    "def test_{n}():\n    assert work() >= 0\n",
    "def test_{n}(table):\n    assert table.read_text() == '0' and work() >= 0\n",
    "def test_{n}(tmp_path, worker_id):\n    assert tmp_path.is_dir() and worker_id and work() >= 0\n",
    "class TestC{n}:\n    def test_{n}(self):\n        assert work() >= 0\n",
    "def test_{n}(capsys):\n    print('said', {n})\n    assert capsys.readouterr().out == 'said {n}\\n'\n",
]
EXTRA = [
    '@pytest.mark.skip(reason="not today")\n',
    '@pytest.mark.xfail(reason="known", strict=True)\n',
]


def one_test(n, file, ntests):
    lines = ""
    kind = KINDS[n % len(KINDS)]
    if n * 188 // ntests == (n + 1) * 188 // ntests or ntests < 188:
        lines += "@pytest.mark.unit\n"
    if n in (3, 203, 403, 603):
        lines += EXTRA[0]
        kind = KINDS[0]
    if n in (104, 304):
        lines += EXTRA[1]
        kind = "def test_{n}():\n    assert work() < 0\n"
    if file < 3 and n % 5 == 1:
        lines += '@pytest.mark.xdist_group("database")\n'
    if kind.startswith("class") and lines:
        head, body = kind.split("\n", 1)
        return lines + head.format(n=n) + "\n" + body.format(n=n)
    return lines + kind.format(n=n)


def main():
    folder = sys.argv[1]
    nfiles, ntests, work = [int(a) for a in sys.argv[2:5]] + [49, 1225, 100][len(sys.argv) - 2:]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "conftest.py"), "w", encoding="utf-8") as f:
        f.write(CONFTEST)
    with open(os.path.join(folder, "pytest.ini"), "w", encoding="utf-8") as f:
        f.write("[pytest]\naddopts = --strict-markers\nmarkers = unit: quick\n")
    n = 0
    for i in range(nfiles):
        last = ntests * (i + 1) // nfiles
        tests = [one_test(k, i, ntests) for k in range(n, last)]
        n = last
        sub = os.path.join(folder, "part%d" % (i % 3))
        os.makedirs(sub, exist_ok=True)
        with open(os.path.join(sub, "test_%03d.py" % i), "w", encoding="utf-8") as f:
            f.write(HEAD.format(work=work) + "\n\n".join(tests))


if __name__ == "__main__":
    main()
