#!/bin/sh
# Our bytes against other people's tools: C14N of libxml2, xmlsec1, npm xml-crypto, zbarimg; then the demo's evidence. Two parts at a time; the demo uses what
# outside.sh installs.
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=$PWD/build/asan/bin
work=$PWD/build/asan/golden
log=$PWD/build/log/golden
rm -rf "$log" && mkdir -p "$work/outside" "$log"
documents=20000
[ "${HOADON_FULL:-0}" = 1 ] && documents=200000
printf '%s\n' \
	"outside sh tests/golden/outside.sh $bin $work/outside $PWD/tests/data/messages" \
	"demo sh tests/golden/demo_evidence.sh $bin $work/demo" \
	"man sh tests/golden/man.sh $bin $PWD/build/asan/man $work/man" \
	"c14n $bin/c14n_differential $documents" |
	xargs -P 2 -I{} sh -c 'set -- $2 $1; out=$1/$2.log; shift 2; "$@" >"$out" 2>&1; echo $? >"$out.code"' - {} "$log"
passed=0 failed=0 skipped=0 assertions=0
if [ "$(cat "$log/c14n.log.code")" = 0 ]; then
	passed=1 assertions=$documents
else
	failed=1
fi
tail -n 3 "$log/c14n.log"
for part in man outside demo; do
	cat "$log/$part.log"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log/$part.log" | tail -n 1)
	[ -n "$line" ] || { failed=$((failed + 1)); echo "FAIL $part gave no closing line"; continue; }
	# shellcheck disable=SC2086
	set -- $line
	passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0})) assertions=$((assertions + $1 + $3))
done
rm -rf "$work/demo"
echo "result: passed=$passed failed=$failed skipped=$skipped assertions=$assertions"
[ "$failed" -eq 0 ]
