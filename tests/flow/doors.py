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
MOMENT = 0.5  # seconds; hoadond waits one for whoever says nothing
TRIES = 5  # on a machine that lets somebody sleep in such a moment
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
        """Nobody waits for whom the machine let sleep between its call and its words: such a till tries again."""
        connection, began, said = self.connect(is_local), time.monotonic(), None
        try:
            connection.request("POST", "/api/v1/sales", json.dumps({**BASE, "bill_no": bill, "till_id": "T01"}), self.headers())
            said = time.monotonic()
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except ConnectionError:
            if (said or time.monotonic()) - began < MOMENT:
                raise
        finally:
            connection.close()
        return self.sell(bill, is_local)

    def wait_let_in(self):
        """Until hoadond took the one connection of its unix socket: in the kernel's list one that waits has no inode."""
        def is_in():
            with open("/proc/net/unix", encoding="utf-8") as f:
                rows = [line.split() for line in f]
            return [row for row in rows if row[7:] == [f"{self.lab.dir}/api.sock"] and row[5] == "03" and row[6] != "0"]

        self.lab.wait(is_in, "the connection to be let in")


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

        def sold(count):
            goal = len(answers) + count
            lab.wait(lambda: len(answers) >= goal or wrong, f"{count} sales")

        tills = [threading.Thread(target=till, args=(n,)) for n in range(8)]
        for thread in tills:
            thread.start()
        try:
            for _ in range(RESTARTS):
                sold(9)
                assert lab.stop() == 0
                time.sleep(0.3)  # nobody is there: the tills wait at the sockets
                lab.start(sockets=doors.sockets)
            sold(9)
        finally:
            is_open.clear()
            for thread in tills:
                thread.join()
        assert not wrong, wrong[:3]
        lab.wait_accepted(len(answers))
        return len(answers) + lab.check_books(answers)


def hears_to_the_end():
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        doors.make_token()
        for is_local in (True, False):
            for _ in range(TRIES):
                answer, slept = half_a_request(lab, doors, is_local)
                assert lab.agent.wait(labs.PATIENCE) == 0
                lab.start(sockets=doors.sockets)
                if answer or slept < MOMENT:
                    break
            assert answer == (201, "close"), answer
        assert lab.sql("SELECT count(*) FROM invoice") == [(1,)]
        return 5


def half_a_request(lab, doors, is_local):
    """The end begins in the middle of it: what it is answered, None where it is not, and after how many seconds the rest was sent."""
    body = json.dumps({**BASE, "bill_no": "K1", "till_id": "T01"}).encode()
    connection = doors.connect(is_local)
    connection.putrequest("POST", "/api/v1/sales")
    for name, value in {**doors.headers(), "Content-Length": str(len(body)), "Expect": "100-continue"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    head = b""
    while not head.endswith(b"\r\n\r\n"):  # which says that it was let in
        head += connection.sock.recv(1)
    assert head.startswith(b"HTTP/1.1 100 "), head
    connection.send(body[:100])
    open(f"{lab.dir}/api.port", "w").close()  # goes away when the doors close
    lab.agent.terminate()
    lab.wait(lambda: not os.path.exists(f"{lab.dir}/api.port"), "the end to begin")
    began = time.monotonic()
    try:
        connection.send(body[100:])
        slept = time.monotonic() - began
        response = connection.getresponse()
        json.loads(response.read())
        return (response.status, response.getheader("Connection")), slept
    except ConnectionError:
        return None, time.monotonic() - began
    finally:
        connection.close()


def waits_for_nobody_long():
    """Who was answered and keeps the connection does not hold up the end; who never says anything does it for a second."""
    with labs.Lab(tills=("T01",)) as lab, Doors(lab) as doors:
        answered, silent = [], []
        while len(silent) < 3 or (min(silent) - min(answered) <= 0.7 and len(silent) < 12):  # a busy machine makes one of them slow, not each
            for says, waits in (("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", answered), ("", silent)):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(labs.PATIENCE)
                    peer.connect(f"{lab.dir}/api.sock")
                    peer.sendall(says.encode())
                    assert not says or b"200 OK" in peer.recv(4096)
                    doors.wait_let_in()
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
