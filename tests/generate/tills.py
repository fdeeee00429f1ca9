"""Tills that no sample shows: 24 layouts, each with its own words, columns and numbers, and mixtures of them; bills with the truth beside each. The same seed gives
the same bills.

    python3 tests/generate/tills.py SEED LAYOUT COUNT    prints COUNT bills of one layout
"""
import random
import subprocess
import sys
import unicodedata

FOOD = ["Hủ tiếu Nam Vang", "Bánh cuốn nóng", "Mì Quảng ếch", "Cao lầu Hội An", "Bò né trứng", "Xíu mại chén", "Trà tắc xí muội", "Sữa chua nếp cẩm", "Bạc xỉu đá",
        "Nem nướng Ninh Hòa", "Súp cua óc heo", "Gà rán sốt cay", "Khoai tây lắc phô mai", "Combo 4 người", "Pepsi 330ml", "Thịt kho tiêu", "Canh chua cá hú", "Đậu phụ tẩm hành"]
GOODS = ["Bột giặt 3kg", "Nước rửa chén 750g", "Dầu ăn 1L", "Mì gói tôm chua cay", "Sữa tươi ít đường 180ml", "Giấy vệ sinh 10 cuộn", "Bàn chải P/S", "Pin AA vỉ 4", "Tỏi Lý Sơn",
         "Xà phòng cục", "Bánh gạo vị tảo", "Trứng gà hộp 10", "Nước mắm 40 độ đạm", "Hạt nêm 400g", "Khẩu trang 4 lớp"]
WEIGHED = ["Thịt ba rọi", "Cam sành", "Tôm thẻ", "Khoai lang mật", "Bơ sáp 034", "Cá basa cắt khúc"]
UNITS = ["ly", "tô", "phần", "dĩa", "hộp", "gói", "chai"]
PEOPLE = ["Minh", "Thảo Vy", "Quốc Hủy", "Hóa", "Lan Tổng"]


def marked(mark):
    return lambda n: f"{n:,}".replace(",", mark)


DOT, COMMA, PLAIN, SPACE = marked("."), marked(","), str, marked(" ")


def behind(money, word):
    return lambda n: money(n) + word


def pair(left, right, width):
    return left + " " * max(2, width - len(left) - len(right)) + right


def quantity(thousandths, mark="."):
    whole, part = divmod(thousandths, 1000)
    return f"{whole}{mark}{part:03d}".rstrip("0") if part else str(whole)


# Rows: (i, name, qty, unit, price, amount, layout) -> lines. What a row does not print is named by `has`.
def columns(i, name, q, unit, p, a, t):
    return [f"{name[:18]:<19}{q:>5}{p:>11}{a:>13}"]


def price_first(i, name, q, unit, p, a, t):
    return [f"{name[:18]:<19}{p:>10}{q:>6}{a:>13}"]


def qty_first(i, name, q, unit, p, a, t):
    return [f"{q:<5}{name[:18]:<19}{p:>11}{a:>13}"]


def numbered_columns(i, name, q, unit, p, a, t):
    return [f"{i:<3}{name[:17]:<18}{q:>4}{p:>10}{a:>12}"]


def unit_column(i, name, q, unit, p, a, t):
    return [f"{name[:16]:<18}{unit:<6}{q:>4}{p:>9}{a:>11}"]


def unit_behind(i, name, q, unit, p, a, t):
    return [f"{name[:16]:<17}{q:>4} {unit:<6}{p:>9}{a:>11}"]


def times_line(i, name, q, unit, p, a, t):
    return [name, pair(f"   {q} x {p}", a, t.width)]


def star_line(i, name, q, unit, p, a, t):
    return [f"{i}/ {name}", pair(f"     {q} * {p}", a, t.width)]


def at_line(i, name, q, unit, p, a, t):
    return [name, pair(f"  {q} {unit} @ {p}", a, t.width)]


def words_line(i, name, q, unit, p, a, t):
    return [name, f"  SL: {q}  DG: {p}  TT: {a}"]


