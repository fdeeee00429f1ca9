"""What the README promises, each with its test: the section "What it promises" is made from this table and from what was run last.

    python3 tests/promises.py --write   after `sh tests/run.sh` (and tests/bench/run.sh): writes the section and adds the rows to build/bench/results.json
    python3 tests/promises.py --check   (label lint) each test exists, and the README promises nothing else
"""
import json
import os
import re
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
README = os.path.join(TOP, "README.md")
RESULTS = os.path.join(TOP, "build/bench/results.json")
BEGIN, END = "<!-- promises: made by tests/promises.py -->\n", "<!-- end of promises -->\n"

# (promise, script, case or bench row); the first `ok NAME (… N comparisons)` or row of results.json is its proof.
PROMISES = [
    ("Killed at any generated failpoint and started again: nothing lost, nothing twice, no gap", "crash/crash.py", "a busy day without a death visits the failpoints"),
    ("Killed at random moments under 16 tills while the authority misbehaves: the same (200 kills in full)", "crash/kills.py", "kills under"),
    ("The power is cut at any sync, whatever part of the unsynced bytes survives: no acknowledged sale lost, no store corrupt", "crash/powerloss.py",
     "a busy day with checkpoints"),
    ("The Nth write, sync or SQLite call fails: nothing is acknowledged that is not there", "crash/nth.py", "the Nth write fails"),
    ("Memory runs out at any call on the way of a sale: an answer with a sentence or none, and nothing acknowledged that is not there", "crash/nth.py",
     "the Nth malloc fails on the way of a sale"),
    ("Seven days without a line, then a bad one: every sale accepted once", "crash/week.py", "days without a line, then a bad one"),
    ("The main disk dies: with a second medium nothing acknowledged more than 2 s before is lost, the rest is named, no number is used again", "crash/disk.py",
     "the main disk is destroyed at random moments"),
    ("A line that is silent, slow, endless, half closed, of another host, or with a bad certificate: tills sell on, nothing spins, it heals by itself",
     "flow/network.py", "an answer of one byte a second"),
    ("A line so narrow that a message takes longer than any other request may: it arrives, at its first try", "flow/network.py", "a narrow line"),
    ("One bad invoice of 200 leaves 199 accepted, in at most 17 messages", "flow/sending.py", "one bad of 200 leaves 199 accepted"),
    ("Failing over to a second route and back changes no number, code or byte", "flow/sending.py", "routes are failed over and back"),
    ("A refused invoice is a task whose one action issues the sale again; no sale is forgotten", "flow/refused.py", "a refused invoice is issued again under a new number"),
    ("The disk is full: new sales get 507, sending goes on, selling goes on by itself when there is room", "flow/disk.py", "507, sending goes on, and selling when there is room again"),
    ("A failed sync is never believed the second time", "flow/disk.py", "a sync that failed once is not believed the second time"),
    ("A clock that jumps ahead moves no invoice until somebody trusted confirms it", "flow/newyear.py", "a clock a day ahead moves no invoice"),
    ("The first sale of 2027 begins the new serial with number 1", "flow/newyear.py", "the first sale of 2027 begins the new serial"),
    ("The law is data: a signed pack changes rates and days off from its date on", "flow/law.py", "a signed pack extends eight percent without a new program"),
    ("The next version of the data format comes with a signed pack, on its date", "flow/law.py", "the next version comes with a signed pack on its date"),
    ("A copied, restored or outdated store takes no number before `hoadon adopt`", "flow/copies.py", "an old copy is noticed by the authority"),
    ("A backup is taken while tills sell, sealed, and refused when one byte of it changed", "flow/backup.py", "a backup under load is sold on with elsewhere"),
    ("A stolen disk tells nobody who bought what, once the store is sealed; without its key nothing is taken, and all goes on when it comes", "flow/seal.py",
     "nothing on the disks names a buyer"),
    ("A shop that `hoadon setup` makes is sealed from its first sale, and set up again it keeps its key", "flow/setup.py",
     "a shop that is set up is sealed and keeps its key"),
    ("A dead box's sealed store sells on with the signing key alone, from the second medium or a backup: nobody kept a copy of the store's key", "flow/setup.py",
     "a lost disk is sold on with the signing key alone"),
    ("A store of any earlier version is upgraded in one transaction: killed at each step it is the old one or the new one", "flow/upgrade.py", "killed at each step of an upgrade"),
    ("A store of a newer version is not touched, and tills hear why", "flow/upgrade.py", "a newer store is refused and left as it is"),
    ("Nothing is destroyed before ten years are over and all is settled", "flow/destroy.py", "nothing is destroyed before its time"),
    ("A dead box is swapped: a new one, the second medium or a backup, and the key sell on in the same chain; a copy of the old store does not", "flow/swap.py",
     "the second medium makes a new box sell"),
    ("Alive but stuck: the watchdog is fed by progress of issuer and sender", "flow/alarm.py", "a stuck issuer is not alive"),
    ("Whose outage it is: an interval with cause, evidence and deadline, and a dossier of the invoices it delayed", "flow/outage.py", "the provider is away and the agent restarts meanwhile"),
    ("A wrong password is tried once, and a slow key holds back no till", "flow/key.py", "a wrong password is tried once"),
    ("No network at all: a sealed stick is delivered from another machine and its verdicts come back; any step may be done twice", "flow/courier.py", "a stick is taken there and back"),
    ("Version 1 of the API stays: its frozen requests are answered as ever, by any running agent", "flow/conformance.py", "a running agent passes the conformance kit"),
    ("A restart refuses no till", "flow/doors.py", "a restart refuses no till"),
    ("`hoadon setup --from FILE` makes a shop that sells of an installed package; whatever is wrong is told and nothing is changed", "flow/setup.py", "a file of settings makes a shop that sells"),
    ("One image serves many shops, each box set up by itself; a clone of a box issues nothing until `hoadon adopt`, also without a line", "flow/setup.py", "one image serves many shops and a clone sells nothing"),
    ("`hoadon setup`, killed anywhere, leaves the settings, keys and passwords of before or the new ones", "flow/setup.py", "killed between the writes leaves old or new"),
    ("A sale is rehearsed with the shop's own settings, key and line, and nothing leaves the machine", "flow/setup.py", "a sale is rehearsed and nothing leaves"),
    ("The examples for POS developers sell as they are printed", "flow/guide.py", "sells, also when the agent is away at first"),
    ("A damaged store is named by `hoadon doctor`, it alone, with the command that heals it", "flow/doctor.py", "a store that is damaged"),
    ("While hoadond runs, `hoadon doctor` never tries the password of the key", "flow/doctor.py", "the key"),
    ("A report for support (`hoadon bugreport`) holds no name, address, tax code, amount or bill", "flow/bugreport.py", "nothing of the shop is in it"),
    ("An apt repository made by `packaging/apt-repo.sh` is taken by apt, and nothing that was changed or signed by another key", "flow/keep.py",
     "a signed repository and nothing else"),
    ("Of many shops the silent one stands on top, and a forged file counts for nothing", "flow/fleet.py", "a forged file is refused"),
    ("`hoadon status` names each state of the store in plain Vietnamese, with what to do", "flow/status.py", "each state of the store"),
    ("Tasks are told once, by webhook and mail, also after a failure or a restart", "flow/alarm.py", "a parked sale is told once"),
    ("What tills print is read on a grid: each recorded stream of ESC/POS and Star gives the tokens that were counted, whatever encoder wrote it",
     "flow/capture.py", "each capture says what was counted"),
    ("A receipt in any encoding that printers use for Vietnamese, announced or not, reads as it looks, its columns kept", "flow/capture.py",
     "each layout reads as it looks"),
    ("No byte that a till prints commands the terminal of who looks at it", "flow/capture.py", "a stream never commands the terminal"),
    ("No text becomes a command of a printer: what is printed behind a receipt holds letters and the agent's own commands alone, and leaves all as it was",
     "flow/annex.py", "a text never becomes a command"),
    ("Where a printer has Vietnamese letters or prints pictures, number and code come out with their accents, whatever the till had set, which holds again behind them", "flow/tap.py",
     "a code has its marks where the printer has them"),
    ("A till that prints to the box prints what it sent, byte for byte, and each paid bill becomes one invoice whose number, code and QR are on the paper",
     "flow/tap.py", "every layout comes out as it was sent"),
    ("Programs of other people, set up in eight ways, sell by what they print in Vietnamese: each bill is one invoice of what was meant, its QR code read by "
     "another reader; letters that are lost go to a person", "flow/tap_npm.py", "sells, "),
    ("A reader that is killed in the middle of a receipt stops no paper and loses no bill", "flow/tap.py", "a reader that dies stops nothing"),
    ("The power is cut behind the kept paper: the next start makes its one invoice, and the code comes on one slip", "flow/tap.py",
     "a power cut behind the kept paper loses no bill"),
    ("A till that writes CSV or XML files sells by them, in any encoding: each bill is one invoice, of however many rows", "flow/sheets.py",
     "each bill of a file is one invoice in any encoding"),
    ("Of a file of bills nothing is lost and nothing is twice when the power goes between its bills", "flow/sheets.py",
     "a power cut between the bills of a file loses none"),
    ("The same sale seen twice, by paper, file or API, is one invoice, and two that look alike are two (5,000 generated pairs in full)", "flow/twice.py",
     "the same sale is one invoice and two that look alike are two"),
    ("A paper that a person issues, a stranger's or half a bill, is the bill of its number: no second invoice before it or behind it", "flow/twice.py",
     "a paper that a person issues is the bill of its number"),
    ("A bill without a date that is printed again behind midnight is for a person; paper and API on both sides of midnight are one invoice",
     "flow/twice.py", "a bill without a date that is printed again behind midnight"),
    ("A bill number, pre-bill or kitchen ticket without its sale, a silent hour and time without hoadond are listed, told and in the ledger, until they are filled",
     "flow/missing.py", "a day with holes is listed recorded told and filled"),
    ("Why something is missing is said by a person once: the ledger proves it, the list shows it, and the task ends with the last", "flow/missing.py",
     "why something is missing is said and proved"),
    ("A port that cannot be opened, a printer or reader that is away and receipts that wait are named by `hoadon status`, with what to do", "flow/tap.py",
     "status says how the ports stand"),
    ("What is counted of sales, paper and ports is told as Prometheus reads it, and is what `hoadon status` says; each port that is not well is named", "flow/tap.py",
     "the counters are those that status says"),
    ("A plug of a serial line that is pulled in the middle of a receipt: nothing is printed twice, each bill becomes one invoice or a case for a person, and all goes "
     "on by itself", "flow/serial.py", "a printer whose plug is pulled in mid receipt"),
    ("A till that writes to a file is never sent away and waits for nobody, however slow or far the printer is, and nothing of what it wrote is lost",
     "flow/fifo.py", "writers follow one another and none is sent away"),
    ("A till that prints to the box as to its USB printer hears how the printer stands; a cable that is pulled in the middle of a receipt, of which the kernel wakes "
     "nobody up, makes a case for a person, and all goes on by itself", "flow/gadget.py", "a cable that is pulled in mid receipt"),
    ("A printer that takes nothing makes its till wait, and `hoadon status` names it until it goes on", "flow/tap.py", "a printer that takes nothing is named"),
    ("A USB printer that is plugged in is listed with the setting that names it alone", "flow/print_test.py", "usb printers are listed"),
    ("A queue of CUPS prints to a port; where hoadond is dead, stuck or killed in the middle of a receipt its printer prints the whole job by itself, and the log of CUPS says so",
     "flow/cups.py", "killed in the middle of a receipt the job is printed whole"),
    ("A till that is enrolled by its network card sells on under any address; another card with its address does not", "flow/peers.py",
     "a till is known by its card"),
    ("A till that asks how its printer stands is answered by the printer, or, where there is none, by the box", "flow/tap.py", "where no printer answers the box does"),
    ("Who is not enrolled prints and sells nothing", "flow/tap.py", "who is not known prints and sells nothing"),
    ("Whoever takes over the process that reads what is printed is killed at its first call: it has no file, network, program or memory to run code in",
     "flow/reader.py", "whoever takes it over is killed at the first call"),
    ("A receipt that no sale can be made of is kept with what is known of it and the reason, for a person", "flow/reader.py",
     "what cannot become a sale is one without lines"),
    ("What tills print that the program never saw is read right, or goes to a person with the reason", "flow/profiles.py",
     "what the default profile reads of unseen layouts is right"),
    ("A till that nobody has seen is learned from three bills: of fifty others 95 % or more are read as sales, and none wrong", "flow/learn.py",
     "three bills teach a till"),
    ("A till that prints pictures is learned from five bills: what it prints then is an invoice of what was meant, its number, code and QR on the paper", "flow/raster_sales.py",
     "five bills later pictures are issued"),
    ("A picture whose bill number does not follow the till's last invoice is for a person, as is the first one of a till", "flow/raster_sales.py", "a number that jumps is for a person"),
    ("Layouts and fonts that nobody has seen, each learned from five bills: no invoice of a picture is wrong; nine pictures of ten are invoices in the sample of this run, 95 % and more of all 90 layouts and fonts (three seeds)", "flow/raster_sales.py", "layouts and fonts sell after five bills"),
    ("What a till printed is recorded, and printed again as it was: a bill that was sold gets no second invoice", "flow/replay.py",
     "a recording is printed as the till did"),
    ("A masked recording reads as before in any encoding, and no customer, staff, phone, address or wish is left in it", "flow/replay.py",
     "a masked recording reads as before without persons"),
    ("A print stream becomes receipts on a grid at 60 MB/s a core or more", "bench/bench.py", "print"),
    ("What a till prints goes on to its printer within 5 ms (p99), the authority away", "bench/bench.py", "tap_first_byte"),
    ("The cut of a receipt waits within 50 ms (p99) for its code, the authority away", "bench/bench.py", "tap_cut"),
    ("Of 32 tills at 32 ports of one process, which print a bill a second each, the first byte waits within 5 ms (p99)", "bench/bench.py", "tap_ports_busy_first_byte"),
    ("Of 32 tills that print at once to 32 ports of one process, each cut waits within 50 ms (p99) for its code", "bench/bench.py", "tap_ports_cut"),
    ("A receipt becomes a sale within 1 ms (p99)", "bench/bench.py", "read"),
    ("A receipt that is a picture becomes a sale within 150 ms (p99)", "bench/bench.py", "read_picture"),
    ("A cheap box (20 % of a processor, 64 MB, 20 ms a sync) answers a till within 150 ms (p99)", "bench/bench.py", "weak_box"),
    ("What waited drains at 1,500 invoices/s or more", "bench/bench.py", "drain"),
    ("A store of 200,000 invoices answers 32 tills like an empty one (p99 within 1.5 x)", "bench/bench.py", "full_store_p99"),
    ("A store of 200,000 invoices is ready within a second after a start", "bench/bench.py", "full_store_start"),
    ("A store of 200,000 invoices is upgraded from the first schema within 5 s until the first sale", "bench/bench.py", "upgrade"),
    ("That upgrade needs 10 % more disk at most", "bench/bench.py", "upgrade_disk"),
    ("A clean Debian 12 or 13 goes from nothing to an accepted invoice with the commands of this page alone", "deb/deb.py",
     "a clean root goes from nothing to an accepted invoice"),
    ("The package is installed without a network; killed or restarted by systemd, it refuses no till", "deb/deb.py",
     "a restart of the service refuses no till"),
    ("The service that runs is confined: exposure 1.5 at most by `systemd-analyze security`", "deb/deb.py", "the service that runs is confined"),
    ("The package has 1.5 MB at most, the idle service 24 MB, and it is ready 200 ms after its start", "deb/deb.py", "the service is small and ready soon"),
    ("Removed or purged, the package leaves the records", "deb/deb.py", "removed or purged, the records stay"),
    ("The package is upgraded over a store of an older schema, and while tills sell", "deb/upgrade.py", "an upgrade refuses no till"),
    ("Two builds in different places give the same bytes", "deb/package.py", "two builds in different places give the same bytes"),
    ("lintian finds nothing, and each override is explained", "deb/package.py", "lintian finds no error and no warning"),
    ("piuparts and autopkgtest find nothing", "deb/policy.py", "piuparts finds nothing that is left"),
    ("At USB, both ways, the service prints and is printed to under its whole sandbox and the enforced AppArmor profile, with the kernel's own drivers: byte for byte, "
     "codes before the cut, without paper, cables pulled in the middle of a receipt", "deb/kernel.py", "a till prints through the box"),
    ("Over 256 kbit/s, 600 ms there and back and 5 % of packets lost each way, 300 invoices that waited arrive", "deb/kernel.py", "a bad line brings everything"),
    ("arm64 and armhf: the packages are cross-built, and the unit tests of what reckons and reads pass under qemu", "deb/arch.py", "pass under qemu"),
    ("There, under qemu, agent and simulated authority sell, over New Year too", "deb/arch.py", "sell under qemu"),
]
# Said plainly, so that nobody believes it was seen.
NOT_RUN = [
    ("arm64 and armhf on a machine of its own", "needs the machines"),
    ("Tokens and hardware of makers at USB", "needs the devices"),
]


