#!/bin/sh
# Coverage files that mean harm: bombs, entities, shapes and numbers beyond all measure, names that lead
# elsewhere or would run, damaged notes and counters, counters of another build, a full disk.  Each
# ends by itself in one line with its path, and costs the others nothing.  tests/cov/attack.py writes them.
. "$(dirname "$0")/lib.sh"
need gcc g++ gcov xmllint
attack=$top/tests/cov/attack.py
cat >few.py <<'END'
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if usage.ru_maxrss < 400 << 10 else f"{usage.ru_maxrss >> 10} MB")
END
merge() { # within a minute and 400 MB
	timeout 60 /usr/bin/python3 ../few.py "$gangway" merge coverage "$@"
}

run 0 "$attack" rows
cd rows
echo TOP-SECRET >secret
mkfifo blocks # whoever opens it waits for ever
printf 'SF:good.c\nFN:1,good\nFNDA:2,good\nBRDA:1,0,0,2\nDA:1,2\nDA:5,0\nend_of_record\n' >good.info
run 0 merge -o ../good.json good.info
sed -n '/"path":"good.c"/,$p' ../good.json >../want
ls -A >../before

# refuse FILE TEXT: named with the reason; the figures of the other file are there, the last ones
refuse() {
	run 4 merge -o ../o.json "$1" good.info
	has "$err" "$1:"
	has "$err" "$2"
	[ "$(wc -l <"$err")" = 1 ] || fail "more than a line: $(cat "$err")"
	sed -n '/"path":"good.c"/,$p' ../o.json >../got
	same ../want ../got
}
# take FILE [TEXT]: it counts, with this warning, and what is written is what its readers expect
take() {
	run 0 merge -o ../o.json "$1"
	[ -z "${2-}" ] || { has "$err" "$1:" && has "$err" "$2"; }
	[ -n "${2-}" ] || [ ! -s "$err" ] || fail "$1: $(cat "$err")"
	/usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' ../o.json || fail "$1: bad JSON"
	lacks ../o.json TOP-SECRET
	run 0 merge -o ../o.xml ../o.json
	run 0 xmllint --noout --nonet --dtdvalid "$fixtures/schema/coverage-04.dtd" ../o.xml
	run 0 merge -o ../o.info ../o.json
	run 0 merge -o ../again.info ../o.info
	same ../o.info ../again.info
}

# entities, of which none is ever expanded or fetched; a DTD that is only named is Cobertura's own way
for row in laugh laugh_attribute large external parameter; do
	refuse $row.xml "entities are refused"
done
take dtd.xml
# shapes
refuse deep.xml "deep"
refuse attributes.xml "more attributes in a tag"
for end in json gcov llvm; do
	refuse deep.$end "levels deep"
done
take text.xml
# bombs, by their real names and by others; what is compressed may have any name
refuse bomb.gz "times its size"
refuse bomb_by_1.gz "times its size"
refuse bomb.xml "times its size"
take gzip.xml
# bytes that XML or a name cannot have
take nul.xml "control byte"
take escape.xml "control byte"
take reference.xml "a character that XML cannot carry"
take no_utf8.xml "byte that is not UTF-8"
take no_utf8.info
refuse nul.info "a NUL byte"
refuse nul.json "a NUL in a string"

# numbers of lines, and counts, in every format
for end in info xml json gcov llvm; do
	refuse far.$end "above the limit"
	refuse farther.$end "above the limit"
	refuse below.$end ":2: "
	take counts.$end "counts below 0 are taken as 0"
	run 0 merge -o - --format=lcov counts.$end
	has "$err" "counts beyond 64 bits are taken as the largest"
	has "$out" "DA:1,0"
	has "$out" "DA:2,18446744073709551615"
	has "$out" "DA:3,7"
done

# names
for name in dots absolute script cdata template; do
	take name_$name.info
	[ "$(grep -c '^SF:' ../o.info)" = 1 ] || fail "name_$name: $(cat ../o.info)"
	lacks ../o.xml "<script"
	lacks ../o.xml "<svg"
	lacks ../o.xml "root:"
done
take name_newline.json
[ "$(grep -c '^SF:' ../o.info)" = 1 ] || fail "a name broke its line: $(cat ../o.info)"
[ "$(grep '^DA:' ../o.info)" = DA:1,3 ] || fail "a name became a figure: $(cat ../o.info)"
ls -A >../after
same ../before ../after
cd ..

# --- objects ------------------------------------------------------------------------------------
mkdir objects
cp "$fixtures/cov/throws.cc" objects
cp "$fixtures/cov/tail.c" objects/good.c
cd objects
g++ -std=c++17 -O0 --coverage -c throws.cc && g++ --coverage -o throws throws.o
gcc -O0 --coverage -c good.c && gcc --coverage -o good good.o
./throws && ./good
run 0 "$attack" --mutate "$PWD/throws" m "${MUTATIONS:-100}" 1 "$gangway"
tail -n 1 "$out"
# all at once, by --cov; beside them the good object of each, undamaged
printf '#!/bin/sh\n' >nothing_test
chmod +x nothing_test
touch gangway.ini
rm m/*.json
timeout 300 "$gangway" -n 2 --cov --cov-branch --cov-append --cov-report=json:all.json nothing_test m \
	>"$out" 2>"$err" || fail "exit code $?: $(cat "$out" "$err")"
ngood=$(find m -name good.gcno | wc -l)
/usr/bin/python3 - "$ngood" <<'END' || fail "the good objects' figures are others"
import json, sys
files = {f["path"]: f for f in json.load(open("all.json"))["files"]}
(main,) = [hits for name, _, _, hits in files["good.c"]["functions"] if name == "main"]
# twice: as they lie here, and in the folder itself
assert main in (int(sys.argv[1]), int(sys.argv[1]) + 1), (main, sys.argv)
END
cd ..

# counters of another build: named, not counted, and nothing of the others is lost
mkdir stale
cd stale
touch gangway.ini
cp ../objects/nothing_test .
for name in old new; do
	printf 'int main(void)\n{\n\treturn 0; /* %s */\n}\n' $name >$name.c
	gcc -O0 --coverage -c $name.c && gcc --coverage -o $name $name.o && ./$name
done
printf 'int f(int n)\n{\n\treturn n ? 1 : 2;\n}\nint main(void)\n{\n\treturn f(1) - 1;\n}\n' >old.c
cp old.gcda old.kept
gcc -O0 --coverage -c old.c
cp old.kept old.gcda
run 0 "$gangway" -n 1 --cov --cov-append --cov-report=lcov:o.info .
cat "$out" "$err" >said
has said "old.gcda"
tr '\n' ' ' <o.info >flat
has flat "SF:new.c FN:1,main FNDA:1,main"
has flat "FNDA:0,main FNF:2"
cd ..

# --- a disk that is full -----------------------------------------------------------------------
mkdir full
if mount -t tmpfs -o size=16k none full 2>/dev/null; then
	trap 'umount "$work/full"; chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
	i=0
	while [ $i -lt 5000 ]; do
		i=$((i + 1))
		echo "SF:source_$i.c"
		echo "DA:1,1"
		echo "end_of_record"
	done >many.info
	for end in json xml info; do
		run 3 "$gangway" merge coverage -o full/o.$end many.info
		has "$err" "full/o.$end"
		has "$err" "No space left on device"
	done
	[ -z "$(ls -A full)" ] || fail "half a file was left: $(ls -A full)"
else
	echo "no tmpfs can be mounted: a full disk was not tried"
fi
