#!/bin/sh
# install.sh FOLDER: programs that print receipts, of other people, from npm into FOLDER/node_modules; quick when they are there. Says on
# standard error what is missing, and ends with 1.
set -eu
packages="node-thermal-printer@4.6.1 receiptline@4.0.4 @point-of-sale/receipt-printer-encoder@4.0.1 @resvg/resvg-js@2.6.2 dejavu-fonts-ttf@2.37.3"
for tool in node npm flock; do
	command -v $tool >/dev/null 2>&1 || { echo "$tool is not installed" >&2; exit 1; }
done
mkdir -p "$1"
exec 9>"$1/lock"
flock 9
[ "$(cat "$1/installed" 2>/dev/null)" = "$packages" ] && exit 0
cd "$1"
rm -rf node_modules package-lock.json
echo '{"private":true}' >package.json
# shellcheck disable=SC2086
timeout 300 npm install --no-audit --no-fund --ignore-scripts $packages >log 2>&1 9>&- || { echo "the npm registry cannot be reached: $(tail -n 1 log)" >&2; exit 1; }
echo "$packages" >installed
