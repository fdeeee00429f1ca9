#!/bin/sh
# Flows with a live hoadond and simulator: every script of this folder, four at a time, the longest first.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/log/flow
rm -rf "$out" && mkdir -p "$out"
ls -S tests/flow/*.py | xargs -P 4 -I{} sh -c 'python3 "$1" >"$2/$(basename "$1" .py).log" 2>&1' - {} "$out"
exec sh tests/tally.sh "$out"
