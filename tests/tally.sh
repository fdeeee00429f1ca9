#!/bin/sh
# tally.sh DIR: prints every log of DIR and the sum of their closing lines; a log without one, or with a failure, is red.
set -u
p=0 f=0 s=0 a=0
field() { printf '%s' "$result" | sed "s/.*$1=\([0-9]*\).*/\1/"; }
for log in "$1"/*.log; do
	cat "$log"
	result=$(grep '^result: ' "$log" | tail -n 1)
	[ -n "$result" ] || { echo "not ok $log gave no result"; f=$((f + 1)); continue; }
	p=$((p + $(field passed))) f=$((f + $(field failed))) s=$((s + $(field skipped))) a=$((a + $(field assertions)))
done
echo "result: passed=$p failed=$f skipped=$s assertions=$a"
[ "$f" -eq 0 ]
