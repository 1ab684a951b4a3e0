#!/bin/sh
# What a run remembers: times, outcomes, who failed; --lf, --ff, failed first; a damaged file is
# moved aside; several runs at once; export, import, --durations-file; --no-history.
. "$(dirname "$0")/lib.sh"
need ctest

mkdir bin
program() { # NAME SECONDS: fails while FAIL_NAME is there
	printf '#!/bin/sh\necho %s >>"%s/order"\nsleep %s\n[ ! -e "%s/FAIL_%s" ]\n' \
		"$1" "$work" "$2" "$work" "$1" >"bin/$1_test"
	chmod +x "bin/$1_test"
}
program a 0
program b 0.05
program c 0.2
program d 0
order() {
	tr '\n' ' ' <order
}

# nothing is known: --lf runs everything and says so
run 0 "$gangway" --lf -n 1 bin
has "$out" "run-last-failure: no previously failed tests, not deselecting items."
has "$out" "4 passed"

# longest first: even on one worker
rm -f order
run 0 "$gangway" -n 1 --dist=load bin
[ "$(order | cut -d' ' -f1-2)" = "c b" ] || fail "order: $(order)"

# failed last time comes first
touch FAIL_a
run 1 "$gangway" -n 1 bin
rm -f order
run 1 "$gangway" -n 1 bin
[ "$(order | cut -d' ' -f1-3)" = "a c b" ] || fail "order: $(order)"
run 0 "$gangway" plan -n 1 bin
head -n 2 "$out" | grep -q '^u1: .*failed last time' || fail "$(cat "$out")"
grep -q '^u2: .*, 0\.[0-9]* s expected' "$out" || fail "$(cat "$out")"
run 0 "$gangway" explain bin
has "$out" "last outcomes ..FF"
run 0 "$gangway" history
has "$out" "..FF"
head -n 2 "$out" | grep -q 'bin/c_test$' || fail "not the slowest first: $(cat "$out")"
run 0 "$gangway" history bin/a_test
[ "$(wc -l <"$out")" = 2 ] || fail "more than one test: $(cat "$out")"
run 5 "$gangway" history bin/nobody

# -n 0 keeps the order, --ff does not
rm -f order
run 1 "$gangway" -n 0 bin
[ "$(order)" = "a b c d " ] || fail "order: $(order)"
mv FAIL_a FAIL_d
run 1 "$gangway" -n 0 bin
rm -f order
run 1 "$gangway" -n 0 --ff bin
has "$out" "run-last-failure: rerun previous 1 failure first"
[ "$(order)" = "d a b c " ] || fail "order: $(order)"

# --lf: only that one; it stays the one that failed while others run, and is gone when it passes
run 1 "$gangway" --lf bin
has "$out" "run-last-failure: rerun previous 1 failure"
has "$out" "1 failed, 3 deselected"
run 0 "$gangway" -k "not d" bin
run 0 "$gangway" explain --lf bin
has "$out" "did not fail last time (--lf)"
run 0 "$gangway" --lf -k a_test bin
has "$out" "1 known failures not in selected tests"
has "$out" "1 passed, 3 deselected"
rm FAIL_d
run 0 "$gangway" --last-failed bin
has "$out" "1 passed, 3 deselected"
run 0 "$gangway" --lf bin
has "$out" "4 passed"

# the reason for the number of workers
run 0 "$gangway" -v -n auto --maxprocesses 1 bin
has "$out" "workers: 1, "
run 0 "$gangway" -v -n 2 bin
has "$out" "workers: 2, asked for"
# so short a suite is over before a graph has begun
run 0 "$gangway" -v -n auto bin/a_test
has "$out" "collected 1 item"
run 0 "$gangway" -v -n auto bin/c_test
has "$out" "gw0 [1]"

# no more at once than memory holds of what they took
if [ "$(nproc)" -gt 1 ] && /usr/bin/python3 -c 'import sqlite3' 2>"$err"; then
	cat >grow.py <<'END'
import sqlite3, sys
db = sqlite3.connect(".gangway/history.db")
db.execute("UPDATE test SET peak_bytes = ?", (int(sys.argv[1]),))
db.commit()
END
	/usr/bin/python3 grow.py 1000000000000000
	run 0 "$gangway" -v bin
	has "$out" "workers: 1, as the largest tests fit into memory"
	run 0 "$gangway" -v -n 2 bin
	has "$out" "workers: 2, asked for"
	/usr/bin/python3 grow.py 1000
	run 0 "$gangway" -v bin
	lacks "$out" "workers: 1,"
fi

# durations go to another machine as text
run 0 "$gangway" history export durations.tsv
head -n 1 durations.tsv | grep -q "^durations	1$" || fail "$(head -n 1 durations.tsv)"
[ "$(grep -c '^t	bin/' durations.tsv)" = 4 ] || fail "$(cat durations.tsv)"
run 0 "$gangway" history export again.tsv
same durations.tsv again.tsv
rm -rf .gangway order
run 0 "$gangway" --no-history --durations-file=durations.tsv -n 1 bin
[ "$(order | cut -d' ' -f1-2)" = "c b" ] || fail "order: $(order)"
[ ! -e .gangway/history.db ] || fail "--no-history wrote one"
run 0 "$gangway" history
has "$out" "nothing is known"
run 0 "$gangway" history import durations.tsv again.tsv
run 0 "$gangway" history export third.tsv
same durations.tsv third.tsv
run 4 "$gangway" history import missing.tsv
has "$err" "missing.tsv"
run 4 "$gangway" --durations-file=missing.tsv bin
has "$err" "missing.tsv"
run 4 "$gangway" history export
run 4 "$gangway" history import

# a graph file does not depend on what was remembered
run 0 "$gangway" graph -n 2 -o one.ninja bin
rm -rf .gangway
run 0 "$gangway" graph -n 2 -o two.ninja bin
sed 's/two\.ninja/one.ninja/g' two.ninja >two.sed
same one.ninja two.sed

# damage is mended with a word
run 0 "$gangway" bin
rm -f .gangway/history.db-wal .gangway/history.db-shm
echo "no database, but longer than nothing" >.gangway/history.db
run 0 "$gangway" bin
has "$err" "history.db.damaged-1"
[ -e .gangway/history.db.damaged-1 ] || fail "it was not moved"
run 0 "$gangway" bin
[ ! -s "$err" ] || fail "$(cat "$err")"

# a later gangway's is left alone, and that is said once
python3 -c 'import sqlite3; sqlite3.connect(".gangway/history.db").execute("PRAGMA user_version=99")'
run 0 "$gangway" bin
has "$err" "history.db: history of version 99, this program reads 1; nothing is remembered"
[ "$(grep -c "version 99" "$err")" = 1 ] || fail "said more than once"
run 4 "$gangway" history
has "$err" "history of version 99"

# several at once: every run is counted
rm -rf .gangway
run 0 "$gangway" bin/a_test
pids=
for i in 1 2 3 4 5 6; do
	"$gangway" -q -n 0 bin/a_test bin/d_test >"out.$i" 2>&1 &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || fail "a run beside others failed: $(cat out.*)"
done
run 0 "$gangway" history bin/a_test
has "$out" " 7 "

# where it cannot be written it is not missed
if [ "$(id -u)" != 0 ]; then
	chmod a-w .gangway/history.db*
	run 0 "$gangway" bin/a_test
	[ ! -s "$err" ] || fail "$(cat "$err")"
	chmod u+w .gangway/history.db*
fi
rm -f .gangway/history.db*
mkdir .gangway/history.db
run 0 "$gangway" bin/a_test
[ ! -s "$err" ] || fail "$(cat "$err")"
