"""A key that is not at hand (law R-CON-1): the shop sells on, nothing is sent unsigned, and the key is taken when it comes, without a restart."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402


def comes_later(sign_each):
    with labs.Lab(clock=labs.clock_at(labs.NOON), sign_each=sign_each) as lab:
        path = f"{lab.dir}/authority/seller-9900000016.p12"
        os.rename(path, path + ".away")
        lab.start()
        answers = lab.sell_bills("A1", "A2", "A3")
        time.sleep(1)
        assert lab.sql("SELECT count(*) FROM message")[0][0] == 0, "a message without a key"
        assert lab.log().count("key-not-open") == 1, lab.log()
        os.rename(path + ".away", path)
        lab.wait(lambda: "event=key-open" in lab.log(), "the key to be taken")
        if sign_each:
            answers += lab.sell_bills("A4")
            xml = lab.hoadon("invoice", "xml", "1C26MAA/4").stdout
            assert b"<NBan><Signature" in xml, xml[-3000:]
        lab.wait_accepted(len(answers))
        return 4 + lab.check_books(answers)


def main():
    report = labs.Report()
    report.case("the key comes later and everything is accepted", comes_later, False)
    report.case("the key comes later and the next invoice is signed", comes_later, True)
    report.close()


main()