def slash_line(i, name, q, unit, p, a, t):
    return [name, pair(f"  {q}{unit} x {p}/{unit}", a, t.width)] if unit == "kg" else [name, pair(f"  {q}{unit} x {p}", a, t.width)]


def price_line(i, name, q, unit, p, a, t):
    return [f"{i}. {name}", f"   {p:>9}  x {q:<5}{a:>{t.width - 21}}"]


def code_line(i, name, q, unit, p, a, t):
    return [f"{8934000100000 + 13 * i}  {name[:26]}", f"{'':6}{q:>6}{p:>12}{a:>14}"]


def numbers_below(i, name, q, unit, p, a, t):
    return [name, f"{'':8}{p:>12}{q:>8}{a:>14}"]


def count_name(i, name, q, unit, p, a, t):
    return [pair(f"{q}x {name}", a, t.width)]


def name_count(i, name, q, unit, p, a, t):
    return [pair(f"{name} x{q}", a, t.width)]


def name_paren(i, name, q, unit, p, a, t):
    return [pair(f"{name[:16]} ({p} x {q})", a, t.width)]


def bars(i, name, q, unit, p, a, t):
    return [f"|{name[:18]:<18}|{q:>4}|{p:>9}|{a:>10}|"]


def equals_line(i, name, q, unit, p, a, t):
    return [f"- {name}", pair(f"    {q} x {p} =", a, t.width)]


def no_price(i, name, q, unit, p, a, t):
    return [f"{name[:22]:<24}{q:>4}{a:>16}"]


class Till:
    """One layout. What is not given is not printed."""
    width = 48
    title = "HÓA ĐƠN"
    number = "Số HĐ: {no}"
    no = "{n:06d}"
    time = "Ngày: {d:02d}/{m:02d}/{y} {H:02d}:{M:02d}"
    head = ()  # heads of the columns
    lines_above = ()
    row = staticmethod(columns)
    has = ("price",)  # also "unit"
    goods = FOOD
    is_weighed = False
    mark = "."  # of quantities
    money, row_money = staticmethod(DOT), staticmethod(DOT)
    rule = "-"
    between_rules = True  # a rule in front of the totals
    sub = None  # label of the sum of the items, printed where something follows, or always
    sub_always = False
    discount = None
    minus = "-"
    service = None
    tax = None
    is_inside = False
    total = "TỔNG CỘNG"
    paid = ()  # labels of which one is printed
    change = None
    promotion = None
    note = None
    count = None  # label of how many pieces
    foot = ("Cảm ơn quý khách!",)
    pre_bill, reprint = "PHIẾU TẠM TÍNH", "*** IN LẠI ***"
    encoding = "utf-8"

    def __init__(self, **given):
        self.__dict__.update(given)


