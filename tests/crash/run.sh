#!/bin/sh
# Death at generated failpoints: a sample, or all with `sh tests/run.sh crash`.
cd "$(dirname "$0")/../.." || exit 1
p=0 f=0 a=0
field() { printf '%s' "$result" | sed "s/.*$1=\([0-9]*\).*/\1/"; }
mkdir -p build/log
for script in crash reissue; do
	log=build/log/crash-$script.log
	python3 "tests/crash/$script.py" >"$log" 2>&1
	cat "$log"
	result=$(grep '^result: ' "$log" | tail -n 1)
	[ -n "$result" ] || { echo "not ok $script gave no result"; f=$((f + 1)); continue; }
	p=$((p + $(field passed))) f=$((f + $(field failed))) a=$((a + $(field assertions)))
done
echo "result: passed=$p failed=$f skipped=0 assertions=$a"
[ "$f" -eq 0 ]
