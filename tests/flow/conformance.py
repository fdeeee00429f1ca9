"""The conformance kit against a running agent, as whoever connects a till runs it: every case holds, and a case that does not hold is told."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

KIT = os.path.join(labs.TOP, "tests/conformance")


def run(lab, *options):
    port = open(f"{lab.dir}/api.port").read().strip()
    return subprocess.run(["sh", f"{KIT}/run.sh", f"http://127.0.0.1:{port}", "--till", "T01", *options], capture_output=True, text=True, timeout=600)


def count(result):
    words = dict(word.split("=") for word in result.stdout.strip().splitlines()[-1].removeprefix("result: ").split())
    return {name: int(value) for name, value in words.items()}


def token(lab):
    status, body, _ = lab.call("POST", "/api/v1/tokens", {"name": "conformance", "tills": ["T01"], "scopes": ["sale:write"]})
    assert status == 201, body
    lab.wait(lambda: os.path.exists(f"{lab.dir}/api.port"), "the TCP door")
    return body["token"]


def whole(form, least, *options):
    with labs.Lab(clock="+0", form=form, authority=False) as lab:
        lab.start()
        key = token(lab)
        result = run(lab, "--token", key, "--form", str(form), *options)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr
        counts = count(result)
        assert counts["passed"] >= least and counts["skipped"] == 0, counts
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == len(options), "a trial issues nothing; one bill that comes twice is one invoice"
        return counts["assertions"]


def told():
    """A case that does not hold is red, and so is a kit that ran nothing."""
    with labs.Lab(clock="+0", authority=False) as lab:
        lab.start()
        key = token(lab)
        assert run(lab, "--token", "wrong", "--only", "001").returncode == 1
        assert run(lab, "--token", key, "--only", "999").returncode == 1
        result = run(lab, "--token", key, "--only", "001")
        assert result.returncode == 0 and count(result)["passed"] == 1, result.stdout
        assert run(lab, "--only", "001").returncode == 2, "without a token"
        return 4


def frozen():
    """What version 1 promised is never changed: files are added to SHA256SUMS, none is altered."""
    result = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=f"{KIT}/v1", capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    named = {line.split()[-1] for line in open(f"{KIT}/v1/SHA256SUMS")}
    here = {name for name in os.listdir(f"{KIT}/v1") if name.endswith(".http")}
    assert named == here and len(here) >= 150, f"not in SHA256SUMS: {sorted(here - named)}"
    return len(here)


def main():
    report = labs.Report()
    report.case("the corpus of version 1 is frozen", frozen)
    report.case("a running agent passes the conformance kit", whole, 1, 150, "--issue")
    report.case("so does one of a seller of sales invoices, in trials only", whole, 2, 45)
    report.case("a case that does not hold is told", told)
    report.close()


main()
