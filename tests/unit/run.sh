#!/bin/sh
# Every unit test program of the sanitizer build, four at a time: those of the store mostly wait for the disk.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$PWD/build/log/unit
rm -rf "$out" && mkdir -p "$out"
find build/asan/unit -maxdepth 1 -name 'unit_*' -type f -perm -u+x | sort -r |
	(cd build/asan && UBSAN_OPTIONS=print_stacktrace=1 xargs -P 4 -I{} sh -c 'l=$2/$(basename "$1"); "../../$1" >"$l.log" 2>&1; echo $? >"$l.code"' - {} "$out")

passed=0 failed=0 assertions=0
sum() { sed -n "s/$1.*/\1/p" "$log" | awk '{s+=$1} END {print s+0}'; }
for log in "$out"/*.log; do
	program=$(basename "$log" .log) code=$(cat "${log%.log}.code")
	echo "== $program"
	cat "$log"
	p=$(sum '.*\[  PASSED  \] \([0-9]*\) test') f=$(sum '.*\[  FAILED  \] \([0-9]*\) test') a=$(sum '^assertions=\([0-9]*\)')
	if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
	if [ "$code" -ne 0 ]; then echo "FAIL $program (exit $code)"; fi
	if [ "$p" -gt 0 ] && [ "$a" -eq 0 ]; then echo "FAIL $program asserted nothing"; f=$((f + 1)); fi
	passed=$((passed + p)) failed=$((failed + f)) assertions=$((assertions + a))
done
echo "result: passed=$passed failed=$failed skipped=0 assertions=$assertions"
[ "$failed" -eq 0 ]
