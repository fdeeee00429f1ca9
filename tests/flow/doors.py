"""Doors that systemd keeps open: the agent is restarted while tills post, and each gets its answer at the first try."""
import http.client
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

RESTARTS = 4
with open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8") as f:
    BASE = json.load(f)


class Doors:
    """What the socket units hold: the unix socket, and a TCP port of 127.0.0.1."""

    def __init__(self, lab):
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(f"{lab.dir}/api.sock")
        self.tcp = socket.socket()
        self.tcp.bind(("127.0.0.1", 0))
        for door in (self.local, self.tcp):
            door.listen(128)
            door.setblocking(False)
        self.port = self.tcp.getsockname()[1]
        self.sockets = (self.local, self.tcp)
        self.lab = lab
        self.token = None

    def __enter__(self):
        self.lab.start(sockets=self.sockets)
        return self

    def __exit__(self, *_):
        self.local.close()
        self.tcp.close()

    def make_token(self):
        self.token = json.loads(self.lab.hoadon("--json", "token", "create", "--name", "t", "--tills", "T01").stdout)["answer"]["token"]

    def connect(self, is_local):
        return labs.UnixConnection(f"{self.lab.dir}/api.sock") if is_local else http.client.HTTPConnection("127.0.0.1", self.port, timeout=labs.PATIENCE)

    def headers(self):
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}

    def sell(self, bill, is_local):
        connection = self.connect(is_local)
        try:
            connection.request("POST", "/api/v1/sales", json.dumps({**BASE, "bill_no": bill, "till_id": "T01"}), self.headers())
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


def refuses_no_till():
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        doors.make_token()
        answers, wrong = [], []
        is_open = threading.Event()
        is_open.set()

        def till(number):
            n = 0
            while is_open.is_set():
                n += 1
                try:
                    status, answer = doors.sell(f"K{number}-{n}", is_local=number % 2)
                    assert status == 201, f"{status} {answer}"
                    answers.append(answer)
                except Exception as error:
                    wrong.append(f"till {number}, sale {n}: {type(error).__name__}: {error}")
                    return

        tills = [threading.Thread(target=till, args=(n,)) for n in range(8)]
        for thread in tills:
            thread.start()
        for _ in range(RESTARTS):
            time.sleep(0.3)
            assert lab.stop() == 0
            time.sleep(0.3)  # nobody is there: the tills wait at the sockets
            lab.start(sockets=doors.sockets)
        time.sleep(0.3)
        is_open.clear()
        for thread in tills:
            thread.join()
        assert not wrong, wrong[:3]
        assert len(answers) > 8 * RESTARTS
        lab.wait_accepted(len(answers))
        return len(answers) + lab.check_books(answers)


def hears_to_the_end():
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        doors.make_token()
        body = json.dumps({**BASE, "bill_no": "K1", "till_id": "T01"}).encode()
        for is_local in (True, False):
            connection = doors.connect(is_local)
            connection.putrequest("POST", "/api/v1/sales")
            for name, value in {**doors.headers(), "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body[:100])
            time.sleep(0.2)
            lab.agent.terminate()
            time.sleep(0.2)
            connection.send(body[100:])
            response = connection.getresponse()
            answer = json.loads(response.read())
            connection.close()
            assert response.status == 201 and response.getheader("Connection") == "close", f"{response.status} {answer}"
            assert lab.agent.wait(labs.PATIENCE) == 0
            lab.start(sockets=doors.sockets)
        assert lab.sql("SELECT count(*) FROM invoice") == [(1,)]
        return 5


def waits_for_nobody_long():
    """Who was answered and keeps the connection does not hold up the end; who never says anything does it for a second."""
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        answered, silent = [], []
        for _ in range(3):  # a busy machine makes one of them slow, not each
            for says, waits in (("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", answered), ("", silent)):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(labs.PATIENCE)
                    peer.connect(f"{lab.dir}/api.sock")
                    peer.sendall(says.encode())
                    assert not says or b"200 OK" in peer.recv(4096)
                    time.sleep(0.2)
                    begin = time.monotonic()
                    assert lab.stop() == 0
                    waits.append(time.monotonic() - begin)
                    assert peer.recv(4096) == b""
                lab.start(sockets=doors.sockets)
        assert min(silent) - min(answered) > 0.7 and min(silent) < 10, (answered, silent)
        return 5


def listens_before_a_token_exists():
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        doors.token = "none"
        status, answer = doors.sell("K1", is_local=False)
        assert status == 401 and answer["code"] == "auth", answer
        assert not os.path.exists(f"{lab.dir}/api.port"), "another port was opened"
        doors.make_token()
        assert doors.sell("K1", is_local=False)[0] == 201
        return 3


def main():
    report = labs.Report()
    report.case("a restart refuses no till", refuses_no_till)
    report.case("a request that has begun is heard to its end", hears_to_the_end)
    report.case("the end waits a second for who was let in, and for nobody who was answered", waits_for_nobody_long)
    report.case("a TCP socket handed over is open before there is a token, and says so", listens_before_a_token_exists)
    report.close()


if __name__ == "__main__":
    main()
