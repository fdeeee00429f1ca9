#!/bin/sh
# Death at generated failpoints: a sample, or all with `sh tests/run.sh crash`.
cd "$(dirname "$0")/../.." || exit 1
exec python3 tests/crash/crash.py
