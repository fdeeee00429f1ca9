#!/bin/sh
# Layers, owners, docstrings, sizes, format; then clang-tidy over agent/ and drivers/.
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/log build/tidy
python3 tests/lint/lint.py >build/log/lint-own.log &
own=$!
# The analyzer takes nine tenths of clang-tidy's time: the default run gives it every twentieth file, HOADON_FULL=1 all; the other checks see all.
# A file that has not changed since it was last found clean is not read again.
seed=${HOADON_SEED:-$(date +%s)}
stamp=$(cat .clang-tidy agent/*/*.h drivers/*.h | cksum | tr -d ' ')
place=0 bad=0 a=0
tidy() { # CHECKS MARK: reads source names; a clean one is marked
	xargs -r -P 2 -I{} sh -c 'out=$(clang-tidy-14 -p build/asan --quiet --checks="$3" "$1" 2>/dev/null); if [ $? -eq 0 ]; then touch "build/tidy/$(printf "%s" "$1" | tr / _).$2.$(cksum <"$1" | tr -d " ")"; else printf "not ok clang-tidy %s\n%s\n" "$1" "$out"; exit 1; fi' _ {} "$2" "$1"
}
quick="" whole=""
for source in agent/*.c agent/*/*.c drivers/*.c; do
	name=build/tidy/$(printf '%s' "$source" | tr '/' '_') sum=$(cksum <"$source" | tr -d ' ')
	a=$((a + 1)) place=$((place + 1))
	[ -f "$name.$stamp.$sum" ] && continue
	if [ "${HOADON_FULL:-0}" = 1 ] || [ $(((place + seed) % 20)) -eq 0 ]; then
		whole="$whole $source"
	elif [ ! -f "$name.quick$stamp.$sum" ]; then
		quick="$quick $source"
	fi
done
# shellcheck disable=SC2086
printf '%s\n' $whole | tidy '' "$stamp" || bad=1
# shellcheck disable=SC2086
printf '%s\n' $quick | tidy '-clang-analyzer-*' "quick$stamp" || bad=1
wait $own
cat build/log/lint-own.log
summary=$(grep '^lint: ' build/log/lint-own.log)
count() { printf '%s' "$summary" | sed "s/.*$1=\([0-9]*\).*/\1/"; }
p=$(count passed) f=$(count failed) n=$(count assertions)
p=${p:-0} f=${f:-1} a=$((a + ${n:-0}))
if python3 tests/promises.py --check; then p=$((p + 1)); else echo "not ok promises"; f=$((f + 1)); fi
if [ $bad -eq 0 ]; then echo "ok clang-tidy (seed $seed)"; p=$((p + 1)); else f=$((f + 1)); fi
echo "result: passed=$p failed=$f skipped=0 assertions=$a"
[ "$f" -eq 0 ]
