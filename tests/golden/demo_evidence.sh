#!/bin/sh
# demo_evidence.sh BIN WORK: the demo with --sign-each --keep, once with every switch of the simulator turned; then its messages,
# invoices and answers checked by xmlsec1 and npm xml-crypto, its QR codes by zbarimg; and `--printer`. Prints "N passed, M failed, K skipped".
set -u
bin=$1 work=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "ok $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1"; }
expected='demo: captured=360 issued=360 accepted=360 refused=0 parked=0'
rm -rf "$work" && mkdir -p "$work"
demo() { # NAME ARGS…
	name=$1
	shift
	HOADON_BIN=$bin sh "$top/packaging/demo.sh" "$@" >"$work/$name.log" 2>&1
}
ends() { # NAME LINE: how its demo ended
	if [ "$(tail -n 1 "$work/$1.log")" = "$2" ]; then ok "demo $1"; else bad "demo $1"; tail -n 15 "$work/$1.log"; fi
}
# All at once: they mostly wait.
demo plain --keep "$work/plain" &
demo signed --sign-each --keep "$work/signed" --set strict_dates=1 --set check_order=refuse --set answer_delay_ms=100 --set strict=1 &
tills=no
sh "$top/tests/tills/install.sh" "$top/build/tills" 2>"$work/tills.log" && tills=yes && demo printer --printer
wait
ends plain "$expected"
ends signed "$expected"

XMLSEC="--verify --insecure --id-attr:Id DLieu --id-attr:Id Object --id-attr:Id DLHDon --id-attr:Id DLTBao --enabled-key-data x509"
# One process reads all files: starting one for each would take longer than the checking.
verify_all() { # NAME FILES…: all by xmlsec1, which says OK once for each
	name=$1
	shift
	# shellcheck disable=SC2086
	xmlsec1 $XMLSEC "$@" >"$work/xmlsec.log" 2>&1
	code=$? good=$(grep -c '^OK$' "$work/xmlsec.log")
	if [ -f "$1" ] && [ $code -eq 0 ] && [ "$good" -eq $# ]; then ok "xmlsec1: $# $name"; else bad "xmlsec1: $good of $# $name good"; grep -v -e '^OK$' -e '^SignedInfo' -e '^Manifests' "$work/xmlsec.log" | head -n 20; fi
}
for set in plain signed; do
	verify_all "messages ($set)" "$work/$set"/messages/*.xml
	verify_all "verdicts ($set)" "$work/$set"/answers/*-204.xml
done
verify_all "invoices (signed)" "$work"/signed/invoices/*.xml
sed 's/<Ten>/<Ten>x/' "$(ls "$work"/signed/invoices/*.xml | head -n 1)" >"$work/changed.xml"
# shellcheck disable=SC2086
if xmlsec1 $XMLSEC "$work/changed.xml" >/dev/null 2>&1; then bad "a changed invoice is refused"; else ok "a changed invoice is refused"; fi

set -- "$work"/signed/invoices/*.xml "$work"/signed/messages/*.xml
"$bin/hoadon-verify" --json --anchors "$work/signed/certs/ca.crt.pem" "$@" >"$work/verify.log" 2>&1
code=$? good=$(grep -c '"result": *"good"' "$work/verify.log")
if [ $# -gt 360 ] && [ $code -eq 0 ] && [ "$good" -eq $# ]; then ok "hoadon-verify: $# files"; else bad "hoadon-verify: $good of $# files good, exit $code"; grep -v '"result": *"good"' "$work/verify.log" | head -n 20; fi

npm=$work/../outside/npm # installed by outside.sh
if [ -d "$npm/node_modules/xml-crypto" ]; then
	# The smallest message: xml-crypto takes minutes for one of a megabyte.
	# shellcheck disable=SC2046
	set -- $(ls -S "$work"/signed/messages/*.xml | tail -n 1) $(ls "$work"/signed/invoices/*.xml | awk 'NR % 12 == 1')
	node "$here/verify_xmlcrypto.mjs" "$npm" "$work/signed/certs/seller-9900000016.crt.pem" "$@" >"$work/node.log" 2>&1
	code=$?
	if [ $# -gt 0 ] && [ $code -eq 0 ] && [ "$(grep -c 'signatures good$' "$work/node.log")" -eq $# ]; then ok "xml-crypto: $# messages and invoices"; else bad "xml-crypto: not all of $#"; cat "$work/node.log"; fi
else
	skipped=$((skipped + 1))
	echo "skipped: xml-crypto: not installed"
fi

if [ $tills = yes ]; then
	ends printer 'demo: issued=11 parked=1 wrong=0'
	if grep -q 'Ma CQT: M1-.*|' "$work/printer.log" && grep -q '| .*Mã CQT: ' "$work/printer.log" && grep -q 'Số HĐ: HD000302' "$work/printer.log"; then ok "paper beside invoice"; else bad "paper is not beside its invoice"; fi
else
	skipped=$((skipped + 1))
	echo "skipped: demo printer: $(cat "$work/tills.log")"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
