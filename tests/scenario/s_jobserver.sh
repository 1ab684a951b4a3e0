#!/bin/sh
# Job slots of make: compile jobs and tests together are never more than -jN, a test of several slots
# counts as many; a lane that waits for a lock has none in hand; a killed lane's go back; what a test
# runs does not see it.  Both forms, pipe and fifo, by a peer that looks at each byte.
. "$(dirname "$0")/lib.sh"
need make

unset GANGWAY_SLOTS
mkdir t
stamp() { # FILE SLOTS WORK...
	file=$1
	slots=$2
	shift 2
	cat >"$file" <<END
#!/bin/sh
echo "\$(date +%s%N) +$slots" >>"$work/log"
$*
echo "\$(date +%s%N) -$slots" >>"$work/log"
END
	chmod +x "$file"
}
most() { # jobs at once
	sort -n "$work/log" | awk '{ now += $2; if (now > most) most = now } END { print most + 0 }'
}
for i in 0 1 2 3 4 5 6 7 8 9; do
	stamp t/n${i}_test 1 'sleep 0.02'
	stamp compile$i 1 'sleep 0.03'
done
stamp t/w2_test 2 'sleep 0.03'
stamp t/w3_test 3 'sleep 0.03'
stamp t/w4_test 4 'sleep 0.03'
cat >gangway.ini <<'END'
[test "*w2_test"]
slots = 2
[test "*w3_test"]
slots = 3
[test "*w4_test"]
slots = 4
END
cat >Makefile <<END
JOBS := \$(addprefix job,0 1 2 3 4 5 6 7 8 9)
all: tests \$(JOBS)
tests: ; +"$gangway" --no-history t
job%: ; ./compile\$*
END

# --- never more than N, compile jobs and tests together; at more than one lane
for n in 1 2 4; do
	for engine in make ninja; do
		: >log
		run 0 env GANGWAY_ADDOPTS=--engine=$engine make -s -j$n all
		has "$out" "13 passed"
		lacks "$err" "INTERNAL"
		[ "$(wc -l <log)" = 46 ] || fail "not every job has both stamps"
		got=$(most)
		# alone, what wants more than there is gets what there is
		[ $n = 4 ] || got=$(grep -v '[2-9]$' log >ones && mv ones log && most)
		[ "$got" -le $n ] || fail "$got jobs at once under make -j$n"
	done
done

# --- a lane that waits for a lock leaves its slot to a compile job, without which nobody ends
mkdir l
printf '#!/bin/sh\ntouch began; until [ -e built ]; do sleep 0.01; done\n' >l/a_test
cp l/a_test l/b_test
chmod +x l/*
cat >>gangway.ini <<'END'
[test "l/*"]
lock = one
END
cat >locks.mk <<END
all: tests compile
tests: ; +"$gangway" --no-history l
compile: ; @until [ -e began ]; do sleep 0.01; done; touch built
END
run 0 timeout 60 make -j2 -f locks.mk
has "$out" "2 passed"
lacks "$err" "INTERNAL"

# --- a lane is killed by its own test: its slot is not lost
mkdir k
for i in 1 2 3 4 5 6; do
	printf '#!/bin/sh\nexit 0\n' >k/${i}_test
done
printf '#!/bin/sh\nkill -9 $PPID\nsleep 1\n' >k/0_test
chmod +x k/*
printf 'all: ; +-exec "%s" --no-history -n 3 k\n' "$gangway" >kill.mk
run 0 make -j3 -f kill.mk
has "$out" "crashed while running"
has "$out" "6 passed"
lacks "$err" "INTERNAL"

# --- an interrupt: nothing is lost either
printf '#!/bin/sh\ntouch "%s/on"\nexec sleep 60\n' "$work" >k/0_test
setsid make -j3 -f kill.mk >sig.out 2>sig.err &
make=$!
wait_for "the test did not begin" test -e on
kill -s TERM -- "-$make"
wait $make || :
has sig.out "interrupted"
lacks sig.err "INTERNAL"

# --- what a test runs is no part of it: a test is the same in a build and outside of one
mkdir m
printf '#!/bin/sh\n[ -z "${MAKEFLAGS+x}${MAKELEVEL+x}${GANGWAY_SLOTS+x}${GANGWAY_MAKEFLAGS+x}" ]\n' >m/inner_test
chmod +x m/inner_test
printf 'all: ; +"%s" --no-history -n 2 m\n' "$gangway" >outer.mk
for engine in make ninja; do
	run 0 env GANGWAY_ADDOPTS=--engine=$engine make -j3 -f outer.mk
done

# --- in and out, byte by byte, with kills; the long form is part of `make storm`
/usr/bin/python3 "$top/tests/storm/tokens.py" "$gangway" 15 || exit 1
