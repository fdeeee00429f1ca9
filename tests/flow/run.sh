#!/bin/sh
# Flows with a live hoadond and simulator: every script of this folder, four at a time.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/log/flow
rm -rf "$out" && mkdir -p "$out"
ls tests/flow/*.py | xargs -P 4 -I{} sh -c 'python3 "$1" >"$2/$(basename "$1" .py).log" 2>&1' - {} "$out"

p=0 f=0 s=0 a=0
for log in "$out"/*.log; do
	cat "$log"
	result=$(grep '^result: ' "$log" | tail -n 1)
	[ -n "$result" ] || { echo "not ok $log gave no result"; f=$((f + 1)); continue; }
	p=$((p + $(printf '%s' "$result" | sed 's/.*passed=\([0-9]*\).*/\1/')))
	f=$((f + $(printf '%s' "$result" | sed 's/.*failed=\([0-9]*\).*/\1/')))
	s=$((s + $(printf '%s' "$result" | sed 's/.*skipped=\([0-9]*\).*/\1/')))
	a=$((a + $(printf '%s' "$result" | sed 's/.*assertions=\([0-9]*\).*/\1/')))
done
echo "result: passed=$p failed=$f skipped=$s assertions=$a"
[ "$f" -eq 0 ]