def logs_of(script):
    folder, name = script.split("/")
    name = name[:-len(".py")]
    return os.path.join(TOP, "build/log", folder, name + ".log")


def proof(script, case):
    """(ok?, words) of the last run; None = not run here."""
    if script.startswith("bench/"):
        rows = [row for row in read_results() if row["name"] == case]
        return (rows[0]["holds"], f"{rows[0]['value']:g} {rows[0]['unit']}") if rows else None
    path = logs_of(script)
    if not os.path.exists(path):
        return None
    found = [m for m in re.finditer(r"^(ok|not ok) (.*)$", open(path, encoding="utf-8").read(), re.M) if case in m[2]]
    if not found:
        return None
    counts = [int(n) for m in found for n in re.findall(r"(\d+) comparisons\)$", m[2])]
    return all(m[1] == "ok" for m in found), f"{sum(counts):,} comparisons"


def read_results():
    return json.load(open(RESULTS, encoding="utf-8")) if os.path.exists(RESULTS) else []


def is_there(script, case):
    """Whether the script has such a case: named by its function or by a text."""
    text = open(os.path.join(TOP, "tests", script), encoding="utf-8").read()
    return case in text or case.replace(" ", "_") in text


def section():
    lines = ["| promise | test | last run |", "|---|---|---|"]
    for promise, script, case in PROMISES:
        seen = proof(script, case)
        lines.append(f"| {promise} | `tests/{script}` | {'not run here' if not seen else seen[1] if seen[0] else 'RED'} |")
    lines += [f"| {promise} | none | not run here: {why} |" for promise, why in NOT_RUN]
    return "\n".join(lines) + "\n"


