#!/bin/sh
# Every fuzz target (clang, address and undefined sanitizers), two at a time: for 10 s, those of printed paper for 5 s, with HOADON_FULL=1 all for a minute.
# json_gate also against Python's json.
set -u
cd "$(dirname "$0")/../.." || exit 1
time_of() { if [ "${HOADON_FULL:-0}" = 1 ]; then echo 60; else case $1 in *capture*|*print*) echo 5 ;; *) echo 10 ;; esac; fi; }
if ! { cmake --preset fuzz && cmake --build --preset fuzz --target $(for s in tests/fuzz/*_fuzz.c; do basename "$s" _fuzz.c | sed 's/^/fuzz_/'; done); } >build/log/build-fuzz.log 2>&1; then
	tail -n 30 build/log/build-fuzz.log
	echo "result: passed=0 failed=1 skipped=0 assertions=0"
	exit 1
fi
work=$PWD/build/fuzz/run
rm -rf "$work" && mkdir -p "$work"
seed() { # TARGET: its first corpus, from the samples
	mkdir -p "$work/$1"
	case $1 in
	*json*) cp tests/data/hostile-api/base.json "$work/$1/"; head -n 40 tests/data/day/restaurant.jsonl | split -l 1 - "$work/$1/day." ;;
	*sheet_xml*) cp tests/data/sheets/*.xml "$work/$1/" ;;
	*sheet*) for f in tests/data/sheets/*.csv; do for map in 0 1 2; do { printf "$map"; cat "$f"; } >"$work/$1/$map-$(basename "$f")"; done; done ;;
	*xml*|*answer*) cp tests/data/hostile-xml/cases/*.xml tests/data/messages/*.xml "$work/$1/" ;;
	*ledger*) sed -n '/^```jsonl$/,/^```$/p' schemas/ledger/FORMAT.md | grep -v '^```' >"$work/$1/example" ;;
	*catalogue*) sed -n '/^```csv$/,/^```$/p' schemas/capture/CATALOGUE.md | grep -v '^```' >"$work/$1/example" ;;
	*framing*) python3 - "$work/$1" <<-'END' ;;
		import functools, glob, operator, sys
		for n, path in enumerate(sorted(glob.glob("tests/dialects/layouts/*/*.bin"))):
		    with open(path, "rb") as f:
		        data, out = f.read(), b"\x03\x05"
		    for at in range(0, len(data), 200):
		        body = bytes.fromhex("%04d" % len(data[at:at + 200])) + data[at:at + 200] + b"\x03"
		        out += b"\x02" + body + bytes([functools.reduce(operator.xor, body)])
		    with open(f"{sys.argv[1]}/{n}", "wb") as f:
		        f.write(out + b"\x04")
		END
	*link*) # what is printed in a FEED of hoadond, and a RECEIPT of hoadon-reader (capture/link.h)
		zeros='\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
		for f in tests/dialects/layouts/*/*.bin; do
			size=$(wc -c <"$f")
			{ printf "\2\7\0\0\0\1$zeros\0\0\\$(printf %o $((size / 256)))\\$(printf %03o $((size % 256)))"; cat "$f"; } >"$work/$1/$(echo "$f" | tr / .)"
		done
		printf "\3\16\0\0\0\1$zeros\0\0\0\6\0\0\0{}\0" >"$work/$1/receipt" ;;
	*learn*) for d in tests/dialects/layouts/*; do cp "$d"/*.txt "$work/$1/"; { cat "$d"/*.txt; printf '\f'; cat "$d"/*.txt; } >"$work/$1/twice-$(basename "$d")"; done ;;
	*print*|*letters*|*mask*) find tests/dialects -name '*.bin' | while read -r f; do cp "$f" "$work/$1/$(echo "$f" | tr / .)"; done ;;
	*profile*)
		cp tests/dialects/layouts/*/*.txt "$work/$1/"
		for f in tests/dialects/layouts/*/*.txt; do { cat drivers/profiles/default.ini; printf '\0'; cat "$f"; } >"$work/$1/ini-$(basename "$f")"; done ;;
	*glyphs*) # the dictionary of the format, and any dots
		{ sed -n '/^```$/,/^```$/p' schemas/capture/GLYPHS.md | grep -v '^```'; printf '\0\144'; cat tests/dialects/captures/rl-star-42.bin; } >"$work/$1/example" ;;
	*options*) printf '[seller]\ntax_code = 9900000016\n[till T01]\n' >"$work/$1/conf" ;;
	*) printf 'a.jsonb{}' >"$work/$1/name" ;;
	esac
}
# In memory, and removed whatever way this ends: a target that is stopped cannot clean up after itself.
TMPDIR=$(mktemp -d /dev/shm/hoadon-fuzz.XXXXXX) || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
export work TMPDIR
targets=$(find build/fuzz -type f -perm -u+x -name 'fuzz_*' | sort)
for target in $targets; do
	name=$(basename "$target")
	seed "$name"
	echo "$name $target $(time_of "$name")"
done | xargs -P 2 -L 1 sh -c '
	"$2" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix="$work/$1." "$work/$1" >"$work/$1.log" 2>&1
	echo $? >"$work/$1.exit"' -
passed=0 failed=0 runs=0
for target in $targets; do
	name=$(basename "$target")
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")
	if [ "$(cat "$work/$name.exit")" = 0 ] && [ "${n:-0}" -gt 0 ]; then
		echo "ok $name: $n runs in $(time_of "$name") s"
		passed=$((passed + 1)) runs=$((runs + n))
	else
		echo "not ok $name"
		tail -n 20 "$work/$name.log"
		failed=$((failed + 1))
	fi
done
if python3 tests/fuzz/json_differential.py build/asan/bin/json_gate_cli >"$work/differential.log" 2>&1; then
	passed=$((passed + 1))
	echo "ok json_gate against Python: $(tail -n 1 "$work/differential.log")"
else
	failed=$((failed + 1))
	echo "not ok json_gate against Python"
	tail -n 10 "$work/differential.log"
fi
echo "result: passed=$passed failed=$failed skipped=0 assertions=$runs"
[ "$failed" -eq 0 ]
