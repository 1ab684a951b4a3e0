#!/bin/sh
# Names of every kind pass through ctest's JSON, the graph's two dialects and shapes, the shell, the
# journal and the JUnit file unharmed, and each test gets the argument that its name says.
. "$(dirname "$0")/lib.sh"
need ctest ninja make

cat >names.py <<'END'
import sys
names = ["plain", "sp ace", " lead and trail ", "quo\"te", "a'b", "$HOME ${x} $$", "co:lon", "ha#sh",
         "per%cent", "back\\slash\\", "semi;colon", "new\nline", "tab\there", "h\u00e9llo \u20ac", "--help",
         "-n", "*", "?[a]", "a::b::c", "(x)&|<>`id`!", "x" * 4096, "~", "@file", "{a,b}", "=", "a=b"]
here = sys.argv[1]
with open("build dir's $x#%/CTestTestfile.cmake", "w", encoding="utf-8") as f:
    for i, n in enumerate(names):
        # brackets are CMake's literal strings; a newline at the beginning is dropped there
        f.write("add_test([===[%s]===] \"%s/same\" \"%d\" [===[%s]===])\n" % (n, here, i, n))
with open("names.txt", "w", encoding="utf-8") as f:
    f.write("\0".join(names))
END
mkdir "build dir's \$x#%"
/usr/bin/python3 names.py "$work"
cat >same <<'END'
#!/usr/bin/python3
import os, sys
names = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "names.txt"), encoding="utf-8").read().split("\0")
assert len(sys.argv) == 3 and sys.argv[2] == names[int(sys.argv[1])], sys.argv
END
chmod +x same
cat >check.py <<'END'
import sys, xml.etree.ElementTree as tree
want = sorted(open("names.txt", encoding="utf-8").read().split("\0"))
cases = list(tree.parse(sys.argv[1]).iter("testcase"))
got = sorted(c.get("name") for c in cases)
assert got == want, [x for x in got if x not in want] + ["--"] + [x for x in want if x not in got]
assert all(len(c.findall("failure") + c.findall("error")) == 0 for c in cases)
END

for engine in ninja make; do
	run 0 "$gangway" -n 2 --engine=$engine --junitxml=junit.xml "build dir's \$x#%"
	run 0 /usr/bin/python3 check.py junit.xml
	for shape in lanes queue; do
		mkdir -p "out \$: #%'\" $engine $shape"
		file="out \$: #%'\" $engine $shape/tests.$engine"
		run 0 "$gangway" graph -n 3 --dist=loadscope --engine=$engine --shape=$shape -o "$file" \
			"build dir's \$x#%"
		if [ $engine = ninja ]; then
			run 0 ninja -f "$file"
		else
			run 0 make -j3 -f "$file"
		fi
		run 0 /usr/bin/python3 check.py "$file.d/junit.xml"
	done
done
