"""The sending engine on the wire: the culprit of a refused message, two routes that come and go, Retry-After, the evening's alarms."""
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

RETRY_AFTER_S = 1  # what the simulator says with 429 and 503


def configure(lab, name, text):
    with open(f"{lab.dir}/conf/conf.d/{name}.conf", "w", encoding="utf-8") as f:
        f.write(text)


class Door:
    """A way to the authority that can be shut (no connection comes about) or made deaf (what is sent is swallowed)."""

    def __init__(self, target):
        self.target = target
        self.is_deaf = False
        self.passed = 0  # connections
        self.listener = None
        self.port, = labs.free_ports(1)
        self.sockets = []
        self.open()

    def open(self):
        self.is_deaf = False
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, args=(self.listener,), daemon=True).start()

    def shut(self):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for side in self.sockets:
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.sockets = []

    def serve(self, listener):
        while True:
            try:
                inner, _ = listener.accept()
                outer = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.passed += 1
            self.sockets += [inner, outer]
            for source, sink in ((inner, outer), (outer, inner)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                if not self.is_deaf:
                    sink.sendall(data)
        except OSError:
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class TwoRoutes:
    """A shop with routes tvan and second, each through a door of its own to one authority."""

    def __enter__(self):
        self.lab = labs.Lab(clock=labs.clock_at(labs.NOON), extra="connect_timeout_ms = 60000\ntotal_timeout_ms = 60000")
        self.doors = [Door(self.lab.port), Door(self.lab.port)]
        configure(self.lab, "50-routes", f"[authority tvan]\nurl = https://localhost:{self.doors[0].port}/tvan/v1\n"
                  f"[authority second]\ndriver = tdiep\nurl = https://localhost:{self.doors[1].port}/tvan/v1\n"
                  f"ca_file = {self.lab.dir}/authority/ca.crt.pem\nanchors_file = {self.lab.dir}/authority/ca.crt.pem\n"
                  f"user = tvan\npassword_file = {self.lab.dir}/conf/password\n")
        self.lab.start()
        return self.lab, *self.doors

    def __exit__(self, *_):
        self.lab.close()
        for door in self.doors:
            door.shut()


def submits(lab):
    return lab.books("SELECT count(*) FROM request WHERE method = 'POST' AND path = '/tvan/v1/messages'")[0][0]


def same_bytes(lab, answers):
    """What the authority holds of each invoice is what the store holds."""
    for answer in answers:
        number = answer["invoice"]["number"]
        xml = lab.hoadon("invoice", "xml", f"1C26MAA/{number}").stdout
        held = [body for (body,) in lab.books("SELECT m.body FROM invoice i JOIN message m ON m.mtdiep = i.mtdiep WHERE i.number = ? AND i.state = 'accepted'", int(number))]
        assert len(held) == 1 and xml in held[0], f"invoice {number} was changed on its way"
    return len(answers)


def one_bad_of_200_leaves_199_accepted():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        with open(f"{lab.dir}/conf/wrong", "w") as f:
            f.write("wrong")
        configure(lab, "50-key", f"[key]\npassword_file = {lab.dir}/conf/wrong\n")  # what is not signed waits for one message
        lab.start()
        answers = lab.sell_bills(*(f"HD{i}" for i in range(200)))
        lab.stop()
        os.unlink(f"{lab.dir}/conf/conf.d/50-key.conf")
        lab.control("fault poison-number 137")
        lab.start()
        lab.wait_accepted(199)
        lab.wait(lambda: lab.sql("SELECT number FROM invoice WHERE state <> 'accepted'") == lab.sql("SELECT number FROM invoice WHERE state = 'refused'"), "the culprit")
        assert lab.sql("SELECT number FROM invoice WHERE state = 'refused'") == [(137,)]
        messages = lab.books("SELECT count(*) FROM message")[0][0]
        assert messages <= 17, f"{messages} messages, 2·log2(200) + 2 = 17.3"  # law R-SEND-8
        assert lab.sql("SELECT max(count) FROM message") == [(200,)], "not one message at first"
        return 3 + lab.check_books(answers)


def routes_are_failed_over_and_back():
    with TwoRoutes() as (lab, first, second):
        answers = lab.sell_bills("HD1", "HD2")
        lab.wait_accepted(2)
        assert second.passed == 0, "the second route is used while the first is well"
        first.shut()
        answers += lab.sell_bills("HD3", "HD4")
        lab.wait_accepted(4)
        assert second.passed > 0
        routes = lab.sql("SELECT DISTINCT route FROM message")
        assert sorted(routes) == [("second",), ("tvan",)], routes
        first.open()
        before = first.passed
        for i in range(5, 60):
            answers += lab.sell_bills(f"HD{i}")
            lab.wait_accepted(len(answers))
            if first.passed > before:
                break
            time.sleep(0.2)
        assert first.passed > before, "the first route was never tried again"
        answers += lab.sell_bills("HD60")
        lab.wait_accepted(len(answers))
        assert lab.sql("SELECT route FROM message ORDER BY id DESC LIMIT 1") == [("tvan",)]
        return 5 + same_bytes(lab, answers) + lab.check_books(answers)


def an_unknown_outcome_stays_on_its_route():
    """What may have arrived over the first route is asked about there; the others go on over the second (law R-SEND-5)."""
    with TwoRoutes() as (lab, first, second):
        lab.control("fault drop-after times 1", "fault query-drop times 0")
        answers = lab.sell_bills("HD1")
        lab.wait(lambda: lab.books("SELECT count(*) FROM message")[0][0] == 1, "the first message to arrive")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state = 'unknown'")[0][0] == 1, "an unknown outcome")
        first.shut()
        lab.control("clear")
        answers += lab.sell_bills("HD2", "HD3")
        lab.wait_accepted(2)
        asked = lab.sql("SELECT count(*) FROM ledger WHERE event = 'asked'")[0][0]
        lab.wait(lambda: lab.sql("SELECT count(*) FROM ledger WHERE event = 'asked'")[0][0] > asked + 1, "questions that nobody answers")
        assert lab.sql("SELECT state, route FROM message WHERE id = 1") == [("unknown", "tvan")]
        sent = submits(lab)
        first.open()
        lab.wait_accepted(3)
        assert submits(lab) == sent, "sent again instead of asked"
        assert lab.books("SELECT count(*) FROM message")[0][0] == lab.sql("SELECT count(*) FROM message")[0][0]
        return 3 + same_bytes(lab, answers) + lab.check_books(answers)


def routes_that_come_and_go_at_random_lose_nothing():
    with TwoRoutes() as (lab, first, second):
        answers = []
        for i in range(12):
            door = (first, second)[i // 2 % 2]
            if i % 2 == 0:
                door.shut()
            elif i % 4 == 1:
                door.open()
            else:
                door.open()
                lab.control("fault drop-after times 1")
            if i % 5 == 4:
                lab.kill()
                lab.start()
            answers += lab.sell_bills(f"HD{i}a", f"HD{i}b")
            time.sleep(0.2)
        lab.control("clear")
        lab.wait_accepted(24)
        assert lab.sql("SELECT count(*) FROM task WHERE kind = 'duplicate-unproven'") == [(0,)]
        return 1 + same_bytes(lab, answers) + lab.check_books(answers)


def retry_after_is_honoured():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        lab.control("fault status 429 times 1")
        begin = time.monotonic()
        answers = lab.sell_bills("HD1")
        lab.wait(lambda: "state=busy" in lab.log(), "429")
        answers += lab.sell_bills("HD2")
        lab.wait_accepted(2)
        calls = lab.books("SELECT status FROM request WHERE path LIKE '/tvan/v1/messages%' ORDER BY id")
        took = time.monotonic() - begin
        assert calls[0] == (429,) and took >= RETRY_AFTER_S, f"called again after {took:.2f} s: {calls}"
        return 2 + lab.check_books(answers)


def evening(ms):
    return labs.clock_at(labs.NOON + ms * 60000)


def leftovers_of_the_evening_are_told_and_closed():
    with labs.Lab(clock=evening(7 * 60 + 50)) as lab:  # 20:50
        lab.start()
        lab.stop_authority()
        answers = lab.sell_bills("HD1", "HD2")

        def kinds():
            return {task["kind"] for task in json.loads(lab.hoadon("task", "list", "--json").stdout)["tasks"]}

        assert not kinds(), "an alarm before 21:00"
        lab.set_clock(evening(8 * 60 + 5))
        lab.wait(lambda: kinds() == {"unsent-evening"}, "the alarm of 21:00")
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Đã qua 21:00" in status, status
        lab.set_clock(evening(10 * 60 + 31))
        lab.wait(lambda: kinds() == {"unsent-evening", "unsent-night"}, "the alarm of 23:30")
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "ĐÃ QUA 23:30" in status, status
        lab.start_authority()
        lab.wait_accepted(2)
        lab.set_clock(evening(10 * 60 + 33))
        lab.wait(lambda: not kinds(), "the alarms to be closed")
        return 6 + lab.check_books(answers)


def main():
    report = labs.Report()
    for case in (one_bad_of_200_leaves_199_accepted, routes_are_failed_over_and_back, an_unknown_outcome_stays_on_its_route,
                 routes_that_come_and_go_at_random_lose_nothing, retry_after_is_honoured, leftovers_of_the_evening_are_told_and_closed):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
