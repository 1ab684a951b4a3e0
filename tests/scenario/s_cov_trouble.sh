#!/bin/sh
# Coverage under trouble: tests that are killed, programs that chdir, fork, exec, dlopen and _exit,
# thousands of processes, stale and torn counters, notes that are gone, reports that cannot be
# written.  What cannot be counted is named; everything else is true.
. "$(dirname "$0")/lib.sh"
need gcc gcov
hook=$(dirname "$gangway")/gangway-cov.o

touch gangway.ini
# build DIR NAME [more for the linker]: DIR/NAME.c becomes DIR/NAME
build() {
	gcc -O0 --coverage -c -o "$1/$2.o" "$1/$2.c"
	# shellcheck disable=SC2086
	gcc --coverage -o "$1/$2" "$1/$2.o" ${3-}
}
# count FILE TRACEFILE TEXT: how often the line of FILE that has TEXT in it ran
count() {
	line=$(grep -n "$3" "$1" | head -n 1 | cut -d: -f1)
	awk -F '[:,]' -v want="$1" -v line="$line" '
		/^SF/ { is = index($0, want) > 0 }
		is && /^DA/ && $2 == line { print $3 }' "$2"
}
counted() {
	got=$(count "$1" "$2" "$3")
	[ "$got" = "$4" ] || fail "$1: '$3' ran '$got' times in place of $4"
}

# --- killed tests: said for each; with the hook object they count ---------------------------------
mkdir killed
cat >killed/hang_test.c <<'EOF'
#include <unistd.h>
int main(void)
{
	for (;;)
		pause(); /* hangs */
}
EOF
cat >killed/crash_test.c <<'EOF'
#include <stdlib.h>
int main(void)
{
	abort(); /* crashes */
}
EOF
cat >killed/good_test.c <<'EOF'
int main(void)
{
	return 0; /* good */
}
EOF
for name in hang crash good; do
	build killed ${name}_test
done
run 1 "$gangway" -n 2 --timeout 0.5 --cov --cov-report=term --cov-report=lcov:killed.lcov killed
has "$out" "coverage of 'killed/hang_test' is missing: killed by SIGTERM before it could write"
has "$out" "coverage of 'killed/crash_test' is missing: killed by SIGABRT before it could write"
lacks "$out" "coverage of 'killed/good_test'"
counted killed/hang_test.c killed.lcov hangs 0
counted killed/good_test.c killed.lcov good 1
# it is said again when the run is told again
run 1 "$gangway" report --cov
has "$out" "coverage of 'killed/crash_test' is missing"
for name in hang crash; do
	build killed ${name}_test "$hook"
done
run 1 "$gangway" -n 2 --timeout 0.5 --cov --cov-report=term --cov-report=lcov:killed.lcov killed
lacks "$out" "is missing"
has "$out" "killed by SIGABRT"
counted killed/hang_test.c killed.lcov hangs 1
counted killed/crash_test.c killed.lcov crashes 1

# --- programs that do as they like --------------------------------------------------------------
mkdir odd odd/lib
cat >odd/lib/plug.c <<'EOF'
int plug(int n)
{
	return n + 1; /* plugged */
}
EOF
gcc -O0 --coverage -fPIC -shared -o odd/lib/plug.so odd/lib/plug.c
cat >odd/plug_test.c <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/lib/plug.so", DIR);
	void *so = dlopen(path, RTLD_NOW);
	int (*plug)(int) = so ? (int (*)(int))dlsym(so, "plug") : 0;
	return plug ? plug(-1) : 1;
}
EOF
cat >odd/walk_test.c <<'EOF'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	if (argc > 1)
		return 0; /* executed */
	if (chdir("/") < 0)
		return 1;
	pid_t child = fork();
	if (child == 0)
		exit(0); /* forked */
	int status = 1;
	waitpid(child, &status, 0);
	child = fork();
	if (child == 0)
		_exit(0); /* gone */
	waitpid(child, &status, 0);
	char *args[] = { argv[0], "again", NULL };
	execv("/proc/self/exe", args); /* replaced */
	return status;
}
EOF
build odd walk_test
gcc -O0 --coverage -DDIR="\"$work/odd\"" -c -o odd/plug_test.o odd/plug_test.c
gcc --coverage -o odd/plug_test odd/plug_test.o
run 0 "$gangway" -n 2 --cov --cov-report=lcov:odd.lcov odd
counted odd/lib/plug.c odd.lcov plugged 1
counted odd/walk_test.c odd.lcov executed 1
counted odd/walk_test.c odd.lcov forked 1
counted odd/walk_test.c odd.lcov gone 0
counted odd/walk_test.c odd.lcov replaced 1
[ -z "$(find . -name '*.gcda')" ] || fail "counters were left behind"

