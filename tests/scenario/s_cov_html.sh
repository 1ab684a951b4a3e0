#!/bin/sh
# Coverage as HTML: pages that parse, with the figures of the other reports; the same bytes each time;
# nothing of hostile tracefiles leaves the folder, runs in a page, or brings a foreign file into it; what is
# in the way stays; a full or closed disk is one line.
. "$(dirname "$0")/lib.sh"
need gcc gcov xmllint

SOURCE_DATE_EPOCH=7
export SOURCE_DATE_EPOCH
mkdir -p src/deep build
cat >src/calc.c <<'END'
int calc_sign(int n)
{
	if (n < 0)
		return -1;
	return n > 0 && n < 1000;
}
END
cat >src/deep/never.c <<'END'
int never_run(int n)
{
	return n ? 1 : 2;
}
END
cat >one_test.c <<'END'
int calc_sign(int n);
int main(void)
{
	return calc_sign(3) != 1;
}
END
for name in src/calc src/deep/never one_test; do
	gcc -O0 --coverage -c -o "build/$(basename $name).o" $name.c
done
gcc --coverage -o build/one_test build/*.o
touch gangway.ini

# --- of a run, and told again --------------------------------------------------------------------
cat >check.py <<'END'
"""Every page: what it may link to, what tags and attributes it has; prints what it shows."""
import html.parser, os, re, sys
folder = sys.argv[1]
allowed = {"html", "head", "meta", "title", "link", "script", "body", "header", "nav", "a", "h1", "small", "dl", "div",
           "dt", "dd", "progress", "main", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "ol", "li",
           "b", "i", "em", "p", "footer"}
attributes = {"lang", "charset", "http-equiv", "content", "name", "rel", "href", "src", "id", "class", "title", "max",
              "value", "scope", "colspan", "rowspan"}
files = set(os.listdir(folder))

class Page(html.parser.HTMLParser):
    scripts = 0
    def handle_starttag(self, tag, attrs):
        assert tag in allowed, tag
        for name, value in attrs:
            assert name in attributes, (tag, name)
            if name in ("href", "src"):
                assert value in files or re.fullmatch(r"#L\d+", value), value
        self.scripts += tag == "script"
        assert tag != "script" or attrs == [("src", "report.js")]

for name in sorted(files):
    assert re.fullmatch(r"index\.html|style\.css|report\.js|[0-9a-f]{16}\.html", name), name
    if name.endswith(".html"):
        page = Page()
        page.feed(open(f"{folder}/{name}", encoding="utf-8").read())
        assert page.scripts == 1, name
END
pages_are_good() {
	run 0 /usr/bin/python3 check.py "$1"
	for page in "$1"/*.html; do
		code=0
		xmllint --html --noout "$page" >"$out" 2>"$err" || code=$?
		# libxml2's parser is of before HTML 5
		! grep 'error :' "$err" | grep -vE 'Tag (header|nav|main|footer|details|summary|progress) invalid' ||
			fail "$page does not parse"
		[ $code -le 1 ] || fail "xmllint: $code"
	done
}
page_of() { # FOLDER NAME
	sed -n "s|.*<a href=\([0-9a-f.html]*\)>$2</a>.*|$1/\1|p" "$1/index.html"
}

run 0 "$gangway" -n 2 --cov --cov-branch --cov-report=html --cov-report=json:all.json build/one_test
has "$out" "Coverage written to $work/htmlcov/index.html"
pages_are_good htmlcov
has htmlcov/index.html "Content-Security-Policy content=\"default-src 'none'"
has htmlcov/index.html "1970-01-01 00:00:07 UTC"
has htmlcov/index.html "deep/"
calc=$(page_of htmlcov calc.c)
has "$calc" '<li id=L3 class=p><a href=#L3>3</a><b>1</b><i title="never, 1">-+</i>'
has "$calc" '<li id=L4 class=m><a href=#L4>4</a><b>0</b>'
has "$calc" 'return n &gt; 0 &amp;&amp; n &lt; 1000;'
has "$(page_of htmlcov never.c)" '<tr class=m><th scope=row><a href=#L1>never_run</a>'
/usr/bin/python3 - <<'END' || fail "the reports disagree"
import json, re
t = json.load(open("all.json"))["totals"]
sums = re.findall(r"<small>(\d+) of (\d+)</small>", open("htmlcov/index.html").read())
want = [(t[k + "_hit"], t[k]) for k in ("lines", "functions", "branches")]
assert sums == [(str(a), str(b)) for a, b in want] and t["lines"] > 5, (sums, want)
END
cp -R htmlcov first
run 0 "$gangway" report --cov --cov-branch --cov-report=html:again/and/again
run 0 diff -r first again/and/again
run 0 "$gangway" -n 1 --cov --cov-report=html build/one_test
lacks htmlcov/index.html Branches
lacks "$calc" "<i title"
# changed since
sed 's/1000/2000/' src/calc.c >new.c
touch -d '+1 hour' new.c
mv new.c src/calc.c
run 0 "$gangway" report --cov --cov-report=html
has "$calc" "The source was changed after the figures were made"
printf 'int calc_sign(int n)\n' >src/calc.c
run 0 "$gangway" report --cov --cov-report=html
has "$calc" "it has 1 line, and counted were lines up to 5"
has "$calc" "<li id=L5 class=h>"

# --- gangway merge coverage -----------------------------------------------------------------------
merge() {
	run 0 "$gangway" merge coverage "$@"
}
merge -o by_slash/ all.json
merge -o named --format=html all.json
mkdir there
merge -o there all.json
run 0 diff -r by_slash named
run 0 diff -r by_slash there
pages_are_good by_slash
run 4 "$gangway" merge coverage -o page.html all.json
has "$err" "json or html (a folder)"
run 4 "$gangway" merge coverage -o - --format=html all.json
has "$err" "cannot go to stdout"

# --- hostile tracefiles ---------------------------------------------------------------------------
mkdir -p prison/project
echo "int secret_outside;" >prison/x
echo "int secret_linked;" >prison/linked.c
ln -s ../linked.c prison/project/link.c
ln -s .. prison/project/up
mkfifo prison/project/pipe.c
printf 'int plain; // </li><script>alert(1)</script>\r\n\000\033[31m\377\n' >"prison/project/<script>.c"
head -c 1000000 /dev/zero | tr '\0' x >prison/project/long.c
mkdir "prison/project/a\"><svg onload=alert(1)>"
echo "int quoted;" >"prison/project/a\"><svg onload=alert(1)>/b'.c"
for name in ../x ../../x /etc/passwd link.c up/x pipe.c /dev/zero '<script>.c' \
	"a\"><svg onload=alert(1)>/b'.c" long.c . .. / "$work/prison/x" "caf$(printf '\351').c" \
	'%2e%2e%2fx' 'javascript:alert(1)' "../../../../../../../../../../../../$work/prison/x"; do
	printf 'SF:%s\nFN:1,f<b>"\nFNDA:1,f<b>"\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nDA:1,1\nDA:99,0\nend_of_record\n' "$name"
done >prison/hostile.info
touch before after
find . -path ./prison/project/html -prune -o -print | sort >before
cd prison/project
merge -o html/ ../hostile.info
cd ../..
find . -path ./prison/project/html -prune -o -print | sort >after
same before after
cd prison/project
cp ../../check.py .
pages_are_good html
cd ../..
for page in prison/project/html/*.html; do
	lacks "$page" "root:x:0"
	lacks "$page" "secret_"
	lacks "$page" "<svg"
	lacks "$page" "alert(1)</script>"
	[ "$(wc -c <"$page")" -lt 20000 ] || fail "$page is long"
done
grep -l "int quoted;" prison/project/html/*.html >shown || fail "what is below the rootdir is not shown"
grep -l '\\x00\\x1B\[31m' prison/project/html/*.html >shown || fail "control bytes are not visible"
[ "$(grep -l "The source is not shown" prison/project/html/*.html | wc -l)" -gt 5 ] || fail "no notes"

# --- what is in the way, and what does not work ---------------------------------------------------
mkdir mine
echo "my page" >mine/index.html
run 4 "$gangway" merge coverage -o mine/ all.json
has "$err" "mine/: its file 'index.html' is of no coverage report of gangway and would be overwritten"
[ "$(wc -l <"$err")" = 1 ] || fail "more than one line"
[ "$(cat mine/index.html)" = "my page" ] || fail "a foreign page is gone"
mkdir beside
echo "notes" >beside/notes.txt
merge -o beside/ all.json
merge -o beside/ prison/hostile.info
[ "$(cat beside/notes.txt)" = notes ] || fail "notes are gone"
rm beside/notes.txt
merge -o want/ prison/hostile.info
run 0 diff -r want beside
echo text >file
run 4 "$gangway" -n 1 --cov --cov-report=html:file build/one_test
has "$err" "it is no folder"
if [ "$(id -u)" != 0 ]; then
	mkdir closed
	chmod 500 closed
	run 3 "$gangway" merge coverage -o closed/ all.json
	[ "$(wc -l <"$err")" = 1 ] || fail "more than one line"
fi
merge -o small/ all.json
(
	ulimit -f 1
	trap '' XFSZ
	run 3 "$gangway" merge coverage -o small/ all.json
) || fail "a report too large for the limit"
has "$err" "small/: cannot write"
[ "$(wc -l <"$err")" = 1 ] || fail "more than one line"
run 0 diff -r small by_slash
[ -z "$(find . -maxdepth 1 -name '*.tmp-*')" ] || fail "temporary folders are left"
