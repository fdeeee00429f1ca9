#!/bin/sh
# Layers, owners, docstrings, sizes, format; then clang-tidy over agent/ and drivers/.
set -u
cd "$(dirname "$0")/../.." || exit 1
output=$(python3 tests/lint/lint.py)
printf '%s\n' "$output"
summary=$(printf '%s\n' "$output" | grep '^lint: ')
p=$(printf '%s' "$summary" | sed 's/.*passed=\([0-9]*\).*/\1/') f=$(printf '%s' "$summary" | sed 's/.*failed=\([0-9]*\).*/\1/') a=$(printf '%s' "$summary" | sed 's/.*assertions=\([0-9]*\).*/\1/')
p=${p:-0} f=${f:-1} a=${a:-0}
if python3 tests/promises.py --check; then p=$((p + 1)); else echo "not ok promises"; f=$((f + 1)); fi
# A file that has not changed since it was last found clean is not read again.
mkdir -p build/tidy
stamp=$(cat .clang-tidy agent/*/*.h drivers/*.h | cksum | tr -d ' ')
todo=""
for source in agent/*.c agent/*/*.c drivers/*.c; do
	mark=build/tidy/$(printf '%s' "$source" | tr '/' '_').$stamp.$(cksum <"$source" | tr -d ' ')
	[ -f "$mark" ] || todo="$todo $source"
	a=$((a + 1))
done
bad=0
if [ -n "$todo" ]; then
	printf '%s\n' $todo | xargs -P 2 -I{} sh -c 'out=$(clang-tidy-14 -p build/asan --quiet "$1" 2>/dev/null); if [ $? -eq 0 ]; then touch "build/tidy/$(printf "%s" "$1" | tr / _).$2.$(cksum <"$1" | tr -d " ")"; else printf "not ok clang-tidy %s\n%s\n" "$1" "$out"; exit 1; fi' _ {} "$stamp" || bad=1
fi
if [ $bad -eq 0 ]; then echo "ok clang-tidy"; p=$((p + 1)); else f=$((f + 1)); fi
echo "result: passed=$p failed=$f skipped=0 assertions=$a"
[ "$f" -eq 0 ]
