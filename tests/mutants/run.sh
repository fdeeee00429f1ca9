#!/bin/sh
# Protections taken out one by one: a test must turn red each time (mutants.py). 5 at random, HOADON_FULL=1 all, HOADON_SEED repeats.
set -u
cd "$(dirname "$0")/../.." || exit 1
exec python3 tests/mutants/mutants.py "$@"
