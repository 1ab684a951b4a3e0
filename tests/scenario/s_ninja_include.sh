#!/bin/sh
# A graph as a part of other people's build files, by real ninja and make: included and as a subninja;
# test, test/NAME, group/NAME; tests start while others still link; nothing runs again that did not
# change; a new, a removed and a renamed case plan themselves; the build's own default stays.
. "$(dirname "$0")/lib.sh"
need ninja make cc pkg-config

# A Check program, linked once; its "source", the list of its cases, stands behind the ELF file.
cat >engine.c <<'END'
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
START_TEST(yes) { ck_assert(1); } END_TEST
START_TEST(no) { ck_assert(0); } END_TEST
int main(int argc, char **argv)
{
	char line[100], text[2000000];
	Suite *s = suite_create("S");
	FILE *f = fopen(argv[0], "r");
	size_t n = fread(text, 1, sizeof text - 1, f);
	size_t at = n;
	(void)argc;
	while (at > 0 && text[at - 1] != '@')
		at--;
	FILE *list = fmemopen(text + at, n - at, "r");
	while (fgets(line, sizeof line, list)) {
		line[strcspn(line, "\n")] = '\0';
		TCase *c = tcase_create(strdup(line + 1));
		TTest *t = malloc(sizeof *t);
		*t = line[0] == '-' ? *no : *yes;
		t->name = strdup(line + 1);
		tcase_add_test(c, t);
		suite_add_tcase(s, c);
	}
	SRunner *r = srunner_create(s);
	f = fopen(getenv("LOG"), "a");
	srunner_run_all(r, CK_ENV);
	fprintf(f, "test %s\n", argv[0]);
	fclose(f);
	return srunner_ntests_failed(r) > 0;
}
END
# shellcheck disable=SC2046
cc -o engine engine.c $(pkg-config --cflags --libs check)
LOG=$PWD/log
export LOG
cat >link.sh <<'END'
#!/bin/sh
# link.sh OUT SOURCE: a linker that, where it is told to, waits until a test has run
[ ! -e "$2.waits" ] || until grep -q ^test log; do sleep 0.01; done
echo "link $1" >>log
{ cat engine; printf @; cat "$2"; } >"$1.tmp"
chmod +x "$1.tmp"
mv "$1.tmp" "$1"
END
chmod +x link.sh
cases() { # FILE NAME...
	file=$1
	shift
	for name; do
		echo "${mark:-+}$name"
	done >"$file.new"
	mv "$file.new" "$file"
}
mkdir src out
for p in a b c; do cases src/$p.t one two; done
cat >gangway.ini <<'END'
[groups]
db = out/b_test*
END

cat >build.ninja <<'END'
rule link
  command = ./link.sh $out $in
build out/a_test: link src/a.t
build out/b_test: link src/b.t
build out/c_test: link src/c.t
build all: phony out/a_test
default all
include tests.ninja
END
cat >Makefile <<'END'
all: out/a_test
out/%_test: src/%.t ; ./link.sh $@ $<
include tests.mk
END
cp build.ninja sub.ninja
sed -i 's/^include/subninja/' sub.ninja
cp Makefile first.mk
sed -i '/include/d; 1iinclude tests.mk' first.mk

# --- what is not there is a mistake, but for a part, which another file builds
run 4 "$gangway" graph -o x.ninja out/a_test
run 4 "$gangway" graph --part out/a_test
has "$err" "-o FILE"

programs() { # how many different ones ran
	grep '^test' log | sort -u | wc -l
}

