#!/bin/sh
# The whole line on one machine: a restaurant's day becomes signed invoices that a tax authority accepts.
#
#   sh packaging/demo.sh [--keep DIR] [--sign-each] [--set KNOB=VALUE]...
#   sh packaging/demo.sh --printer
#
# Installs what it needs with apt, builds, starts hoadond beside hoadon-sandbox (HTTPS), sends 360 bills of four tills through the
# three doors (HTTP with a token, the spool folder, the unix socket), loses one answer, kills hoadond once, and ends with
#   demo: captured=N issued=N accepted=N refused=0 parked=0
# counted by SQL in the agent's store and in the simulator's own books, compared to the đồng.
#   --keep DIR    leave the evidence: DIR/store/, DIR/invoices/, DIR/messages/, DIR/answers/, DIR/certs/
#   --sign-each   every invoice carries the seller's own signature
#   --set K=V     a switch of the simulator (hoadon-sandbox --help)
#   --printer     another demo: a till's program from npm prints Vietnamese receipts to the box in front of a printer, letters and, when
#                 the box has learned them of six bills, pictures; paper and invoice are shown side by side, and it ends with
#                 `demo: issued=N parked=N wrong=0`, counted by SQL in the store
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
keep="" sign=no knobs="" printer="" # or the packages that it needs
while [ $# -gt 0 ]; do
	case $1 in
	--keep) keep=$2; shift ;;
	--sign-each) sign=yes ;;
	--printer) printer=printer ;;
	--set) knobs="$knobs --set $2"; shift ;;
	-h|--help) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) echo "demo: $1 is not expected; see --help" >&2; exit 2 ;;
	esac
	shift
done
say() { echo "demo: $*"; }

cd "$top"
bin=${HOADON_BIN:-$top/build/release/bin} # programs that are already built, for tests
if [ -z "${HOADON_BIN:-}" ]; then
	sh packaging/deps.sh ${printer:-build}
	say "building"
	log=$(mktemp)
	{ cmake --preset release && cmake --build --preset release --target hoadond hoadon-reader hoadon hoadon-verify hoadon-sandbox; } >"$log" 2>&1 || { tail -n 30 "$log"; rm -f "$log"; exit 1; }
	rm -f "$log"
fi
day=$top/tests/data/day
tills=$top/build/tills
[ -z "$printer" ] || sh tests/tills/install.sh "$tills"

