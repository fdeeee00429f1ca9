"""Receipts that nobody printed: layouts unlike the samples, with the truth beside each. The same seed gives the same receipts.

    python3 tests/generate/receipts.py SEED COUNT    prints COUNT receipts of each layout
"""
import random
import sys

NAMES = ["Cà phê sữa đá", "Bánh mì ốp la", "Trà đào cam sả", "Bún bò Huế đặc biệt", "Cơm tấm sườn bì chả", "Phở tái nạm", "Nước suối Aqua 500ml", "Bia 333", "7 Up lon",
         "Gỏi cuốn (2 cuốn)", "Lẩu thái hải sản", "Chè khúc bạch", "Bánh flan", "Kem dừa", "Sinh tố bơ", "Mì xào bò", "Xôi gà", "Tổng hợp hải sản nướng",
         "Combo 2 người", "Khăn lạnh", "Rau muống xào tỏi", "Cá lóc nướng trui", "Đậu hũ non chiên", "Tôm hùm Alaska 1.2kg", "Thuế chấp hành (sách)", "Giảm cân trà thảo mộc"]
UNITS = ["ly", "phần", "tô", "cái", "lon", "đĩa", "kg", "suất"]
SHOPS = ["QUÁN ĂN CÔ BA", "CÀ PHÊ MỘC", "NHÀ HÀNG SÔNG QUÊ", "TIỆM BÁNH HOA", "CỬA HÀNG TIỆN LỢI 24"]


def dot(n):
    return f"{n:,}".replace(",", ".")


def comma(n):
    return f"{n:,}"


def space(n):
    return f"{n:,}".replace(",", " ")


FORMATS = {"dot": dot, "comma": comma, "plain": str, "space": space, "dong": lambda n: dot(n) + "đ", "sign": lambda n: dot(n) + " ₫", "vnd": lambda n: comma(n) + " VND"}


def qty_text(qty, mark):
    """qty in thousandths."""
    whole, part = divmod(qty, 1000)
    return str(whole) if not part else f"{whole}{mark}{part:03d}".rstrip("0")


def qty_truth(qty):
    return qty_text(qty, ".")


def sides(left, right, width):
    return left + " " * max(2, width - len(left) - len(right)) + right


