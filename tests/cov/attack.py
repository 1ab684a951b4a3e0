#!/usr/bin/python3
"""Files that mean harm, written into a folder for tests/scenario/s_cov_attack.sh.

    attack.py FOLDER          one file for each row of what is known to hurt readers of coverage
    attack.py --mutate FROM TO N SEED GANGWAY
                              N copies of the object at FROM (FROM.gcno, FROM.gcda), each in a folder
                              of its own below TO, damaged in one of them: cut, or with bytes changed.
                              Each is merged together with good.gcno and good.gcda from beside FROM:
                              gangway ends by itself, with 0 or 4, and the path in a line if with 4 or
                              if counters were cut; the good object's figures are as they were
"""

import gzip
import json
import os
import random
import shutil
import struct
import subprocess
import sys

CLASS = '<class name="a" filename="{}"><methods/><lines><line number="1" hits="3"/></lines></class>'
REPORT = (
    "<?xml version='1.0'?>\n{}<coverage version='1'><sources><source>{}</source></sources>"
    "<packages><package name='p'><classes>{}</classes></package></packages></coverage>\n"
)


def report(doctype="", source=".", name="a.c", more=""):
    return REPORT.format(doctype, source, CLASS.format(name) + more)


def entities():
    laugh = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    yield "laugh.xml", report(f"<!DOCTYPE coverage [{laugh}]>\n", "&e12;")
    yield "laugh_attribute.xml", report(f"<!DOCTYPE coverage [{laugh}]>\n", name="&e12;")
    large = f'<!DOCTYPE coverage [<!ENTITY big "{"x" * 100000}">]>\n'
    yield "large.xml", report(large, "&big;" * 20000)
    here = os.getcwd()
    yield "external.xml", report(
        f'<!DOCTYPE coverage [<!ENTITY f SYSTEM "file://{here}/secret">]>\n', "&f;", "&f;x.c")
    yield "parameter.xml", report(
        f'<!DOCTYPE coverage [<!ENTITY % p SYSTEM "file://{here}/blocks"> %p;]>\n', "&q;")


def shapes():
    yield "deep.xml", "<coverage><packages>" + "<x>" * 1000000
    attributes = "".join(f' a{i}="1"' for i in range(200000))
    yield "attributes.xml", report(more=f"<class{attributes}/>")
    yield "deep.json", '{"gangway_coverage":1,"x":' + "[" * 1000000
    yield "deep.gcov", '{"format_version":"1","files":' + "[" * 1000000
    yield "deep.llvm", '{"data":' + "[" * 1000000
    for name, number in (("far", 2**31), ("farther", 2**64 + 1), ("below", -1)):
        yield f"{name}.info", f"SF:a.c\nDA:{number},1\nend_of_record\n"
        yield f"{name}.xml", report(more=CLASS.format("b.c").replace('"1"', f'"{number}"'))
        yield f"{name}.json", ('{"gangway_coverage":1,"files":[{"path":"a.c",\n'
                               f'"lines":[[{number},1]]}}]}}')
        yield f"{name}.gcov", ('{"format_version":"1","files":[{"file":"a.c","functions":[],\n'
                               f'"lines":[{{"line_number":{number},"count":1,"branches":[]}}]}}]}}')
        yield f"{name}.llvm", ('{"version":"2.0.1","type":"llvm.coverage.json.export","data":[{'
                               '"files":[{"filename":"a.c",\n'
                               f'"segments":[[{number},1,1,true,true,false],[{number},9,0,false,'
                               'false,false]]}]}]}')


def counts():
    """-5 on line 1, more than 64 bits on line 2, 7 on line 3."""
    values = (-5, 2**70, 7)
    yield "counts.info", "SF:a.c\n" + "".join(
        f"DA:{i},{n}\n" for i, n in enumerate(values, 1)) + "end_of_record\n"
    lines = "".join(f'<line number="{i}" hits="{n}"/>' for i, n in enumerate(values, 1))
    yield "counts.xml", REPORT.format("", ".", f'<class name="a" filename="a.c"><methods/><lines>'
                                      f"{lines}</lines></class>")
    rows = ",".join(f"[{i},{n}]" for i, n in enumerate(values, 1))
    yield "counts.json", f'{{"gangway_coverage":1,"files":[{{"path":"a.c","lines":[{rows}]}}]}}'
    rows = ",".join(f'{{"line_number":{i},"count":{n},"branches":[]}}'
                    for i, n in enumerate(values, 1))
    yield "counts.gcov", ('{"format_version":"1","files":[{"file":"a.c","functions":[],'
                          f'"lines":[{rows}]}}]}}')
    rows = ",".join(f"[{i},1,{n},true,true,false],[{i},9,0,false,false,false]"
                    for i, n in enumerate(values, 1))
    yield "counts.llvm", ('{"version":"2.0.1","type":"llvm.coverage.json.export","data":[{"files":['
                          f'{{"filename":"a.c","segments":[{rows}]}}]}}]}}')