TILLS = [
    Till(title="PHIẾU BÁN LẺ", number="Số phiếu: {no}", no="BL{n:05d}", head=("Tên hàng             SL     Đ.giá       T.tiền",), goods=GOODS, sub="Cộng tiền hàng", discount="Ưu đãi thành viên",
         total="KHÁCH PHẢI TRẢ", paid=("Tiền mặt", "Thẻ ATM"), change="Thối lại khách", encoding="tcvn"),
    Till(title="PHIẾU TÍNH TIỀN BÀN", number="Bill: {no}", time="Giờ ra {H:02d}:{M:02d} - {d:02d}/{m:02d}/{y}", row=price_first, head=("Món ăn          Đơn giá    SL    Thành tiền",), total="Tổng phải thu:",
         service="Phí phục vụ 5%", sub="Tiền món", sub_always=True, money=behind(DOT, "đ")),
    Till(title="HÓA ĐƠN QUẦY", number="HD {no}", no="{n:07d}", time="{d:02d}-{m:02d}-{y}  {H:02d}h{M:02d}", row=times_line, goods=FOOD, rule="=", total="TỔNG TIỀN", paid=("Khách đưa",), change="Thối", encoding="cp1258",
         note=">> ít ngọt"),
    Till(title="BILL THANH TOÁN", number="No. {no}", row=star_line, total="Thực thu", sub="Tổng", sub_always=True, discount="Bớt cho khách", minus="", row_money=COMMA, money=COMMA, width=42),
    Till(title="HOA DON MUA HANG", number="Ma hoa don : {no}", no="MH-{n:04d}-26", time="Thoi gian: {y}-{m:02d}-{d:02d} {H:02d}:{M:02d}:{S:02d}", row=at_line, has=("price", "unit"), goods=GOODS, total="Can thanh toan",
         paid=("Chuyen khoan", "Tien mat"), encoding="ascii", tax="Thue GTGT 8%", is_inside=True),
    Till(title="SALES INVOICE", number="Invoice No: {no}", no="INV{n:06d}", time="Date: {d:02d}/{m:02d}/{y} {H:02d}:{M:02d}", head=("QTY  ITEM                    PRICE       AMOUNT",), row=qty_first, sub="SUBTOTAL", sub_always=True,
         discount="PROMO DISC.", tax="VAT 10%", total="GRAND TOTAL", paid=("CASH", "CARD VISA"), change="CHANGE", row_money=COMMA, money=COMMA, encoding="ascii", foot=("THANK YOU",), pre_bill="GUEST CHECK", reprint="DUPLICATE"),
    Till(title="PHIẾU THANH TOÁN TIỀN", number="Số CT: {no}", row=numbered_columns, head=("TT Mặt hàng          SL     Giá     Tiền",), sub="Cộng", discount="Giảm trừ", total="Còn phải trả", minus="(", width=48, encoding="viscii"),
    Till(title="HÓA ĐƠN NHÀ HÀNG", number="Số hóa đơn: {no}   Bàn: {table}", row=unit_column, has=("price", "unit"), head=("Tên món           ĐVT    SL  Đ.giá   T.tiền",), total="Tổng thanh toán", sub="Tiền ăn uống", sub_always=True,
         tax="Thuế VAT (8%)", row_money=PLAIN),
    Till(title="PHIẾU XUẤT QUẦY", number="Mã phiếu: {no}", no="XQ{n:05d}", row=unit_behind, has=("price", "unit"), goods=GOODS, head=("Hàng             SL ĐVT        Giá      Tiền",), total="Tổng tiền hàng phải thanh toán", count="Tổng số lượng"),
    Till(title="BIÊN LAI BÁN HÀNG", number="Số: {no}", row=words_line, goods=GOODS, total="T.CỘNG", sub=None, discount=None, money=behind(COMMA, " VND"), foot=("Hotline: 0900 765 432", "Đổi hàng trong 3 ngày")),
    Till(title="HÓA ĐƠN CHỢ SẠCH", number="Mã HĐ #{no}", row=slash_line, has=("price", "unit"), is_weighed=True, goods=WEIGHED, mark=",", total="THÀNH TIỀN", paid=("Tiền mặt", "VietQR"), rule="_"),
    Till(title="PHIẾU MUA HÀNG", number="Phiếu số {no}", row=price_line, total="Tổng cộng tiền", discount="KM hóa đơn", sub="Tạm cộng", sub_always=True, width=42, money=behind(DOT, " ₫")),
    Till(title="HÓA ĐƠN SIÊU THỊ MINI", number="HD số: {no}", row=code_line, goods=GOODS, promotion="KM giảm giá", total="TỔNG SỐ TIỀN THANH TOÁN", paid=("Tiền khách trả",), change="Tiền trả lại khách", count="Tổng SL", row_money=COMMA, money=COMMA),
    Till(title="HÓA ĐƠN BÁN SỈ", number="Đơn hàng: {no}", no="SO{n:06d}", row=numbers_below, goods=GOODS, head=("Tên hàng", "          Đơn giá      SL    Thành tiền"), total="Tổng giá trị", sub=None),
    Till(title="ORDER RECEIPT", number="Order: {no}", row=count_name, has=(), total="TOTAL DUE", encoding="ascii", foot=("See you again",), paid=("CASH",), change="CHANGE", money=COMMA, row_money=COMMA, pre_bill="GUEST CHECK", reprint="REPRINT"),
    Till(title="PHIẾU GỌI & THANH TOÁN", number="Mã đơn: {no}", row=name_count, has=(), total="Tổng đơn", paid=("Momo", "Tiền mặt"), note="~ không hành"),
    Till(title="HÓA ĐƠN TRÀ SỮA", number="Số bill: {no}", row=name_paren, total="Tổng tiền phải trả", discount="Khuyến mãi -10%", sub="Thành tiền", sub_always=True),
    Till(title="PHIẾU TÍNH TIỀN KARAOKE", number="Số HD: {no}", row=bars, total="Tổng cộng thanh toán", service="Phụ phí ngoài giờ", sub="Cộng dịch vụ", sub_always=True, width=46, row_money=COMMA),
    Till(title="HOÁ ĐƠN NHÀ THUỐC", number="Số hoá đơn {no}", row=equals_line, goods=GOODS, total="Tổng cộng:", paid=("Khách trả",), change="Thừa"),
    Till(title="PHIẾU THU NGÂN", number="Phiếu: {no}", row=no_price, has=(), head=("Nội dung                  SL      Thành tiền",), total="Tổng thu", sub=None, paid=("Tiền mặt",), encoding="tcvn", lines_above=("Thu ngân: {who}",)),
    Till(title="HÓA ĐƠN CÀ PHÊ MANG ĐI", number="#{no}", no="A{n:04d}", row=times_line, total="Tổng", discount="Voucher giảm giá", sub="Tạm tính", time="{H:02d}:{M:02d} {d:02d}/{m:02d}/{yy:02d}", lines_above=("Nhân viên: {who}", "Khách hàng: Khách lẻ")),
    Till(title="PHIẾU THU TIỀN HÀNG", number="Số chứng từ: {no}", row=columns, goods=GOODS, head=("Diễn giải            SL       Giá         Tiền",), tax="Tiền thuế GTGT 8%", sub="Tổng chưa thuế", sub_always=True,
         total="Tổng sau thuế", time="Ngày {d:02d} tháng {m:02d} năm {y}  {H:02d}:{M:02d}"),
    Till(title="HÓA ĐƠN LẨU NƯỚNG", number="Hóa đơn số: {no}", row=columns, head=("Món                  SL       Giá         T.T",), is_weighed=True, goods=FOOD + WEIGHED, sub="Tổng món", sub_always=True, service="Phí dịch vụ 5%", tax="VAT 8%",
         discount="Chiết khấu", total="Khách cần thanh toán", paid=("Chuyển khoản", "Tiền mặt"), change="Tiền thừa trả khách", count="Số món"),
    Till(title="HÓA ĐƠN TẠP HÓA", number="Số: {no}", row=times_line, goods=GOODS, promotion="Giảm", total="Tổng tiền thanh toán", money=SPACE, row_money=DOT, between_rules=True, width=40),
]


