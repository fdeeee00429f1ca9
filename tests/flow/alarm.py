"""Alive but stuck, and tasks that are told: watchdog fed by progress, webhook and mail inside TLS, once, with what to do."""
import copy
import email
import email.policy
import http.server
import json
import os
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def sale(bill, kind="sale"):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id="T01", kind=kind)
    return body


def server_context(lab):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{lab.dir}/authority/tls.crt.pem", f"{lab.dir}/authority/tls.key.pem")
    return context


class Webhook:
    """An HTTPS server that keeps what it is told; the first `failures` requests are answered by 503."""

    def __init__(self, lab, failures=0):
        self.heard, self.refused = [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_refused = outer.refused < failures
                outer.refused += is_refused
                if not is_refused:
                    outer.heard.append(json.loads(body))
                self.send_response(503 if is_refused else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("localhost", 0), Handler)
        self.server.socket = server_context(lab).wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mailbox:
    """An SMTP server (RFC 5321) with TLS from the first byte, with STARTTLS, or without any."""

    def __init__(self, lab, tls):
        self.mails, self.tls, self.context = [], tls, server_context(lab)
        self.listener = socket.create_server(("localhost", 0))
        self.port = self.listener.getsockname()[1]
        self.said = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.talk(connection)
            except OSError:
                pass
            finally:
                connection.close()

    def talk(self, connection):
        if self.tls == "tls":
            connection = self.context.wrap_socket(connection, server_side=True)
        file = connection.makefile("rwb")

        def say(text):
            file.write(text.encode() + b"\r\n")
            file.flush()

        say("220 mailbox")
        while line := file.readline():
            word = line.decode().strip().upper()
            self.said.append(word)
            if word.startswith("EHLO"):
                say("250-mailbox\r\n250 " + ("STARTTLS" if self.tls == "starttls" and not isinstance(connection, ssl.SSLSocket) else "8BITMIME"))
            elif word == "STARTTLS" and self.tls == "starttls":
                say("220 go")
                connection = self.context.wrap_socket(connection, server_side=True)
                file = connection.makefile("rwb")
            elif word == "DATA":
                say("354 go")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += file.readline()
                self.mails.append(email.message_from_bytes(data[:-3], policy=email.policy.default))
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok" if word.startswith(("MAIL", "RCPT", "RSET", "NOOP")) else "502 no")

    def close(self):
        self.listener.close()


def with_alarm(lab, **settings):
    text = "[send]\ntotal_timeout_ms = 60000\n" * ("stuck_ms" not in settings)  # whoever is told on a busy machine is told once
    text += "[alarm]\nca_file = %s/authority/ca.crt.pem\nparked_after_ms = 2000\n" % lab.dir
    lab.shape["extra"] = text + "".join(f"{key} = {value}\n" for key, value in settings.items())
    lab.write_config()
    return lab


def open_lab():
    return labs.Lab(clock=labs.clock_at(labs.NOON))


def a_parked_sale_is_told_once():
    with open_lab() as lab:
        hook = Webhook(lab)
        try:
            with_alarm(lab, webhook_url=hook.url).start()
            status, body, _ = lab.sell(sale("HD1", kind="deposit"))
            assert status == 202, body
            lab.wait(lambda: lab.sql("SELECT value FROM meta WHERE key = 'told.webhook'"), "the webhook's answer to be remembered")
            lab.stop()
            lab.start()
            time.sleep(0.5)  # in which it looks ten times
            assert len(hook.heard) == 1, hook.heard
            heard = hook.heard[0]
            task, = heard["tasks"]
            assert (heard["seller"], task["kind"], task["detail"]) == ("9900000016", "sale-parked", "1"), heard
            assert task["next_vi"] == "Xem: hoadon sale list --state parked" and "HD1" not in json.dumps(heard), heard
            lab.hoadon("sale", "ignore", body["sale"]["id"], "--reason", "ghi nhầm")
            lab.wait(lambda: not json.loads(lab.hoadon("task", "list", "--json").stdout)["tasks"], "the task to be over")
            return 5
        finally:
            hook.close()


def a_webhook_that_fails_hears_of_it_later():
    with open_lab() as lab:
        hook = Webhook(lab, failures=2)
        try:
            with_alarm(lab, webhook_url=hook.url).start()
            lab.sell(sale("HD1", kind="deposit"))
            for n in (1, 2):
                lab.wait(lambda: hook.refused == n, f"failure {n}")
                lab.set_clock(labs.clock_at(labs.NOON + n * 60000))
            lab.wait(lambda: hook.heard, "the webhook to hear of it")
            assert len(hook.heard) == 1 and "why=\"it answers HTTP 503\"" in lab.log()
            status, body, _ = lab.sell(sale("HD2"))
            assert status == 201, body
            return 3
        finally:
            hook.close()


def a_mail_goes_inside_tls(tls, scheme):
    with open_lab() as lab:
        box = Mailbox(lab, tls)
        try:
            with_alarm(lab, mail_url=f"{scheme}://localhost:{box.port}", mail_from="agent@example.com", mail_to="chu@example.com").start()
            lab.control("fault refuse-number 1")
            assert lab.sell(sale("HD1"))[0] == 201
            lab.wait(lambda: box.mails, "a mail")
            mail = box.mails[0]
            text = mail.get_content()
            assert mail["To"] == "chu@example.com" and mail["Subject"] == "Công ty TNHH Quán Ví Dụ: Cơ quan thuế từ chối hóa đơn", dict(mail)
            assert "Cơ quan thuế từ chối hóa đơn 1C26MAA/1:" in text and "hoadon task show 1" in text and "The tax authority refused invoice" in text, text
            return 3
        finally:
            box.close()


def a_mail_by_tls():
    return a_mail_goes_inside_tls("tls", "smtps")


def a_mail_by_starttls():
    return a_mail_goes_inside_tls("starttls", "smtp")


def nothing_is_mailed_in_the_clear():
    with open_lab() as lab:
        box = Mailbox(lab, "none")
        try:
            with_alarm(lab, mail_url=f"smtp://localhost:{box.port}", mail_from="agent@example.com", mail_to="chu@example.com").start()
            lab.sell(sale("HD1", kind="deposit"))
            lab.wait(lambda: "event=not-told channel=mail" in lab.log(), "the mail to fail")
            assert not box.mails and not [word for word in box.said if word.startswith(("MAIL", "RCPT", "AUTH"))], box.said
            return 2
        finally:
            box.close()


def wrong_settings_are_named():
    cases = [({"webhook_url": "http://localhost/x"}, b"webhook_url"), ({"mail_url": "http://localhost"}, b"mail_url"),
             ({"mail_url": "smtps://localhost"}, b"mail_from")]
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False) as lab:
        for settings, word in cases:
            result = with_alarm(lab, **settings).hoadon("config", "check", check=False)
            assert result.returncode == 78 and word in result.stdout + result.stderr, result
        return len(cases) * 2


