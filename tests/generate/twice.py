"""Pairs of what tills say: one sale that is said twice, by two ways or by one, and two sales that look alike. The same seed gives the same pairs.

    python3 tests/generate/twice.py SEED COUNT    prints COUNT pairs
"""
import random
import sys

ITEMS = [("Cà phê sữa đá", "ly", 29000), ("Bánh mì ốp la", "cái", 35000), ("Nước dừa", "ly", 15000), ("Trà đào cam sả", "ly", 42000), ("Mực nướng", "phần", 85000), ("Bánh Mì Que", "cái", 12000)]
DAYS = ("2026-11-21", "2026-11-22")

# What a pair is: (name, is one sale, ways of both; "paper", "api", "file")
KINDS = (
    ("paper, then the API", True, ("paper", "api")),
    ("the API, then paper", True, ("api", "paper")),
    ("a file, then paper", True, ("file", "paper")),
    ("paper, then a file", True, ("paper", "file")),
    ("a file, then the API", True, ("file", "api")),
    ("printed twice", True, ("paper", "paper")),
    ("printed again, and said so", True, ("paper", "again")),
    ("printed twice without a number", None, ("paper", "paper")),  # nobody can tell it from two equal bowls: a person
    ("two equal bowls a minute apart", False, ("paper", "paper")),
    ("two equal bowls without numbers a minute apart", False, ("paper", "paper")),
    ("one number at two tills", False, ("paper", "paper")),
    ("one number at two tills, two ways", False, ("paper", "api")),
    ("one number the next day", False, ("paper", "paper")),
    ("one number the next day, two ways", False, ("api", "file")),
    ("a counter that began anew within the day", None, ("paper", "api")),  # one number, one total, other hours: the first stands, a person or the till hears of the other
    ("a counter that began anew within the day, then paper", None, ("api", "paper")),
    ("paper, then the API with a buyer", None, ("paper", "api")),  # what is issued does not name him: the till hears it
    ("one number, another total", None, ("file", "paper")),
)


def bill(n, number, rng):
    """A bill whose total no other pair has."""
    lines = [(name, unit, qty, price, qty * price) for name, unit, price in rng.sample(ITEMS[:-1], rng.randint(1, 3)) for qty in [rng.randint(1, 4)]]
    rest = 1000000 + 1000 * n - sum(line[4] for line in lines)
    lines.append((*ITEMS[-1][:2], 1, rest, rest))
    minute = rng.randrange(7 * 60, 12 * 60)
    return {"number": number, "till": "T01", "day": DAYS[1], "minute": minute, "second": rng.randrange(60), "lines": lines, "total": sum(line[4] for line in lines)}


def pair(n, seed):
    """(kind, is one sale, [(way, bill), (way, bill)])"""
    rng = random.Random(f"{seed} {n}")
    name, is_one, ways = KINDS[n % len(KINDS)]
    first = bill(n, None if "without" in name and "number" in name else f"B{n:05}", rng)
    second = dict(first)
    if name.startswith("two equal"):
        second["minute"] += 1
        second["number"] = first["number"] and f"C{n:05}"
    elif "two tills" in name:
        second["till"] = "T02"
    elif "next day" in name:
        first["day"] = DAYS[0]
    elif name.startswith("a counter"):
        second["minute"] += rng.randrange(30, 59)
    elif name.endswith("a buyer"):
        second["buyer"] = {"name": "Công ty Ví Dụ", "tax_code": "9900000023", "address": "Hà Nội"}
    elif name.endswith("another total"):
        name_, unit, qty, price, _ = second["lines"][-1]
        second["lines"] = second["lines"][:-1] + [(name_, unit, qty, price + 7, price + 7)]
        second["total"] += 7
    elif len(set(ways)) == 2:
        second["second"] = rng.randrange(60)  # two programs look at two clocks
        second["minute"] += rng.choice((0, 0, 0, 1, 2))
    return name, is_one, list(zip(ways, (first, second)))


def money(value):
    return f"{value:,}".replace(",", ".")


def paper(bill, is_again=False):
    """As the till prints it: minutes, and no tones where the head has none; no time where it has no day."""
    day = "/".join(reversed(bill["day"].split("-"))) if bill["day"] else None
    lines = ["HÓA ĐƠN (IN LẠI)" if is_again else "HÓA ĐƠN BÁN HÀNG", *([f"Số HĐ: {bill['number']}"] if bill["number"] else []),
             *([f"Ngày: {day} {bill['minute'] // 60:02}:{bill['minute'] % 60:02}"] if day else []), "-" * 48, f"{'Mặt hàng':<18}{'SL':<8}{'Đơn giá':<12}{'Thành tiền':>10}", "-" * 48]
    lines += [f"{name:<18}{qty:<8}{money(price):<12}{money(amount):>10}" for name, _, qty, price, amount in bill["lines"]]
    lines += ["-" * 48, f"{'Tổng cộng':<30}{money(bill['total']):>18}", f"{'Tiền mặt':<30}{money(bill['total']):>18}"]
    return b"\x1b@\x1bR\x0f" + "".join(line + "\n" for line in lines).encode() + b"\n\n\x1dVB\x00"


def time_of(bill):
    return f"{bill['day']}T{bill['minute'] // 60:02}:{bill['minute'] % 60:02}:{bill['second']:02}"


def api(bill):
    return {"till_id": bill["till"], "bill_no": bill["number"], "kind": "sale", "sold_at": f"{time_of(bill)}+07:00", "total": str(bill["total"]),
            "lines": [{"name": name, "unit": unit, "qty": str(qty), "unit_price": str(price), "amount": str(amount), "vat_rate": "8"}
                      for name, unit, qty, price, amount in bill["lines"]],
            "payments": [{"method": "cash", "amount": str(bill["total"])}], "note": "POS", **({"buyer": bill["buyer"]} if "buyer" in bill else {})}


FILE_HEADER = "bill,till,date,name,unit,qty,price,amount,total,rate\n"


def rows(bill):
    return "".join(f"{bill['number']},{bill['till']},{time_of(bill)},{name},{unit},{qty},{price},{amount},{bill['total']},8\n" for name, unit, qty, price, amount in bill["lines"])


if __name__ == "__main__":
    for n in range(int(sys.argv[2])):
        print(*pair(n, sys.argv[1]))
