#!/bin/sh
# Does a running agent speak version 1 of the API? Sends each request of v1/ with curl and compares status, code, field and content.
#
#   sh run.sh http://127.0.0.1:8045 --token TOKEN --till T01             trials only: nothing is issued, safe in a shop
#   sh run.sh http://127.0.0.1:8045 --token TOKEN --till T01 --issue     also issues two bills: on a sandbox only
#
# --form 2 for a seller of sales invoices; --only 055 for one case. Prints a line a case and `result: …`; exit 1 when a case failed.
# Needs sh, curl and sed. A token: hoadon token create --name conformance --tills T01
set -u
here=$(cd "$(dirname "$0")" && pwd)
url="" token="" till=T01 form=1 issue=no only=""
usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
while [ $# -gt 0 ]; do
	case $1 in
	-h|--help) usage; exit 0 ;;
	--issue) issue=yes ;;
	--token) token=${2-}; shift ;;
	--till) till=${2-}; shift ;;
	--form) form=${2-}; shift ;;
	--only) only=${2-}; shift ;;
	http://*|https://*) url=${1%/} ;;
	*) echo "run.sh: $1 is not understood; see run.sh --help" >&2; exit 2 ;;
	esac
	[ $# -gt 0 ] && shift
done
if [ -z "$url" ] || [ -z "$token" ]; then
	echo "run.sh: the address of the agent and --token are needed; see run.sh --help" >&2
	exit 2
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
run=C$(date +%s)
# a minute ago, as the till says it
now=$(TZ=UTC-7 date -d @$(($(date +%s) - 60)) +%Y-%m-%dT%H:%M:%S+07:00 2>/dev/null || TZ=UTC-7 date -r $(($(date +%s) - 60)) +%Y-%m-%dT%H:%M:%S+07:00)

passed=0 failed=0 skipped=0 assertions=0
field() { sed -n "1,/^\$/s/^$1: //p" "$2"; }
wrong() { echo "not ok $name: $1"; ok=no; }
one() {
	name=$(basename "$1" .http)
	number=${name%%-*}
	[ -n "$only" ] && [ "$only" != "$number" ] && return
	sed "s|@TILL@|$till|g; s|@BILL@|$run-$number|g; s|@NOW@|$now|g; s|@RUN@|$run|g" "$1" >"$scratch/case"
	want=$(field Form "$scratch/case")
	if [ "${want:-$form}" != "$form" ]; then return; fi
	if [ "$(field Issues "$scratch/case")" = yes ] && [ $issue = no ]; then skipped=$((skipped + 1)); return; fi
	sed '1,/^$/d' "$scratch/case" >"$scratch/body"
	request=$(field Request "$scratch/case")
	set -- -sS -m 30 -o "$scratch/answer" -w '%{http_code}' -X "${request%% *}"
	case $(field Auth "$scratch/case") in
	none) ;;
	wrong) set -- "$@" -H "Authorization: Bearer wrong" ;;
	*) set -- "$@" -H "Authorization: Bearer $token" ;;
	esac
	field Header "$scratch/case" >"$scratch/headers"
	grep -qi '^Content-Type:' "$scratch/headers" || set -- "$@" -H "Content-Type: application/json"
	while IFS= read -r header; do set -- "$@" -H "$header"; done <"$scratch/headers"
	[ "${request%% *}" = GET ] || set -- "$@" --data-binary "@$scratch/body"
	: >"$scratch/answer"
	status=$(curl "$@" "$url${request#* }" 2>"$scratch/error") || { echo "not ok $name: curl: $(cat "$scratch/error")"; failed=$((failed + 1)); return; }
	ok=yes
	wanted=$(field Status "$scratch/case")
	case " $wanted " in *" $status "*) ;; *) wrong "status $status, expected $wanted: $(head -c 300 "$scratch/answer")" ;; esac
	code=$(field Code "$scratch/case") at=$(field Field "$scratch/case")
	assertions=$((assertions + 1))
	for pair in "code $code" "field $at"; do
		[ -n "${pair#* }" ] || continue
		assertions=$((assertions + 1))
		grep -qF "\"${pair%% *}\":\"${pair#* }\"" "$scratch/answer" || wrong "no ${pair%% *} ${pair#* } in $(head -c 300 "$scratch/answer")"
	done
	field Contains "$scratch/case" >"$scratch/contains"
	while IFS= read -r text; do
		assertions=$((assertions + 1))
		grep -qF "$text" "$scratch/answer" || wrong "no $text in $(head -c 300 "$scratch/answer")"
	done <"$scratch/contains"
	if [ $ok = yes ]; then passed=$((passed + 1)); echo "ok $name"; else failed=$((failed + 1)); fi
}
for case in "$here"/v1/*.http; do one "$case"; done
[ "$skipped" -gt 0 ] && echo "skipped: $skipped cases that issue: give --issue on a sandbox"
echo "result: passed=$passed failed=$failed skipped=$skipped assertions=$assertions"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