work=$(mktemp -d /tmp/hoadon-demo.XXXXXX)
agent="" authority=""
clean() {
	[ -n "$agent" ] && kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null
	[ -n "$authority" ] && kill "$authority" 2>/dev/null && wait "$authority" 2>/dev/null
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM
mkdir -p "$work/conf/conf.d" "$work/run" "$work/spool"

# The 8 % rate of the sample day ends with 2026: later on the demo is played on 30 December 2026.
clock=""
if [ "$(date +%Y)" -gt 2026 ]; then
	days=$((($(date -d 2026-12-30 +%s) - $(date -d "$(date +%F)" +%s)) / 86400))
	echo "-$((0 - days * 86400000))" >"$work/clock"
	clock=$work/clock
	say "the 8 % rate has ended; playing the day on 30/12/2026"
fi

"$bin/hoadon-sandbox" init --dir "$work/authority" ${clock:+--clock "$clock"} >/dev/null
# shellcheck disable=SC2086
"$bin/hoadon-sandbox" run --dir "$work/authority" --port 0 --ready-file "$work/run/authority.port" ${clock:+--clock "$clock"} $knobs 2>"$work/authority.log" &
authority=$!
wait_for() { # FILE
	tries=0
	while [ ! -e "$1" ]; do
		tries=$((tries + 1))
		[ $tries -gt 1200 ] && { say "$1 did not appear"; tail -n 20 "$work"/*.log; exit 1; }
		sleep 0.05
	done
}
wait_for "$work/run/authority.port"
port=$(cat "$work/run/authority.port")
say "the simulated tax authority listens on https://localhost:$port"

printf sandbox >"$work/conf/key.password"
printf sandbox >"$work/conf/route.password"
cat >"$work/conf/hoadon.conf" <<END
[seller]
tax_code = 9900000016
name = Công ty TNHH Quán Ví Dụ
address = Số 1 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội
provider_tax_code = 9900000030
sender = V9900000023
[serial]
form = 1
suffix = AA
key = VD7K2
issuer_prefix = 1
[till T01]
[till T02]
[till T03]
[till T04]
[key]
driver = pkcs12
sign_each_invoice = $sign
file = $work/authority/seller-9900000016.p12
password_file = $work/conf/key.password
[authority tvan]
driver = tdiep
url = https://localhost:$port/tvan/v1
ca_file = $work/authority/ca.crt.pem
anchors_file = $work/authority/ca.crt.pem
user = tvan
password_file = $work/conf/route.password
[store]
dir = $work/store
[api]
socket = $work/run/api.sock
port = -1
port_file = $work/run/api.port
[spool]
dir = $work/spool
[send]
query_pause_ms = 100
retry_first_ms = 200
END
if [ -n "$printer" ]; then
	ports=$(python3 -c 'import socket
all = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in all))')
	# shellcheck disable=SC2086
	set -- $ports
	cat >>"$work/conf/hoadon.conf" <<END
[port bar]
till = T01
listen = 127.0.0.1:$1
printer = 127.0.0.1:$3
catalogue = $top/tests/tills/catalogue.csv
profile = $top/drivers/profiles/default.ini
[port web]
till = T02
listen = 127.0.0.1:$2
printer = 127.0.0.1:$3
catalogue = $top/tests/tills/catalogue.csv
profile = $top/drivers/profiles/default.ini
glyphs = $work/web.glyphs
END
	# shellcheck disable=SC2086
	python3 packaging/demo_printer.py learn "$bin" "$work" "$tills" $ports ${clock:+"$clock"}
fi
hoadon() { "$bin/hoadon" --config "$work/conf" "$@"; }
hoadon config check >"$work/check.txt" || { cat "$work/check.txt"; exit 1; }
start_agent() {
	"$bin/hoadond" --config "$work/conf" ${clock:+--test-clock "$clock"} 2>>"$work/agent.log" &
	agent=$!
	tries=0
	until [ -S "$work/run/api.sock" ] && curl -s --unix-socket "$work/run/api.sock" http://localhost/health/live >/dev/null; do
		tries=$((tries + 1))
		[ $tries -gt 1200 ] && { say "hoadond does not start"; cat "$work/agent.log"; exit 1; }
		sleep 0.05
	done
}
start_agent
say "hoadond is ready; store $work/store"
if [ -n "$printer" ]; then
	# shellcheck disable=SC2086
	python3 packaging/demo_printer.py sell "$bin" "$work" "$tills" $ports ${clock:+"$clock"}
	exit
fi
token=$(hoadon --json token create --name demo --tills T01 | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
wait_for "$work/run/api.port"
api=http://127.0.0.1:$(cat "$work/run/api.port")/api/v1/sales

# The day's times, in order, into today up to now; one file a bill.
mkdir -p "$work/bills"
python3 - "$day/restaurant.jsonl" "$work/bills" ${clock:+"$clock"} <<'END'
import datetime, json, sys
zone = datetime.timezone(datetime.timedelta(hours=7))
now = datetime.datetime.now(zone)
if len(sys.argv) > 3:
    now += datetime.timedelta(milliseconds=int(open(sys.argv[3]).read()))
start = now.replace(hour=0, minute=0, second=0, microsecond=0)
sales = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for i, sale in enumerate(sales):
    at = start + (now - start) * i / len(sales)
    sale["sold_at"] = at.replace(microsecond=0).isoformat()
    with open(f"{sys.argv[2]}/{i:04d}.{sale['till_id']}.json", "w", encoding="utf-8") as out:
        json.dump(sale, out, ensure_ascii=False)
END
post() { # FILE [OPTION…]: by HTTP with the token; prints the status, the answer is in $work/answer
	bill_file=$1
	shift
	curl -s -S --max-time 20 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-binary @"$bill_file" "$@" "$api" -o "$work/answer" -w '%{http_code}\n'
}
count() { sqlite3 "file:$work/store/current.db?mode=ro" "$1"; }
control() { curl -s --cacert "$work/authority/ca.crt.pem" -u tvan:sandbox --data-binary "$1" "https://localhost:$port/control" >/dev/null; }

say "till T02 writes $(ls "$work"/bills/*.T02.json | wc -l) bills into the folder"
for bill in "$work"/bills/*.T02.json; do
	name=$(basename "$bill")
	cp "$bill" "$work/spool/$name.tmp" && mv "$work/spool/$name.tmp" "$work/spool/$name"
done
say "the network loses the authority's next answer, after the message was taken"
control "fault drop-after"
n=0
for bill in "$work"/bills/*.T01.json; do
	[ "$(post "$bill")" = 201 ] || { say "refused:"; cat "$work/answer"; exit 1; }
	n=$((n + 1))
	if [ $n -eq 60 ]; then
		say "hoadond is killed (SIGKILL) after $n bills of till T01, and started again"
		kill -9 "$agent"
		wait "$agent" 2>/dev/null || true
		rm -f "$work/run/api.port" "$work/run/api.sock"
		start_agent
		wait_for "$work/run/api.port"
		api=http://127.0.0.1:$(cat "$work/run/api.port")/api/v1/sales
		[ "$(post "$bill")" = 201 ] && say "the last bill sent again: the same number $(sed -n 's/.*"number":"\([0-9]*\)".*/\1/p' "$work/answer"), replay $(sed -n 's/.*"replay":\([a-z]*\).*/\1/p' "$work/answer")"
	fi
done
say "till T01 sent $n bills by HTTP with its token"
for bill in "$work"/bills/*.T03.json; do
	[ "$(api=http://localhost/api/v1/sales post "$bill" --unix-socket "$work/run/api.sock")" = 201 ] || { say "refused: $bill"; cat "$work/answer"; exit 1; }
done
for bill in "$work"/bills/*.T04.json; do
	hoadon sale submit "$bill" >"$work/answer" 2>&1 || { say "refused: $bill"; cat "$work/answer"; exit 1; }
done
say "till T03 sent its bills by the unix socket, T04 by the command line"

all=$(ls "$work/bills" | wc -l)
n=0
while [ "$(count "SELECT count(*) FROM invoice WHERE state = 'accepted'")" -lt "$all" ]; do
	n=$((n + 1))
	if [ $n -gt 300 ]; then
		say "not everything was accepted in time"
		hoadon status || true
		count "SELECT number, refusal FROM invoice WHERE state = 'refused'"
		tail -n 20 "$work/agent.log" "$work/authority.log"
		exit 1
	fi
	sleep 0.1
done

say "one invoice as a person reads it:"
hoadon invoice show 1C"$(date +%y ${clock:+-d 2026-12-30})"MAA/42
hoadon audit verify
hoadon audit export "$work/ledger.jsonl" >/dev/null
"$bin/hoadon-verify" "$work/ledger.jsonl" --anchors "$work/authority/ca.crt.pem" || { [ $? -eq 3 ] || exit 1; }
say "answers lost: $(count "SELECT count(*) FROM message WHERE was_unknown = 1"); crashes found: $(count "SELECT count(*) FROM ledger WHERE event = 'crash-found'")"

if [ -n "$keep" ]; then
	mkdir -p "$keep/invoices" "$keep/messages" "$keep/answers" "$keep/certs"
	cp "$work/authority/ca.crt.pem" "$work/authority/cqt.crt.pem" "$work"/authority/seller-*.crt.pem "$keep/certs/"
	sqlite3 "$work/authority/books.db" "SELECT writefile('$keep/messages/' || mtdiep || '.xml', body), writefile('$keep/answers/' || mtdiep || '-204.xml', answer204), writefile('$keep/answers/' || mtdiep || '-999.xml', answer999) FROM message" >/dev/null
	hoadon invoice export "$keep/invoices" >/dev/null
fi

books() { sqlite3 "file:$work/authority/books.db?mode=ro" "$1"; }
captured=$(count "SELECT count(*) FROM sale")
issued=$(count "SELECT count(*) FROM invoice")
accepted=$(count "SELECT count(*) FROM invoice WHERE state = 'accepted'")
refused=$(count "SELECT count(*) FROM invoice WHERE state = 'refused'")
parked=$(count "SELECT count(*) FROM sale WHERE state = 'parked'")
ours=$(count "SELECT sum(net) || ' ' || sum(vat) FROM invoice WHERE state = 'accepted'")
theirs=$(books "SELECT sum(net) || ' ' || sum(vat) FROM invoice WHERE state = 'accepted'")
due=$(python3 -c 'import json,sys; t = json.load(open(sys.argv[1])); print(t["net"], t["vat"])' "$day/restaurant-totals.json")
numbers=$(count "SELECT count(DISTINCT number) || ' ' || min(number) || ' ' || max(number) FROM invoice")
[ "$(books "SELECT count(*) FROM invoice WHERE state = 'accepted'")" = "$accepted" ] || { say "the books differ from the store"; exit 1; }
[ "$ours" = "$due" ] && [ "$theirs" = "$due" ] || { say "sums differ: store $ours, books $theirs, day $due"; exit 1; }
[ "$numbers" = "$all 1 $all" ] || { say "numbers are not 1 to $all: $numbers"; exit 1; }
say "net and VAT in store, books and sample: $due"

kill "$agent" && wait "$agent" 2>/dev/null || true
agent=""
kill "$authority" && wait "$authority" 2>/dev/null || true
authority=""
[ -n "$keep" ] && mkdir -p "$keep/store" && cp "$work"/store/* "$keep/store/"
echo "demo: captured=$captured issued=$issued accepted=$accepted refused=$refused parked=$parked"
