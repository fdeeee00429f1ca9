#!/bin/sh
# What takes hours: a store of 2,000,000 invoices against an empty one (HOADON_STORE=N for another size).
cd "$(dirname "$0")/../.." || exit 1
HOADON_STORE=${HOADON_STORE:-2000000} exec sh tests/bench/run.sh full_store
