"""Runs tests/flow/cli.sh and the simulator's self-test, and counts their checks."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def count(report, name, result):
    output = result.stdout.decode(errors="replace")
    match = re.search(r"^(\d+) passed, (\d+) failed", output, re.M)
    if not match or result.returncode:
        print(output[-3000:], result.stderr.decode(errors="replace")[-1000:])
    passed, failed = (int(match[1]), int(match[2])) if match else (0, 1)
    report.passed += passed
    report.failed += failed
    report.assertions += passed + failed
    print(("ok" if not failed else "not ok"), f"{name}: {passed} passed, {failed} failed", flush=True)


def main():
    report = labs.Report()
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        env = {**os.environ, "HOADON_BIN": labs.BIN, "CONF": f"{lab.dir}/conf", "CLOCK": lab.clock_file, "SOLD_AT": "2026-11-22T12:35:00+07:00"}
        count(report, "the command line", subprocess.run(["bash", f"{HERE}/cli.sh"], env=env, capture_output=True, timeout=5 * labs.PATIENCE))
    count(report, "the simulator", subprocess.run(["bash", f"{labs.TOP}/tests/sandbox/selftest.sh", f"{labs.BIN}/hoadon-sandbox"], capture_output=True, timeout=5 * labs.PATIENCE))
    report.close()


main()
