#!/bin/bash
# The command line against a running hoadond. HOADON_BIN: folder of the programs. CONF: configuration of the running daemon (form 1,
# till T01, user of the tests). CLOCK: its test clock, if any. SOLD_AT: time of the sales, RFC 3339 (default: now).
set -u
: "${HOADON_BIN:?}" "${CONF:?}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
sold_at=${SOLD_AT:-$(TZ=UTC-7 date +%Y-%m-%dT%H:%M:%S+07:00)}
bill=CLI$$
passed=0 failed=0
hoadon() { "$HOADON_BIN/hoadon" --config "${conf:-$CONF}" ${CLOCK:+--test-clock "$CLOCK"} "$@"; }

# check SENTENCE WANTED_EXIT [GREP_PATTERN…] -- COMMAND…: exit code, then every pattern in stdout and stderr together ("!x" = not x).
check() {
	local sentence=$1 wanted=$2 pattern bad=""
	local -a patterns=()
	shift 2
	while [ "$1" != -- ]; do patterns+=("$1"); shift; done
	shift
	hoadon "$@" >"$work/out" 2>"$work/err" </dev/null
	local got=$?
	[ $got = "$wanted" ] || bad="exit $got, not $wanted"
	for pattern in "${patterns[@]}"; do
		case $pattern in
		!*) cat "$work/out" "$work/err" | grep -qe "${pattern#!}" && bad="$bad; found ${pattern#!}" ;;
		*) cat "$work/out" "$work/err" | grep -qe "$pattern" || bad="$bad; no $pattern" ;;
		esac
	done
	result "$sentence" "$bad"
}
result() {
	if [ -z "$2" ]; then
		passed=$((passed + 1)); echo "ok $1"
	else
		failed=$((failed + 1)); echo "not ok $1: $2"
		head -c 600 "$work/out" "$work/err" 2>/dev/null | sed 's/^/    /'
	fi
}
json() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1]));
for k in sys.argv[2].split("."): d=d[int(k)] if isinstance(d,list) else d[k]
print(d)' "$work/out" "$1" 2>/dev/null; }
equal() { [ "$2" = "$3" ] && result "$1" "" || result "$1" "«$2» is not «$3»"; }
# sale FILE BILL NAME UNIT_PRICE TOTAL: one line of food at 8 %, two pieces
sale() {
	printf '{"till_id":"T01","bill_no":"%s","kind":"sale","sold_at":"%s","lines":[{"name":"%s","unit":"tô","qty":"2","unit_price":"%s","amount":"%s","vat_rate":"8"}],"total":"%s"}' \
		"$2" "$sold_at" "$3" "$4" "$((2 * $4))" "$5" >"$work/$1"
}

# ---- words ----
check "version prints the version" 0 '^hoadon [0-9]' -- version
check "version speaks JSON with a schema version" 0 '"schema_version":1' '"version":"[0-9]' -- version --json
check "help without a word lists the commands" 0 'sale submit' 'audit export' 'token revoke' -- help
commands=$(hoadon --lang en help | sed -E -n '/^  hoadon /d; s/^  ([a-z]+( [a-z]+)?)  +[A-Z].*/\1/p')
n=0
while read -r first second; do
	n=$((n + 1))
	check "help of $first${second:+ $second} has an example" 0 "  hoadon $first" -- --lang en $first $second --help
done <<<"$commands"
equal "help was asked for every command" "$n" "$(hoadon --lang en help | sed '/^Options/,$d' | grep -c '\.$')"
check "help speaks Vietnamese" 0 'Ví dụ' '!Example' -- --lang vi help
check "help speaks English" 0 'Example' '!Ví dụ' -- --lang en help
check "help explains exit codes" 0 '^ *78 ' '^ *5 ' -- help exit-codes
check "help lists drivers" 0 'json' 'pkcs12' 'tdiep' -- help drivers
check "no command is a usage error" 2 -- --lang vi
check "an unknown command is a usage error" 2 'no command sael' -- --lang en sael
check "half a command names the rest" 2 'submit' 'ignore' -- sale
check "an unknown option is a usage error" 2 -- sale list --stat parked
check "an option of another command is a usage error" 2 -- sale list --reason x
check "an option without its value is a usage error" 2 -- sale list --state
check "a missing required option is a usage error" 2 'required' -- --lang en sale ignore 1
check "too few words are a usage error" 2 -- sale submit
check "too many words are a usage error" 2 -- sale show a b c
check "a language we lack is a usage error" 2 -- --lang fr status

