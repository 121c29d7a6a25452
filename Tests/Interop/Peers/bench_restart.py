#!/usr/bin/env python3
"""How long `oxbow run` takes from its SIGKILL until its account is online again, with an empty store and with one in which messages wait.

    bench_restart.py OXBOW [KILLS]

The next process is started as soon as the killed one is reaped; the control socket is asked every millisecond. Beside it: a slixmpp client
from its start to its session on the same server; it has no store and no session to resume.
"""

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time

import owned
from bench_support import PASSWORD, QuietProsody, Slixmpp, leave_on_signals, machine, package, row, version
from visitor import Visitor

WAITING = 1000


class Daemon:
    """`oxbow run` with one account and a state of its own."""

    def __init__(self, oxbow, name, server):
        self.oxbow, self.jid = oxbow, f"{name}@localhost"
        server.account(self.jid, PASSWORD)
        self.user = owned.unprivileged()
        self.folder = owned.folder("oxr", self.user)
        self.config, self.log = f"{self.folder}/config.yaml", f"{self.folder}/log"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(
                f"state: s\nlog: {{level: notice}}\naccounts:\n  - jid: {self.jid}\n    password: {PASSWORD}\n"
                f"    connect: {{host: 127.0.0.1, port: {server.port}, tls: starttls, ca: {server.ca}}}\n"
            )
        os.chmod(self.config, 0o644)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"}
        self.process = self.line = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = owned.spawn(
                [self.oxbow, "run", "--config", self.config], user=self.user, cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def kill(self):
        self.hang_up()
        owned.kill_group(self.process)
        self.process.wait()

    def hang_up(self):
        if self.line is not None:
            self.line.close()
            self.line = None

    def ask(self, request):
        """The answer of the control socket; None as long as nobody answers there."""
        try:
            if self.line is None:
                line = socket.socket(socket.AF_UNIX)
                try:
                    line.connect(f"{self.folder}/s/control")
                except OSError:
                    line.close()
                    raise
                self.line = line.makefile("rwb")
                line.close()  # The file keeps it open.
            self.line.write(json.dumps({"version": 1, **request}).encode() + b"\n")
            self.line.flush()
            answer = self.line.readline()
        except OSError:
            self.hang_up()
            return None
        if not answer.endswith(b"\n"):
            self.hang_up()
            return None
        return json.loads(answer)

    def until(self, condition, seconds=120):
        """When the account's status is first so, by the monotonic clock."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.ask({"operation": "status"})
            if answer is not None and condition(answer["status"]["accounts"][0]):
                return time.monotonic()
            if self.process.poll() is not None:
                break
            time.sleep(0.001)
        with open(self.log, errors="replace", encoding="utf-8") as f:
            raise RuntimeError(f"{self.jid} did not come so far; its log ends with:\n{''.join(f.readlines()[-8:])}")

    def online(self):
        return self.until(lambda account: account["state"] == "online")

    def acknowledged(self):
        return self.until(lambda account: account["counters"].get("sent", 0) > 0)

    def waiting(self):
        """How many messages wait."""
        count, after = 0, 0
        while True:
            request = {"action": "list", "isWhole": False, "after": after, "limit": 500}
            answer = self.ask({"operation": "outbox", "outbox": request})
            items = (answer or {}).get("outbox", {}).get("items", [])
            count += sum(item["state"] in ("accepted", "handed", "held") for item in items)
            if len(items) < 500:
                return count
            after = items[-1]["number"]

    def fill(self, to):
        """Queues until so many wait."""
        for _ in range(20):
            missing = WAITING - self.waiting()
            if missing <= 0:
                return
            for _ in range(missing):
                send = {"to": [to], "text": "a line of text", "timeout": 30, "queue": True}
                answer = self.ask({"operation": "send", "send": send})
                outcomes = ((answer or {}).get("send") or {}).get("outcomes") or [{}]
                if outcomes[0].get("state") != "accepted":
                    raise RuntimeError(f"{self.jid} did not accept a message: {answer}")
        raise RuntimeError(f"{self.jid} sends faster than messages can be queued")

    def addresses(self):
        """Its full address in each life: the same again is a session that was resumed."""
        with open(self.log, errors="replace", encoding="utf-8") as f:
            return re.findall(rf"online.*{re.escape(self.jid)}/([^\s\"',\]}}]+)", f.read())

    def remove(self):
        if self.process is not None:
            self.kill()
        for path, folders, _ in os.walk(self.folder):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Bench:
    def __init__(self, oxbow):
        self.oxbow, self.slixmpp = oxbow, Slixmpp()
        self.server = self.reader = self.empty = self.full = None

    def prepare(self):
        self.server = QuietProsody()
        self.server.prepare()
        self.server.start()
        for name in ("theirs", "reader"):
            self.server.account(f"{name}@localhost", PASSWORD)
        self.reader = Visitor("reader@localhost", PASSWORD, self.server)
        self.reader.make_key()
        self.empty = Daemon(self.oxbow, "empty", self.server)
        self.full = Daemon(self.oxbow, "full", self.server)

    @staticmethod
    def revive(daemon):
        """Kills it and starts it again; when it was killed."""
        killed = time.monotonic()
        daemon.kill()
        daemon.start()
        return killed

    def theirs(self):
        start = time.monotonic()
        client = self.slixmpp.start({"jid": "theirs@localhost", "password": PASSWORD, "port": self.server.port, "ca": self.server.ca})
        try:
            return client.hear("online")[1]["at"] - start
        finally:
            client.end()

    def run(self, kills):
        times = {"empty": [], "theirs": [], "full": [], "first": []}
        self.empty.start()
        self.empty.online()
        self.theirs()  # The page cache.
        for _ in range(kills):
            killed = self.revive(self.empty)
            times["empty"].append(self.empty.online() - killed)
            times["theirs"].append(self.theirs())
        self.empty.kill()
        self.full.start()
        self.full.online()
        waited = []
        for _ in range(kills):
            self.full.fill("reader@localhost")
            waited.append(self.full.waiting())
            killed = self.revive(self.full)
            times["full"].append(self.full.online() - killed)
            times["first"].append(self.full.acknowledged() - killed)
        self.report(times, kills, waited)

    def report(self, times, kills, waited):
        resumed = []
        for daemon in (self.empty, self.full):
            lives = daemon.addresses()
            resumed.append(f"{sum(a == b for a, b in zip(lives, lives[1:]))} of {kills}")
        print(f"restart: SIGKILL of `oxbow run` with one account, until it is online again; {kills} kills each; {machine()}")
        print(f"  oxbow    {version([self.oxbow, '--version'])}: oxbow run --config config.yaml; asked through its control socket each millisecond")
        print(f"  slixmpp  {self.slixmpp.version()}: from the start of its process to session_start")
        print(f"  prosody  {package('prosody')} on loopback, {QuietProsody.LIMITS}")
        print(f"  gnupg    {package('gnupg')}")
        print(f"  sessions that the next process resumed (R12): {resumed[0]} with an empty store, {resumed[1]} with messages waiting")
        print(f"  messages that waited when it was killed: {min(waited)} to {max(waited)}, for one recipient")
        print(f"  {'':58}{'median':>11}{'best':>11}{'worst':>11}")
        print(row("kill → online, empty store", times["empty"]))
        print(row(f"kill → online, {WAITING} messages wait", times["full"]))
        print(row("kill → the first of them acknowledged", times["first"]))
        print(row("slixmpp: cold start → session_start", times["theirs"]))
        theirs = statistics.median(times["theirs"])
        for words, key in (("empty store", "empty"), (f"{WAITING} messages wait", "full")):
            print(f"  ratio of the medians, {words}, to slixmpp's cold start: {statistics.median(times[key]) / theirs:.2f}")

    def remove(self):
        for one in (self.empty, self.full, self.reader, self.server):
            if one is not None:
                one.remove()


def main():
    bench = Bench(os.path.abspath(sys.argv[1]))
    leave_on_signals()
    try:
        bench.prepare()
        bench.run(int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
    finally:
        bench.remove()


if __name__ == "__main__":
    main()
