#!/bin/sh
# Programs that mean harm: the verdict is right, the message says what happened, nothing survives and
# the run ends.
. "$(dirname "$0")/lib.sh"

prog() {
	mkdir -p t
	{ echo '#!/bin/sh'; cat; } >"t/$1"
	chmod +x "t/$1"
}
prog a_closes_stdout_test <<'END'
exec >&- 2>&-
exit 0
END
prog b_forks_a_daemon_test <<'END'
setsid sh -c 'echo $$ >daemon.pid; exec sleep 1000' &
while ! [ -s daemon.pid ]; do sleep 0.01; done
exit 0
END
prog c_kills_its_parent_test <<'END'
kill -9 $PPID
sleep 5
END
prog d_prints_nothing_valid_test <<'END'
printf 'bell \007 esc \033[31mred\033[0m nul \000 bad \377\376 ]]> <&>\n'
exit 1
END
prog e_stops_itself_test <<'END'
kill -STOP $$
END
prog f_ignores_term_test <<'END'
trap '' TERM INT HUP
while :; do sleep 0.1; done
END
prog g_is_skipped_test <<'END'
exit 77
END
prog h_is_hard_error_test <<'END'
exit 99
END

cat >gangway.ini <<'END'
[test "t/e_stops_itself_test"]
timeout = 1
[test "t/f_ignores_term_test"]
timeout = 1
END
rm -f daemon.pid
run 1 "$gangway" -n 2 --dist=loadscope --junitxml=junit.xml t/a* t/b* t/d* t/e* t/f* t/g* t/h*
verdicts junit.xml | sed 's/.* | //' >got
cat >want <<'END'
a_closes_stdout_test: passed
b_forks_a_daemon_test: passed
d_prints_nothing_valid_test: failed
e_stops_itself_test: failed
f_ignores_term_test: failed
g_is_skipped_test: skipped
h_is_hard_error_test: error
END
same want got
! kill -0 "$(cat daemon.pid)" 2>/dev/null || fail "the daemon is still there"
has "$out" "3 failed, 2 passed, 1 skipped, 1 warning, 1 error"

# Whoever kills its worker is charged with it; nobody waits, and the rest is run or named.
run 1 "$gangway" -n 2 --dist=loadscope --junitxml=junit.xml t/a* t/c* t/g*
has "$out" "crashed while running"
has "$out" "c_kills_its_parent_test"
verdicts junit.xml | sed 's/.* | //' >got
grep -q '^c_kills_its_parent_test: error' got || fail "$(cat got)"
[ "$(wc -l <got)" = 3 ] || fail "$(cat got)"

# A gigabyte is read to its end, and its head and tail are kept.
prog z_prints_much_test <<'END'
echo the very first line
head -c 1000000000 /dev/zero | tr '\0' '.'
echo
echo the very last line
exit 1
END
run 1 "$gangway" -n 1 --output-limit 1M --junitxml=junit.xml t/z_prints_much_test
has junit.xml "the very first line"
has junit.xml "the very last line"
[ "$(wc -c <junit.xml)" -lt 3000000 ] || fail "more was kept than the limit"

# Twelve megabytes of one test survive whole.
prog y_prints_twelve_test <<'END'
head -c 12000000 /dev/zero | tr '\0' 'x'
exit 1
END
run 1 "$gangway" -n 1 --junitxml=junit.xml t/y_prints_twelve_test
/usr/bin/python3 -c '
import xml.etree.ElementTree as tree
assert sum(len(e.text or "") for e in tree.parse("junit.xml").iter("system-out")) == 12000000' ||
	fail "not all of it"
run 0 "$gangway" merge junit -o merged.xml junit.xml