# ---- configuration ----
check "config check is content with a complete configuration" 0 -- config check
check "config show prints settings" 0 '^\[seller\]' '^tax_code = ' '!  # ' -- config show
check "config show names origins" 0 'hoadon.conf:[0-9]' 'default' -- --lang en config show --origin
check "config show speaks JSON" 0 '"schema_version":1' '"key":"tax_code"' -- --json config show
cp -r "$CONF" "$work/broken" && echo 'tax_cod = 1' >>"$work/broken/hoadon.conf"
conf=$work/broken check "an unknown setting is named with file and line" 78 'hoadon.conf:[0-9]' -- config check
conf=$work/broken check "commands that need the configuration refuse a broken one" 78 -- sale list
conf=$work/broken check "status is blocked by a broken configuration" 4 -- status
conf=$work/broken check "version needs no configuration" 0 -- version
conf=$work/nothing check "a missing configuration is a configuration error" 78 -- sale list
mkdir -p "$work/other/conf.d"; cp -r "$CONF/." "$work/other/"
printf '[key]\npassword_file = %s\n' "$work/wrong" >"$work/other/conf.d/99-test.conf"; echo nonsense >"$work/wrong"; chmod 600 "$work/wrong"
conf=$work/other check "config check says that the password is wrong" 78 'password_file: the password does not open' -- --lang en config check
printf '[key]\nfile = %s\n' "$work/none.p12" >"$work/other/conf.d/99-test.conf"
conf=$work/other check "config check names a key file that is not there" 78 'key.file: .*none.p12' -- config check
printf '[seller]\ntax_code = 9900000048\n' >"$work/other/conf.d/99-test.conf"
conf=$work/other check "config check compares certificate and seller" 78 '9900000048' 'key.file' -- config check

