#!/usr/bin/env python3
"""Alerts over HTTP: how many a second are taken, how long one takes to its recipient, what an idle process needs, how long a start takes.
Beside it prometheus-xmpp-alerts on the same payload, the same Prosody and the same recipient.

    bench_webhooks.py OXBOW RIVAL_PYTHON [SECONDS [ROUNDS]]

The two don't do the same: Oxbow answers when the alert is on disk, and encrypts and signs each message; the other answers when the message stands in
the memory of its stream, in the clear, and answers 200 also when it has no stream. What is compared is what a sender and a recipient see.
"""

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

import owned
from bench_support import HERE, PASSWORD, QuietProsody, Slixmpp, leave_on_signals, machine, package, version
from visitor import Visitor

CONNECTIONS = 16
TOKEN = "bench-0123456789abcdef0123456789abcdef"
PAYLOAD = {
    "version": "4", "groupKey": "{}:{alertname=\"Bench\", instance=\"NUMBER\"}", "status": "STATUS", "receiver": "xmpp",
    "truncatedAlerts": 0, "groupLabels": {"alertname": "Bench", "instance": "NUMBER"},
    "commonLabels": {"alertname": "Bench", "instance": "NUMBER", "job": "node", "severity": "critical"},
    "commonAnnotations": {"summary": "NUMBER has no room on /var", "description": "98 % of 200 GB are used."},
    "externalURL": "http://alertmanager.example.org:9093",
    "alerts": [{
        "status": "STATUS", "labels": {"alertname": "Bench", "instance": "NUMBER", "job": "node", "severity": "critical"},
        "annotations": {"summary": "NUMBER has no room on /var", "description": "98 % of 200 GB are used."},
        "startsAt": "2026-11-21T18:02:11.000Z", "endsAt": "ENDS", "generatorURL": "http://prometheus.example.org:9090/graph",
        "fingerprint": "NUMBER",
    }],
}


