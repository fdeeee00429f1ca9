#!/bin/sh
# A signed apt repository: sh packaging/apt-repo.sh DIR KEY [FILE.deb…] adds the packages to DIR and signs it with KEY of gpg.
#
# DIR is served by any web server. Run it again to add packages, and once a month to sign anew: after 90 days apt refuses what may have been kept back.
# Old versions stay, so that a shop can go back to one. packaging/KEEP.md says what a shop does.
set -eu
case ${1:-} in
-h|--help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
[ $# -ge 2 ] || { echo "usage: sh packaging/apt-repo.sh DIR KEY [FILE.deb…]" >&2; exit 2; }
dir=$1 key=$2
shift 2
mkdir -p "$dir/pool/main"
[ $# -eq 0 ] || cp -- "$@" "$dir/pool/main/"
cd "$dir"
rm -rf dists.new
for arch in amd64 arm64 armhf; do
	mkdir -p "dists.new/stable/main/binary-$arch"
	dpkg-scanpackages --multiversion --arch "$arch" pool/main >"dists.new/stable/main/binary-$arch/Packages" 2>dists.log || { cat dists.log >&2; exit 1; }
	gzip -9nk "dists.new/stable/main/binary-$arch/Packages"
done
rm -f dists.log
(
	cd dists.new/stable
	{
		printf 'Origin: hoadon-agent\nLabel: hoadon-agent\nSuite: stable\nCodename: stable\n'
		printf 'Date: %s\nValid-Until: %s\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')" "$(LC_ALL=C date -u -d '+90 days' '+%a, %d %b %Y %H:%M:%S UTC')"
		printf 'Architectures: amd64 arm64 armhf\nComponents: main\nSHA256:\n'
		find main -type f | sort | while read -r file; do
			printf ' %s %s %s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" "$(stat -c %s "$file")" "$file"
		done
	} >Release.new
	mv Release.new Release
	gpg --batch --yes --quiet --local-user "$key" --clearsign --output InRelease Release
	gpg --batch --yes --quiet --local-user "$key" --armor --detach-sign --output Release.gpg Release
)
gpg --batch --yes --quiet --armor --export "$key" >hoadon-agent.asc
rm -rf dists.old
[ ! -d dists ] || mv dists dists.old
mv dists.new dists
rm -rf dists.old
