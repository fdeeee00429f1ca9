#!/bin/sh
# Our bytes against other people's tools: C14N of libxml2, xmlsec1, npm xml-crypto, zbarimg; then the demo's evidence.
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=$PWD/build/asan/bin
work=$PWD/build/asan/golden
mkdir -p "$work/outside"
passed=0 failed=0 skipped=0 assertions=0
count() { # OUTPUT: add the line "N passed, M failed, K skipped"
	line=$(printf '%s\n' "$1" | grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -n 1)
	[ -n "$line" ] || { failed=$((failed + 1)); echo "FAIL no closing line"; return; }
	set -- $line
	passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0})) assertions=$((assertions + $1 + $3))
}
documents=20000
[ "${HOADON_FULL:-0}" = 1 ] && documents=200000
if output=$("$bin/c14n_differential" $documents 2>&1); then
	passed=$((passed + 1)) assertions=$((assertions + documents))
else
	failed=$((failed + 1))
fi
printf '%s\n' "$output" | tail -n 3
output=$(sh tests/golden/man.sh "$bin" "$PWD/build/asan/man" "$work/man" 2>&1)
printf '%s\n' "$output"
count "$output"
output=$(sh tests/golden/outside.sh "$bin" "$work/outside" "$PWD/tests/data/messages" 2>&1)
printf '%s\n' "$output"
count "$output"
output=$(sh tests/golden/demo_evidence.sh "$bin" "$work/demo" 2>&1)
printf '%s\n' "$output"
count "$output"
rm -rf "$work/demo"
echo "result: passed=$passed failed=$failed skipped=$skipped assertions=$assertions"
[ "$failed" -eq 0 ]
