#!/bin/sh
# Coverage that other tools read for us: clang's source-based profiles, coverage.py's data.
. "$(dirname "$0")/lib.sh"
python=
for name in coverage coverage3 python3-coverage; do
	command -v $name >/dev/null 2>&1 && python=$name
done
if ! command -v clang >/dev/null || ! command -v llvm-profdata >/dev/null || [ -z "$python" ]; then
	echo "clang, llvm-profdata or coverage.py is not installed"
	exit 77
fi
touch gangway.ini

# --- clang: functions of one name in several programs, a test that is killed ------------------------
mkdir clang
cat >clang/lib.c <<'EOF'
int lib(int n)
{
	if (n > 2)
		return 1;
	return 0;
}
EOF
for i in 1 2 3; do
	printf 'int lib(int);\nint main(void)\n{\n\treturn lib(%d) > 5;\n}\n' $i >clang/t$i.c
	clang -fprofile-instr-generate -fcoverage-mapping -o clang/t${i}_test clang/t$i.c clang/lib.c
done
printf '#include <signal.h>\nint main(void)\n{\n\traise(SIGKILL);\n}\n' >clang/k.c
clang -fprofile-instr-generate -fcoverage-mapping -o clang/k_test clang/k.c
run 1 "$gangway" -n 2 --cov --cov-branch --cov-report=term --cov-report=lcov:clang.lcov clang
has "$out" "coverage of 'clang/k_test' is missing: killed by SIGKILL"
has "$out" "1 failed, 3 passed"
tr '\n' ' ' <clang.lcov >flat
has flat "SF:clang/lib.c FN:2,lib FNDA:3,lib"
has flat "BRDA:3,0,0,1 BRDA:3,0,1,2"
has flat "SF:clang/t3.c FN:3,main FNDA:1,main"
# programs that a script runs count too
printf '#!/bin/sh\n%s/clang/t1_test && %s/clang/t2_test\n' "$work" "$work" >clang/script_test
chmod +x clang/script_test
run 1 "$gangway" -n 2 --cov --cov-report=lcov:clang.lcov clang
tr '\n' ' ' <clang.lcov >flat
has flat "SF:clang/lib.c FN:2,lib FNDA:5,lib"
[ -z "$(find . -name '*.profraw')" ] || fail "profiles were left behind"

# --- coverage.py: a process of its own data for each test ------------------------------------------
mkdir py
printf 'def f(n):\n    if n > 1:\n        return 2\n    return 1\n\n\ndef g():\n    return 3\n' >py/lib.py
for i in 1 2 3; do
	printf 'import lib\n\nassert lib.f(%d)\n' $i >py/t$i.py
	printf '#!/bin/sh\nexec %s run --branch %s/py/t%d.py\n' "$python" "$work" $i >py/t${i}_test
	chmod +x py/t${i}_test
done
run 0 "$gangway" -n 2 --cov=py --cov-report=term-missing --cov-report=lcov:py.lcov py
tr '\n' ' ' <py.lcov >flat
has flat "SF:py/lib.py"
has flat "DA:3,1 DA:4,1"
has flat "DA:8,0"
has "$out" "py/lib.py"
[ ! -e .coverage ] && [ ! -e py/.coverage ] || fail "coverage.py wrote elsewhere"
