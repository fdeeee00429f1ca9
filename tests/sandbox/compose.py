#!/usr/bin/env python3
"""Compose and sign one test message from a sample document (standard library, openssl and xmlsec1 only).

compose.py SAMPLE OUT --key KEY.pem --cert CERT.pem [--number N] [--id HEX32] [--sub REGEX=>TEXT]...
           [--after REGEX=>TEXT]... [--variant a|b|c] [--time DATETIME] [--transforms LIST] [--copies N]

--sub edits before signing, --after edits the signed bytes. --number numbers the invoices N, N+1, ... and their codes.
Prints the MTDiep.
"""
import argparse
import re
import subprocess
import sys
import uuid

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
XADES = "http://uri.etsi.org/01903/v1.3.2#"


def transforms(names):
    if not names:
        return ""
    known = {"enveloped": ENVELOPED, "c14n": C14N}
    return "<Transforms>%s</Transforms>" % "".join(
        '<Transform Algorithm="%s"/>' % known.get(n, n) for n in names.split(","))


def reference(uri, names, extra=""):
    return ('<Reference%s URI="#%s">%s<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            "<DigestValue/></Reference>") % (extra, uri, transforms(names))


def time_object(variant, tag, when):
    if variant == "c":
        return ('<Object><xades:QualifyingProperties xmlns:xades="%s" Target="#Sig-%s"><xades:SignedProperties Id="Obj-%s">'
                "<xades:SignedSignatureProperties><xades:SigningTime>%s</xades:SigningTime>"
                "</xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></Object>"
                ) % (XADES, tag, tag, when)
    none = ' xmlns=""' if variant == "b" else ""
    return ('<Object Id="Obj-%s"><SignatureProperties%s><SignatureProperty Target="#Sig-%s"><SigningTime>%s</SigningTime>'
            "</SignatureProperty></SignatureProperties></Object>") % (tag, none, tag, when)


def template(data_id, tag, args, cert):
    kind = ' Type="http://uri.etsi.org/01903#SignedProperties"' if args.variant == "c" else ""
    return ('<Signature xmlns="%s" Id="Sig-%s"><SignedInfo><CanonicalizationMethod Algorithm="%s"/>'
            '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>%s%s</SignedInfo>'
            "<SignatureValue/><KeyInfo><X509Data><X509SubjectName>CN=ignored</X509SubjectName>"
            "<X509Certificate>%s</X509Certificate></X509Data></KeyInfo>%s</Signature>") % (
                DS, tag, C14N, reference(data_id, args.transforms), reference("Obj-" + tag, "", kind), cert,
                time_object(args.variant, tag, args.time))


def renumber(text, first):
    """Give the invoices the numbers first, first + 1, ... and codes to match."""
    parts = text.split("<HDon>")
    for i in range(1, len(parts)):
        n = first + i - 1
        parts[i] = re.sub(r"<SHDon>\d+</SHDon>", "<SHDon>%d</SHDon>" % n, parts[i], count=1)
        parts[i] = re.sub(r'<DLHDon Id="[^"]*"', '<DLHDon Id="_inv-%d"' % n, parts[i], count=1)
        parts[i] = re.sub(r"(<MCCQT>M\d-\d\d-\w{5}-)\d{11}", r"\g<1>%011d" % (30000000000 + n), parts[i], count=1)
    return "<HDon>".join(parts)


def edit(text, rules):
    for rule in rules:
        pattern, replacement = rule.split("=>", 1)
        text, hits = re.subn(pattern, replacement, text, count=1, flags=re.S)
        if not hits:
            sys.exit("compose.py: nothing matches " + pattern)
    return text


def sign(text, key, element):
    """Fill in the innermost unsigned signature; element names the parent of the signature to choose it."""
    command = ["xmlsec1", "--sign", "--privkey-pem", key, "--node-xpath",
               "//*[local-name()='%s']/*[local-name()='Signature'][.//*[local-name()='SignatureValue' and not(text())]]" % element]
    for name in ("DLieu", "Object", "DLHDon"):
        command += ["--id-attr:Id", name]
    command += ["--id-attr:Id", XADES + ":SignedProperties", "-"]
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode())
    return done.stdout.decode()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("sample")
    p.add_argument("out")
    p.add_argument("--key", required=True)
    p.add_argument("--cert", required=True)
    p.add_argument("--number", type=int)
    p.add_argument("--id", default=uuid.uuid4().hex.upper())
    p.add_argument("--sub", action="append", default=[])
    p.add_argument("--after", action="append", default=[])
    p.add_argument("--variant", default="a")
    p.add_argument("--time", default="2026-11-21T14:59:00")
    p.add_argument("--transforms", default="enveloped")
    p.add_argument("--copies", type=int, default=1)
    p.add_argument("--each", action="store_true", help="sign each invoice, too")
    args = p.parse_args()

    text = open(args.sample, encoding="utf-8").read()
    cert = "".join(line for line in open(args.cert) if "-----" not in line).replace("\n", "")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r">\s+<", "><", text)
    invoice = re.search(r"<HDon>.*?</HDon>", text, flags=re.S)
    if args.copies > 1:
        text = text.replace(invoice.group(0), invoice.group(0) * args.copies)
        text = re.sub(r"<SLuong>\d+</SLuong></TTChung>", "<SLuong>%d</SLuong></TTChung>" % args.copies, text, count=1)
    if args.number is not None:
        text = renumber(text, args.number)
    text = re.sub(r"(<MTDiep>V\d{10})[0-9A-F]{32}", r"\g<1>" + args.id, text, count=1)
    text = re.sub(r'<DLieu Id="[^"]*"', '<DLieu Id="_%s"' % args.id, text, count=1)
    text = edit(text, args.sub)
    if args.each:
        for number in re.findall(r'<DLHDon Id="([^"]*)"', text):
            text = text.replace("<DSCKS><NBan/>", "<DSCKS><NBan>" + template(number, "i" + number, args, cert) + "</NBan>", 1)
            text = sign(text, args.key, "NBan")
    if "<CKSNNT/>" in text:
        text = text.replace("<CKSNNT/>", "<CKSNNT>" + template("_" + args.id, args.id, args, cert) + "</CKSNNT>")
        text = sign(text, args.key, "CKSNNT")
    text = edit(text, args.after)
    with open(args.out, "w", encoding="utf-8") as out:
        out.write(text)
    print(re.search(r"<MTDiep>(\w+)", text).group(1))


main()
