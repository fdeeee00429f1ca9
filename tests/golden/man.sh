#!/bin/sh
# man.sh BIN MAN WORK: the manual pages. mandoc finds nothing to say, every command, option and setting that the programs know
# stands in its page in both languages, and the examples are a configuration that hoadon accepts. Prints "N passed, M failed, K skipped".
set -u
bin=$1 man=$2 work=$3
passed=0 failed=0
mkdir -p "$work"
judge() { # NAME: the file $work/wrong says what is wrong
	if [ -s "$work/wrong" ]; then failed=$((failed + 1)); echo "FAIL $1"; head -n 20 "$work/wrong"; else passed=$((passed + 1)); echo "ok $1"; fi
}
text() { mandoc -T utf8 -O width=400 "$1" | LC_ALL=C.UTF-8 sed 's/.\x08//g; s/\([^ ]\)  */\1 /g'; }
# has WORDS REGEX: a line of stdin begins with REGEX as a word of its own
has() { grep -q -E -- "^ *$2( |\$)" || echo "$1: lacks $2"; }
# command_text PAGE COMMAND: its part of hoadon(1), and the options of every command
command_text() { sed -n "/^   hoadon $2\( \|\$\)/,/^   hoadon /p; 1,/^   hoadon /p" "$1"; }

for lang in en vi; do
	[ $lang = vi ] && pages=$man/vi || pages=$man
	: >"$work/wrong"
	for page in man5/hoadon.conf.5 man1/hoadon.1 man8/hoadond.8 man1/hoadon-verify.1 man1/hoadon-sandbox.1; do
		mandoc -T lint -W warning "$pages/$page" >>"$work/wrong" 2>&1
		text "$pages/$page" >"$work/$(basename "$page").$lang"
	done
	judge "mandoc -T lint ($lang)"

	: >"$work/wrong"
	"$bin/hoadon" --help --lang en | sed -n '/^  hoadon /d; s/^  \([a-z][a-z ]*[a-z]\)   *[A-ZĐ].*/\1/p' >"$work/commands"
	[ "$(wc -l <"$work/commands")" -gt 15 ] || echo "few commands in hoadon --help" >>"$work/wrong"
	while read -r command; do
		grep -q "^   hoadon $command\( \|\$\)" "$work/hoadon.1.$lang" || echo "lacks hoadon $command" >>"$work/wrong"
		"$bin/hoadon" $command --help --lang en | grep -o '^  --[a-z-]*' | while read -r option; do
			command_text "$work/hoadon.1.$lang" "$command" | has "$command" "$option" >>"$work/wrong"
		done
	done <"$work/commands"
	"$bin/hoadon" help exit-codes --lang $lang | sed 's/^ *//; s/\([^ ]\)  */\1 /g' | while read -r exit; do
		grep -q -F -- "$exit" "$work/hoadon.1.$lang" || echo "lacks exit code: $exit" >>"$work/wrong"
	done
	judge "hoadon(1) has every command, option and exit code ($lang)"

	: >"$work/wrong"
	for program in hoadond hoadon-verify hoadon-sandbox; do
		"$bin/$program" --help | grep -o -E -- '--[a-z][a-z-]+' | sort -u | grep -vxE -- '--(cacert|data)' | while read -r option; do
			grep -q -F -- "$option" "$work/$program".[18]."$lang" || echo "$program($lang) lacks $option" >>"$work/wrong"
		done
	done
	judge "hoadond(8), hoadon-verify(1), hoadon-sandbox(1) have every option ($lang)"

	: >"$work/wrong"
	rm -rf "$work/conf" && mkdir "$work/conf"
	sed -n '/^\.EX$/,/^\.EE$/p' "$pages/man5/hoadon.conf.5" | sed '/^\.E[XE]$/d; s/\\-/-/g' >"$work/conf/hoadon.conf"
	"$bin/hoadon" config show --config "$work/conf" >"$work/show" 2>"$work/errors" || cat "$work/errors" >>"$work/wrong"
	settings=0
	for setting in $(sed -n 's/^\[\([a-z]*\).*/\1/; t keep; s/^\(# \)\{0,1\}\([a-z_]*\) =.*/\2/; t setting; d; :keep; h; d; :setting; G; s/\(.*\)\n\(.*\)/\2.\1/p' "$work/show"); do
		settings=$((settings + 1))
		sed -n "/^\[${setting%%.*}[] ]/,/^\[/p" "$work/hoadon.conf.5.$lang" | has "[${setting%%.*}]" "${setting#*.}" >>"$work/wrong"
	done
	[ $settings -gt 60 ] || echo "only $settings settings in hoadon config show" >>"$work/wrong"
	judge "hoadon.conf(5) has every setting of hoadon config show; its examples are accepted ($lang)"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