# ---- sales ----
sale good.json "$bill" 'Phở bò tái' 54000 108000
check "a sale is issued" 0 'Invoice issued: 1[CK][0-9][0-9]M.. number [0-9]' '108.000 đ' -- --lang en sale submit "$work/good.json"
check "a sale again is the same sale" 0 '"replay":true' -- --json sale submit "$work/good.json"
number=$(json answer.invoice.number) symbol=$(json answer.invoice.symbol) code=$(json answer.invoice.code) sale_id=$(json answer.sale.id)
hoadon --json sale submit - <"$work/good.json" >"$work/out" 2>"$work/err"
equal "a sale comes from stdin" "$(json answer.invoice.number)" "$number"
sale wrong.json "$bill-w" 'Phở bò tái' 54000 108001
check "a wrong total is refused with its rule and field" 8 'sum.total' 'R-RND-6' '/total' -- sale submit "$work/wrong.json"
check "a refusal speaks Vietnamese" 8 'không bằng tổng tiền' -- --lang vi sale submit "$work/wrong.json"
check "a refusal speaks JSON" 8 '"schema_version":1' '"code":"sum.total"' -- --json sale submit "$work/wrong.json"
echo '{' >"$work/half.json"
check "half a document is refused" 8 'json.syntax' -- sale submit "$work/half.json"
check "a file that is not there is a failure" 1 'nowhere' -- sale submit "$work/nowhere.json"
sale parked.json "$bill-p" 'Tiền ăn' 54000 108000
check "a sale for a person is parked" 7 'R-CON-4' 'hoadon sale issue' -- sale submit "$work/parked.json"
check "a parked sale speaks JSON" 7 '"state":"parked"' -- --json sale submit "$work/parked.json"
parked=$(json answer.sale.id)
check "parked sales are listed" 0 "$bill-p" "!$bill " -- sale list --state parked
check "a state that is none is a usage error" 2 -- sale list --state lost
check "a limit of rows is kept and said" 0 '1 rows' -- --lang en sale list --limit 1
equal "a limit of one row gives one row and a head" "$(wc -l <"$work/out")" 2
check "a parked sale shows why it waits, and what the till sent" 0 'R-CON-4' 'Tiền ăn' 'sale ignore' -- sale show "$parked"
check "a sale is found by till and bill" 0 "$bill" "$symbol/$number" -- sale show T01 "$bill"
check "a sale that is not there is a failure" 1 -- sale show T01 NOSUCH
check "status is degraded by a parked sale" 3 'sale list --state parked' -- status
check "a person issues a parked sale" 0 'Invoice issued' -- --lang en sale issue "$parked"
check "an issued sale cannot be ignored" 1 'state.conflict' -- sale ignore "$parked" --reason 'nhầm'
check "an issued sale keeps its invoice" 0 'invoice show' -- sale show "$parked"
sed "s/\"sale\"/\"return\"/; s/\"lines\"/\"refers_to\":{\"till_id\":\"T01\",\"bill_no\":\"$bill\",\"business_day\":\"${sold_at%%T*}\"},\"reason\":\"thừa\",&/; s/$bill-p/$bill-r/; s/Tiền ăn/Phở bò tái/" "$work/parked.json" >"$work/return.json"
check "a return is parked" 7 '"state":"parked"' '"code":"kind.parked"' -- --json sale submit "$work/return.json"
parked=$(json answer.sale.id)
check "what a person may not allow stops the issue" 1 'kind.parked' -- sale issue "$parked"
check "a parked sale is ignored with a reason" 0 'is ignored' -- --lang en sale ignore "$parked" --reason 'bill thử'
check "an ignored sale cannot be issued" 1 'state.conflict' -- sale issue "$parked"
check "an ignored sale is no longer parked" 0 "!$bill-r" -- sale list --state parked
check "an ID that is no number is a usage error" 2 -- sale issue seven

# ---- invoices ----
check "invoices are listed" 0 "$symbol" "$code" -- invoice list
check "invoices are listed as JSON with money as text" 0 '"total":"108000"' -- --json invoice list
check "an invoice is shown by symbol and number" 0 'Phở bò tái' '108.000 đ' 'Một trăm linh tám nghìn đồng\|Một trăm lẻ tám ngàn đồng' "$code" -- invoice show "$symbol/$number"
check "an invoice is shown by code" 0 'Phở bò tái' -- invoice show "$code"
check "an invoice is shown as JSON" 0 '"net":"100000"' '"vat_rate":"8%"' '"words":"' -- --json invoice show "$symbol/$number"
id=$(json invoice.id)
check "an invoice is shown by id" 0 "$code" -- invoice show "$id"
check "the stored bytes are printed" 0 '^<HDon>' "<MCCQT>$code</MCCQT>" -- invoice xml "$id"
xml=$(sha256sum <"$work/out" | cut -d' ' -f1)
check "the stored bytes are printed with their digest" 0 "\"sha256\":\"$xml\"" -- --json invoice xml "$id"
check "an invoice that is not there is a failure" 1 -- invoice show "$symbol/99999999"
check "a symbol that is none is a usage error" 2 -- invoice show "X/1"

# ---- queue, status ----
check "the queue is listed" 0 -- queue list --all
check "the queue speaks JSON" 0 '"schema_version":1' '"messages":\[' -- --json queue list
hoadon --json status >"$work/out" 2>"$work/err"; code_now=$?
case $code_now in 0|3) result "status is well or degraded" "" ;; *) result "status is well or degraded" "exit $code_now" ;; esac
equal "status says that hoadond runs" "$(json is_running)" True
equal "status counts no parked sale" "$(json sales.parked)" 0

