"""`hoadon status` names each state of the store in plain Vietnamese, with what to do. (What only a running hoadond knows: disk.py, key.py, mirror.py.)"""
import contextlib
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
OUTAGES = {
    "network": "Máy này không có mạng từ", "dns": "Không tìm được tên máy chủ của nhà cung cấp (DNS) từ", "tls": "Không lập được kết nối an toàn tới nhà cung cấp (TLS) từ",
    "tvan": "Nhà cung cấp (T-VAN) không hoạt động từ", "authority": "Cơ quan thuế chưa trả kết quả từ", "key": "Không có chữ ký số từ", "disk": "Đĩa đầy từ",
    "disk-failing": "Không đọc hoặc ghi được đĩa từ", "files": "Không đọc được mật khẩu hoặc chứng thư của đường truyền từ"}
# (what is done to the store, what is said)
STATES = [
    (None, "HOADOND KHÔNG CHẠY: KHÔNG NHẬN ĐƯỢC GIAO DỊCH"),
    (None, "Khởi động: systemctl start hoadond"),
    (None, "Bản sao:   không có (chưa đặt [mirror] dir): hỏng ổ đĩa là mất phần chưa sao lưu"),
    (None, "Lâu nhất:  lập lúc 22/11/2026 13:0"),
    (None, "Có hóa đơn quá hạn gửi cơ quan thuế: hoadon queue list"),
    (None, "Có hóa đơn hơn 15 phút chưa có trả lời: hoadon queue list"),
    (None, "Có tệp nằm trong thư mục spool quá một phút; hoadond có được đọc không?"),
    (None, "Có giao dịch chờ bạn quyết định: hoadon sale list --state parked"),
    ("UPDATE message SET state = 'unknown'", "Chưa rõ kết quả một thông điệp, đang hỏi lại: hoadon queue list"),
    ("INSERT INTO meta (key, value) VALUES ('receipts_without_code', CAST('3' AS BLOB)), ('late_slips', CAST('2' AS BLOB)), "
     "('receipts_not_kept', CAST('1' AS BLOB))", "Phiếu in:  3 phiếu ra giấy khi chưa có mã, 2 phiếu rời in sau, 1 bị mất"),
    ("INSERT INTO task (kind, invoice_id, message_id, text, made_at, closed_at) SELECT 'refused-invoice', id, 0, 'x', issued_at, 0 FROM invoice",
     "Có việc chờ người xử lý: hoadon task list"),
    *((f"INSERT INTO outage (part, cause, begun_at, failures, status, first_text, last_text) VALUES ('route {word}', '{word}', {labs.NOON}, 1, 0, 'x', 'x')", said)
      for word, said in OUTAGES.items()),
]
HOLDS = {"machine": "Không cấp số: kho dữ liệu nằm trên máy hoặc ổ đĩa khác trước", "restored": "Không cấp số: kho được khôi phục từ bản sao", "behind": "Không cấp số: có số hóa đơn mà kho này không biết"}
CLOCKS = [  # as tests/lab.py's set_clock() takes it, of the same boot
    (f"{labs.clock_at(labs.NOON + DAY)} +0 ?", "đồng hồ máy nhảy tới; hóa đơn được lập theo giờ ghi ở đây"),
    (f"{labs.clock_at(labs.NOON - DAY)} +0 ?", "đồng hồ máy bị chậm; chưa cấp số, giao dịch được giữ lại"),
    (f"{labs.clock_at(labs.NOON + 40 * DAY)} -{10 * MINUTE} ?", "đồng hồ máy khác năm với hóa đơn trước và chưa có nguồn xác nhận"),
    (f"{labs.clock_at(labs.NOON + HOUR)} -{10 * MINUTE} ?", "chưa được xác nhận từ khi khởi động máy; vẫn lập hóa đơn theo giờ máy"),
    (f"{labs.clock_at(labs.NOON - HOUR)} +0", "Hóa đơn trước mang giờ muộn hơn 22/11/2026 13:0"),
]


def status(lab):
    return lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()


def change(lab, *statements):
    with contextlib.closing(sqlite3.connect(f"{lab.dir}/store/current.db", timeout=labs.PATIENCE)) as db, db:
        for statement in statements:
            db.execute(statement)


def stopped(lab):
    """A shop whose invoice is under way, with a sale that waits for a person."""
    lab.start()
    lab.sell_bills("A1")
    lab.wait(lambda: lab.sql("SELECT count(*) FROM message") == [(1,)], "a message")
    body = {"till_id": "T02", "bill_no": "V1", "kind": "void", "sold_at": "2026-11-22T12:35:00+07:00", "reason": "nhầm bàn", "total": "58000", "lines": [
        {"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}]}
    assert lab.sell(body)[0] == 202
    lab.wait(lambda: lab.sql("SELECT boot FROM believed_time")[0][0], "the time to be kept")
    lab.stop()


def each_state_of_the_store():
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False) as lab:
        stopped(lab)
        with open(f"{lab.dir}/spool/bill.json", "w") as f:
            f.write("{")
        os.utime(f.name, (0, 0))
        change(lab, *(statement for statement, _ in STATES if statement))
        lab.set_clock(labs.clock_at(labs.NOON + 3 * DAY))
        text = status(lab)
        for _, said in STATES:
            assert said in text, f"{said}: {text}"
        for word in OUTAGES:
            line = next(line for line in text.splitlines() if OUTAGES[word] in line)
            assert ("vẫn bán hàng" in line) == (not word.startswith("disk")), line
        return len(STATES) + len(OUTAGES)


def each_reason_why_no_number_is_taken():
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False) as lab:
        stopped(lab)
        for kind, said in HOLDS.items():
            change(lab, f"INSERT OR REPLACE INTO meta (key, value) VALUES ('hold', CAST('{kind}' || char(10) || 'x' AS BLOB))")
            text = status(lab)
            assert said in text and "hoadon adopt --reason LÝ-DO" in text, text
        return len(HOLDS) * 2


def each_doubt_about_the_time():
    with labs.Lab(clock=f"{labs.clock_at(labs.NOON)} +0", authority=False) as lab:
        stopped(lab)
        for clock, said in CLOCKS:
            lab.set_clock(clock)
            text = status(lab)
            assert said in text, f"{clock}: {text}"
        return len(CLOCKS)


def main():
    report = labs.Report()
    for case in (each_state_of_the_store, each_reason_why_no_number_is_taken, each_doubt_about_the_time):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
