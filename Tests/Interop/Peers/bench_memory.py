#!/usr/bin/env python3
"""What idle accounts cost: the memory of `oxbow run` and of its children, once they are online and nothing happens.

    bench_memory.py OXBOW [ROUNDS [ACCOUNTS …]]

One process for each number of accounts (1 and 10 unless told), with alerts, HTTPS, metrics and TLS to a Prosody, its trust read from a bundle
as large as the system's. The first start makes the keys; what is measured is a later one, as a server's is. An alert has gone out before, so
that nothing counts as idle only because it was never used.

The most that it ever was is `VmHWM`; its own is what no other process shares (USS). Mappings are put together by what they are.
"""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import time

import owned
from bench_support import HERE, PASSWORD, QuietProsody, leave_on_signals, machine, package, version
from visitor import Visitor

TOKEN = "bench-0123456789abcdef0123456789abcdef"
SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt"
KINDS = ["program: code and constants", "program: relocated and written", "libraries: code and constants", "libraries: relocated and written",
         "heap (first arena)", "other arenas and large blocks", "stacks", "files mapped (SQLite's index, locales …)", "kernel's"]


def kind(path, permissions, program, name):
    """Which part of a process a mapping is."""
    if path == program:
        return KINDS[1] if "w" in permissions else KINDS[0]
    if ".so" in path:
        return KINDS[3] if "w" in permissions else KINDS[2]
    if path == "[heap]":
        return KINDS[4]
    if path.startswith("[stack"):
        return KINDS[6]
    if path.startswith("["):
        return KINDS[8]
    return KINDS[7] if path else name


def smaps(pid, program):
    """kB of resident memory by kind, and of all: Rss, own (USS), Pss."""
    kinds, totals = dict.fromkeys(KINDS, 0), {"Rss": 0, "own": 0, "Pss": 0, "Private_Dirty": 0}
    path = permissions = ""
    before = None
    current = None
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as f:
        for line in f:
            words = line.split()
            if not words[0].endswith(":"):
                path, permissions = line[73:].strip() if len(line) > 73 else "", words[1]
                low, high = (int(part, 16) for part in words[0].split("-"))
                # A thread's stack is what follows its guard page; the rest without a name behind the program's data is its .bss.
                name = KINDS[5]
                if not path and before is not None and before[0] == low:
                    if before[1] == "---p" and before[2] <= 65536:
                        name = KINDS[6]
                    elif before[3] in (KINDS[1], KINDS[3]) and high - low < 8 << 20:
                        name = before[3]
                current = kind(path, permissions, program, name)
                before = (high, permissions, high - low, current)
            elif words[0] == "Rss:":
                kinds[current] += int(words[1])
                totals["Rss"] += int(words[1])
            elif words[0] in ("Private_Clean:", "Private_Dirty:"):
                totals["own"] += int(words[1])
                if words[0] == "Private_Dirty:":
                    totals["Private_Dirty"] += int(words[1])
            elif words[0] == "Pss:":
                totals["Pss"] += int(words[1])
    return kinds, totals


def threads(pid):
    names = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="utf-8") as f:
            name = re.sub(r"[-#:]?\d+$", "", f.read().strip())
        names[name] = names.get(name, 0) + 1
    return names


