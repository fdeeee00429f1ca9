"""sbom.py PACKAGE…: writes usr/share/hoadon-agent/sbom/PACKAGE.spdx.json (SPDX 2.3) into each package that is being built.

Named are the files that run, and the Debian packages that dpkg-shlibdeps found them to need, in the versions they were built with.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys

LICENSE = "Apache-2.0"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(package, arch):
    with open(f"debian/{package}.substvars", encoding="utf-8") as f:
        depends = re.search(r"^shlibs:Depends=(.*)$", f.read(), re.M)[1]
    for name in sorted({re.split(r"[ (|]", one.strip())[0] for one in depends.split(",")}):
        version, source = output("dpkg-query", "-W", "-f=${Version} ${source:Package}\n", f"{name}:{arch}").splitlines()[0].split()
        yield name, version, source


def programs(root):
    for folder in ("usr/bin", "usr/lib/cups/backend", "usr/libexec/hoadon-agent", "usr/sbin"):
        for name in sorted(os.listdir(f"{root}/{folder}") if os.path.isdir(f"{root}/{folder}") else []):
            with open(f"{root}/{folder}/{name}", "rb") as f:
                yield f"{folder}/{name}", f.read()


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def describe(package, version, arch, root):
    packages = [{"SPDXID": spdx_id(package), "name": package, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                 "licenseConcluded": LICENSE, "licenseDeclared": LICENSE, "copyrightText": "2026 hoadon-agent maintainers",
                 "supplier": "Organization: hoadon-agent maintainers"}]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": spdx_id(package)}]
    files = []
    for name, version_of, source in libraries(package, arch):
        packages.append({"SPDXID": spdx_id(name), "name": name, "versionInfo": version_of, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                         "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
                         "comment": f"dynamically linked; licence: /usr/share/doc/{name}/copyright",
                         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                           "referenceLocator": f"pkg:deb/debian/{name}@{version_of}?arch={arch}&upstream={source}"}]})
        relations.append({"spdxElementId": spdx_id(package), "relationshipType": "DEPENDS_ON", "relatedSpdxElement": spdx_id(name)})
    for name, data in programs(root):
        sums = [{"algorithm": kind, "checksumValue": hashlib.new(kind.lower(), data).hexdigest()} for kind in ("SHA1", "SHA256")]
        files.append({"SPDXID": spdx_id(name), "fileName": f"./{name}", "checksums": sums, "licenseConcluded": LICENSE,
                      "licenseInfoInFiles": [LICENSE], "copyrightText": "2026 hoadon-agent maintainers", "fileTypes": ["BINARY"]})
        relations.append({"spdxElementId": spdx_id(package), "relationshipType": "CONTAINS", "relatedSpdxElement": spdx_id(name)})
    made = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    digest = hashlib.sha256(json.dumps([packages, files]).encode()).hexdigest()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{package}-{version}",
            "documentNamespace": f"urn:sha256:{digest}",
            "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: hoadon-agent-sbom"]},
            "packages": packages, "files": files, "relationships": relations}


def main():
    version = output("dpkg-parsechangelog", "-S", "Version").strip()
    arch = output("dpkg-architecture", "-qDEB_HOST_ARCH").strip()
    for package in sys.argv[1:]:
        root = f"debian/{package}"
        path = f"{root}/usr/share/hoadon-agent/sbom/{package}.spdx.json"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(describe(package, version, arch, root), f, indent=1)
            f.write("\n")
        os.chmod(path, 0o644)


main()
