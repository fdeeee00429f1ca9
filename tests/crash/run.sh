#!/bin/sh
# Death, trouble and a week without a line: every script of this folder, two at a time: a sample of each, or the whole with `sh tests/run.sh crash`.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/log/crash
rm -rf "$out" && mkdir -p "$out"
ls tests/crash/*.py | xargs -P 2 -I{} sh -c 'python3 "$1" >"$2/$(basename "$1" .py).log" 2>&1' - {} "$out"

p=0 f=0 s=0 a=0
field() { printf '%s' "$result" | sed "s/.*$1=\([0-9]*\).*/\1/"; }
for log in "$out"/*.log; do
	cat "$log"
	result=$(grep '^result: ' "$log" | tail -n 1)
	[ -n "$result" ] || { echo "not ok $log gave no result"; f=$((f + 1)); continue; }
	p=$((p + $(field passed))) f=$((f + $(field failed))) s=$((s + $(field skipped))) a=$((a + $(field assertions)))
done
echo "result: passed=$p failed=$f skipped=$s assertions=$a"
[ "$f" -eq 0 ]
