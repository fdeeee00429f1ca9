#!/bin/sh
# outside.sh BIN WORK SAMPLES: what other people's tools say about our bytes. BIN: programs of the build; WORK: folder for
# files and the cached npm package; SAMPLES: message samples. Prints "N passed, M failed, K skipped"; a tool that is not there
# is skipped with its reason, never passed.
set -u
bin=$1 work=$2 samples=$3
here=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0 skipped=0
XMLDSIG="local-name()='Signature'"

ok() { passed=$((passed + 1)); echo "ok $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1"; }
skip() { skipped=$((skipped + 1)); echo "skip $1"; }
has() { command -v "$1" >/dev/null 2>&1; }

# expect RESULT NAME COMMAND...: RESULT good or refused
expect() {
	want=$1 name=$2
	shift 2
	if "$@" >"$work/log" 2>&1; then got=good; else got=refused; fi
	if [ "$got" = "$want" ]; then ok "$name: $want"; else bad "$name: $got instead of $want"; sed 's/^/    /' "$work/log" | head -20; fi
}

make_files() {
	rm -rf "$work/pki" && mkdir -p "$work/pki" && cd "$work/pki" || exit 1
	{
		openssl req -x509 -newkey rsa:2048 -nodes -utf8 -subj '/C=VN/CN=CA THỬ (MÔ PHỎNG)' -days 30 -keyout ca.key -out ca.pem \
			-addext keyUsage=critical,keyCertSign &&
		openssl req -newkey rsa:2048 -nodes -utf8 -subj '/C=VN/CN=Quán Ví Dụ & con/UID=MST:9900000016' -keyout seller.key \
			-out seller.csr &&
		printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n' >ext &&
		openssl x509 -req -in seller.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile ext -out seller.pem &&
		openssl pkcs12 -export -inkey seller.key -in seller.pem -passout pass:thu -out seller.p12
	} >log 2>&1 || { cat log; exit 1; }
	"$bin/make_signed" "$work/pki/seller.p12" thu "$work/pki" || exit 1
	sed 's/<TgTTTBSo>108000/<TgTTTBSo>108001/' message.xml >changed.xml
	sed 's/<TgTTTBSo>108000/<TgTTTBSo>108001/' message-each.xml >changed-each.xml
	cd "$work" || exit 1
}

# The command of format 7.7, with the trust anchor instead of --insecure; the Signature is named by its absolute path.
xmlsec() {
	xmlsec1 --verify --trusted-pem "$work/pki/ca.pem" --id-attr:Id DLieu --id-attr:Id Object --id-attr:Id DLHDon \
		--id-attr:Id DLTBao --id-attr:Id STBao --id-attr:Id MCCQT --enabled-key-data x509 --node-xpath "$1" "$2"
}

check_xmlsec() {
	if ! has xmlsec1; then skip "xmlsec1 is not installed"; return; fi
	message="/*[local-name()='TDiep']/*[local-name()='CKSNNT']/*[$XMLDSIG]"
	expect good "xmlsec1 message.xml" xmlsec "$message" "$work/pki/message.xml"
	expect good "xmlsec1 message-each.xml" xmlsec "$message" "$work/pki/message-each.xml"
	for i in 1 2 3; do
		expect good "xmlsec1 message-each.xml invoice $i" \
			xmlsec "/TDiep/DLieu/HDon[$i]/DSCKS/NBan/*[$XMLDSIG]" "$work/pki/message-each.xml"
	done
	expect good "xmlsec1 invoice.xml" xmlsec "/HDon/DSCKS/NBan/*[$XMLDSIG]" "$work/pki/invoice.xml"
	expect refused "xmlsec1 changed.xml" xmlsec "$message" "$work/pki/changed.xml"
	expect refused "xmlsec1 changed-each.xml invoice 1" \
		xmlsec "/TDiep/DLieu/HDon[1]/DSCKS/NBan/*[$XMLDSIG]" "$work/pki/changed-each.xml"
}

install_xmlcrypto() {
	[ -d "$work/npm/node_modules/xml-crypto" ] && return 0
	mkdir -p "$work/npm" && cd "$work/npm" && echo '{"private":true}' >package.json &&
		timeout 120 npm install --no-audit --no-fund --ignore-scripts xml-crypto@6.3.2 >log 2>&1
}

check_xmlcrypto() {
	if ! has node || ! has npm; then skip "node or npm is not installed"; return; fi
	if ! (install_xmlcrypto); then
		skip "xml-crypto: the npm registry cannot be reached: $(tail -1 "$work/npm/log")"
		return
	fi
	for file in message message-each invoice; do
		expect good "xml-crypto $file.xml" node "$here/verify_xmlcrypto.mjs" "$work/npm" "$work/pki/seller.pem" "$work/pki/$file.xml"
	done
	expect refused "xml-crypto changed.xml" \
		node "$here/verify_xmlcrypto.mjs" "$work/npm" "$work/pki/seller.pem" "$work/pki/changed.xml"
}

check_ours() {
	for file in message message-each invoice; do
		expect good "hoadon-verify $file.xml" \
			"$bin/hoadon-verify" --anchors "$work/pki/ca.pem" --tax-code 9900000016 "$work/pki/$file.xml"
	done
	expect refused "hoadon-verify changed.xml" "$bin/hoadon-verify" --anchors "$work/pki/ca.pem" "$work/pki/changed.xml"
	"$bin/hoadon-verify" "$work/pki/message.xml" >"$work/log" 2>&1
	if [ $? -eq 3 ]; then ok "hoadon-verify without anchors exits 3"; else bad "hoadon-verify without anchors does not exit 3"; fi
}

check_samples() {
	"$bin/read_samples" "$samples" >"$work/samples.log" 2>&1
	cat "$work/samples.log"
	passed=$((passed + $(grep -c '^ok ' "$work/samples.log")))
	failed=$((failed + $(grep -vc '^ok ' "$work/samples.log")))
}

check_qr() {
	if ! has zbarimg; then skip "zbarimg (zbar-tools) is not installed"; return; fi
	zbarimg -q --raw "$work/pki/qr.pbm" >"$work/qr.read" 2>"$work/log"
	if cmp -s "$work/qr.read" "$work/pki/qr.txt"; then ok "zbarimg reads the QR text"; else bad "zbarimg reads another QR text"; fi
}

mkdir -p "$work" || exit 1
work=$(cd "$work" && pwd)
make_files
check_xmlsec
check_xmlcrypto
check_ours
check_samples
check_qr
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
