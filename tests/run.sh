#!/bin/sh
# The tests: sh tests/run.sh [LABEL…]. Labels: lint unit golden flow crash fuzz mutants bench web deb nightly.
# Without a label: the default run, which fits 15 minutes on 2 cores. Installs what it needs. Each label is tests/LABEL/run.sh, whose
# last line is `result: passed=N failed=N skipped=N assertions=N`. A label that ran no case, or fewer than tests/minimum.txt says, is red.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
default="lint unit golden flow crash fuzz mutants"
case "${1:-}" in
-h|--help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
labels=${*:-$default}
[ -n "$*" ] && HOADON_FULL=1 || HOADON_FULL=0
export HOADON_FULL
budget() { case $1 in lint) echo 60 ;; unit) echo 70 ;; golden) echo 50 ;; flow) echo 280 ;; crash) echo 110 ;; fuzz) echo 130 ;; mutants) echo 120 ;; *) echo - ;; esac; }

sh packaging/deps.sh test || exit 1
mkdir -p build/log
build() {
	cmake --preset "$1" >"build/log/configure-$1.log" 2>&1 && cmake --build --preset "$1" >"build/log/build-$1.log" 2>&1 && return 0
	echo "build of preset $1 failed:"
	tail -n 40 "build/log/configure-$1.log" "build/log/build-$1.log" 2>/dev/null
	return 1
}
start=$(date +%s)
build asan || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
echo "build: seconds=$(($(date +%s) - start))"

passed=0 failed=0 skipped=0
field() { printf '%s\n' "$2" | sed -n "s/.*[: ]$1=\([0-9]*\).*/\1/p"; }
for label in $labels; do
	begin=$(date +%s)
	log=build/log/$label.log
	if [ ! -f "tests/$label/run.sh" ]; then
		echo "$label: skipped: not built yet"
		skipped=$((skipped + 1))
		continue
	fi
	HOADON_BIN=$top/build/asan/bin sh "tests/$label/run.sh" >"$log" 2>&1
	code=$?
	result=$(grep '^result: ' "$log" | tail -n 1)
	p=$(field passed "$result") f=$(field failed "$result") s=$(field skipped "$result") a=$(field assertions "$result")
	p=${p:-0} f=${f:-0} s=${s:-0} a=${a:-0}
	cases=$((p + f))
	[ $code -ne 0 ] && [ "$f" -eq 0 ] && f=1
	need=$(sed -n "s/^$label \([0-9]*\) \([0-9]*\)$/\1 \2/p" tests/minimum.txt)
	note=""
	if [ "$HOADON_FULL" = 0 ] || [ "$label" != bench ]; then
		[ "$cases" -lt "${need%% *}" ] 2>/dev/null && note=" below minimum of ${need%% *} cases" && f=$((f + 1))
		[ "$a" -lt "${need##* }" ] 2>/dev/null && note="$note below minimum of ${need##* } assertions" && f=$((f + 1))
	fi
	[ "$cases" -eq 0 ] && [ "$f" -eq 0 ] && note=" ran no case" && f=1
	echo "$label: cases=$cases assertions=$a seconds=$(($(date +%s) - begin)) budget=$(budget "$label") skipped=$s$note"
	grep '^skipped: ' "$log"
	if [ "$f" -gt 0 ]; then
		echo "---- $label failed; the end of $log:"
		grep -E '^(not ok|FAIL|fail)|\[  FAILED  \]|ERROR: AddressSanitizer|runtime error|differs|survived' "$log" | head -n 30
		tail -n 25 "$log"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "total: seconds=$(($(date +%s) - start))"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
