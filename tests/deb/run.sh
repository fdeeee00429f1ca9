#!/bin/sh
# The Debian packages, on fresh machines in containers: built, installed, lived with, removed. Needs root and Debian's mirror; takes a while.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ] || ! sh packaging/deps.sh root; then
	echo "skipped: deb: needs root and Debian's mirror, to make machines of its own"
	echo "result: passed=0 failed=0 skipped=1 assertions=0"
	exit 0
fi
out=build/log/deb
rm -rf "$out" && mkdir -p "$out"
for name in deb package upgrade policy arch; do
	python3 "tests/deb/$name.py" >"$out/$name.log" 2>&1
done

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