class Oxbow:
    """`oxbow run` with so many accounts."""

    def __init__(self, oxbow, server, accounts, reader):
        self.oxbow = oxbow
        self.user = owned.unprivileged()
        self.folder = owned.folder("oxm", self.user)
        self.port, metrics = owned.free_ports(2)
        self.process = None
        with open(f"{self.folder}/ca.pem", "w", encoding="ascii") as f:
            for path in (SYSTEM_ROOTS, server.ca):
                if os.path.exists(path):
                    with open(path, encoding="ascii") as part:
                        f.write(part.read())
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=oxbow",
             "-keyout", f"{self.folder}/key.pem", "-out", f"{self.folder}/cert.pem"], check=True, capture_output=True)
        os.makedirs(f"{self.folder}/bots/alerts")
        shutil.copy(f"{HERE}/../../../bots/alerts/bot.yaml", f"{self.folder}/bots/alerts/bot.yaml")
        text = f"""
state: s
bots: bots
log: {{level: notice}}
people: {{reader: {reader}}}
alerts:
  account: m0@localhost
  routes:
    text: {{source: text, to: reader}}
http:
  listen: 127.0.0.1:{self.port}
  tls: {{certificate: cert.pem, key: key.pem}}
  credentials:
    bench: {{token: {TOKEN}, may: [hooks, metrics, status]}}
  metrics: {{listen: 127.0.0.1:{metrics}}}
accounts:
"""
        for number in range(accounts):
            server.account(f"m{number}@localhost", PASSWORD)
            text += f"""  - jid: m{number}@localhost
    password: {PASSWORD}
    keyring: {{passphrase: 0123456789abcdef}}
    trust: tofu
    recipients: [{reader}]
    bots: [alerts]
    connect: {{host: 127.0.0.1, port: {server.port}, tls: starttls, ca: ca.pem}}
"""
        with open(f"{self.folder}/config.yaml", "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(f"{self.folder}/config.yaml", 0o600)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"}
        if self.user is not None:
            for root, folders, files in os.walk(self.folder):
                for one in folders + files:
                    os.chown(f"{root}/{one}", self.user, self.user)

    def start(self):
        with open(f"{self.folder}/log", "ab") as log:
            self.process = owned.spawn(
                [self.oxbow, "run", "--config", "config.yaml"], user=self.user, cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.request("GET", "/ready") == 200:
                return
            time.sleep(0.1)
        with open(f"{self.folder}/log", errors="replace", encoding="utf-8") as f:
            raise RuntimeError(f"oxbow doesn't get ready:\n{''.join(f.readlines()[-8:])}")

    def request(self, method, path, body=None):
        context = ssl._create_unverified_context()
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)
        try:
            line.request(method, path, body, {"Authorization": f"Bearer {TOKEN}"})
            answer = line.getresponse()
            answer.read()
            return answer.status
        except OSError:
            return None
        finally:
            line.close()

    def sent(self):
        """How many messages the server has acknowledged."""
        line = socket.socket(socket.AF_UNIX)
        line.connect(f"{self.folder}/s/control")
        with line.makefile("rwb") as file:
            file.write(b'{"version": 1, "operation": "status"}\n')
            file.flush()
            accounts = json.loads(file.readline())["status"]["accounts"]
        line.close()
        return sum(account["counters"].get("sent", 0) for account in accounts)

    def alert(self):
        """One alert, all the way."""
        before = self.sent()
        status = self.request("POST", "/hooks/text", b"the disk is full")
        if status is None or not 200 <= status < 300:
            raise RuntimeError(f"the hook answers {status}")
        deadline = time.monotonic() + 60
        while self.sent() == before:
            if time.monotonic() > deadline:
                raise RuntimeError("the alert was not sent within 60 s")
            time.sleep(0.2)

    def children(self):
        """What belongs to it: its own children, and the agents, which are nobody's."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    command = f.read().replace(b"\0", b" ").decode(errors="replace")
                with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                    state = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if state[0] != "Z" and (int(state[1]) == self.process.pid or f"--homedir {self.folder}/" in command):
                found.append(int(pid))
        return found

    def measure(self):
        kinds, totals = smaps(self.process.pid, os.path.realpath(self.oxbow))
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
        children = [smaps(pid, "")[1] for pid in self.children()]
        return {
            "kinds": kinds, **totals, "peak": peak, "threads": threads(self.process.pid), "children": len(children),
            "children Rss": sum(child["Rss"] for child in children), "children own": sum(child["own"] for child in children),
        }

    def stop(self):
        if self.process is not None:
            owned.stop(self.process, 30)
            self.process = None

    def remove(self):
        self.stop()
        for path, folders, _ in os.walk(self.folder):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Bench:
    def __init__(self, oxbow):
        self.oxbow = oxbow
        self.server = self.reader = None
        self.programs = []

    def prepare(self):
        self.server = QuietProsody()
        self.server.prepare()
        self.server.start()
        self.server.account("reader@localhost", PASSWORD)
        self.reader = Visitor("reader@localhost", PASSWORD, self.server)
        self.reader.make_key()

    def run(self, rounds, numbers):
        results = {}
        for accounts in numbers:
            program = Oxbow(self.oxbow, self.server, accounts, "reader@localhost")
            self.programs.append(program)
            program.start()
            program.alert()
            program.stop()
            results[accounts] = []
            for _ in range(rounds):
                program.start()
                program.alert()
                time.sleep(float(os.environ.get("OXBOW_BENCH_IDLE", "8")))
                results[accounts].append(program.measure())
                program.stop()
        self.report(rounds, results)

    def report(self, rounds, results):
        def row(words, value):
            cells = ""
            for runs in results.values():
                values = [value(run) / 1024 for run in runs]
                cells += f"{statistics.median(values):10.1f} ({min(values):5.1f} to {max(values):5.1f})"
            print(f"  {words:50}{cells}")

        print(f"memory: idle accounts with alerts, HTTPS and TLS, MiB, median of {rounds} starts (least to most); {machine()}")
        print(f"  oxbow    {version([self.oxbow, '--version'])}, {os.stat(self.oxbow).st_size / 1e6:.0f} MB")
        print(f"  gnupg    {package('gnupg')}; prosody {package('prosody')}")
        print(f"  {'accounts':50}" + "".join(f"{number:10}{'':17}" for number in results))
        row("oxbow and its children, resident", lambda run: run["Rss"] + run["children Rss"])
        row("oxbow, resident", lambda run: run["Rss"])
        row("oxbow, its own alone", lambda run: run["own"])
        row("oxbow, written", lambda run: run["Private_Dirty"])
        row("its children, resident", lambda run: run["children Rss"])
        row("its children, their own alone", lambda run: run["children own"])
        row("oxbow, most that it ever was", lambda run: run["peak"])
        for name in KINDS:
            row(f"  {name}", lambda run, name=name: run["kinds"][name])
        for number, runs in results.items():
            print(f"  {number}: {runs[-1]['children']} children; {sum(runs[-1]['threads'].values())} threads: "
                  + ", ".join(f"{count} {name}" for name, count in sorted(runs[-1]["threads"].items())))
        first, last = min(results), max(results)
        if first != last:
            each = (statistics.median(run["Rss"] for run in results[last]) - statistics.median(run["Rss"] for run in results[first])) / (last - first)
            print(f"  each further account: {each:.0f} KiB in oxbow itself")
        print(f"  load behind it: {os.getloadavg()[0]:.2f}")

    def remove(self):
        for one in (*self.programs, self.reader, self.server):
            if one is not None:
                one.remove()


def main():
    bench = Bench(os.path.abspath(sys.argv[1]))
    leave_on_signals()
    try:
        bench.prepare()
        bench.run(int(sys.argv[2]) if len(sys.argv) > 2 else 3, [int(number) for number in sys.argv[3:]] or [1, 10])
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
    finally:
        bench.remove()


if __name__ == "__main__":
    main()
