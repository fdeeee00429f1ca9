#!/bin/sh
# The Debian packages, on fresh machines in containers: built, installed, lived with, removed. Needs root and Debian's mirror; takes a while.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ] || ! sh packaging/deps.sh root; then
	echo "skipped: deb: needs root and Debian's mirror, to make machines of its own"
	echo "result: passed=0 failed=0 skipped=1 assertions=0"
	exit 0
fi
out=build/log/deb
rm -rf "$out" && mkdir -p "$out"
for name in deb package upgrade policy kernel arch; do
	python3 "tests/deb/$name.py" >"$out/$name.log" 2>&1
done
exec sh tests/tally.sh "$out"