class Program:
    """A program that takes webhooks, with a folder of its own."""

    def __init__(self, server, port):
        self.server, self.port = server, port
        self.user = owned.unprivileged()
        self.folder = owned.folder("oxw", self.user)
        self.process = None
        os.chmod(self.folder, 0o755)

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as f:
            f.write(text)
        return f"{self.folder}/{name}"

    def start(self):
        """Starts it and returns how long it took until it was ready."""
        began = time.monotonic()
        with open(f"{self.folder}/log", "ab") as log:
            self.process = owned.spawn(
                self.command, user=self.user, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while time.monotonic() < began + 60:
            if self.process.poll() is not None:
                break
            if self.get(self.health) == 200:
                return time.monotonic() - began
            time.sleep(0.002)
        with open(f"{self.folder}/log", errors="replace", encoding="utf-8") as f:
            raise RuntimeError(f"{self.name} doesn't get ready:\n{''.join(f.readlines()[-8:])}")

    def stop(self):
        if self.process is not None:
            owned.stop(self.process)
            self.process = None

    def get(self, path):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return None
        finally:
            line.close()

    def post(self, line, number):
        body = json.dumps(PAYLOAD).replace("NUMBER", number).replace("STATUS", "firing").replace("ENDS", "0001-01-01T00:00:00Z")
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        line.request("POST", self.path, body, headers)
        answer = line.getresponse()
        said = answer.read()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{self.name}: {answer.status} {said[:300]}")

    def memory(self):
        """MiB of resident memory of the process: as it is, and its own part of that alone."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as f:
            sizes = {parts[0]: int(parts[1]) for line in f if len(parts := line.split()) == 3 and parts[2] == "kB"}
        return sizes["Rss:"] / 1024, (sizes["Private_Clean:"] + sizes["Private_Dirty:"]) / 1024

    def wrk(self, seconds):
        template = self.write("payload.json", json.dumps(PAYLOAD))
        command = [
            "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout", "10s", "-s", f"{HERE}/bench_webhooks.lua",
            f"http://127.0.0.1:{self.port}{self.path}", "--", template, *([self.token] if self.token else []),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
        return json.loads(lines[-1])

    def remove(self):
        self.stop()
        for path, folders, _ in os.walk(self.folder):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Oxbow(Program):
    name, path, health, token = "oxbow", "/hooks/alerts", "/ready", TOKEN

    def __init__(self, oxbow, server, port, reader):
        super().__init__(server, port)
        self.oxbow = oxbow
        jid = "ours@localhost"
        server.account(jid, PASSWORD)
        os.makedirs(f"{self.folder}/bots/alerts")
        shutil.copy(f"{HERE}/../../../bots/alerts/bot.yaml", f"{self.folder}/bots/alerts/bot.yaml")
        config = self.write("config.yaml", f"""
state: s
bots: bots
log: {{level: notice}}
people: {{reader: {reader}}}
alerts:
  account: {jid}
  routes:
    alerts: {{source: alertmanager, to: reader, fold: {{messages: 10000, window: 1s, summary_after: 1s}}}}
http:
  listen: 127.0.0.1:{port}
  credentials:
    bench: {{token: {TOKEN}, may: [hooks]}}
accounts:
  - jid: {jid}
    password: {PASSWORD}
    bots: [alerts]
    connect: {{host: 127.0.0.1, port: {server.port}, tls: starttls, ca: {server.ca}}}
""")
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"}
        self.command = [oxbow, "run", "--config", config]
        if self.user is not None:
            for root, folders, files in os.walk(self.folder):
                for one in folders + files:
                    os.chown(f"{root}/{one}", self.user, self.user)

    def open(self):
        """How many messages wait in its outbox; 500 are as many as can be seen at a time."""
        done = subprocess.run(
            [self.oxbow, "outbox", "list", "--json", "--config", f"{self.folder}/config.yaml"],
            env=self.environment, capture_output=True, text=True, check=False,
        )
        return len(json.loads(done.stdout or "[]"))


class Rival(Program):
    name, path, health, token = "prometheus-xmpp-alerts", "/alert", "/health", None

    def __init__(self, python, server, port, reader):
        super().__init__(server, port)
        self.user = None  # Somebody's own Python is often where `nobody` can't read.
        jid = "theirs@localhost"
        server.account(jid, PASSWORD)
        config = self.write("xmpp-alerts.yml", f"""
jid: {jid}
password: {PASSWORD}
to_jid: {reader}
listen_address: 127.0.0.1
listen_port: {port}
text_template: |
  {{{{ status.upper() }}}} {{{{ labels.severity }}}}: {{{{ annotations.summary }}}}
  {{{{ annotations.description }}}}
  {{{{ generatorURL }}}}
""")
        shutil.copy(f"{HERE}/bench_rival.py", f"{self.folder}/rival.py")
        self.python = python
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"}
        self.command = [python, "-B", f"{self.folder}/rival.py", str(server.port), server.ca, config]

    def version(self):
        code = "import importlib.metadata as m, sys; print(*(f'{p} {m.version(p)}' for p in sys.argv[1:]), 'Python', sys.version.split()[0])"
        return version([self.python, "-c", code, "prometheus-xmpp-alerts", "slixmpp", "aiohttp"])


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


class Bench:
    def __init__(self, oxbow, python):
        self.oxbow, self.python, self.slixmpp = oxbow, python, Slixmpp()
        self.server = self.reader = self.receiver = None
        self.programs = []

    def prepare(self):
        self.server = QuietProsody()
        self.server.prepare()
        self.server.start()
        jid = "reader@localhost"
        self.server.account(jid, PASSWORD)
        self.reader = Visitor(jid, PASSWORD, self.server)
        self.reader.make_key()
        ports = owned.free_ports(2)
        self.programs = [Oxbow(self.oxbow, self.server, ports[0], jid), Rival(self.python, self.server, ports[1], jid)]
        self.receiver = self.slixmpp.start(
            {"jid": jid, "password": PASSWORD, "port": self.server.port, "ca": self.server.ca, "listen": True}
        )
        self.receiver.hear("online")

    def latency(self, program, rounds):
        """Seconds from the request's first byte to the message at the recipient, one after the other; and to the answer."""
        arrived, answered = [], []
        line = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
        for number in range(rounds + 5):
            began = time.monotonic()
            program.post(line, f"latency-{number}")
            answer = time.monotonic() - began
            while (arrival := self.receiver.hear("message")[1]["at"] - began) < 0:
                pass  # An earlier one.
            if number >= 5:  # The first ones look for keys and warm caches.
                arrived.append(arrival)
                answered.append(answer)
        line.close()
        return arrived, answered

    def drain(self, program, accepted):
        """Waits until all that was accepted has come, and returns how long that took."""
        began = time.monotonic()
        for _ in range(accepted):
            self.receiver.hear("message", seconds=600)
        took = time.monotonic() - began
        try:  # wrk leaves without the answers to its last requests, which may have been accepted, too.
            for _ in range(10 * CONNECTIONS):
                self.receiver.hear("message", seconds=3)
        except RuntimeError:
            pass
        return took

    def run(self, seconds, rounds):
        results = {}
        starts = {program.name: [] for program in self.programs}
        for program in self.programs:
            program.start()  # Makes keys; fills the page cache.
            program.stop()
        for _ in range(10):
            for program in self.programs:
                starts[program.name].append(program.start())
                program.stop()
        for program in self.programs:
            program.start()
            time.sleep(5)  # What a start leaves to do.
            memory = program.memory()
            arrived, answered = self.latency(program, rounds)
            load = program.wrk(seconds)
            drained = self.drain(program, load["accepted"])
            results[program.name] = (memory, arrived, answered, load, drained, program.memory())
            program.stop()
        self.report(starts, results, seconds, rounds)

    def report(self, starts, results, seconds, rounds):
        def ms(value):
            return f"{value * 1000:9.1f} ms"

        size = len(json.dumps(PAYLOAD))
        print(f"webhooks: Alertmanager's payload of one alert ({size} bytes), one recipient, one Prosody; {machine()}")
        print(f"  oxbow    {version([self.oxbow, '--version'])}: answers when it is on disk; each message encrypted and signed (OX)")
        print(f"  rival    {self.programs[1].version()}: answers when it stands in memory; in the clear")
        print(f"  prosody  {package('prosody')} on loopback, {QuietProsody.LIMITS}")
        print(f"  gnupg    {package('gnupg')}; wrk {package('wrk')}: wrk -t 1 -c {CONNECTIONS} -d {seconds}s")
        print(f"  {'':52}{'oxbow':>14}{'rival':>14}")

        def row(words, value):
            ours, theirs = (value(*results[program.name]) for program in self.programs)
            print(f"  {words:52}{ours:>14}{theirs:>14}")

        row("accepted a second", lambda m, a, b, load, d, e: f"{load['accepted'] / load['seconds']:.0f}")
        row("of them refused or broken", lambda m, a, b, load, d, e: f"{load['refused'] + load['errors']}")
        row(f"answer, {CONNECTIONS} connections, p50", lambda m, a, b, load, d, e: ms(load["p50"]))
        row(f"answer, {CONNECTIONS} connections, p99", lambda m, a, b, load, d, e: ms(load["p99"]))
        row("all of them at the recipient, after the last answer", lambda m, a, b, load, d, e: f"{d:.1f} s")
        row("arrived a second, over all", lambda m, a, b, load, d, e: f"{load['accepted'] / (load['seconds'] + d):.0f}")
        row(f"one at a time ({rounds}): answer, p50", lambda m, a, b, load, d, e: ms(percentile(b, 0.5)))
        row("one at a time: answer, p99", lambda m, a, b, load, d, e: ms(percentile(b, 0.99)))
        row("one at a time: at the recipient, p50", lambda m, a, b, load, d, e: ms(percentile(a, 0.5)))
        row("one at a time: at the recipient, p99", lambda m, a, b, load, d, e: ms(percentile(a, 0.99)))
        row("idle: resident memory", lambda m, a, b, load, d, e: f"{m[0]:.0f} MiB")
        row("idle: of that, shared with nobody", lambda m, a, b, load, d, e: f"{m[1]:.0f} MiB")
        row("after the load: resident memory", lambda m, a, b, load, d, e: f"{e[0]:.0f} MiB")
        medians = [ms(statistics.median(starts[program.name])) for program in self.programs]
        worst = [ms(max(starts[program.name])) for program in self.programs]
        print(f"  {'start of the process to ready (10), median':52}{medians[0]:>14}{medians[1]:>14}")
        print(f"  {'start of the process to ready, worst':52}{worst[0]:>14}{worst[1]:>14}")
        print(f"  load behind it: {os.getloadavg()[0]:.2f}")

    def remove(self):
        if self.receiver is not None:
            self.receiver.end()
        for one in (*self.programs, self.reader, self.server):
            if one is not None:
                one.remove()


def main():
    bench = Bench(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    leave_on_signals()
    try:
        bench.prepare()
        bench.run(int(sys.argv[3]) if len(sys.argv) > 3 else 10, int(sys.argv[4]) if len(sys.argv) > 4 else 200)
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
    finally:
        bench.remove()


if __name__ == "__main__":
    main()
