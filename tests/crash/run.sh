#!/bin/sh
# Death, trouble and a week without a line: every script of this folder, three at a time, for they mostly wait: a sample of each, or the
# whole with `sh tests/run.sh crash`.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/log/crash
rm -rf "$out" build/shared && mkdir -p "$out"
export HOADON_SHARED="$PWD/build/shared"
ls -S tests/crash/*.py | xargs -P 3 -I{} sh -c 'python3 "$1" >"$2/$(basename "$1" .py).log" 2>&1' - {} "$out"
exec sh tests/tally.sh "$out"