def bytes_of_others():
    good = report().encode()
    yield "dtd.xml", report(
        "<!DOCTYPE coverage SYSTEM 'blocks'>\n").encode()  # only named: that is Cobertura's own way
    yield "text.xml", report(more="<!-- -->" + "x" * (12 << 20)).encode()
    yield "gzip.xml", gzip.compress(good)
    yield "nul.xml", good.replace(b"'p'", b"'p\0p'")
    yield "escape.xml", good.replace(b"'p'", b"'p\33[31m'")
    yield "reference.xml", good.replace(b"'p'", b"'p&#27;&#0;'")
    yield "no_utf8.xml", good.replace(b"a.c", b"a\xff\xfe.c")
    yield "no_utf8.info", b"SF:a\xff\xfe\33.c\nFN:1,\xff\nFNDA:1,\xff\nDA:1,3\nend_of_record\n"
    yield "nul.info", b"SF:a\0b.c\nDA:1,3\nend_of_record\n"
    yield "nul.json", b'{"gangway_coverage":1,"files":[{"path":"a\\u0000.c","lines":[[1,3]]}]}'


def names():
    yield "dots", "../../../../../../../../tmp/out.c"
    yield "absolute", "/etc/passwd"
    yield "script", '"><script>alert(1)</script><svg onload=alert(2)>.c'
    yield "cdata", "]]>&amp;&#60;.c"
    yield "template", "${jndi:x}`id`$(id);rm.c"


def write_rows():
    for rows in (entities(), shapes(), counts()):
        for name, text in rows:
            yield name, text.encode()
    yield from bytes_of_others()
    for name, path in names():
        text = f"TN:{path}\nSF:{path}\nFN:1,{path}\nFNDA:3,{path}\nDA:1,3\nend_of_record\n"
        yield f"name_{name}.info", text.encode()
    yield "name_newline.json", (b'{"gangway_coverage":1,"files":[{"path":"a\\nSF:/b\\nDA:9,9",'
                                b'"functions":[["f\\nDA:8,8",1,1,3]],"lines":[[1,3]]}]}')
    for name, level in (("bomb.gz", 9), ("bomb_by_1.gz", 1)):  # 1000 times and 200 times
        with gzip.GzipFile(name, "wb", level) as f:
            f.write(b'{"gangway_coverage":1,"x":"')
            for _ in range(100):
                f.write(b" " * (1 << 20))
    shutil.copy("bomb.gz", "bomb.xml")


def damage(data, random_):
    """A damaged copy, and whether its end is missing."""
    data = bytearray(data)
    how = random_.randrange(4)
    at = random_.randrange(len(data))
    if how == 0:
        return data[:at], True
    if how == 1:
        data[at] ^= 1 << random_.randrange(8)
    elif how == 2:
        at &= ~3
        word = random_.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0, 0x01000000))
        data[at:at + 4] = struct.pack("<I", word)
    else:
        data[at:at + random_.randrange(1, 64)] = random_.randbytes(random_.randrange(64))
    return data, False


def mutate(source, folder, random_):
    """The path of what was damaged, and whether it was cut."""
    os.makedirs(folder)
    for stem in (source, os.path.join(os.path.dirname(source), "good")):
        for end in (".gcno", ".gcda"):
            shutil.copy(stem + end, folder)
    end = random_.choice((".gcno", ".gcda"))
    victim = os.path.join(folder, os.path.basename(source) + end)
    with open(victim, "rb") as f:
        data, is_cut = damage(f.read(), random_)
    with open(victim, "wb") as f:
        f.write(data)
    return victim, is_cut


def figures_of_good(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return [(f["lines"], f["functions"]) for f in json.load(f)["files"]
                if os.path.basename(f["path"]) == "good.c"]


def merge(gangway, folder):
    """What is wrong with how it ended, and what it said."""
    out = folder + ".json"
    if os.path.exists(out):
        os.remove(out)
    try:
        done = subprocess.run([gangway, "merge", "coverage", "-o", out, folder], timeout=60,
                              capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return "it does not end", ""
    said = done.stderr.decode(errors="replace")
    if done.returncode not in (0, 4):
        return f"exit code {done.returncode}: {said}", said
    if done.returncode == 4 and folder not in said:
        return f"no path in: {said}", said
    if not os.path.exists(out):
        return f"no output: {said}", said
    return None, said


def run_mutations(source, target, count, seed, gangway):
    random_ = random.Random(seed)
    undamaged = os.path.join(target, "undamaged")
    mutate(source, undamaged, random.Random(0))
    for end in (".gcno", ".gcda"):
        shutil.copy(source + end, undamaged)
    wrong, _ = merge(gangway, undamaged)
    good = figures_of_good(undamaged + ".json")
    nbad = nnamed = 0
    if wrong or len(good) != 1:
        print(f"{undamaged}: {wrong or 'good.c is missing'}")
        nbad += 1
    for i in range(count):
        victim, is_cut = mutate(source, os.path.join(target, f"{i:03}"), random_)
        folder = os.path.dirname(victim)
        wrong, said = merge(gangway, folder)
        nnamed += victim in said
        if not wrong and figures_of_good(folder + ".json") != good:
            wrong = f"figures of the good object are others: {said}"
        if not wrong and is_cut and victim.endswith(".gcda") and victim not in said:
            wrong = "cut counters are not named"
        if wrong:
            print(f"{victim}: {wrong}")
            nbad += 1
    print(f"{count} mutations, {nnamed} named, {nbad} bad")
    return 1 if nbad else 0


def main():
    if sys.argv[1] == "--mutate":
        source, target, count, seed, gangway = sys.argv[2:]
        return run_mutations(source, target, int(count), int(seed), gangway)
    os.makedirs(sys.argv[1])
    os.chdir(sys.argv[1])
    for name, data in write_rows():
        with open(name, "wb") as f:
            f.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