HEADS = {columns: "Tên hàng             SL     Đ.giá       T.tiền", price_first: "Món ăn          Đơn giá    SL    Thành tiền", qty_first: "SL   Tên món                Đơn giá   Thành tiền",
         numbered_columns: "TT Mặt hàng          SL     Giá     Tiền", unit_column: "Tên món           ĐVT    SL  Đ.giá   T.tiền", unit_behind: "Hàng             SL ĐVT        Giá      Tiền", no_price: "Nội dung                  SL      Thành tiền",
         times_line: "Diễn giải              SL x giá         Tiền"}
WITH_UNIT = (at_line, unit_column, unit_behind, slash_line)
WITHOUT_PRICE = (count_name, name_count, no_price)


def mixed(number, seed):
    """A till whose parts are drawn: what stands together in no layout above."""
    r = random.Random(f"{seed}/mixed/{number}")
    row = r.choice([columns, price_first, qty_first, numbered_columns, unit_column, unit_behind, times_line, star_line, at_line, words_line, slash_line, price_line, code_line, numbers_below, count_name, name_count,
                    name_paren, bars, equals_line, no_price])
    money = r.choice([DOT, COMMA])
    till = Till(title=r.choice([t.title for t in TILLS]), number=r.choice([t.number for t in TILLS if "{table}" not in t.number]), no=r.choice([t.no for t in TILLS]), time=r.choice([t.time for t in TILLS]), row=row,
                head=(HEADS[row],) if row in HEADS and r.random() < 0.7 else (), has=() if row in WITHOUT_PRICE else ("price", "unit") if row in WITH_UNIT else ("price",), goods=r.choice([FOOD, GOODS]), money=r.choice([money, behind(money, "đ")]),
                row_money=money, rule=r.choice("-=_."), sub=r.choice([t.sub for t in TILLS if t.sub]), sub_always=r.random() < 0.5, total=r.choice([t.total for t in TILLS]), discount=r.choice([t.discount for t in TILLS]),
                minus=r.choice(["-", "", "("]), service=r.choice([t.service for t in TILLS]), paid=r.choice([t.paid for t in TILLS]), count=r.choice([t.count for t in TILLS]), lines_above=r.choice([t.lines_above for t in TILLS]),
                encoding=r.choice(["utf-8", "tcvn", "cp1258", "viscii", "ascii"]))
    till.tax, till.is_inside = r.choice([(None, False)] * 2 + [("VAT 8%", False), ("Thuế GTGT (10%)", False), ("Trong đó thuế 8%", True), ("Thuế VAT 8%", True)])
    till.change = r.choice(["Tiền thừa", "Trả lại khách", "Thối lại"]) if till.paid else None
    till.promotion = r.choice([None, None, "KM", "Giảm giá món"]) if row not in (bars, no_price) else None
    till.note = r.choice([None, None, "+ thêm đá", ">> ít cay", "(không hành)"])
    if till.sub == till.total or {till.sub, till.total} <= {"Tổng", "TỔNG CỘNG", "Cộng", "Thành tiền", "THÀNH TIỀN"}:
        till.sub = "Tiền hàng"
    return till


