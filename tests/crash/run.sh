#!/bin/sh
# Death, trouble and a week without a line: every script of this folder, a sample of each, or the whole with `sh tests/run.sh crash`.
cd "$(dirname "$0")/../.." || exit 1
p=0 f=0 s=0 a=0
field() { printf '%s' "$result" | sed "s/.*$1=\([0-9]*\).*/\1/"; }
mkdir -p build/log
for script in tests/crash/*.py; do
	log=build/log/crash-$(basename "$script" .py).log
	python3 "$script" >"$log" 2>&1
	cat "$log"
	result=$(grep '^result: ' "$log" | tail -n 1)
	[ -n "$result" ] || { echo "not ok $script gave no result"; f=$((f + 1)); continue; }
	p=$((p + $(field passed))) f=$((f + $(field failed))) s=$((s + $(field skipped))) a=$((a + $(field assertions)))
done
echo "result: passed=$p failed=$f skipped=$s assertions=$a"
[ "$f" -eq 0 ]