class Watchdog:
    """What systemd hears at NOTIFY_SOCKET; it must be read all the time, since a full queue holds up who speaks."""

    def __init__(self, lab):
        self.heard = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{lab.dir}/notify")
        self.env = {"NOTIFY_SOCKET": f"{lab.dir}/notify", "WATCHDOG_USEC": "600000"}
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.heard += b"WATCHDOG=1" in self.socket.recv(4096)

    def wait_fed(self, lab, times):
        """So often from now on."""
        before = self.heard
        lab.wait(lambda: self.heard >= before + times, f"the watchdog to be fed {times} times")

    def is_fed(self, lab):
        """While the loop that feeds it answers five times, longer apart than its pause."""
        before = self.heard
        for _ in range(5):
            time.sleep(0.3)
            assert lab.is_ready()
        return self.heard > before


def stuck(failpoint, who, sell):
    with open_lab() as lab:
        dog = Watchdog(lab)
        with_alarm(lab, stuck_ms=1000).start(env={**dog.env, "HOADON_FAILPOINT": failpoint})
        dog.wait_fed(lab, 5)
        thread = threading.Thread(target=sell, args=(lab,), daemon=True)
        thread.start()
        lab.wait(lambda: f"event=stuck who={who}" in lab.log(), f"{who} to be found stuck")
        lab.wait(lambda: not dog.is_fed(lab), "a stuck agent not to feed the watchdog")

        def health():
            code, answer, _ = lab.call("GET", "/health/ready")
            return code, answer["status"], answer["stuck"]

        lab.wait(lambda: health() == (200, "degraded", who), "health to say so")
        assert "đang chạy nhưng bị treo" in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        lab.kill()
        thread.join(labs.PATIENCE)
        lab.start(env=dog.env)
        assert lab.sell(sale("HD1"))[0] in (200, 201)
        lab.wait_accepted(1)
        dog.wait_fed(lab, 3)
        return 6 + lab.check_books()


def quietly(lab):
    try:
        lab.sell(sale("HD1"))
    except OSError:
        pass


def a_stuck_issuer_is_not_alive():
    return stuck("store.invoice_add.before:1:hang", "issuer", quietly)


def a_stuck_sender_is_not_alive():
    return stuck("http.call.before:1:hang", "sender", quietly)


def work_feeds_the_watchdog():
    with open_lab() as lab:
        dog = Watchdog(lab)
        with_alarm(lab, stuck_ms=1000).start(env=dog.env)
        is_over = threading.Event()
        till = threading.Thread(target=lambda: [lab.sell(sale(f"HD{n}")) for n in range(4000) if not is_over.is_set()])
        till.start()
        try:
            dog.wait_fed(lab, 8)
        finally:
            is_over.set()
            till.join()
        return 1


def an_unsent_invoice_degrades_health_before_its_deadline():
    """Issued at 13:00, due at 23:59:59: half of that is over at 18:30."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        told = lab.sell_bills("L1")
        lab.wait_accepted(1)
        lab.stop_authority()
        told += lab.sell_bills("L2")

        def health():
            code, answer, _ = lab.call("GET", "/health/ready")
            return code, answer["status"], answer["used_percent"]

        def wait_health(minutes, wanted):
            lab.set_clock(labs.clock_at(labs.NOON + minutes * 60000))
            lab.wait(lambda: health() == wanted, f"{wanted} after {minutes} minutes")

        assert health() == (200, "ready", 0), health()
        wait_health(325, (200, "ready", 49))
        wait_health(340, (200, "degraded", 51))

        def is_said():  # not in the moment of an attempt, whose message the route may hold
            said = lab.hoadon("--lang", "vi", "status", check=False)
            return said.returncode == 3 and "Hóa đơn chưa gửi lâu nhất đã dùng nhiều thời hạn gửi" in said.stdout.decode()

        lab.wait(is_said, "the status to say so")
        lab.start_authority()
        lab.set_clock(labs.clock_at(labs.NOON + 400 * 60000))
        lab.wait_accepted(2)
        wait_health(401, (200, "ready", 0))
        return 6 + lab.check_books(told)


CASES = [a_parked_sale_is_told_once, a_webhook_that_fails_hears_of_it_later, a_mail_by_tls, a_mail_by_starttls, nothing_is_mailed_in_the_clear,
         wrong_settings_are_named, a_stuck_issuer_is_not_alive, a_stuck_sender_is_not_alive, work_feeds_the_watchdog,
         an_unsent_invoice_degrades_health_before_its_deadline]


labs.run_cases(CASES)
