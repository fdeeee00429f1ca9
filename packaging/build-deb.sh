#!/bin/sh
# Builds the Debian packages: sh packaging/build-deb.sh [--arch ARCH] [DIR]. They come to lie in DIR (default build/deb), with source and .changes.
#
# Installs what it needs with apt. Works in a copy of this tree with packaging/debian moved up. The same tree gives the same bytes.
# For another architecture than this machine's (arm64, armhf) it is a cross build: libraries of that architecture are installed beside.
set -eu
arch=""
case ${1:-} in
-h|--help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
--arch) arch=$2; shift 2 ;;
esac
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$top/build/deb}"
out=$(cd "${1:-$top/build/deb}" && pwd)
sh "$top/packaging/deps.sh" deb

version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/packaging/debian/changelog")
grep -q "^project(hoadon-agent VERSION ${version%%[+~]*} " "$top/CMakeLists.txt" || {
	echo "build-deb: debian/changelog says $version, CMakeLists.txt another version" >&2
	exit 1
}
work=$(mktemp -d -t hoadon-deb.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
tree=$work/hoadon-agent-$version
mkdir "$tree"
tar -C "$top" --exclude=./build --exclude=./.git --exclude=__pycache__ -cf - . | tar -C "$tree" -xf -
mv "$tree/packaging/debian" "$tree/debian"
# A file that is older than the last entry of the changelog in one checkout only would tell them apart.
find "$tree" -exec touch -h -d "$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Date)" {} +
if [ -n "$arch" ]; then
	dpkg --add-architecture "$arch"
	apt-get -qq update >/dev/null
	apt-get -qq install -y --no-install-recommends qemu-user-static "crossbuild-essential-$arch" >/dev/null
	apt-get -qq build-dep -y --host-architecture "$arch" --build-profiles cross "$tree" >/dev/null
fi
(cd "$tree" && dpkg-buildpackage --no-sign ${arch:+--build=any --host-arch "$arch"}) >"$work/log" 2>&1 || {
	tail -n 40 "$work/log" >&2
	exit 1
}
mv "$work"/hoadon-agent*_* "$out"
ls -l "$out"/*.deb