for tool in ninja make; do
	for form in include other; do
		rm -rf out/* log tests.* .ninja_* src/*.waits
		: >log
		part=tests.$([ $tool = make ] && echo mk || echo ninja)
		case $tool$form in
		ninjainclude) set -- ninja -k0 -j3 ;;
		ninjaother) set -- ninja -f sub.ninja -k0 -j3 ;;
		makeinclude) set -- make -s -k -j3 ;;
		makeother) set -- make -s -k -j3 -f first.mk ;;
		esac
		bad=$([ $tool = make ] && echo 2 || echo 1)
		for p in a b c; do cases src/$p.t one two; done

		# --- nothing is built yet
		run 0 "$gangway" graph --part --engine=$tool -n 2 -o "$part" out/a_test out/b_test out/c_test
		run 0 "$@"
		[ "$(cat log)" = "link out/a_test" ] || fail "the default is not the build's own: $(cat log)"

		# --- a test runs before the last program is linked, which waits for just that
		: >log
		rm out/*
		touch src/c.t.waits
		run 0 timeout 60 "$@" test
		has "$out" "6 passed"
		rm src/c.t.waits
		[ "$(grep -n '^test' log | head -n 1 | cut -d: -f1)" -lt "$(grep -n 'link out/c_test' log | cut -d: -f1)" ] ||
			fail "no test began before the last link: $(cat log)"

		# --- nothing changed: nothing is run; by name neither, and the verdict is said all the same
		: >log
		run 0 "$@" test
		has "$out" "6 passed"
		run 0 "$@" test/out/b_test
		has "$out" "2 passed"
		run 0 "$@" group/db
		has "$out" "2 passed"
		[ ! -s log ] || fail "something ran again: $(cat log)"
		# the names of cases were unknown while there was no program, and are known now
		run 0 "$@" test/out/c_test::S::two::two
		has "$out" "1 passed"
		[ ! -s log ] || fail "something ran again: $(cat log)"

		# --- a new case, one less, one with another name: only that program runs
		cases src/b.t one two three
		run 0 "$@" test
		has "$out" "7 passed"
		lacks "$out" "deselected"
		[ "$(programs)" = 1 ] || fail "$(cat log)"
		run 0 "$@" test/out/b_test::S::three::three
		has "$out" "1 passed"
		cases src/b.t three
		run 0 "$@" test
		has "$out" "5 passed"
		lacks "$out" "deselected"
		cases src/a.t uno two
		run 0 "$@" test
		has "$out" "5 passed"
		run 0 "$@" test/out/a_test::S::uno::uno
		verdicts "$part.d/junit.xml" >got
		[ "$(grep -c passed got)" = 5 ] || fail "$(cat got)"
		lacks got "a_test.S::one"
		: >log
		run 0 "$@" test
		[ ! -s log ] || fail "something ran again: $(cat log)"

		# --- a graph made anew, of the same programs, keeps what is known
		run 0 "$gangway" graph --part --engine=$tool -n 2 -o "$part" out/a_test out/b_test out/c_test
		run 0 "$@" test
		has "$out" "5 passed"
		[ ! -s log ] || fail "something ran again: $(cat log)"

		# --- a failure fails the build at its end, its group and its own name, and no others
		mark=- cases src/b.t three
		run $bad "$@" test
		has "$out" "1 failed, 4 passed"
		run $bad "$@" group/db
		has "$out" "1 failed"
		run $bad "$@" test/out/b_test::S::three::three
		run 0 "$@" test/out/a_test::S::two::two
		: >log
		run $bad "$@" test
		[ ! -s log ] || fail "something ran again: $(cat log)"
		if [ $tool = make ]; then
			cases src/b.t three
			run 0 "$@" -n test
			[ ! -s log ] || fail "a dry run ran something"
		fi
	done
done

# --- another name, for a build that has a "test" already
run 0 "$gangway" graph --part=check -o tests.ninja out/a_test out/b_test out/c_test
printf 'rule touch\n  command = touch $out\nbuild test: touch\nsubninja tests.ninja\nrule link\n  command = ./link.sh $out $in\n' >other.ninja
for p in a b c; do echo "build out/${p}_test: link src/$p.t"; done >>other.ninja
run 0 ninja -f other.ninja test
run 0 ninja -f other.ninja check/out/a_test

# --- ids as names: what a path or a tool would not take is ~XX; the graph alone knows them as well
cases odd 'a b=$c|%' '../x//y' "it's :-)" 'a~b'
{ cat engine; printf @; cat odd; } >'odd test'
chmod +x 'odd test'
for tool in ninja make; do
	run 0 "$gangway" graph --engine=$tool -o odd.$tool 'odd test'
	for name in 'a~20b~3D~24c~7C~25' '../x//y' "it~27s~20:-~29" 'a~7Eb'; do
		case $name in
		../*) name='odd~20test::S::../x/~2Fy::../x/~2Fy' ;;
		*) name="odd~20test::S::$name::$name" ;;
		esac
		run 0 $tool -f odd.$tool "test/$name"
		has "$out" "1 passed"
	done
	run 0 $tool -f odd.$tool
	has "$out" "4 passed"
	run 0 $tool -f odd.$tool test
done