# ---- ledger ----
check "the ledger is whole" 0 -- audit verify
check "the ledger is whole, as JSON" 0 '"is_whole":true' -- --json audit verify
records=$(json records)
check "the ledger is exported" 0 -- --json audit export "$work/ledger.jsonl"
equal "the export prints its digest" "$(json sha256)" "$(sha256sum <"$work/ledger.jsonl" | cut -d' ' -f1)"
[ "$(json records)" -gt "$records" ] && result "the export holds its own record" "" || result "the export holds its own record" "$(json records) after $records"
equal "the last record is the export's" "$(grep -c '"event":"export"' "$work/ledger.jsonl")" 1
equal "no temporary file is left" "$(find "$work" -name 'ledger.jsonl.*' | wc -l)" 0
check "an export to nowhere is a failure" 1 -- audit export "$work/no/such/folder/ledger"
if [ -x "$HOADON_BIN/hoadon-verify" ]; then
	"$HOADON_BIN/hoadon-verify" "$work/ledger.jsonl" >"$work/out" 2>"$work/err"
	case $? in 0|3) result "hoadon-verify takes the export" "" ;; *) result "hoadon-verify takes the export" "refused" ;; esac
fi

# ---- tokens ----
check "a token is made" 0 '"token":"' -- --json token create --name "quầy $$" --tills T01,T02 --scopes sale,read
token=$(json answer.token) token_id=$(json answer.id)
check "tokens are listed without their secret" 0 "quầy $$" 'T01,T02' "!$token" -- token list
check "a scope that is none is a usage error" 2 -- token create --name n --tills T01 --scopes all
check "an empty till is a usage error" 2 -- token create --name n --tills T01,,T02
check "a token is revoked" 0 -- token revoke "$token_id"
check "a revoked token cannot be revoked again" 1 -- token revoke "$token_id"

# ---- completion ----
offered() { # WORD…: what bash offers for the last one
	(
		source <(hoadon completion)
		compopt() { :; }
		COMP_WORDS=(hoadon "$@") COMP_CWORD=$#
		_hoadon
		echo "${COMPREPLY[*]}"
	)
}
equal "a first word is completed" "$(offered sa)" sale
equal "a second word is completed, also behind an option with its value" "$(offered --lang vi sale is)" issue
equal "an option is completed where it belongs" "$(offered sale list --st) $(offered sale show --st)" "--state "
equal "a value is completed where there is a choice" "$(offered --lang e)" en
equal "every command of the help is offered" "$(offered "" | tr ' ' '\n' | sort)" "$(hoadon --lang en help | sed '/^Options/,$d' | grep '\.$' | awk '{print $1}' | sort -u)"

# ---- hoadond down: the same store, a socket where nobody listens ----
printf '[api]\nsocket = %s\n' "$work/nobody.sock" >"$work/other/conf.d/99-test.conf"
conf=$work/other check "a changing command says that hoadond does not run" 5 'systemctl start hoadond' -- sale submit "$work/good.json"
conf=$work/other check "token create says that hoadond does not run" 5 -- token create --name n --tills T01
conf=$work/other check "status says that hoadond does not run" 5 'systemctl start hoadond' 'bản ghi, đuôi' -- --lang vi status
conf=$work/other check "sales are listed with hoadond down" 0 "$bill" -- sale list
conf=$work/other check "an invoice is shown with hoadond down" 0 "$code" -- invoice show "$symbol/$number"
conf=$work/other check "the ledger is verified with hoadond down" 0 -- audit verify
conf=$work/other check "tokens are listed with hoadond down" 0 -- token list
printf '[store]\ndir = %s\n' "$work/nostore" >"$work/other/conf.d/99-test.conf"
conf=$work/other check "status is blocked without a store" 4 -- status

# ---- another user: only where the tests run as root and the programs are open to all ----
other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$HOADON_BIN/hoadon" --config "$work/closed" "$@" >"$work/out" 2>"$work/err" </dev/null; }
cp -r "$CONF" "$work/closed" && chmod 755 "$work" && chmod 700 "$work/closed"
if [ "$(id -u)" = 0 ] && other version; then
	other sale list; equal "a configuration of others is a matter of permission" $? 77
	chmod -R a+rX "$work/closed"
	other sale list; equal "a store of others is a matter of permission" $? 77
	other status; equal "status of others is a matter of permission" $? 77
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