def till_of(number, seed):
    return TILLS[number] if number < len(TILLS) else mixed(number, seed)


def draw_items(till, r, least, goods=None):
    items = []
    for name in goods or r.sample(till.goods, min(len(till.goods), r.randint(least, 6))):
        qty, unit = r.choice([1, 1, 1, 2, 2, 3, 4, 10]) * 1000, r.choice(UNITS)
        price = r.randrange(6, 180) * 1000 + r.choice([0, 0, 500])
        if till.is_weighed and name in WEIGHED:
            unit, qty = "kg", r.choice([320, 500, 745, 1000, 1250, 2000, 1015])
            price = r.randrange(6, 180) * 1000
        if qty * price % 1000:
            qty = 1000
        items.append((name, qty, unit, price, qty * price // 1000))
    if least > 1 and not till.is_weighed:
        name, _, unit, price, _ = items[0]
        items[0] = (name, 2000, unit, price, 2 * price)
    return items


def draw(till, number, n, seed, kind="sale", is_full=False, goods=None, paid=0, when=None):
    """(text, truth) of the n-th bill. is_full: one with everything that this till can print, as an installer prints it to be learned: these goods, and paid in the way of this number. when: not drawn."""
    r = random.Random(f"{seed}/{number}/{n}/{kind}/{is_full}")
    w = till.width
    when = {"d": r.randint(1, 28), "m": r.randint(1, 12), "y": 2026, "yy": 26, "H": r.randint(7, 22), "M": r.randint(0, 59), "S": r.randint(0, 59), **(when or {})}
    no = till.no.format(n=1000 * number + n + 1)
    table = r.randint(1, 40)
    out = [f"{['QUÁN', 'TIỆM', 'SHOP'][number % 3]} SỐ {number + 3}".center(w).rstrip(), "45 Trần Phú, Phường Ví Dụ".center(w).rstrip(),
           (till.pre_bill if kind == "pre-bill" else till.title).center(w).rstrip()]
    out += [till.reprint] if kind == "reprint" else []
    out += [till.number.format(no=no, table=table), till.time.format(**when)] + [line.format(who=r.choice(PEOPLE)) for line in till.lines_above]
    rule = (till.rule * w)[:w]
    out += [rule] + list(till.head) + ([rule] if till.head else [])
    items, lines, sale = draw_items(till, r, 3 if is_full else 1, goods), [], []
    for i, (name, qty, unit, price, amount) in enumerate(items, 1):
        lines += till.row(i, name, quantity(qty, till.mark), unit, till.row_money(price), till.row_money(amount), till)
        if till.note and (is_full or r.random() < 0.3):
            lines.append(f"    {till.note}")
        off = 0
        if till.promotion and amount >= 20000 and ((is_full and i == 1) or r.random() < 0.2):
            off = amount // 10 // 500 * 500
            lines.append(pair(f"  {till.promotion}", "-" + till.row_money(off), w))
        sale.append({"name": name, "qty": quantity(qty), "unit": unit if "unit" in till.has else None, "price": str(price) if "price" in till.has else None, "amount": str(amount - off), "off": off})
    out += lines + ([rule] if till.between_rules else [])
    subtotal = sum(int(line["amount"]) for line in sale)
    discount = service = tax = 0
    has_discount = till.discount and (is_full or r.random() < 0.3)

    def total_line(label, n, sign=""):
        text = {"": till.money(n), "-": "-" + till.money(n), "(": f"({till.money(n)})"}[sign]
        return pair(label + ("" if label.endswith(":") else [":", ""][number % 2]), text, w)
    if till.count:
        out.append(pair(till.count + ":", str(sum(q // 1000 or 1 for _, q, _, _, _ in items)), w))
    if till.sub and (till.sub_always or has_discount):
        out.append(total_line(till.sub, subtotal))
    if has_discount:
        discount = subtotal // 10 // 500 * 500 or 500
        out.append(total_line(till.discount, discount, till.minus))
    total = subtotal - discount
    if till.service and (is_full or r.random() < 0.5):
        service = total // 20
        total += service
        out.append(total_line(till.service, service))
    if till.tax:
        rate = 10 if "10%" in till.tax else 8
        tax = total * rate // (100 + rate) if till.is_inside else total * rate // 100
        out += [] if till.is_inside else [total_line(till.tax, tax)]
        total += 0 if till.is_inside else tax
    out.append(total_line(till.total, total))
    out += [total_line(till.tax, tax)] if till.is_inside else []
    if till.paid and kind != "pre-bill":
        label = till.paid[paid % len(till.paid)] if is_full else r.choice(till.paid)
        given = -(-total // 50000) * 50000 if till.change and label == till.paid[0] else total
        out.append(total_line(label, given))
        out += [total_line(till.change, given - total)] if till.change and label == till.paid[0] else []
    out += till.foot
    truth = {"bill_no": no, "day": f"2026-{when['m']:02d}-{when['d']:02d}", "clock": f"{when['H']:02d}:{when['M']:02d}", "lines": sale, "discount": discount, "service": service, "tax": tax, "is_inside": till.is_inside,
             "rate": None if not till.tax else "10" if "10%" in till.tax else "8", "total": str(total), "paid": bool(till.paid)}
    text = "\n".join(out) + "\n"
    return (plain(text) if till.encoding == "ascii" else text), truth


def plain(text):
    """Without tones, as tills print that have none."""
    return "".join(c for c in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D").replace("₫", "d")) if not unicodedata.combining(c))


def stream(texts, encoding):
    """The texts as a till prints them, each cut."""
    names = {"tcvn": "TCVN5712-1", "cp1258": "CP1258", "viscii": "VISCII", "utf-8": "UTF-8", "ascii": "ASCII"}
    page = {"tcvn": b"\x1bt\x1e", "cp1258": b"\x1bt\x34", "viscii": b"\x1bt\x33"}.get(encoding, b"")
    out = b""
    for text in texts:
        letters = text if encoding == "utf-8" else text.replace("₫", "đ")
        out += b"\x1b@" + page + subprocess.run(["iconv", "-f", "UTF-8", "-t", names[encoding]], input=letters.encode(), capture_output=True, check=True).stdout + b"\n\n\x1dVB\x00"
    return out


if __name__ == "__main__":
    for n in range(int(sys.argv[3])):
        print(draw(till_of(int(sys.argv[2]), sys.argv[1]), int(sys.argv[2]), n, sys.argv[1], is_full=n == 0)[0] + "[cut]")
