#!/bin/sh
# Time limits: the test's own, then the command line's, then gangway.ini's; 0 is none.
. "$(dirname "$0")/lib.sh"

printf '[gangway]\ntimeout = 0.3\n' >gangway.ini
printf '#!/bin/sh\nsleep 0.6\n' >slow_test
chmod +x slow_test
run 1 "$gangway" -n 0 slow_test
has "$out" "timed out after 0.300 s"
run 0 "$gangway" -n 0 --timeout 60 slow_test
run 0 "$gangway" -n 0 --timeout 0 slow_test
GANGWAY_ADDOPTS="--timeout 0" run 0 "$gangway" -n 0 slow_test
printf '[test "slow_test"]\ntimeout = 0\n' >>gangway.ini
run 0 "$gangway" -n 0 slow_test
run 0 "$gangway" -n 0 --timeout 0.3 slow_test
