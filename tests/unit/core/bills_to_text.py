#!/usr/bin/env python3
"""bills_to_text.py bills BILLS.json | bills_to_text.py day FOLDER : JSON vectors as lines of TAB-separated fields.

The layer core owns no JSON library, so its tests read this. A case ends with END; an absent value is "-".
bills: BILL id form incl return discount discount_pct direct_pct / LINE qty price rate discount discount_pct reduced /
       REFUSE reason, or NUMBERS name value... / RATE rate net vat off / SUM net vat total reduction / WORDS text
day:   SALE till bill sold_at incl total / LINE kind code name unit qty price rate discount amount / DISCOUNT amount /
       SURCHARGE label amount rate / PAY method amount / BUYER name tax_code personal_id / SUM net vat total change /
       RATE rate net vat / WORDS text; at the end TOTAL sales net vat gross and TOTALRATE rate net vat
"""
import json
import os
import sys


def out(tag, *fields):
    texts = ["-" if f is None else str(f) for f in fields]
    assert not any(c in t for t in texts for c in "\t\n")
    print("\t".join([tag, *texts]))


def flag(value):
    return "1" if value else "0"


def bills(path):
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    for bill in cases:
        out("BILL", bill["id"], bill["form"], flag(bill["price_includes_vat"]), flag(bill.get("type") == "adjust_return"),
            bill.get("bill_discount"), bill.get("bill_discount_pct"), bill.get("direct_rate_pct"))
        for line in bill["lines"]:
            out("LINE", line["qty"], line["unit_price"], line.get("rate"), line.get("discount"), line.get("discount_pct"),
                flag(line.get("reduced")))
        want = bill["expected"]
        if "refuse" in want:
            out("REFUSE", want["refuse"])
        else:
            for name in ("line_amounts", "bill_discount_shares", "line_nets", "line_totals", "line_vats"):
                if name in want:
                    out("NUMBERS", name, *want[name])
            for rate in want.get("per_rate", []):
                out("RATE", rate["rate"], rate["net"], rate["vat"], rate["off"])
            out("SUM", want.get("total_net", want.get("goods_total")), want.get("total_vat", 0), want["grand_total"],
                want.get("reduction", 0))
            out("WORDS", want["words"])
        out("END")


def sale_lines(sale):
    out("SALE", sale["till_id"], sale["bill_no"], sale["sold_at"], flag(sale["prices_include_vat"]), sale["total"])
    for line in sale["lines"]:
        out("LINE", line["kind"], line.get("code"), line["name"], line.get("unit"), line.get("qty", "0"),
            line.get("unit_price", "0"), line.get("vat_rate"), line.get("discount", "0"), line.get("amount", "0"))
    for discount in sale.get("discounts", []):
        out("DISCOUNT", discount["amount"])
    for surcharge in sale.get("surcharges", []):
        out("SURCHARGE", surcharge["label"], surcharge["amount"], surcharge.get("vat_rate"))
    for payment in sale.get("payments", []):
        out("PAY", payment["method"], payment["amount"])
    if "buyer" in sale:
        buyer = sale["buyer"]
        out("BUYER", buyer.get("name"), buyer.get("tax_code"), buyer.get("personal_id"))


def day(folder):
    names = ("restaurant.jsonl", "restaurant-expected.jsonl")
    lists = []
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lists.append([json.loads(line) for line in file])
    assert len(lists[0]) == len(lists[1])
    for sale, want in zip(*lists):
        assert (sale["till_id"], sale["bill_no"]) == (want["till_id"], want["bill_no"])
        sale_lines(sale)
        out("SUM", want["total_net"], want["total_vat"], want["grand_total"], want.get("change", 0))
        for rate in want["per_rate"]:
            out("RATE", rate["rate"], rate["net"], rate["vat"])
        out("WORDS", want["words"])
        out("END")
    with open(os.path.join(folder, "restaurant-totals.json"), encoding="utf-8") as file:
        totals = json.load(file)
    out("TOTAL", totals["sales"], totals["net"], totals["vat"], totals["gross"])
    for rate, sums in totals["per_rate"].items():
        out("TOTALRATE", rate, sums["net"], sums["vat"])


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
{"bills": bills, "day": day}[sys.argv[1]](sys.argv[2])