# --- two thousand processes on eight workers, and the same with one in ten killed -----------------
mkdir many
/usr/bin/python3 - <<'EOF'
with open("many/many.c", "w") as f:
    for i in range(400):
        f.write(f"int f{i}(int n)\n{{\n\treturn n > {i} ? n * {i} : n - 1; /* f{i} */\n}}\n")
    f.write("#include <signal.h>\n#include <stdlib.h>\n#include <unistd.h>\n")
    f.write("int main(void)\n{\n\tint n = 0; /* began */\n\tint pid = (int)getpid();\n")
    f.write("\tif (getenv(\"KILLED\") && pid % 10 == 0 && fork() == 0) {\n")
    f.write("\t\tusleep(pid / 10 % 40 * 50);\n\t\tkill(pid, SIGKILL);\n\t\t_exit(0);\n\t}\n")
    # other functions in other processes: counter files grow all the time
    f.write("\tswitch (pid % 400) {\n")
    for i in range(400):
        f.write(f"\tcase {i}: n = f{i}(n); break;\n")
    f.write("\t}\n\treturn n == 12345;\n}\n")
EOF
build many many
mv many/many many/many_test
run 0 "$gangway" -n 8 -q --repeat 2000 --cov --cov-report=lcov:many.lcov many
counted many/many.c many.lcov began 2000
sum=$(awk -F '[:,]' '/^FNDA/ && $3 != "main" { n += $2 } END { print n }' many.lcov)
[ "$sum" = 2000 ] || fail "$sum functions ran in place of 2000"
KILLED=1 run 1 "$gangway" -n 8 -q --repeat 2000 --cov --cov-report=term --cov-report=lcov:killed.lcov many
clean=$(sed -n 's/.*\([ =]\|^\)\([0-9]*\) passed.*/\2/p' "$out" | tail -n 1)
began=$(count many/many.c killed.lcov began)
sum=$(awk -F '[:,]' '/^FNDA/ && $3 != "main" { n += $2 } END { print n }' killed.lcov)
[ "$clean" -lt 2000 ] || fail "nothing was killed"
# one that was killed when it had written all is not one of those that passed
[ "$began" -ge "$clean" ] && [ "$began" -le 2000 ] || fail "$began counted of $clean that passed"
[ "$sum" -ge "$clean" ] && [ "$sum" -le 2000 ] || fail "$sum functions counted of $clean"
has "$out" "is missing: killed by SIGKILL before it could write"

# --- killed workers, and a killed gangway: what they had counted stays counted -------------------------
mkdir dying
cat >dying/die.c <<'EOF'
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
	/* began */
	const char *mark = getenv("MARK");
	usleep(2000);
	if (mark && getpid() % 50 == 0 && open(mark, O_CREAT | O_EXCL, 0666) >= 0) {
		kill(atoi(getenv("VICTIM")) ? atoi(getenv("VICTIM")) : getppid(), SIGKILL);
		sleep(60);
	}
	return 0; /* ended */
}
EOF
build dying die
mv dying/die dying/die_test
MARK=$work/worker VICTIM=0 run 1 "$gangway" -n 3 -q --repeat 600 --cov --cov-report=lcov:dying.lcov dying
[ -e worker ] || fail "no worker was killed"
has "$out" "599 passed"
counted dying/die.c dying.lcov ended 599
cat >start <<'EOF'
VICTIM=$$ exec "$0" -n 3 -q --repeat 600 --cov --cov-report=lcov:dying.lcov dying
EOF
rm dying.lcov
MARK=$work/gangway run 137 sh -c '. ./start' "$gangway"
[ -e gangway ] || fail "gangway was not killed"
[ ! -e dying.lcov ] || fail "a killed gangway reported"
run 0 "$gangway" -q --resume
has "$out" "600 passed"
counted dying/die.c dying.lcov ended 600

# --- reports that cannot be written: named, the others are there --------------------------------
run 3 "$gangway" -n 2 --cov --cov-report=lcov:no/such/folder.lcov --cov-report=json:there.json killed/good_test
has "$err" "no/such/folder.lcov"
has there.json "good_test.c"

# --- nothing was built to be counted ---------------------------------------------------------------
mkdir plain
printf '#!/bin/sh\n' >plain/plain_test
chmod +x plain/plain_test
run 0 "$gangway" -n 2 --cov plain
has "$out" "--coverage"

for of in /dev/shm/gangway-"$(id -u)"-*/of; do
	if grep -q "$work" "$of" 2>/dev/null; then
		fail "a folder was left in /dev/shm: $of"
	fi
done
