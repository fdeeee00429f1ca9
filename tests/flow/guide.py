"""The examples of schemas/api/README.md, as they stand there: each sells a bill, also when the agent is away at first."""
import os
import re
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

GUIDE = os.path.join(labs.TOP, "schemas/api/README.md")


def prepare(folder, language, text):
    """The command that runs the example."""
    path = f"{folder}/example.{language}"
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    if language == "csharp":
        subprocess.run(["mcs", "-codepage:utf8", "-r:System.Net.Http.dll", f"-out:{folder}/example.exe", path], check=True, capture_output=True)
        return ["mono", f"{folder}/example.exe"]
    return [{"sh": "sh", "js": "node", "php": "php"}[language], path]


def start_soon(lab):
    """The agent comes back after a moment: on the same port."""
    timer = threading.Timer(1.5, lambda: lab.start(wait=False))
    timer.start()
    return timer


def sells(lab, token, port, language, text):
    command = prepare(lab.dir, language, text)
    env = {**os.environ, "HOADON_URL": f"http://127.0.0.1:{port}", "HOADON_TOKEN": token}
    lab.stop()
    timer = start_soon(lab)
    result = subprocess.run([*command, f"G-{language}"], capture_output=True, text=True, env=env, timeout=2 * labs.PATIENCE)
    timer.join()
    assert result.returncode == 0 and result.stdout.strip(), f"{result.stdout} {result.stderr}"
    serial, number, code = lab.sql("SELECT i.serial, i.number, i.code FROM invoice i JOIN sale_invoice l ON l.invoice_id = i.id "
                                   "JOIN sale s ON s.id = l.sale_id WHERE s.bill_no = ?", f"G-{language}")[0]
    assert result.stdout.split() == [f"1{serial}", str(number), code], result.stdout
    again = subprocess.run([*command, f"G-{language}-2"], capture_output=True, text=True, env=env, timeout=2 * labs.PATIENCE)
    assert again.stdout.split()[1] == str(number + 1), again.stdout + again.stderr
    return 3


def main():
    report = labs.Report()
    with open(GUIDE, encoding="utf-8") as f:
        examples = re.findall(r"```(sh|js|php|csharp)\n(.*?)```", f.read(), re.S)
    assert len(examples) == 4, examples
    with labs.Lab(clock="+0", authority=False) as lab:
        with open(f"{lab.dir}/conf/conf.d/50-port.conf", "w") as f:
            f.write(f"[api]\nport = {labs.free_ports(1)[0]}\n")
        lab.start()
        status, body, _ = lab.call("POST", "/api/v1/tokens", {"name": "guide", "tills": ["T01"], "scopes": ["sale:write"]})
        assert status == 201, body
        lab.wait(lambda: os.path.exists(f"{lab.dir}/api.port"), "the TCP door")
        port = int(open(f"{lab.dir}/api.port").read())
        for language, text in examples:
            program = {"sh": "curl", "js": "node", "php": "php", "csharp": "mcs"}[language]
            if shutil.which(program):
                report.case(f"the example in {language} sells, also when the agent is away at first", sells, lab, body["token"], port, language, text)
            else:
                report.skip(f"the example in {language}", f"{program} is not installed")
    report.close()


main()