def split_readme():
    text = open(README, encoding="utf-8").read()
    head, _, rest = text.partition(BEGIN)
    body, _, tail = rest.partition(END)
    return head, body, tail


def write():
    head, _, tail = split_readme()
    with open(README, "w", encoding="utf-8") as f:
        f.write(head + BEGIN + section() + END + tail)
    rows = [row for row in read_results() if row["unit"] != "comparisons"]
    for promise, script, case in PROMISES:
        seen = proof(script, case)
        if seen and not script.startswith("bench/"):
            rows.append({"name": f"{script}: {case}", "value": int(seen[1].split()[0].replace(",", "")), "unit": "comparisons", "target": "all agree",
                         "holds": seen[0], "note": promise})
    os.makedirs(os.path.dirname(RESULTS), exist_ok=True)
    with open(RESULTS, "w", encoding="utf-8") as f:
        json.dump(rows, f, ensure_ascii=False, indent=1)


def check():
    wrong = [f"tests/{script} has no case '{case}'" for _, script, case in PROMISES if not is_there(script, case)]
    strip = lambda text: [line.rsplit("|", 2)[0] for line in text.splitlines()]  # noqa: E731
    if strip(split_readme()[1]) != strip(section()):
        wrong.append("README.md: the promises differ from tests/promises.py; run it with --write")
    if "| RED |" in split_readme()[1]:
        wrong.append("README.md promises what was red")
    return wrong


def main():
    if sys.argv[1:] == ["--write"]:
        write()
    elif sys.argv[1:] == ["--check"]:
        wrong = check()
        print("\n".join(wrong) or f"ok every promise of the README has a test {len(PROMISES)}")
        raise SystemExit(1 if wrong else 0)
    else:
        raise SystemExit(__doc__)


main()