class Layout:
    """One till: how it writes columns, labels and numbers. Everything is drawn once, from the till's own seed."""

    def __init__(self, number, seed):
        r = random.Random(f"{seed}/{number}")
        self.number = number
        self.width = r.choice([32, 42, 44, 48])
        self.rows = ["columns", "price-first", "two-lines", "two-lines-unit", "count-first", "no-price", "numbered", "code", "pipes", "equals"][number % 10]
        if self.rows in ("columns", "price-first", "pipes"):
            self.width = r.choice([44, 48])
        self.money = FORMATS[r.choice(["dot", "comma", "plain", "dong", "sign"] if self.rows != "pipes" else ["dot", "comma"])]
        self.row_money = self.money if self.rows in ("two-lines", "two-lines-unit", "equals") else r.choice([dot, comma])
        self.total_money = FORMATS[r.choice(["dot", "comma", "dong", "sign", "vnd", "space"])]
        self.title = r.choice(["HÓA ĐƠN BÁN HÀNG", "HOÁ ĐƠN THANH TOÁN", "PHIẾU THANH TOÁN", "HÓA ĐƠN", "HOA DON BAN LE", "HÓA ĐƠN TÍNH TIỀN", "BIÊN LAI", "RECEIPT",
                               "PHIẾU THU TIỀN", "PHIẾU TÍNH TIỀN"])
        self.number_label = r.choice(["Số HĐ: ", "Mã HĐ: ", "HD: ", "Số: ", "Hóa đơn số: ", "Bill: ", "Số phiếu: ", "Mã đơn: ", "Số CT: "])
        self.time_form = r.choice(["Ngày: {d:02d}/{m:02d}/{y} {H:02d}:{M:02d}", "Giờ: {H:02d}:{M:02d} {d:02d}/{m:02d}/{y}", "Ngày bán {d}/{m}/{y} - {H:02d}:{M:02d}:{S:02d}",
                                   "{d:02d}-{m:02d}-{y} {H:02d}:{M:02d}", "Thời gian: {y}-{m:02d}-{d:02d} {H:02d}:{M:02d}"])
        self.has_head = r.random() < 0.7
        self.rule = r.choice(["-", "=", "- ", "_", "."])
        self.sub_label = r.choice(["Tạm tính", "Tổng tiền hàng", "Tiền hàng", "Cộng tiền hàng", "Tổng cộng", "Thành tiền hàng"])
        self.total_label = r.choice(["TỔNG CỘNG", "Tổng thanh toán", "Phải trả", "KHÁCH CẦN TRẢ", "THÀNH TIỀN", "Tổng tiền", "TOTAL", "Còn phải thu"])
        self.discount_label = r.choice(["Chiết khấu", "Giảm giá", "Giảm giá (10%)", "KM", "Voucher giảm"])
        self.discount_sign = r.choice(["", "-", "("])
        self.has_tax = r.random() < 0.4
        self.tax_label = r.choice(["VAT 8%", "Thuế GTGT (8%)", "VAT (8%)", "Thuế 8%", "Tiền thuế VAT 8%"])
        self.is_inside = r.random() < 0.3
        self.has_service = r.random() < 0.2
        self.service_label = r.choice(["Phí phục vụ 5%", "Phụ thu", "Service charge 5%"])
        self.pays = r.choice(["none", "cash", "split", "exact"])
        self.cash_label = r.choice(["Tiền mặt", "Khách đưa", "Tiền khách trả", "Khách thanh toán", "CASH"])
        self.change_label = r.choice(["Tiền thừa", "Tiền thối lại", "Trả lại", "CHANGE"])
        self.colon = r.choice([":", ""])
        self.qty_mark = r.choice([".", ","])
        self.foot = r.choice([["Cảm ơn quý khách!"], ["Xin cảm ơn và hẹn gặp lại", "Hotline: 0900 123 456"], ["Wifi: quan / Pass: 12345678"], ["Thank you!", "Combo trưa chỉ 45.000đ"], []])
        self.wraps = r.random() < 0.15
        self.options = r.random() < 0.3

    def amount(self, n, sign=""):
        text = self.total_money(abs(n))
        return {"": text, "-": "-" + text, "(": f"({text})"}[sign]

    def pair(self, label, n, sign=""):
        return sides(label + self.colon, self.amount(n, sign), self.width)

    def head_of_items(self):
        if self.rows == "price-first":
            return "Tên hàng" + "Đ.giá".rjust(14) + "SL".rjust(6) + "T.Tiền".rjust(self.width - 28)
        if self.rows == "no-price":
            return "Món" + "SL".rjust(self.width - 18) + "Tiền".rjust(15)
        return "Tên món" + "SL".rjust(self.width - 33) + "Đ.giá".rjust(12) + "T.Tiền".rjust(14)

    def item(self, i, name, qty, unit, price, amount):
        q, p, a, w = qty_text(qty, self.qty_mark), self.row_money(price), self.row_money(amount), self.width
        rest = w - 33
        if self.rows == "columns":
            return [name[:rest + 3].ljust(rest + 4) + q.rjust(3) + p.rjust(12) + a.rjust(14)]
        if self.rows == "price-first":
            return [name[:rest + 3].ljust(rest + 4) + p.rjust(11) + q.rjust(5) + a.rjust(13)]
        if self.rows == "two-lines":
            return [name, sides(f"  {q} x {p}", a, w)]
        if self.rows == "two-lines-unit":
            return [name, sides(f"   {q} {unit} x {p}", a, w)]
        if self.rows == "count-first":
            return [sides(f"{q}x {name}", a, w)]
        if self.rows == "no-price":
            return [name[:w - 20].ljust(w - 18) + q.rjust(3) + a.rjust(15)]
        if self.rows == "numbered":
            return [f"{i}. {name}", sides(f"   {q} {unit}", a, w)]
        if self.rows == "code":
            return [name, f"{8930000000000 + i * 7}  {p}  {q}  {unit}  {a}"]
        if self.rows == "pipes":
            return [f"{name[:rest]} | {q} | {p} | {a}"]
        return [name, sides(f"  {q} x {p} =", a, w)]

    def has_unit(self):
        return self.rows in ("two-lines-unit", "numbered", "code")

    def has_price(self):
        return self.rows not in ("count-first", "no-price", "numbered")


