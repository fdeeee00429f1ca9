#!/bin/sh
# Flows with a live hoadond and simulator: every script of this folder, ten at a time, for they mostly wait; those first that take longest.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/log/flow
rm -rf "$out" build/shared && mkdir -p "$out"
export HOADON_SHARED="$PWD/build/shared"
longest="setup tap_npm tap line mirror hostile_api cli_lab disk backup"
{ printf 'tests/flow/%s.py\n' $longest; ls -S tests/flow/*.py; } | awk '!seen[$0]++' |
	xargs -P 10 -I{} sh -c 'python3 "$1" >"$2/$(basename "$1" .py).log" 2>&1' - {} "$out"
exec sh tests/tally.sh "$out"
