#!/bin/sh
# The measurements: builds the release preset, runs bench.py. Only ratios and limits that hold on any machine of the kind a shop has.
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/log build/bench
targets="hoadond hoadon-reader hoadon hoadon-sandbox bench_load bench_message bench_ledger bench_print bench_read c14n_differential"
# shellcheck disable=SC2086
if ! { cmake --preset release && cmake --build --preset release --target $targets; } >build/log/build-release.log 2>&1; then
	tail -n 40 build/log/build-release.log
	echo "result: passed=0 failed=1 skipped=0 assertions=0"
	exit 1
fi
HOADON_BIN=$PWD/build/release/bin exec python3 tests/bench/bench.py "$@"
