#!/bin/sh
# Every unit test program of the sanitizer build.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0 assertions=0
for program in build/asan/unit/unit_*; do
	[ -x "$program" ] || continue
	echo "== $program"
	output=$(cd build/asan && UBSAN_OPTIONS=print_stacktrace=1 "../../$program" 2>&1)
	code=$?
	printf '%s\n' "$output"
	p=$(printf '%s\n' "$output" | sed -n 's/.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' | awk '{s+=$1} END {print s+0}')
	f=$(printf '%s\n' "$output" | sed -n 's/.*\[  FAILED  \] \([0-9]*\) test.*/\1/p' | awk '{s+=$1} END {print s+0}')
	a=$(printf '%s\n' "$output" | sed -n 's/^assertions=\([0-9]*\)$/\1/p' | awk '{s+=$1} END {print s+0}')
	if [ $code -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
	if [ $code -ne 0 ]; then echo "FAIL $program (exit $code)"; fi
	if [ "$p" -gt 0 ] && [ "$a" -eq 0 ]; then echo "FAIL $program asserted nothing"; f=$((f + 1)); fi
	passed=$((passed + p)) failed=$((failed + f)) assertions=$((assertions + a))
done
echo "result: passed=$passed failed=$failed skipped=0 assertions=$assertions"
[ "$failed" -eq 0 ]
