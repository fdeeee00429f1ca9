#!/bin/bash
# selftest.sh [PATH-OF-hoadon-sandbox]: drives the simulator with curl, openssl and xmlsec1; leaves nothing behind.
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-${SANDBOX:-hoadon-sandbox}}
schemas=$here/../../schemas/authority
python=$(command -v /usr/bin/python3 || command -v python3) # the system's starts faster than a version manager's
work=$(mktemp -d /tmp/sandbox-selftest.XXXXXX)
pid=
passed=0 failed=0
cleanup() { [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; rm -rf "$work"; }
trap cleanup EXIT

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL: $*"; }
is() { [ "$2" = "$3" ] && ok || bad "$1: '$2', expected '$3'"; }           # name got expected
has() { grep -q -e "$3" "$2" && ok || bad "$1: no '$3' in $(head -c 700 "$2")"; } # name file pattern
lacks() { grep -q -e "$3" "$2" && bad "$1: '$3' in $2" || ok; }
sql() { sqlite3 -cmd '.timeout 5000' "$work/sb/books.db" "$1"; }

start() { # options of run
	rm -f "$work/port"
	"$program" run --dir "$work/sb" --clock "$work/clock" --ready-file "$work/port" --schemas "$schemas" "$@" 2>>"$work/log" &
	pid=$!
	for _ in $(seq 2400); do [ -s "$work/port" ] && break; sleep 0.05; done
	url=https://localhost:$(cat "$work/port")
}
stop() { kill -"${1:-TERM}" "$pid"; wait "$pid" 2>/dev/null; status=$?; pid=; }
call() { curl -sS -m 20 --cacert "$work/sb/ca.crt.pem" -u tvan:sandbox "$@" 2>>"$work/curl.log"; }
control() { call --data-binary "$1" "$url/control" -o "$work/control" -w '%{http_code}'; }
submit() { # file -> $work/answer, prints the status (000: connection closed)
	call -H 'Content-Type: application/xml' --data-binary "@$1" "$url/tvan/v1/messages" -D "$work/head" -o "$work/answer" -w '%{http_code}'
}
query() { call "$url/tvan/v1/messages/$1" -D "$work/head" -o "$work/answer" -w '%{http_code}'; }
poll() { # id -> waits for the verdict in $work/answer
	local code
	for _ in $(seq 2400); do code=$(query "$1"); [ "$code" != 202 ] && break; sleep 0.05; done
	[ "$code" = 200 ] || bad "poll $1: $code"
}
compose() { # sample options... -> $work/m.xml, $id
	local sample=$1
	shift
	id=$("$python" "$here/compose.py" "$here/data/$sample.xml" "$work/m.xml" --key "$work/key.pem" --cert "$work/sb/seller-9900000016.crt.pem" "$@") ||
		bad "compose $sample $*"
}
verified() { xmlsec1 --verify --trusted-pem "$work/sb/ca.crt.pem" --verification-time '2026-11-21 15:00:00' \
	--id-attr:Id DLTBao --id-attr:Id Object --enabled-key-data x509 "$work/answer" >/dev/null 2>&1; }
valid() { xmllint --noout --schema "$schemas/2.1.0/$1.xsd" "$work/answer" >/dev/null 2>&1; }
# name LTBao [code]: send $work/m.xml, wait, look at the notice
verdict() {
	is "$1: 999" "$(submit "$work/m.xml")" 200
	poll "$id"
	has "$1" "$work/answer" "<LTBao>$2</LTBao>"
	[ -n "${3-}" ] && has "$1" "$work/answer" "<MLoi>$3</MLoi>"
}
n=5000
next() { n=$((n + 10)); }
mixed=206-vat-mixed-rates

echo '=1795248000000' >"$work/clock" # 2026-11-21 15:00 GMT+7
"$program" init --dir "$work/sb" --clock "$work/clock" --seller '9900000016:Công ty TNHH Quán Ví Dụ:VD7K2:1,2' \
	--seller '099085000001:Hộ kinh doanh: Bếp Ví Dụ:HK3M9:2' || bad init
"$program" init --dir "$work/other" --clock "$work/clock" || bad 'init other'
"$program" init --dir "$work/sb" 2>/dev/null && bad 'init twice' || ok
openssl pkcs12 -in "$work/sb/seller-9900000016.p12" -passin pass:sandbox -nodes -nocerts -out "$work/key.pem" 2>/dev/null
openssl pkcs12 -in "$work/sb/seller-099085000001.p12" -passin pass:sandbox -nodes -nocerts -out "$work/key2.pem" 2>/dev/null
openssl pkcs12 -in "$work/other/seller-9900000016.p12" -passin pass:sandbox -nodes -nocerts -out "$work/foreign.pem" 2>/dev/null
has 'registry: name with a colon' "$work/sb/registry.json" 'Hộ kinh doanh: Bếp Ví Dụ'
is 'mode of directory' "$(stat -c %a "$work/sb")" 700
is 'mode of key' "$(stat -c %a "$work/sb/ca.key.pem")" 600
"$program" --help >"$work/out" && has 'help' "$work/out" 'forged-answer'
"$program" --version >"$work/out" && has 'version' "$work/out" 'hoadon-sandbox [0-9]'
"$program" run --dir "$work/sb" --set nonsense=1 2>/dev/null && bad 'unknown knob' || ok

start
# --- accepted
compose $mixed --number 1206
is 'submit' "$(submit "$work/m.xml")" 200
has '999 ok' "$work/answer" '<TTTNhan>0</TTTNhan>'
has '999 names the message' "$work/answer" "<MTDTChieu>$id</MTDTChieu>"
has 'ref' "$work/head" '^X-Message-Ref: '
valid 999 && ok || bad '999 against XSD'
poll "$id"
has 'accepted' "$work/answer" '<LTBao>2</LTBao>'
verified && ok || bad '204 signature'
valid 204 && ok || bad '204 against XSD'
is 'two references' "$(grep -o '<Reference ' "$work/answer" | wc -l)" 2
is 'books: invoice' "$(sql "SELECT form,serial,number,code,net,vat,total,state,signed FROM invoice")" \
	'1|C26MVD|1206|M1-26-VD7K2-30000001206|609200|50680|659880|accepted|0'
sha=$(grep -o '<HDon>.*</HDon>' "$work/m.xml" | xmllint --c14n - 2>/dev/null | tr -d '\n' | sha256sum | cut -c1-64)
is 'books: digest' "$(sql 'SELECT sha256 FROM invoice')" "$sha"
is 'books: message' "$(sql "SELECT mltdiep,mst,received_at,invoices,state,ltbao,error IS NULL FROM message")" \
	'206|9900000016|2026-11-21T15:00:00|1|checked|2|1'
first=$id
# --- repeated
is 'same bytes again' "$(submit "$work/m.xml")" 200
has 'repeated MTDiep' "$work/answer" '<MLoi>S106</MLoi>'
poll "$first"
has 'first verdict stays' "$work/answer" '<LTBao>2</LTBao>'
control 'set repeat_mtdiep same-answer' >/dev/null
submit "$work/m.xml" >/dev/null
has 'same answer' "$work/answer" '<TTTNhan>0</TTTNhan>'
control 'set repeat_mtdiep refuse' >/dev/null
compose $mixed --number 1206
verdict 'repeated identity' 7 20609
has 'shape of MTLoi' "$work/answer" '<MTLoi>1;C26MVD;1206;'
verified && ok || bad 'signature of LTBao 7'
valid 204 && ok || bad 'LTBao 7 against XSD'
next; compose $mixed --number $n --sub '<MCCQT>[^<]*=><MCCQT>M1-26-VD7K2-30000001206'
verdict 'repeated code' 7 S405
# --- other good documents
compose 206-vat-inclusive-prices --number 1213 --variant b --transforms enveloped,c14n
verdict 'prices with tax, variant b' 2
compose 206-replacement --number 1215
verdict 'replacement of an unknown invoice' 7 S406
compose 206-replacement --number 1215 --sub 'SHDCLQuan>1207=>SHDCLQuan>1206' --variant c --transforms ''
verdict 'replacement, xades, no transforms' 2
compose 206-adjustment-return --number 1217
verdict 'LDDCTThe against the XSD of 2.1.0' 7 S401
control 'set profile 2.1.1' >/dev/null
compose 206-adjustment-return --number 1217
verdict 'adjustment, profile 2.1.1' 2
control 'set profile 2.1.0' >/dev/null
is 'books: negative total' "$(sql "SELECT net,vat,total FROM invoice WHERE number=1217 AND state='accepted'")" '-179400|-15000|-194400'
id=$("$python" "$here/compose.py" "$here/data/206-household-three-sales.xml" "$work/m.xml" --key "$work/key2.pem" --cert "$work/sb/seller-099085000001.crt.pem" --each)
verdict 'form 2, three invoices, each signed' 2
is 'books: own signatures' "$(sql "SELECT sum(signed),count(*),sum(total) FROM invoice WHERE mst='099085000001'")" '3|3|905000'
# --- per-invoice faults (12.1 step 9)
check() { next; local what=$1 code=$2; shift 2; compose $mixed --number $n "$@"; verdict "$what" 7 "$code"; }
check 'wrong total' S407 --sub '<TgTTTBSo>659880=><TgTTTBSo>659881'
check 'wrong line' S407 --sub '<ThTien>357000=><ThTien>357001'
check 'VAT off by two' S407 --sub '<TThue>40960=><TThue>40962' --sub '<TgTThue>50680=><TgTThue>50682' --sub '<TgTTTBSo>659880=><TgTTTBSo>659882'
next; compose $mixed --number $n --sub '<TThue>40960=><TThue>40961' --sub '<TgTThue>50680=><TgTThue>50681' --sub '<TgTTTBSo>659880=><TgTTTBSo>659881'
verdict 'VAT off by one' 2
check 'field missing' S401 --sub '<HTTToan>.*?</HTTToan>=>'
check 'personal ID' S401 --sub '</HVTNMHang>=></HVTNMHang><CCCDan>12</CCCDan>'
check 'element order' S401 --sub '(<TChat>1</TChat>)(<STT>1</STT>)=>\2\1'
check 'serial of another kind' S402 --sub '<KHHDon>C26MVD=><KHHDon>C26TVD'
check 'serial of another year' S402 --sub '<KHHDon>C26MVD=><KHHDon>C25MVD'
check 'date in the future' S403 --sub '<NLap>2026-11-20=><NLap>2026-11-22'
check 'code of another seller' S404 --sub '<MCCQT>M1-26-VD7K2=><MCCQT>M1-26-AAAAA'
check 'no code' S404 --sub '<MCCQT>.*?</MCCQT>='\>
check 'form not registered' S408 --sub '<KHMSHDon>1=><KHMSHDon>7' --sub '<MCCQT>M1=><MCCQT>M7'
check 'other seller inside' S401 --sub '(<NBan><Ten>[^<]*</Ten><MST>)9900000016=>\g<1>9900000048'
control 'set check_totals warn' >/dev/null
next; compose $mixed --number $n --sub '<TgTTTBSo>659880=><TgTTTBSo>659881'
verdict 'totals warn' 2
is 'warning kept' "$(sql "SELECT count(*) FROM warning WHERE mtdiep='$id' AND text LIKE 'totals:%'")" 1
control 'set check_totals refuse' >/dev/null
next; compose $mixed --number $n --sub '<NLap>2026-11-20=><NLap>2026-11-10'
verdict 'old date: warning' 2
control 'set strict_dates 1' >/dev/null
check 'old date: strict' S403 --sub '<NLap>2026-11-20=><NLap>2026-11-10'
control 'set strict_dates 0
set strict 1' >/dev/null
check 'trailing zeros: strict' S401 --sub '<SLuong>0.85=><SLuong>0.850'
control 'set strict 0' >/dev/null
next; compose $mixed --number $n --sub '<SLuong>0.85=><SLuong>0.850'
verdict 'trailing zeros: accepted' 2
next; compose $mixed --number $n --copies 3
verdict 'three in one packet' 2
next; compose $mixed --number $n --copies 2 --sub "<SHDon>$((n + 1))=><SHDon>$n"
verdict 'twins in one packet' 7 20609
is 'both twins refused' "$(sql "SELECT count(*) FROM invoice WHERE mtdiep='$id' AND state='refused'")" 2
next; compose $mixed --number $n --copies 3 --sub "(<SHDon>$((n + 1))<.*?<TgTTTBSo>)659880=>\\g<1>1"
verdict 'one bad of three' 7 S407
is 'one refused, two accepted' "$(sql "SELECT group_concat(state,' ') FROM (SELECT state FROM invoice WHERE mtdiep='$id' ORDER BY number)")" 'accepted refused accepted'
# --- whole message, 204 LTBao 9
whole() { next; local what=$1 code=$2; shift 2; compose $mixed --number $n "$@"; verdict "$what" 9 "$code"; }
whole 'bad digest' S202 --after 'Phở bò tái=>Phở bò tai'
whole 'bad value' S202 --after '(<SignatureValue>.....x*)[^x]=>\g<1>x'
whole 'no signature' S201 --after '<CKSNNT>.*</CKSNNT>=><CKSNNT/>'
whole 'comment' S201 --after '<ThTien>357000=><ThTien>357<!---->000'
whole 'namespace on TDiep' S201 --after '<TDiep>=><TDiep xmlns:x="urn:x">'
whole 'two Ids alike' S201 --after '<DLHDon Id="[^"]*"=><DLHDon Id="Obj-'"same"'"' --after 'Obj-[0-9A-F]{32}=>Obj-same'
whole 'xpath transform' S201 --after '<Transforms>=><Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>'
whole 'three references' S201 --after '(<Reference URI="#Obj.*?</Reference>)=>\1\1'
whole 'signature elsewhere' S201 --after '(<Signature .*</Signature>)(</CKSNNT></TDiep>)=>\1</CKSNNT><Extra>\1</Extra></TDiep>'
whole 'certificate not yet valid' S204 --time 2026-11-01T10:00:00
next
id=$("$python" "$here/compose.py" "$here/data/$mixed.xml" "$work/m.xml" --number $n --key "$work/foreign.pem" --cert "$work/other/seller-9900000016.crt.pem")
verdict 'foreign certificate' 9 S203
next
id=$("$python" "$here/compose.py" "$here/data/$mixed.xml" "$work/m.xml" --number $n --key "$work/key2.pem" --cert "$work/sb/seller-099085000001.crt.pem")
verdict 'certificate of another seller' 9 S205
valid 204 && ok || bad 'LTBao 9 against XSD'
whole 'unknown seller' S205 --sub '<MST>9900000016=><MST>9900000048'
control 'set seller.9900000016.status stopped' >/dev/null
whole 'stopped seller' S303
control 'set seller.9900000016.status active' >/dev/null
registry() { # name code sed-script: with the registry changed (it is read on every check)
	cp "$work/sb/registry.json" "$work/registry.json"
	sed -i "$3" "$work/sb/registry.json"
	whole "$1" "$2"
	cp "$work/registry.json" "$work/sb/registry.json"
}
registry 'seller not registered' S301 's/"mst":\s*"9900000016"/"mst": "9900000055"/'
registry 'other T-VAN registered' S304 's/"tvan":\s*"9900000023"/"tvan": "9900000055"/'
registry 'kind not registered' S302 's/"kind_coded":\s*true/"kind_coded": false/'
registry 'certificate not registered' S203 's/"certificates":\s*\["./"certificates": ["x/'
control 'set bad_signature_answer -2' >/dev/null
next; compose $mixed --number $n --after 'Phở bò tái=>Phở bò tai'
submit "$work/m.xml" >/dev/null; poll "$id"
has '-2' "$work/answer" '<MLTDiep>-2</MLTDiep>'
control 'set bad_signature_answer 204' >/dev/null
# --- 999 and -1
technical() { is "$1" "$(submit "$work/m.xml")" 200; has "$1" "$work/answer" "<MLTDiep>$2</MLTDiep>"; has "$1" "$work/answer" "<MLoi>$3</MLoi>"; }
next; compose $mixed --number $n --after '<TDiep>=><!DOCTYPE TDiep [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><TDiep>'
technical 'DOCTYPE' -1 S002
is '-1 on query' "$(query "$id")" 200
has '-1 on query' "$work/answer" '<MLTDiep>-1</MLTDiep>'
valid 999 && ok || bad '-1 against XSD'
compose $mixed --number $n --id "${id#V9900000023}"
verdict 'the id of a -1 is free' 2
printf '<TDiep><TTChung>' >"$work/m.xml"; technical 'not well-formed' -1 S001
: >"$work/m.xml"; technical 'empty' -1 S001
printf '\377\376<\0a\0/\0>\0' >"$work/m.xml"; technical 'UTF-16' -1 S002
echo '<a/>' >"$work/m.xml"; technical 'other root' -1 S001
head -c 2097153 /dev/zero | tr '\0' ' ' >"$work/m.xml"; technical 'too large' -1 S003
head -c 4194305 /dev/zero | tr '\0' ' ' >"$work/m.xml"; is 'over 4 MiB' "$(submit "$work/m.xml")" 413
compose $mixed --after '<PBan>2.1.0</PBan><MNGui>=><MNGui>'; technical 'no PBan' 999 S101
compose $mixed --after 'V9900000023=>V9900000030' --after '<MTDiep>V9900000023=><MTDiep>V9900000030'; technical 'unknown T-VAN' 999 S102
is 'query of a refused message' "$(query "${id/V9900000023/V9900000030}")" 200
compose $mixed --after '<MLTDiep>206=><MLTDiep>555'; technical 'unknown type' 999 S103
compose 303-notice-04ss; technical '303' 999 S103
compose $mixed --after '<SLuong>1</SLuong></TTChung>=><SLuong>2</SLuong></TTChung>'; technical 'SLuong' 999 S104
compose $mixed --after '</HDon></DLieu>=></HDon><TBao/></DLieu>'; technical 'content' 999 S105
control 'set max_invoices 2' >/dev/null
next; compose $mixed --number $n --copies 3; technical 'too many' 999 S107
control 'set max_invoices 1000' >/dev/null
next; compose 216-vat-no-code --number $n; technical '216 off' 999 S103
control 'set accept_216 1' >/dev/null
next; compose 216-vat-no-code --number $n; verdict '216 on' 2
# --- HTTP
is 'no password' "$(curl -s --cacert "$work/sb/ca.crt.pem" -o /dev/null -w '%{http_code}' "$url/tvan/v1/messages/X")" 401
is 'content type' "$(call --data-binary x "$url/tvan/v1/messages" -o /dev/null -w '%{http_code}')" 415
is 'method' "$(call -X DELETE "$url/tvan/v1/messages" -o /dev/null -w '%{http_code}')" 405
is 'path' "$(call "$url/other" -o /dev/null -w '%{http_code}')" 404
is 'unknown message' "$(query "V990000002300000000000000000000000000000000")" 404
has 'not_found' "$work/head" '^X-Message-State: not_found'
is 'bad script' "$(control 'fault nonsense')" 400
is 'bad knob' "$(control 'set strict 7')" 400
# --- faults on submit
fault() { is "control $1" "$(control "fault $1")" 200; next; compose $mixed --number $n; }
fault 'drop-before'
is 'drop-before' "$(submit "$work/m.xml")" 000
is 'drop-before: not stored' "$(query "$id")" 404
verdict 'drop-before: once only' 2
fault 'drop-after'
is 'drop-after' "$(submit "$work/m.xml")" 000
poll "$id"; has 'drop-after: stored' "$work/answer" '<LTBao>2</LTBao>'
fault 'status 503 times 2 after 1'
verdict 'after lets one pass' 2
is 'status 1' "$(submit "$work/m.xml")" 503; has 'Retry-After' "$work/head" '^Retry-After: 1'
is 'status 2' "$(submit "$work/m.xml")" 503
is 'status spent' "$(submit "$work/m.xml")" 200
fault 'status-after 500'
is 'status-after' "$(submit "$work/m.xml")" 500; poll "$id"; has 'status-after: stored' "$work/answer" '<LTBao>2</LTBao>'
fault 'garbage'
submit "$work/m.xml" >/dev/null; has 'garbage' "$work/answer" 'Bad gateway'; poll "$id"; has 'garbage: stored' "$work/answer" 'LTBao>2<'
fault 'garbage-before'
submit "$work/m.xml" >/dev/null; has 'garbage-before' "$work/answer" 'Bad gateway'; is 'garbage-before: not stored' "$(query "$id")" 404
fault 'delay 300'
before=$(date +%s%N); submit "$work/m.xml" >/dev/null; is 'delay' "$(((($(date +%s%N) - before) / 1000000) >= 300))" 1
fault 'refuse-999 S107'
technical 'refuse-999' 999 S107
fault 'refuse-message S304'
verdict 'refuse-message' 9 S304
fault 'refuse-invoice 2'; compose $mixed --number $n --copies 3
verdict 'refuse-invoice' 7 S401
is 'refuse-invoice: the second' "$(sql "SELECT number-$n FROM invoice WHERE mtdiep='$id' AND state='refused'")" 1
fault "refuse-number $((n + 10))"
verdict 'refuse-number' 7 S401
compose $mixed --number $n; verdict 'refuse-number: always' 7 S401
control clear >/dev/null
compose $mixed --number $n; verdict 'refused number stays free' 2
fault 'unsigned-answer 1'
verdict 'unsigned-answer' 2; lacks 'unsigned-answer' "$work/answer" '<SignatureValue'
query "$id" >/dev/null; verified && ok || bad 'unsigned-answer: once only'
fault 'forged-answer'; control 'fault refuse-message S102' >/dev/null
verdict 'forged-answer' 2; verified && bad 'forged-answer verifies' || ok
control clear >/dev/null; query "$id" >/dev/null; has 'clear gives the true answer' "$work/answer" '<LTBao>9</LTBao>'
verified && ok || bad 'true answer'
fault 'other-message 1'
verdict 'other-message' 2; lacks 'other-message' "$work/answer" "$id"; verified && ok || bad 'other-message is signed'
query "$id" >/dev/null; has 'other-message: once only' "$work/answer" "<MGDDTu>$id"
fault 'twice'
verdict 'twice' 2; one=$(grep -o '<So>[0-9]*' "$work/answer"); query "$id" >/dev/null; verified && ok || bad 'twice is signed'
[ "$one" != "$(grep -o '<So>[0-9]*' "$work/answer")" ] && ok || bad 'twice: same number'
fault '204-at-once'
submit "$work/m.xml" >/dev/null; has '204-at-once' "$work/answer" '<LTBao>2</LTBao>'
fault 'lose-204'
submit "$work/m.xml" >/dev/null; sleep 0.3; is 'lose-204' "$(query "$id")" 202
is 'lose-204: accepted all the same' "$(sql "SELECT state FROM invoice WHERE mtdiep='$id'")" accepted
# --- faults on query
ask() { control "fault $1" >/dev/null; query "$first"; }
is 'query-drop' "$(ask query-drop)" 000
is 'query-status' "$(ask 'query-status 429')" 429
is 'query-not-found' "$(ask query-not-found)" 404; has 'query-not-found' "$work/head" 'X-Message-State: not_found'
is 'query-cannot-ask' "$(ask query-cannot-ask)" 501; has 'query-cannot-ask' "$work/head" 'X-Message-State: cannot_ask'
is 'query-garbage' "$(ask query-garbage)" 200; has 'query-garbage' "$work/answer" 'Bad gateway'
before=$(date +%s%N); ask 'slow-answer 5000' >/dev/null
is 'slow-answer' "$(((($(date +%s%N) - before) / 1000000) >= 400))" 1; verified && ok || bad 'slow answer is whole'
control 'set cannot_ask 1' >/dev/null; is 'cannot_ask' "$(query "$first")" 501; control 'set cannot_ask 0' >/dev/null
control 'set offline 1' >/dev/null; is 'offline' "$(query "$first")" 503; control 'set offline 0' >/dev/null
is 'queries are logged' "$(sql "SELECT count(*)>5 FROM request WHERE fault LIKE 'query-%' OR fault='offline'")" 1
# --- crash and restart
control 'set answer_delay_ms 1500' >/dev/null
next; compose $mixed --number $n
submit "$work/m.xml" >/dev/null
is 'pending' "$(query "$id")" 202
stop KILL
echo 'fault query-status 502
set check_order refuse' >"$work/script"
start --script "$work/script"
is 'script' "$(query "$id")" 502
poll "$id"; has '204 after a crash' "$work/answer" '<LTBao>2</LTBao>'
is 'numbers go on' "$(sql "SELECT value=(SELECT max(value) FROM counter) FROM counter")" 1
compose $mixed --number 4000; verdict 'number goes back: refused' 7 S402
"$program" books --dir "$work/sb" --json >"$work/out" && has 'books' "$work/out" '"invoice accepted":'
stop TERM
is 'clean stop' "$status" 0
is 'database is sound' "$(sql 'PRAGMA integrity_check')" ok
lacks 'sanitizer' "$work/log" 'ERROR: \|runtime error\|LeakSanitizer'
[ "$failed" -gt 0 ] && grep -a 'ERROR\|runtime error\|failed' "$work/log" | head -20
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
