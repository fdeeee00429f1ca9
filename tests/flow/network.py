"""A line that is bad in every way we know: the state is named, nothing spins, tills sell on, and it heals without a person."""
import copy
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
WATCHED_S = 2.0
NARROW, NARROW_BYTES = 3000, 500  # bytes a second, and at once


NARROW_BILLS = 26


def sale(bill):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id="T01")
    return body


class Line:
    """What stands between the agent and the authority. `mode` may change at any time; "through" passes bytes on."""

    def __init__(self, lab, authority_port):
        self.lab, self.authority_port = lab, authority_port
        self.mode, self.connections = "through", 0
        self.listener = socket.create_server(("localhost", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what waits does not wait in here
        self.port = self.listener.getsockname()[1]
        self.contexts = {}
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            getattr(self, "serve_" + self.mode.replace("-", "_"))(connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def serve_through(self, connection, narrow=False):
        with socket.create_connection(("localhost", self.authority_port)) as other:
            while self.mode == ("narrow" if narrow else "through"):
                ready, _, _ = select.select([connection, other], [], [], 0.1)
                for one in ready:
                    data = one.recv(NARROW_BYTES if narrow else 65536)
                    if not data:
                        return
                    (other if one is connection else connection).sendall(data)
                    if narrow:
                        time.sleep(len(data) / NARROW)

    def serve_narrow(self, connection):
        self.serve_through(connection, narrow=True)

    def serve_closed_at_once(self, connection):
        pass

    def serve_silent(self, connection):
        """The connection stands, nobody speaks."""
        while self.mode == "silent":
            time.sleep(0.05)

    def tls(self, connection):
        cert, key = self.contexts.get(self.mode, ("authority/tls.crt.pem", "authority/tls.key.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.lab.dir}/{cert}", f"{self.lab.dir}/{key}")
        return context.wrap_socket(connection, server_side=True)

    def request(self, connection):
        tls = self.tls(connection)
        data = b""
        while b"\r\n\r\n" not in data:
            data += tls.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while length and len(body) < length[0]:
            body += tls.recv(65536)
        return tls

    def serve_half_closed(self, connection):
        """The request is read, our side is shut down for writing, the connection stays."""
        tls = self.request(connection)
        connection = tls.detach() if hasattr(tls, "detach") else tls.fileno()
        with socket.socket(fileno=connection) as raw:
            raw.shutdown(socket.SHUT_WR)
            while self.mode == "half-closed":
                time.sleep(0.05)

    def serve_slow(self, connection):
        """One byte a second of a long answer."""
        tls = self.request(connection)
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 100000\r\n\r\n")
        while self.mode == "slow":
            tls.sendall(b"<")
            time.sleep(1)

    def serve_huge(self, connection):
        """100 MB of answer, as fast as it is taken."""
        tls = self.request(connection)
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            tls.sendall(b" " * 65536)

    def serve_wrong_host(self, connection):
        self.tls(connection).recv(1)

    serve_expired = serve_stranger = serve_wrong_host


def make_certificate(lab, name, host, days, signed=True):
    """A server certificate of the authority's CA (or of nobody's) for @host that is valid for @days from yesterday."""
    base = f"{lab.dir}/{name}"
    run = lambda *args: subprocess.run(args, check=True, capture_output=True)  # noqa: E731
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{base}.key", "-subj", f"/CN={host}", "-out", f"{base}.csr")
    with open(f"{base}.ext", "w") as f:
        f.write(f"subjectAltName=DNS:{host}\n")
    issuer = ["-CA", f"{lab.dir}/authority/ca.crt.pem", "-CAkey", f"{lab.dir}/authority/ca.key.pem", "-CAcreateserial"] if signed else ["-signkey", f"{base}.key"]
    run("openssl", "x509", "-req", "-in", f"{base}.csr", *issuer, "-days", str(days), "-extfile", f"{base}.ext", "-out", f"{base}.crt")
    return f"{name}.crt", f"{name}.key"


def trouble(mode, prepare=None, word=None):
    """Bad from the first byte, then well again."""
    with labs.Lab() as lab:
        line = Line(lab, lab.port)
        try:
            if prepare:
                line.contexts[mode] = prepare(lab)
            line.mode = mode
            lab.port = line.port
            lab.write_config()
            lab.start()
            assert lab.sell(sale("HD1"))[0] == 201
            lab.wait(lambda: line.connections > 0, "a first call")
            time.sleep(0.5)
            before, begin = line.connections, time.monotonic()
            labs.assert_waits(lab.agent.pid, WATCHED_S)
            tries, took = line.connections - before, time.monotonic() - begin
            assert tries < 15 * took, f"{tries} calls in {took:.1f} s"
            status, body, _ = lab.sell(sale("HD2"))
            assert status == 201, f"a till has to wait for the line: {body}"
            state = lab.sql("SELECT state, last_text FROM message")
            assert state and all(row[0] in ("made", "sent", "unknown") for row in state), state
            if word:
                lab.wait(lambda: word in str(lab.sql("SELECT last_text FROM message")).lower(), f"the message to say '{word}'")
            rss = int(open(f"/proc/{lab.agent.pid}/statm").read().split()[1]) * 4096
            line.mode = "through"
            lab.wait_accepted(2)
            return 5 + (rss > 0) + lab.check_books()
        finally:
            line.close()


def no_name():
    """DNS is gone, then back: the name of the route is one that nobody resolves."""
    with labs.Lab() as lab:
        port = lab.port
        lab.write_config()
        config = open(f"{lab.dir}/conf/hoadon.conf", encoding="utf-8").read()
        with open(f"{lab.dir}/conf/hoadon.conf", "w", encoding="utf-8") as f:
            f.write(config.replace(f"https://localhost:{port}/", f"https://tvan.invalid:{port}/"))
        lab.start()
        assert lab.sell(sale("HD1"))[0] == 201
        lab.wait(lambda: "resolve" in str(lab.sql("SELECT last_text FROM message")).lower(), "the message to name the cause")
        labs.assert_waits(lab.agent.pid, WATCHED_S)
        lab.stop()
        lab.write_config()
        lab.start()
        lab.wait_accepted(1)
        return 3 + lab.check_books()


def a_narrow_line():
    """A whole message takes far longer than a request of little may, and longer than a sender that stands still is waited for: it arrives, once."""
    with labs.Lab(extra="max_wait_ms = 60000\nslowest_bytes_per_s = 1000\n[alarm]\nstuck_ms = 4000\n") as lab:
        line = Line(lab, lab.port)
        try:
            lab.port, line.mode = line.port, "narrow"
            lab.write_config()
            lab.start(env={"WATCHDOG_USEC": "1500000"})  # looked at every half a second
            for n in range(NARROW_BILLS):
                assert lab.sell(sale(f"HD{n}"))[0] == 201
            begin = time.monotonic()
            lab.wait_accepted(NARROW_BILLS)
            took, attempts = time.monotonic() - begin, lab.sql("SELECT count(*), sum(attempts) FROM message")
            size = lab.sql("SELECT sum(bytes) FROM message")[0][0]
            assert size / NARROW > 12 and took > 12, f"{size} bytes in {took:.1f} s"
            assert attempts == [(1, 1)] and "event=stuck" not in lab.log(), (attempts, lab.log()[-600:])
            return 4 + lab.check_books()
        finally:
            line.close()


CASES = [
    ("nobody listens behind the port", lambda: trouble("closed-at-once")),
    ("a server that says nothing", lambda: trouble("silent", word="timeout")),
    ("a connection half closed after the request", lambda: trouble("half-closed")),
    ("an answer of one byte a second", lambda: trouble("slow", word="timeout")),
    ("an answer of 100 MB", lambda: trouble("huge", word="larger")),
    ("the certificate of another host", lambda: trouble("wrong-host", lambda lab: make_certificate(lab, "other", "other.example", 30), "ssl")),
    ("an expired certificate", lambda: trouble("expired", lambda lab: make_certificate(lab, "expired", "localhost", 0), "ssl")),
    ("a certificate that nobody vouches for", lambda: trouble("stranger", lambda lab: make_certificate(lab, "stranger", "localhost", 30, signed=False), "ssl")),
    ("a name that does not resolve", no_name),
    ("a narrow line", a_narrow_line),
]


def main():
    report = labs.Report()
    lock = threading.Semaphore(3)

    def work(name, function):
        with lock:
            report.case(name, function)

    threads = [threading.Thread(target=work, args=case) for case in CASES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.close()


if __name__ == "__main__":
    main()
