#!/bin/sh
# Installs what is missing of Debian's packages: `sh packaging/deps.sh build` to build and run, `… test` also for the tests, `… deb` for packages,
# `… root` for machines to try them on, `… printer` for `demo.sh --printer`.
# Quick when everything is there.
set -eu
build="build-essential cmake ninja-build pkg-config git ca-certificates libcurl4-openssl-dev libcjson-dev libsqlite3-dev libzstd-dev libssl-dev libmicrohttpd-dev
 libxml2-dev libqrencode-dev libutf8proc-dev libpcre2-dev libseccomp-dev libsystemd-dev libusb-1.0-0-dev libxmlsec1-dev libcmocka-dev openssl sqlite3 curl python3 xfonts-base"
test="xmlsec1 libxml2-utils zbar-tools clang clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev lld nodejs npm strace procps mandoc php-cli mono-mcs mono-runtime libmono-system-net-http4.0-cil gpg umockdev libumockdev-dev iproute2
 python3-pil fonts-dejavu-core fonts-noto-core fonts-noto-mono tesseract-ocr tesseract-ocr-vie"
deb="debhelper dh-apparmor"
root="mmdebstrap systemd-container qemu-system-x86"
printer="nodejs npm"
case ${1:-build} in
build) want=$build ;;
test) want="$build $test" ;;
deb) want="$build $deb" ;;
root) want=$root ;;
printer) want="$build $printer" ;;
*) echo "deps: build, test, deb, root or printer" >&2; exit 2 ;;
esac
missing=""
for package in $want; do
	case $package in
	nodejs|npm) command -v "${package%js}" >/dev/null 2>&1 && continue ;;
	python3|git) command -v "$package" >/dev/null 2>&1 && continue ;;
	esac
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing" >&2
if [ "$(id -u)" != 0 ]; then
	echo "deps: run as root: apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update >/dev/null
# shellcheck disable=SC2086
apt-get -qq install -y --no-install-recommends $missing >/dev/null 2>&1 || apt-get install -y --no-install-recommends $missing