def draw_lines(layout, r):
    weighed = layout.rows in ("two-lines", "two-lines-unit", "columns")
    lines = []
    for name in r.sample(NAMES, r.randint(1, 6)):
        qty = r.choice([1, 1, 1, 2, 2, 3, 5, 10, 12]) * 1000
        price = r.randrange(5, 250) * 1000 + r.choice([0, 0, 0, 500])
        if weighed and r.random() < 0.15:
            qty = r.choice([250, 500, 750, 1250, 1500, 855, 1005])
        if qty * price % 1000:
            qty = 1000
        lines.append((name, qty, r.choice(UNITS), price, qty * price // 1000))
    return lines


def receipt(layout, n, seed):
    """(text, truth) of the layout's n-th receipt."""
    r = random.Random(f"{seed}/{layout.number}/{n}")
    kind = r.choice(["sale"] * 12 + ["pre-bill", "reprint", "reprint-foot", "void"])
    w = layout.width
    when = {"d": r.randint(1, 28), "m": r.randint(1, 12), "y": 2026, "H": r.randint(7, 22), "M": r.randint(0, 59), "S": r.randint(0, 59)}
    bill = f"{r.choice(['HD', 'B', ''])}{r.randint(1, 999999):06d}"
    out = [SHOPS[layout.number % len(SHOPS)].center(w).rstrip(), "12 Lê Lợi, Phường Bến Thành".center(w).rstrip()]
    title = {"pre-bill": "PHIẾU TẠM TÍNH", "reprint": layout.title + " (IN LẠI)", "void": "HỦY HÓA ĐƠN"}.get(kind, layout.title)
    out += [title.center(w).rstrip(), layout.number_label + bill, layout.time_form.format(**when)]
    if r.random() < 0.3:
        out.append(f"Bàn {r.randint(1, 30)}")
    rule = (layout.rule * w)[:w].rstrip()
    out.append(rule)
    if layout.has_head:
        out += [layout.head_of_items(), rule]
    lines, truth_lines = draw_lines(layout, r), []
    for i, (name, qty, unit, price, amount) in enumerate(lines, 1):
        rows = layout.item(i, name, qty, unit, price, amount)
        if layout.wraps and len(rows) == 1 and r.random() < 0.3:
            rows.append("  (thêm)")
        out += rows
        if layout.options and r.random() < 0.3:
            out.append("  + ít đá")
        truth_lines.append((qty_truth(qty), unit if layout.has_unit() else None, str(price) if layout.has_price() else None, str(amount)))
    out.append(rule)
    subtotal = sum(line[4] for line in lines)
    total, discount, tax, service = subtotal, 0, 0, 0
    has_discount, is_sub = r.random() < 0.3, False
    if has_discount or layout.has_tax or layout.has_service:
        out.append(layout.pair(layout.sub_label, subtotal))
        is_sub = True
    if has_discount:
        discount = subtotal // 10 // 500 * 500
        total -= discount
        out.append(layout.pair(layout.discount_label, discount, layout.discount_sign))
    if layout.has_service:
        service = total // 20
        total += service
        out.append(layout.pair(layout.service_label, service))
    if layout.has_tax:
        tax = total * 8 // 108 if layout.is_inside else total * 8 // 100
        out.append(layout.pair(("Trong đó " if layout.is_inside else "") + layout.tax_label, tax))
        total += 0 if layout.is_inside else tax
    out.append(layout.pair(layout.total_label, total))
    if kind == "sale" or kind.startswith("reprint"):
        if layout.pays == "cash":
            given = -(-total // 50000) * 50000
            out += [layout.pair(layout.cash_label, given), layout.pair(layout.change_label, given - total)]
        elif layout.pays == "exact":
            out.append(layout.pair(layout.cash_label, total))
        elif layout.pays == "split":
            half = total // 2
            out += [layout.pair("Chuyển khoản", half), layout.pair("Tiền mặt", total - half)]
    out += layout.foot
    if kind == "reprint-foot":
        out.append("*** BẢN SAO ***")
    truth = {"kind": kind.split("-foot")[0], "is_inside": layout.is_inside, "bill_no": bill, "day": f"{when['y']}-{when['m']:02d}-{when['d']:02d}", "lines": truth_lines, "subtotal": str(subtotal) if is_sub else None,
             "discount": discount, "service": service, "tax": tax, "total": str(total), "names": [line[0] for line in lines]}
    return "\n".join(out) + "\n", truth


def main():
    seed, count = sys.argv[1], int(sys.argv[2])
    for number in range(40):
        for n in range(count):
            print(receipt(Layout(number, seed), n, seed)[0] + "[cut]")


if __name__ == "__main__":
    main()
